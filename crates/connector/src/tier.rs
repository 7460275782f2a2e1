//! How we know that a connector is right: computed from its evidence and from proofs that programs wrote, never typed.
//!
//! `proofs.json` (written by `rollcall connector check --write-proofs`) and `live-runs.json` (written by the run against real products) hold
//! what was shown, each with the fingerprint of the definition it was shown for: a changed connector loses its proofs until it is shown again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::Catalog;
use crate::connector::Connector;
use crate::definition::{ResourceEvidence, Source};
use crate::load;

/// How we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// It compiles.
    Draft,
    /// Two independent sources describe it.
    Documented,
    /// Every request and source path is in the vendor's machine-readable description.
    Specified,
    /// It replays real exchanges.
    Recorded,
    /// A run against the real product equals its truth.
    Live,
}

impl Tier {
    /// From the weakest.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Documented, Self::Specified, Self::Recorded, Self::Live];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Documented => "documented",
            Self::Specified => "specified",
            Self::Recorded => "recorded",
            Self::Live => "live",
        }
    }
}

/// What a program has shown about one resource of one connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub tier: Tier,
    /// Of the definition that it was shown for.
    pub fingerprint: String,
    pub on: String,
    /// What was compared: exchanges and records, operations and paths, people and fields.
    pub what: String,
}

/// Connector → resource → what was shown.
pub type Proofs = BTreeMap<String, BTreeMap<String, Vec<Proof>>>;

/// The fingerprint of a definition, after `extends`. Settings' labels and the like count too: any change asks for a new look.
#[must_use]
pub fn fingerprint(connector: &Connector) -> String {
    let text = connector.source().json.to_string();
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

/// The ledgers beside the connectors.
#[must_use]
pub fn proofs(catalog: &Catalog) -> Proofs {
    let mut all = Proofs::new();
    for file in ["proofs.json", "live-runs.json"] {
        let Some(read) = catalog.ledger(file).and_then(|text| serde_json::from_str::<Proofs>(&text).ok()) else {
            continue;
        };
        for (connector, resources) in read {
            for (resource, proofs) in resources {
                all.entry(connector.clone()).or_default().entry(resource).or_default().extend(proofs);
            }
        }
    }
    all
}

/// The tier of a connector: that of its `users`, or of its first resource when it lists none. The others are in `by_resource`.
#[must_use]
pub fn of(catalog: &Catalog, connector: &Connector) -> Tier {
    let tiers = by_resource(catalog, connector);
    tiers.get("users").or_else(|| tiers.values().next()).copied().unwrap_or(Tier::Draft)
}

/// The tier of each resource.
#[must_use]
pub fn by_resource(catalog: &Catalog, connector: &Connector) -> BTreeMap<String, Tier> {
    let proofs = proofs(catalog);
    let own = proofs.get(connector.id());
    let fingerprint = fingerprint(connector);
    let evidence = catalog
        .file(connector.id(), "evidence.yaml")
        .and_then(|text| load::read_evidence(connector.id(), &text).ok())
        .unwrap_or_default();
    connector
        .definition()
        .resources
        .keys()
        .map(|resource| {
            let written = evidence.resources.get(resource).map_or(Tier::Draft, documented);
            let shown = own
                .and_then(|own| own.get(resource))
                .into_iter()
                .flatten()
                .filter(|proof| proof.fingerprint == fingerprint)
                .map(|proof| proof.tier)
                .max();
            (resource.to_owned(), shown.filter(|_| written > Tier::Draft).unwrap_or(written))
        })
        .collect()
}

/// `documented` needs two independent sources, or one that is itself a proof (a description or a recording by the vendor).
fn documented(evidence: &ResourceEvidence) -> Tier {
    let mut names: Vec<String> = evidence.sources.iter().map(name).collect();
    names.sort();
    names.dedup();
    let strong = evidence
        .sources
        .iter()
        .any(|source| matches!(source, Source::Spec { .. } | Source::Recording { .. } | Source::Live { .. }));
    if names.len() >= 2 || strong { Tier::Documented } else { Tier::Draft }
}

/// Whether the sources of a resource are enough for `documented`.
#[must_use]
pub fn is_documented(evidence: &ResourceEvidence) -> bool {
    documented(evidence) > Tier::Draft
}

/// What makes two sources the same one.
fn name(source: &Source) -> String {
    let host = |url: &str| {
        url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| url.to_owned())
    };
    match source {
        Source::Spec { reference, .. } => format!("spec {reference}"),
        Source::Recording { reference, from, .. } => {
            format!("recording {reference} {}", from.as_ref().map(Value::to_string).unwrap_or_default())
        }
        Source::Documentation { url, .. } => format!("documentation {}", host(url)),
        Source::Code { repo, .. } => format!("code {repo}"),
        Source::Live { product, .. } => format!("live {product}"),
    }
}
