//! `GET /openapi.json` (OpenAPI 3.1, complete: every parameter and field with its type, enum, meaning and support count).

mod answers;
mod callers;
pub mod described;
mod fields;
mod routes;
mod validator;

use http::Method;

use crate::world::{Answer, World};
use described::{document, of_binary, without_counts};

/// Where the document is kept for those who make clients from it.
const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/openapi.json");

#[tokio::test]
async fn openapi_json_is_given_without_a_token_and_not_again_to_those_who_have_it() {
    let world = World::new().await;
    let path = "/openapi.json";
    let answer = Answer::of(world.client.anonymous(Method::GET, path)).await;
    assert_eq!(&answer.ok(), document());
    let tag = answer.header("etag").unwrap();
    for known in [tag.to_owned(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let again = Answer::of(world.client.anonymous(Method::GET, path).header("if-none-match", &known)).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)), "{known}");
    }
    let other = Answer::of(world.client.anonymous(Method::GET, path).header("if-none-match", "\"other\"")).await;
    assert_eq!(other.status, 200);
}

#[test]
fn openapi_json_is_the_one_that_is_checked_in() {
    let text = std::fs::read_to_string(CHECKED_IN).unwrap_or_else(|fault| panic!("{CHECKED_IN}: {fault}"));
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Counts change with every connector; all else is a change of the contract.
    let same = without_counts(&kept) == without_counts(of_binary());
    assert!(same, "the API has changed: look at what `rollcall openapi > schema/openapi.json` changes, and commit it");
}
