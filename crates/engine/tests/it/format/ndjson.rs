//! One value a line.

use proptest::prelude::*;
use rollcall_connector::definition::Format;
use serde_json::{Value, json};

use super::{read, refused, says};

const FORM: &Format = &Format::Ndjson;

#[test]
fn lines_become_elements() {
    assert_eq!(read(FORM, "{\"id\":1}\n{\"id\":2}\n"), json!([{"id": 1}, {"id": 2}]));
    assert_eq!(read(FORM, "\u{feff}\n\n  {\"id\":1}\r\n \t\r\n[2]"), json!([{"id": 1}, [2]]));
    assert_eq!(read(FORM, ""), json!([]));
    assert_eq!(read(FORM, "\n\n"), json!([]));
}

#[test]
fn a_line_that_is_not_one_value_is_an_error() {
    says(FORM, "{\"id\":1}\n{\"id\":", "at line 2: the line is cut off");
    says(FORM, "{\"id\":1}\n\n{\"id\":2}{\"id\":3}\n", "at line 3: column 9");
    says(FORM, "{\"id\":1},\n", "at line 1");
    says(FORM, "{\n\"id\": 1\n}", "at line 1: the line is cut off");
    says(FORM, "[1,2", "cut off");
    says(FORM, "nope", "column");
    says(FORM, "<html><title>Oops</title>", "an HTML page titled `Oops`");
    says(FORM, b"{\"name\":1}\n{\"name\":\"\xFF\"}", "at line 2: it is not text in UTF-8");
}

proptest! {
    /// Texts with line breaks, quotes and any character keep their own line.
    #[test]
    fn no_line_is_lost(names in prop::collection::vec(any::<String>(), 0..20), blank in any::<bool>()) {
        let rows: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        let separator = if blank { "\n\n\r\n" } else { "\n" };
        let body: String = rows.iter().map(|row| format!("{row}{separator}")).collect();
        prop_assert_eq!(read(FORM, &body), Value::Array(rows));
    }

    /// A body that is cut inside a line never passes for a shorter list.
    #[test]
    fn a_cut_line_is_noticed(names in prop::collection::vec("[a-z\"\\\\é]{0,8}", 1..5), cut in any::<prop::sample::Index>()) {
        let body: String = names.iter().map(|name| format!("{}\n", json!({ "name": name }))).collect();
        let at = cut.index(body.len());
        let whole_lines = body.as_bytes()[..at].last().is_none_or(|last| matches!(last, b'\n' | b'}'));
        let head = &body.as_bytes()[..at];
        if whole_lines {
            let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
            prop_assert_eq!(read(FORM, head).as_array().unwrap().len(), lines);
        } else {
            refused(FORM, head);
        }
    }
}
