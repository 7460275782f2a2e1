//! `rollcall connector replay`.

use std::path::Path;
use std::process::ExitCode;

use rollcall_connector::Catalog;
use rollcall_engine::replay;

use crate::failure::Failure;
use crate::output;

pub fn run(catalog: &Catalog, folder: &Path, connector: Option<&str>, as_json: bool) -> Result<ExitCode, Failure> {
    if !folder.is_dir() {
        return Err(Failure::input(
            format!("there is no folder `{}`", folder.display()),
            "name a folder of recordings: a product's, or one with a folder per product",
        ));
    }
    let report = replay::run(catalog, folder, connector)
        .map_err(|message| Failure::input(message, "name the connector with `--connector`"))?;
    if as_json {
        output::line(serde_json::to_string_pretty(&report).unwrap_or_default().as_bytes())?;
    } else {
        output::text(&replay::render(&report))?;
    }
    Ok(ExitCode::from(u8::from(!report.passed)))
}
