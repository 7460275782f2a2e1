//! `rollcall connector check`.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use rollcall_connector::tier::Proofs;
use rollcall_connector::{Catalog, Finding, lint};
use rollcall_engine::{proofs, replay};

use super::chosen;
use crate::failure::{self, Failure};
use crate::output;

/// What the connectors are held against, and where the result is kept.
pub struct Against<'a> {
    pub specs: Option<&'a Path>,
    pub recordings: Option<&'a Path>,
    pub proofs: Option<&'a Path>,
}

pub fn run(catalog: &Catalog, slugs: &[String], as_json: bool, against: &Against<'_>) -> Result<ExitCode, Failure> {
    let ids = chosen(catalog, slugs)?;
    if let Some(folder) = [against.specs, against.recordings].into_iter().flatten().find(|folder| !folder.is_dir()) {
        return Err(Failure::input(format!("there is no folder `{}`", folder.display()), "check the path"));
    }
    let further = match against.recordings {
        Some(folder) => differences(catalog, &ids, folder)?,
        None => Vec::new(),
    };
    let findings = lint::check_with(
        catalog,
        &ids,
        &lint::Evidence { specs: against.specs, recordings: against.recordings },
        further,
    );
    if let Some(file) = against.proofs {
        write_proofs(catalog, &ids, against, file)?;
    }
    if as_json {
        output::line(serde_json::to_string_pretty(&findings).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::from(u8::from(!findings.is_empty())));
    }
    if !findings.is_empty() {
        return Err(Failure::Findings(failure::with_sources(catalog, findings)));
    }
    output::text(&format!("{} connector(s): no mistakes\n", ids.len()))?;
    Ok(ExitCode::SUCCESS)
}

/// What recordings show otherwise, as findings.
fn differences(catalog: &Catalog, ids: &[String], folder: &Path) -> Result<Vec<Finding>, Failure> {
    let report =
        replay::run(catalog, folder, None).map_err(|message| Failure::input(message, "name a folder of recordings"))?;
    let mut findings = Vec::new();
    for product in report.products.iter().filter(|product| ids.contains(&product.connector)) {
        for exchange in &product.exchanges {
            for difference in &exchange.differences {
                let message = format!(
                    "{}/{} exchange {} ({}): {difference}",
                    product.folder,
                    exchange.file,
                    exchange.exchange,
                    exchange.matched.as_deref().unwrap_or_default()
                );
                findings.push(Finding::new(
                    "replay_difference",
                    &format!("{}/connector.yaml", product.connector),
                    Default::default(),
                    message,
                ));
            }
        }
    }
    Ok(findings)
}

fn write_proofs(catalog: &Catalog, ids: &[String], against: &Against<'_>, file: &Path) -> Result<(), Failure> {
    if against.specs.is_none() && against.recordings.is_none() {
        return Err(Failure::input(
            "there is nothing to show proofs from",
            "give `--specs DIR`, `--recordings DIR` or both",
        ));
    }
    let shown = proofs::show(catalog, ids, against.specs, against.recordings, &proofs::day(SystemTime::now()))
        .map_err(|message| Failure::input(message, "check the folders"))?;
    let old: Proofs =
        std::fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    std::fs::write(file, proofs::text(&proofs::merge(&old, shown, ids)))?;
    output::note(&format!("wrote {}", file.display()));
    Ok(())
}
