//! `rollcall connector check`.

use std::path::Path;
use std::process::ExitCode;

use rollcall_connector::{Catalog, lint};

use super::chosen;
use crate::failure::{self, Failure};
use crate::output;

pub fn run(catalog: &Catalog, slugs: &[String], as_json: bool, specs: Option<&Path>, recordings: Option<&Path>) -> Result<ExitCode, Failure> {
    let ids = chosen(catalog, slugs)?;
    let findings = lint::check(catalog, &ids, &lint::Evidence { specs, recordings });
    if as_json {
        output::line(serde_json::to_string_pretty(&findings).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::from(u8::from(!findings.is_empty())));
    }
    let count = findings.len();
    if count > 0 {
        return Err(Failure::Findings(failure::with_sources(catalog, findings)));
    }
    output::text(&format!("{} connector(s): no mistakes\n", ids.len()))?;
    Ok(ExitCode::SUCCESS)
}
