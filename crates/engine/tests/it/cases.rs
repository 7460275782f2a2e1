//! Cases: what a written exchange is worth.

use rollcall_connector::Catalog;
use rollcall_engine::cases;

use crate::provider::{block_on, users};

/// The differences that a case shows.
fn differences(case: &str) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("rollcall-cases-{}-{:p}", std::process::id(), case));
    std::fs::create_dir_all(folder.join("acme/cases/made")).expect("a folder");
    std::fs::write(folder.join("acme/connector.yaml"), users("{none: {}}")).expect("a file");
    std::fs::write(folder.join("acme/cases/made/case.yaml"), case).expect("a file");
    let catalog = Catalog::of_folder(folder.clone());
    let connector = catalog.connector("acme").expect("a connector");
    let loaded = cases::load(&catalog, "acme", "made").expect("a case");
    let _ = std::fs::remove_dir_all(folder);
    block_on(cases::run(&connector, &loaded)).differences
}

#[test]
fn each_exchange_must_be_used_also_where_a_fault_is_expected() {
    let refused = "exchanges:\n  - request: {method: GET, url: 'https://api.acme.example/v1/users'}\n    response: {status: 401, body: {}}\nfault: credential\n";
    assert_eq!(differences(refused), Vec::<String>::new());
    let more = refused.replace(
        "fault:",
        "  - request: {method: GET, url: 'https://api.acme.example/v1/groups'}\n    response: {status: 401, body: {}}\nfault:",
    );
    assert_eq!(differences(&more), ["the exchange GET https://api.acme.example/v1/groups was never asked for"]);
}
