use proptest::prelude::*;
use rollcall_mapping::Scratch;
use rollcall_mapping::condition::Condition;
use serde_json::{Value, json};

use crate::json::read;
use crate::{generate, oracle};

fn ask(condition: &Value, document: &str) -> (bool, Option<bool>) {
    let compiled = Condition::compile(condition, &["key", "pass", "extra"]).unwrap();
    let mut scratch = Scratch::new();
    let contexts = [None; 3];
    (
        compiled.holds(document.as_bytes(), &contexts, &mut scratch).unwrap(),
        compiled.test(document.as_bytes(), &contexts, &mut scratch).unwrap(),
    )
}

#[test]
fn what_is_unknown_is_not_false() {
    assert_eq!(ask(&json!({".a": true}), r#"{"a": true}"#), (true, Some(true)));
    assert_eq!(ask(&json!({".a": true}), r#"{"a": false}"#), (false, Some(false)));
    assert_eq!(ask(&json!({".a": true}), "{}"), (false, None));
    assert_eq!(ask(&json!({".a": true}), r#"{"a": null}"#), (false, None));
    assert_eq!(ask(&json!({".a": true}), r#"{"a": " "}"#), (false, None));
    assert_eq!(ask(&json!({".a": {"not": "x"}}), "{}"), (true, None));
    // One known path is enough to know, as the format says.
    assert_eq!(ask(&json!({".a": true, ".b": true}), r#"{"b": true}"#), (false, Some(false)));
    assert_eq!(ask(&json!({"any": [{".a": true}, {".b": true}]}), r#"{"b": true}"#), (true, Some(true)));
    // Nothing in a list is an answer; so is a null where presence is asked for. What is not there at all was perhaps not told.
    assert_eq!(ask(&json!({".a": {"contains": "x"}}), r#"{"a": []}"#), (false, Some(false)));
    assert_eq!(ask(&json!({".a": {"present": true}}), r#"{"a": null}"#), (false, Some(false)));
    assert_eq!(ask(&json!({".a": {"present": true}}), "{}"), (false, None));
    assert_eq!(ask(&json!({".a": {"present": false}}), "{}"), (true, None));
    assert_eq!(ask(&json!({".a": {"absent": true}}), r#"{"a": []}"#), (true, Some(true)));
}

#[test]
fn a_document_must_be_json() {
    let condition = Condition::compile(&json!({".ok": false}), &[]).unwrap();
    let error = condition.holds(b"<html>", &[], &mut Scratch::new()).unwrap_err();
    assert_eq!(error.to_string(), "expected a JSON value at byte 0");
    let error = condition.holds(b"{\"ok\": false} x", &[], &mut Scratch::new()).unwrap_err();
    assert_eq!(error.to_string(), "more bytes after the end of the JSON value at byte 14");
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn conditions_and_the_oracle_agree(condition in generate::condition(), document in generate::record()) {
        let (holds, known) = oracle::holds(&condition, &read(document.as_bytes()).unwrap());
        prop_assert_eq!(ask(&condition, &document), (holds, known.then_some(holds)), "{} {}", condition, document);
    }
}
