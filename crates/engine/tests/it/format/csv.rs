//! Comma-separated values.

use proptest::prelude::*;
use rollcall_connector::definition::Format;
use rollcall_engine::format::{FormatError, Limits, to_json, to_json_within};
use serde_json::{Value, json};

use super::{read, root, says};

const FORM: &Format = &Format::Csv;

#[test]
fn rows_become_objects_of_texts() {
    let body = "id,name,active\r\n1,Ada,true\r\n007,\"Lovelace, \"\"A.\"\"\r\nsecond line\",\r\n";
    assert_eq!(
        read(FORM, body),
        json!([
            {"id": "1", "name": "Ada", "active": "true"},
            {"id": "007", "name": "Lovelace, \"A.\"\r\nsecond line", "active": ""},
        ])
    );
}

#[test]
fn marks_blank_lines_and_missing_ends_do_not_matter() {
    let wanted = json!([{"id": "1", "nom é": "2"}, {"id": "3", "nom é": "4"}]);
    assert_eq!(read(FORM, "\u{feff}id,nom é\n1,2\n3,4"), wanted);
    assert_eq!(read(FORM, "\"id\",\"nom é\"\n1,2\n\n\"3\",4\n\n"), wanted);
    assert_eq!(read(FORM, "id,nom é\r1,2\r3,4\r"), wanted);
    assert_eq!(read(FORM, "id,name\n"), json!([]));
}

#[test]
fn rows_that_do_not_fit_are_errors() {
    says(FORM, "id,name\n1,Ada\n2\n", "line 3: the header has 2 columns, the row has 1");
    says(FORM, "id,name\n1,Ada,x\n", "line 2: the header has 2 columns, the row has 3");
    says(FORM, "id,name\n1,Lovelace, Ada\n", "the row has 3");
    says(FORM, "id,name\n1,\"Ada", "line 2: a quoted field is not closed; the answer is cut off");
    says(FORM, "id,name\n1,\"Ada\"x\n", "line 2: text after a closing quote");
    says(FORM, "id,name\n1,5\" disk\n", "line 2: a quote inside an unquoted field");
}

#[test]
fn headers_must_name_every_column_once() {
    says(FORM, "id,name,id\n1,2,3\n", "two columns are named `id`");
    says(FORM, "id,,name\n1,2,3\n", "column 2 has no name");
    says(FORM, "id,\" \"\n1,2\n", "column 2 has no name");
}

/// Each of these would else be a header without rows: nobody.
#[test]
fn an_error_is_not_an_empty_list() {
    says(FORM, "", "the body is empty");
    says(FORM, "\n\n", "the body is empty");
    says(FORM, "{\"error\":\"no\",\"code\":1}", "expected CSV, saw JSON");
    says(FORM, "[]", "saw JSON");
    says(FORM, "<!doctype html><title>Sign in</title>", "an HTML page titled `Sign in`");
    says(FORM, "<?xml version='1.0'?><e/>", "saw XML");
    says(FORM, "Access denied", "a single line without a comma");
    says(FORM, b"id,name\n1,\xE9\n", "binary data");
    says(FORM, b"id,name\n1,\x00\n", "binary data");
    says(FORM, b"\xFF\xFEi\x00", "UTF-16");
    // With a row, one column is a list of one column.
    assert_eq!(read(FORM, "email\nada@example.com\n"), json!([{"email": "ada@example.com"}]));
}

#[test]
fn a_small_answer_cannot_become_a_huge_one() {
    let body = format!("{}\n{}", "n".repeat(100), "v\n".repeat(100));
    let limits = Limits { bytes: 1000, ..Limits::default() };
    let outcome = to_json_within(FORM, &root(), body.as_bytes(), &limits);
    assert_eq!(outcome.unwrap_err(), FormatError::TooLarge(1000));
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    /// What another writer wrote is read back, cell by cell.
    #[test]
    fn no_row_is_lost(rows in prop::collection::vec(prop::collection::vec("[^\u{0}]{0,12}", 3), 0..20)) {
        let header: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let body = written(&std::iter::once(header).chain(rows.iter().cloned()).collect::<Vec<_>>());
        let wanted: Vec<Value> = rows.iter().map(|row| json!({"a": row[0], "b": row[1], "c": row[2]})).collect();
        prop_assert_eq!(read(FORM, body), Value::Array(wanted));
    }

    /// A cut inside a quoted cell or before the last column is an error. One inside the last cell cannot show; then all rows before it are
    /// as they were sent, and of the last one nothing but the end of its last cell is missing.
    #[test]
    fn a_cut_answer_never_changes_rows(rows in prop::collection::vec(prop::collection::vec("[a-c,\"\r\n]{0,6}", 2), 1..5), cut in any::<prop::sample::Index>()) {
        let header = vec!["a".to_owned(), "b".to_owned()];
        let body = written(&std::iter::once(header).chain(rows.iter().cloned()).collect::<Vec<_>>());
        let head = &body[..cut.index(body.len())];
        let Ok(json) = to_json(FORM, &root(), head) else { return Ok(()) };
        let found: Vec<Value> = serde_json::from_slice(&json).unwrap();
        for (index, (row, sent)) in found.iter().zip(&rows).enumerate() {
            prop_assert_eq!(row["a"].as_str().unwrap(), &sent[0], "row {}", index);
            let (last, is_final) = (row["b"].as_str().unwrap(), index + 1 == found.len());
            prop_assert!(last == sent[1] || (is_final && sent[1].starts_with(last.trim_end_matches('"'))), "row {}: {:?}", index, last);
        }
    }
}
