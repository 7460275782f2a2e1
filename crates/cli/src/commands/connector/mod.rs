//! `rollcall connector …`.

mod check;
mod coverage;
mod explain;
mod list;
mod new;
mod replay;
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
        ConnectorCommand::Check { slugs, json, specs, recordings, write_proofs } => check::run(
            catalog,
            &slugs,
            json,
            &check::Against {
                specs: specs.as_deref(),
                recordings: recordings.as_deref(),
                proofs: write_proofs.as_deref(),
            },
        ),
        ConnectorCommand::Explain { slug, resource, method, query, json } => {
            explain::run(catalog, &slug, &resource, &method, &query, json)
        }
        ConnectorCommand::New { slug, spec, sample, folder } => {
            new::run(&slug, spec.as_deref(), sample.as_deref(), &folder)
        }
        ConnectorCommand::Test { slugs, json } => test::run(catalog, &slugs, json).await,
        ConnectorCommand::Replay { folder, connector, json } => {
            replay::run(catalog, &folder, connector.as_deref(), json)
        }
        ConnectorCommand::Coverage { json, targets } => coverage::run(catalog, json, targets.as_deref()),
        ConnectorCommand::Schema => {
            output::text(&rollcall_connector::load::connector_schema_text())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The named connectors, or all.
fn chosen(catalog: &Catalog, slugs: &[String]) -> Result<Vec<String>, Failure> {
    if slugs.is_empty() {
        return Ok(catalog.ids());
    }
    slugs
        .iter()
        .map(|slug| {
            catalog.resolve(slug).ok_or_else(|| {
                crate::failure::of_catalog(
                    catalog,
                    rollcall_connector::catalog::CatalogError::Unknown { name: slug.clone(), near: Vec::new() },
                )
            })
        })
        .collect()
}
