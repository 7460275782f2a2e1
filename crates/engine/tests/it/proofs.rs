//! What `connectors/proofs.json` says can be shown again.

use std::collections::BTreeSet;
use std::path::Path;

use rollcall_connector::Catalog;
use rollcall_connector::tier::{self, Proofs, Tier};
use rollcall_engine::proofs;

#[test]
fn every_proof_that_is_written_holds() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let (specs, recordings) = (shared.join("specs"), shared.join("recordings"));
    if !specs.is_dir() || !recordings.is_dir() {
        println!("skipped: `{}` is not there", shared.display());
        return;
    }
    let catalog = Catalog::of_folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors"));
    let ids = catalog.ids();
    let shown = proofs::show(&catalog, &ids, Some(&specs), Some(&recordings), "2000-01-01").unwrap();
    let written: Proofs = serde_json::from_str(&catalog.ledger("proofs.json").unwrap()).unwrap();
    // A connector that has changed since has lost its proofs already: they do not count.
    let current = |id: &str, fingerprint: &str| {
        catalog.connector(id).is_ok_and(|connector| tier::fingerprint(&connector) == fingerprint)
    };
    let flat = |proofs: &Proofs| -> BTreeSet<(String, String, Tier, String)> {
        let all = proofs.iter().flat_map(|(id, resources)| {
            resources.iter().flat_map(move |(resource, proofs)| proofs.iter().map(move |proof| (id, resource, proof)))
        });
        all.filter(|(id, _, proof)| current(id, &proof.fingerprint))
            .map(|(id, resource, proof)| (id.clone(), resource.clone(), proof.tier, proof.what.clone()))
            .collect()
    };
    let (written, shown) = (flat(&written), flat(&shown));
    let lost: Vec<_> = written.difference(&shown).collect();
    assert!(
        lost.is_empty(),
        "these no longer hold; run `rollcall connector check --specs DIR --recordings DIR --write-proofs`: {lost:#?}"
    );
}

#[test]
fn a_day_stays_while_a_proof_says_the_same() {
    let read = |on: &str, what: &str| -> Proofs {
        serde_json::from_str(&format!(
            r#"{{"a": {{"users": [{{"tier": "recorded", "fingerprint": "f", "on": "{on}", "what": "{what}"}}]}}}}"#
        ))
        .unwrap()
    };
    let old = read("2025-01-01", "1 exchange");
    let ids = ["a".to_owned()];
    assert_eq!(proofs::merge(&old, read("2026-01-01", "1 exchange"), &ids), old);
    assert_eq!(proofs::merge(&old, read("2026-01-01", "2 exchanges"), &ids), read("2026-01-01", "2 exchanges"));
    assert_eq!(proofs::merge(&old, Proofs::new(), &ids), Proofs::new(), "what is no longer shown goes");
    assert_eq!(proofs::merge(&old, Proofs::new(), &[]), old, "others are left alone");
    assert_eq!(serde_json::from_str::<Proofs>(&proofs::text(&old)).unwrap(), old);
}
