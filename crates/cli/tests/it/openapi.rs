//! `rollcall openapi`: what a server gives at `/openapi.json`, over the same connectors.

use rollcall_connector::Catalog;
use serde_json::Value;

use crate::run::rollcall;

#[test]
fn the_document_is_that_of_a_server() {
    let printed = rollcall(&["openapi"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&printed.stdout).expect("JSON");
    assert!(document == rollcall_server::openapi::document(&Catalog::embedded()), "it prints another document");
    // It is kept in the repository as it is printed.
    assert!(printed.stdout.starts_with("{\n  \"openapi\": \"3.1.0\",\n") && printed.stdout.ends_with("}\n"));
}
