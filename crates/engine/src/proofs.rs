//! What programs have shown about connectors: which resources are as the vendor describes them, and which replay real exchanges.
//! `connectors/proofs.json` keeps it, with the fingerprint of the definition it was shown for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::SystemTime;

use rollcall_connector::tier::{self, Proof, Proofs, Tier};
use rollcall_connector::{Catalog, load, spec};

use crate::replay;
use crate::session::rfc3339;

/// Shows again what can be shown about connectors. `on` is the day, `YYYY-MM-DD`.
///
/// # Errors
/// Recordings that cannot be read.
pub fn show(
    catalog: &Catalog,
    ids: &[String],
    specs: Option<&Path>,
    recordings: Option<&Path>,
    on: &str,
) -> Result<Proofs, String> {
    let mut proofs = Proofs::new();
    if let Some(folder) = specs {
        for id in ids {
            specified(catalog, id, folder, on, &mut proofs);
        }
    }
    if let Some(folder) = recordings {
        recorded(catalog, ids, &replay::run(catalog, folder, None)?, on, &mut proofs);
    }
    Ok(proofs)
}

/// Resources of which every request and path is in the vendor's own description.
fn specified(catalog: &Catalog, id: &str, folder: &Path, on: &str, proofs: &mut Proofs) {
    let Ok(connector) = catalog.connector(id) else { return };
    let evidence = catalog.file(id, "evidence.yaml").and_then(|text| load::read_evidence(id, &text).ok());
    let specs: Vec<spec::Spec> =
        spec::of(folder, &connector, evidence.as_ref()).into_iter().filter(spec::Spec::is_vendors).collect();
    if specs.is_empty() {
        return;
    }
    for (resource, report) in spec::check(&connector, &specs, evidence.as_ref()).resources {
        if report.is_specified() {
            let open = if report.open > 0 { format!(", {} below open members", report.open) } else { String::new() };
            let deviations =
                if report.deviations > 0 { format!(", {} deviations", report.deviations) } else { String::new() };
            let what = format!(
                "{} operations, {} parameters, {} paths{open}{deviations}",
                report.operations, report.parameters, report.paths
            );
            add(
                proofs,
                id,
                &resource,
                Proof { tier: Tier::Specified, fingerprint: tier::fingerprint(&connector), on: on.to_owned(), what },
            );
        }
    }
}

/// Resources with real records that were read, and nothing that came out otherwise.
fn recorded(catalog: &Catalog, ids: &[String], report: &replay::Report, on: &str, proofs: &mut Proofs) {
    let mut shown: BTreeMap<(&str, &str), (u64, u64, bool)> = BTreeMap::new();
    for product in &report.products {
        for exchange in &product.exchanges {
            let Some(resource) = exchange.matched.as_ref().and_then(|label| label.split(' ').next()) else { continue };
            let entry = shown.entry((&product.connector, resource)).or_insert((0, 0, true));
            if exchange.kind == "recorded" && exchange.resource.is_some() && exchange.records_out > 0 {
                entry.0 += 1;
                entry.1 += exchange.records_out;
            }
            entry.2 &= exchange.differences.is_empty();
        }
    }
    for ((id, resource), (exchanges, records, clean)) in shown {
        let Ok(connector) = catalog.connector(id) else { continue };
        if clean && exchanges > 0 && ids.iter().any(|wanted| wanted == id) {
            let what = format!("{exchanges} exchanges, {records} records");
            add(
                proofs,
                id,
                resource,
                Proof { tier: Tier::Recorded, fingerprint: tier::fingerprint(&connector), on: on.to_owned(), what },
            );
        }
    }
}

fn add(proofs: &mut Proofs, id: &str, resource: &str, proof: Proof) {
    proofs.entry(id.to_owned()).or_default().entry(resource.to_owned()).or_default().push(proof);
}

/// The day of a moment, in UTC.
#[must_use]
pub fn day(now: SystemTime) -> String {
    rfc3339(now).chars().take(10).collect()
}

/// Puts new proofs over a file's old ones: the connectors in `ids` are replaced, the others stay. A proof that says what it said keeps its day.
#[must_use]
pub fn merge(old: &Proofs, mut new: Proofs, ids: &[String]) -> Proofs {
    for (id, resources) in &mut new {
        for (resource, proofs) in resources {
            let earlier = old.get(id).and_then(|resources| resources.get(resource)).into_iter().flatten();
            for proof in earlier {
                let same = |new: &&mut Proof| {
                    new.tier == proof.tier && new.fingerprint == proof.fingerprint && new.what == proof.what
                };
                proofs.iter_mut().filter(same).for_each(|new| new.on.clone_from(&proof.on));
            }
        }
    }
    for (id, resources) in old {
        if !ids.contains(id) {
            new.entry(id.clone()).or_insert_with(|| resources.clone());
        }
    }
    new
}

/// As the file has it: one proof a line.
#[must_use]
pub fn text(proofs: &Proofs) -> String {
    let mut text = String::from("{");
    for (index, (id, resources)) in proofs.iter().enumerate() {
        let _ = write!(text, "{}\n  {}: {{", if index > 0 { "," } else { "" }, json(id));
        for (index, (resource, proofs)) in resources.iter().enumerate() {
            let _ = write!(text, "{}\n    {}: [", if index > 0 { "," } else { "" }, json(resource));
            for (index, proof) in proofs.iter().enumerate() {
                let _ = write!(
                    text,
                    "{}\n      {}",
                    if index > 0 { "," } else { "" },
                    serde_json::to_string(proof).unwrap_or_default()
                );
            }
            text.push_str("\n    ]");
        }
        text.push_str("\n  }");
    }
    text.push_str(if proofs.is_empty() { "}\n" } else { "\n}\n" });
    text
}

fn json(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
