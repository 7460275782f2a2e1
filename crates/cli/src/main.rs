//! The `rollcall` command.

mod args;
mod commands;
mod failure;
mod inputs;
mod output;
mod store;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(fault) => {
            let _ = fault.print();
            return ExitCode::from(if fault.use_stderr() { failure::BAD_INPUT } else { 0 });
        }
    };
    log(&arguments.command);
    // One call needs one thread; a server uses the machine.
    let mut builder = match &arguments.command {
        Command::Serve(_) | Command::Demo(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => return report(&Failure::from(anyhow::Error::from(fault))),
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => code,
        Err(failure) => report(&failure),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let catalog = arguments.catalog();
    match arguments.command {
        Command::List(list) => commands::list::run(&catalog, *list).await,
        Command::Get(get) => commands::get::run(&catalog, *get).await,
        Command::Connector(connector) => commands::connector::run(&catalog, connector).await,
        Command::Sandbox(sandbox) => commands::sandbox::run(&catalog, sandbox).await,
        Command::Serve(serve) => commands::serve::run(catalog, serve).await,
        Command::Openapi => commands::openapi::run(&catalog),
        Command::Demo(demo) => commands::demo::run(catalog, demo).await,
        Command::Account(command) => commands::account::run(catalog, command).await,
        Command::App(command) => commands::app::run(catalog, command).await,
        Command::Token(command) => commands::token::run(command).await,
        Command::Environment(command) => commands::environment::run(command).await,
        Command::Key(command) => commands::key::run(command).await,
    }
}

/// Logs go to stderr: as JSON from a server, as text from anything else, and only when asked for there.
fn log(command: &Command) {
    use tracing_subscriber::EnvFilter;
    let asked = EnvFilter::try_from_env("ROLLCALL_LOG");
    match (command, asked) {
        (Command::Serve(serve), asked) => {
            let filter = asked.unwrap_or_else(|_| EnvFilter::new("info"));
            let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
            if serve.log_text { subscriber.init() } else { subscriber.json().flatten_event(true).init() }
        }
        (_, Ok(filter)) => tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init(),
        (_, Err(_)) => {}
    }
}

/// Prints a failure; a reader that went away is not one.
fn report(failure: &Failure) -> ExitCode {
    if failure.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    output::error(&failure.to_string());
    ExitCode::from(failure.code())
}
