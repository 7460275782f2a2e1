//! `rollcall sandbox`.

use std::process::ExitCode;

use rollcall_connector::Catalog;

use crate::args::SandboxArguments;
use crate::failure::Failure;

pub async fn run(_catalog: &Catalog, _arguments: SandboxArguments) -> Result<ExitCode, Failure> {
    Err(Failure::input("the sandbox is not there yet", "later"))
}
