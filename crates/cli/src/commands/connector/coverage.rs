//! `rollcall connector coverage`.

use std::path::Path;
use std::process::ExitCode;

use rollcall_connector::{Catalog, coverage};

use crate::failure::Failure;
use crate::output;

pub fn run(catalog: &Catalog, as_json: bool, targets: Option<&Path>) -> Result<ExitCode, Failure> {
    let targets = match targets {
        Some(path) => coverage::read_targets(&std::fs::read_to_string(path).map_err(|fault| {
            Failure::input(
                format!("cannot read the targets `{}`: {fault}", path.display()),
                "name the file with `--targets`",
            )
        })?),
        None => Vec::new(),
    };
    let coverage = coverage::count(catalog, &targets);
    if as_json {
        output::line(serde_json::to_string_pretty(&coverage).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    output::text(&format!("{} connectors\n", coverage.connectors))?;
    let rows: Vec<Vec<String>> = coverage
        .entries
        .iter()
        .map(|entry| {
            let target = entry.target.map(|t| t.to_string()).unwrap_or_default();
            let share = |count: u64, of: u64| {
                if of == 0 { String::new() } else { format!("{:.0} %", 100.0 * count as f64 / of as f64) }
            };
            vec![
                entry.resource.clone(),
                entry.kind.clone(),
                entry.name.clone(),
                entry.connectors.to_string(),
                entry.by_provider.to_string(),
                share(entry.connectors, entry.of),
                target,
                entry.target.map(|t| share(t, coverage::PAGE_CONNECTORS)).unwrap_or_default(),
            ]
        })
        .collect();
    output::grid(&["RESOURCE", "KIND", "NAME", "CONNECTORS", "BY PROVIDER", "SHARE", "TARGET", "ITS SHARE"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
