//! Arrays of arrays.

use proptest::prelude::*;
use rollcall_connector::definition::{Format, Items};
use rollcall_engine::format::{FormatError, to_json};
use serde_json::{Value, json};

fn items(written: Value) -> Items {
    serde_json::from_value(written).unwrap()
}

fn named() -> Items {
    items(json!({"rows": ".data", "columns": ".meta.rowType[].name"}))
}

fn text(items: &Items, body: &str) -> Result<String, FormatError> {
    to_json(&Format::Json, items, body.as_bytes()).map(|json| String::from_utf8(json.into_owned()).unwrap())
}

fn says(items: &Items, body: &str, words: &str) {
    let message = text(items, body).unwrap_err().to_string();
    assert!(message.contains(words), "`{message}` lacks `{words}`");
}

/// Long numbers would change if they went through a float.
#[test]
fn cells_keep_their_very_text() {
    let body = r#"{"meta": {"rowType": [{"name": "ID", "type": "fixed"}, {"name": "login name"}]},
        "data": [[12345678901234567890123, "Ada"], [1.10, null], [{"a": [1, 2]}, "\u00e9"]]}"#;
    let wanted = r#"[{"ID":12345678901234567890123,"login name":"Ada"},{"ID":1.10,"login name":null},{"ID":{"a": [1, 2]},"login name":"\u00e9"}]"#;
    assert_eq!(text(&named(), body).unwrap(), wanted);
}

#[test]
fn names_stand_in_many_places() {
    let wanted = r#"[{"a":1,"b":2}]"#;
    let list = items(json!({"rows": ".rows", "columns": ".columns"}));
    assert_eq!(text(&list, r#"{"columns": ["a", "b"], "rows": [[1, 2]]}"#).unwrap(), wanted);
    let header = items(json!({"rows": ".", "columns": {"header": true}}));
    assert_eq!(text(&header, r#"[["a", "b"], [1, 2]]"#).unwrap(), wanted);
    let nested = items(json!({"rows": ".results[].rows", "columns": ".results.0.columns[].id"}));
    let body = r#"{"results": [{"columns": [{"id": "a"}], "rows": [[1], [2]]}, {"rows": []}, {"rows": [[3]]}]}"#;
    assert_eq!(text(&nested, body).unwrap(), r#"[{"a":1},{"a":2},{"a":3}]"#);
    let each = items(json!({"rows": ".[].cells[]", "columns": ".0.names"}));
    assert_eq!(text(&each, r#"[{"names": ["a"], "cells": [[1], [2]]}]"#).unwrap(), r#"[{"a":1},{"a":2}]"#);
}

#[test]
fn no_rows_are_an_empty_list_only_with_their_names() {
    assert_eq!(text(&named(), r#"{"meta": {"rowType": [{"name": "a"}]}, "data": []}"#).unwrap(), "[]");
    says(&items(json!({"rows": ".", "columns": {"header": true}})), "[]", "no header row");
    says(&named(), r#"{"data": []}"#, "the answer has no `.meta.rowType[].name`");
}

#[test]
fn rows_that_do_not_fit_are_errors() {
    let with = |data: &str| format!(r#"{{"meta": {{"rowType": [{{"name": "a"}}, {{"name": "b"}}]}}, "data": {data}}}"#);
    says(&named(), &with("[[1, 2], [1]]"), "there are 2 columns, and row 2 has 1 cells");
    says(&named(), &with("[[1, 2, 3]]"), "row 1 has 3 cells");
    says(&named(), &with("[[1, 2], {}]"), "row 2 is not an array");
    says(&named(), &with("[[1, 2], null]"), "row 2 is not an array");
    says(&named(), &with("null"), "the answer has no `.data`");
    says(&named(), &with("{}"), "the answer has no `.data`");
    let columns = items(json!({"rows": ".rows", "columns": ".columns"}));
    says(&columns, r#"{"columns": ["a", "a"], "rows": []}"#, "two columns are named `a`");
    says(&columns, r#"{"columns": ["a", ""], "rows": []}"#, "column 2 has no name");
    says(&columns, r#"{"columns": ["a", 2], "rows": []}"#, "the name of column 2 is not a text");
    says(&items(json!({"rows": ".rows", "columns": {"header": false}})), r#"{"rows": []}"#, "names no columns");
    says(&items(json!({"rows": "rows", "columns": ".c"})), "{}", "not a path");
}

#[test]
fn an_answer_that_is_no_json_says_what_it_is() {
    says(&named(), "<html>", "expected JSON, saw an HTML page");
    says(&named(), "{\"data\": [[1", "cut off");
    says(&named(), "{\"data\": [[1]]} x", "it is not JSON");
    let missing = text(&named(), "{}").unwrap_err();
    assert_eq!(missing, FormatError::Missing { path: ".data".to_owned() });
}

proptest! {
    #[test]
    fn no_row_is_lost(rows in prop::collection::vec(prop::collection::vec(any::<String>(), 2), 0..20)) {
        let body = json!({"c": ["x", "y"], "r": rows}).to_string();
        let found: Value = serde_json::from_str(&text(&items(json!({"rows": ".r", "columns": ".c"})), &body).unwrap()).unwrap();
        let wanted: Vec<Value> = rows.iter().map(|row| json!({"x": row[0], "y": row[1]})).collect();
        prop_assert_eq!(found, Value::Array(wanted));
    }
}
