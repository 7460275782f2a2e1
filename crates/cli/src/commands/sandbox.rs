//! `rollcall sandbox`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use rollcall_connector::Catalog;
use rollcall_sandbox::{Fault, Invitation, Sandbox, SandboxError, SandboxOptions, serve};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::args::SandboxArguments;
use crate::failure::{self, Failure};
use crate::output;

pub async fn run(catalog: &Catalog, arguments: SandboxArguments) -> Result<ExitCode, Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::input(
            format!("`--listen {}` is not a loopback address", arguments.listen),
            "the sandbox has no TLS and takes a password that everyone knows: listen on `127.0.0.1` or `[::1]`",
        ));
    }
    let fault = arguments.fault.as_deref().map(fault).transpose()?;
    let options = SandboxOptions {
        users: arguments.users,
        others: arguments.others,
        fault,
        page: arguments.page,
        times: arguments.times,
        ..SandboxOptions::default()
    };
    let mut served = JoinSet::new();
    for (index, slug) in arguments.slugs.iter().enumerate() {
        let sandbox = Sandbox::new(catalog, slug, options.clone()).map_err(|fault| problem(catalog, fault))?;
        let listener = listen(arguments.listen, index).await?;
        let address = listener.local_addr().context("the socket has no address")?;
        output::line(announcement(&sandbox, address).as_bytes())?;
        served.spawn(serve(listener, Arc::new(sandbox)));
    }
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        Some(ended) = served.join_next() => match ended {
            Ok(Err(fault)) => Err(Failure::from(anyhow::Error::from(fault).context("the sandbox cannot listen any more"))),
            _ => Ok(ExitCode::SUCCESS),
        },
    }
}

/// Each further product takes the next port; port 0 means any free one for each.
async fn listen(first: SocketAddr, index: usize) -> Result<TcpListener, Failure> {
    let mut address = first;
    if first.port() != 0 {
        let port = u16::try_from(index).ok().and_then(|index| first.port().checked_add(index));
        let Some(port) = port else { return Err(Failure::input("there are no more ports", "begin with a lower port")) };
        address.set_port(port);
    }
    TcpListener::bind(address).await.map_err(|fault| {
        Failure::input(format!("cannot listen on `{address}`: {fault}"), "choose another address with `--listen`")
    })
}

/// The address, and the command that lists from it.
fn announcement(sandbox: &Sandbox, address: SocketAddr) -> String {
    let definition = sandbox.connector().definition();
    let url = format!("http://{address}");
    match Invitation::new(definition, &url) {
        Some(invitation) => format!("{}\t{url}\t{invitation}", definition.id),
        None => format!(
            "{}\t{url}\tit signs with a private key: give any of its kind, with `--base-url {url}`",
            definition.id
        ),
    }
}

fn fault(name: &str) -> Result<Fault, Failure> {
    name.parse().map_err(|_| {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        let hint = match rollcall_connector::nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        Failure::input(format!("there is no fault `{name}`"), hint)
    })
}

pub fn problem(catalog: &Catalog, fault: SandboxError) -> Failure {
    match fault {
        SandboxError::Catalog(fault) => failure::of_catalog(catalog, fault),
        SandboxError::NoCases(id) => Failure::input(
            format!("`{id}` has no cases to play"),
            "the sandbox takes its answers from the connector's cases",
        ),
        SandboxError::TooMany(_) => Failure::input(fault.to_string(), "ask for fewer with `--users`"),
    }
}
