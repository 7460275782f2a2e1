//! The `rollcall` command.

mod args;
mod commands;
mod failure;
mod inputs;
mod output;

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
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("ROLLCALL_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
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
