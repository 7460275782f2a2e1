//! `rollcall connector …`.

mod list;
mod show;
mod test;

use std::process::ExitCode;

use rollcall_connector::Catalog;

use crate::args::ConnectorCommand;
use crate::failure::Failure;
use crate::output;

pub async fn run(catalog: &Catalog, command: ConnectorCommand) -> Result<ExitCode, Failure> {
    match command {
        ConnectorCommand::List { json } => list::run(catalog, json),
        ConnectorCommand::Show { slug, expanded, json } => show::run(catalog, &slug, expanded, json),
        ConnectorCommand::Test { slugs, json } => test::run(catalog, &slugs, json).await,
        ConnectorCommand::Check { slugs, .. } => {
            let mut findings = Vec::new();
            for id in chosen(catalog, &slugs)? {
                if let Err(rollcall_connector::catalog::CatalogError::Broken { findings: own, .. }) = catalog.connector(&id) {
                    findings.extend(own);
                }
            }
            if findings.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Findings(crate::failure::with_sources(catalog, findings))) }
        }
        ConnectorCommand::Schema => {
            output::text(&rollcall_connector::load::connector_schema_text())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Failure::input("not there yet", "")),
    }
}

/// The named connectors, or all.
fn chosen(catalog: &Catalog, slugs: &[String]) -> Result<Vec<String>, Failure> {
    if slugs.is_empty() {
        return Ok(catalog.ids());
    }
    slugs.iter().map(|slug| catalog.resolve(slug).ok_or_else(|| crate::failure::of_catalog(catalog, rollcall_connector::catalog::CatalogError::Unknown { name: slug.clone(), near: Vec::new() }))).collect()
}
