//! `rollcall openapi`: the description of the HTTP API, as a server gives it at `/openapi.json`.

use std::process::ExitCode;

use anyhow::Context as _;
use rollcall_connector::Catalog;

use crate::failure::Failure;
use crate::output;

pub fn run(catalog: &Catalog) -> Result<ExitCode, Failure> {
    let document = rollcall_server::openapi::document(catalog);
    let text = serde_json::to_string_pretty(&document).context("the document cannot be written")?;
    output::line(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
