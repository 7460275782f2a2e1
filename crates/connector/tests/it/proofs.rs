//! `proofs.json` and `exceptions.txt` are about connectors that exist.

use rollcall_connector::tier::{self, Proofs, Tier};

use crate::made::{Made, shipped};

#[test]
fn the_ledger_can_be_read_and_names_known_connectors() {
    let catalog = shipped();
    let proofs: Proofs = serde_json::from_str(&catalog.ledger("proofs.json").unwrap()).unwrap();
    let ids = catalog.ids();
    for (id, resources) in &proofs {
        assert!(ids.contains(id), "`{id}` is not a connector");
        let known: Vec<&str> = resources
            .values()
            .flatten()
            .map(|proof| proof.tier.as_str())
            .filter(|tier| !["specified", "recorded"].contains(tier))
            .collect();
        assert!(known.is_empty(), "`{id}`: {known:?} is not shown by descriptions or recordings");
    }
}

#[test]
fn a_proof_holds_for_the_definition_it_was_shown_for() {
    let made = Made::new();
    let fingerprint = tier::fingerprint(&made.catalog().connector("sample").unwrap());
    let line = |fingerprint: &str| {
        format!(
            r#"{{"sample": {{"users": [{{"tier": "recorded", "fingerprint": "{fingerprint}", "on": "2026-01-02", "what": "1 exchange"}}]}}}}"#
        )
    };
    let tier_of = |made: &Made| {
        let catalog = made.catalog();
        tier::of(&catalog, &catalog.connector("sample").unwrap())
    };
    assert_eq!(tier_of(&made), Tier::Documented);
    made.write("proofs.json", &line(&fingerprint));
    assert_eq!(tier_of(&made), Tier::Recorded);
    made.change("sample/connector.yaml", "name: .name", "name: .email");
    assert_eq!(tier_of(&made), Tier::Documented);
}
