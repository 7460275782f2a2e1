//! What the reader accepts, refuses, and where it says things are.

use rollcall_yaml::{Place, parse};
use serde_json::json;

fn json_of(text: &str) -> serde_json::Value {
    parse(text).expect("a document").to_json()
}

#[test]
fn reads_the_core_schema() {
    let text = "a: 1\nb: 1.5\nc: true\nd: ~\ne: yes\nf: 007\ng: '1'\nh: [.x, $y.z]\ni: {.ok: false}\nj: 2024-01-01\nk: -3\nl: 1e3\nm: 1.2.3\n";
    assert_eq!(
        json_of(text),
        json!({"a": 1, "b": 1.5, "c": true, "d": null, "e": "yes", "f": "007", "g": "1", "h": [".x", "$y.z"],
               "i": {".ok": false}, "j": "2024-01-01", "k": -3, "l": 1000.0, "m": "1.2.3"})
    );
}

#[test]
fn knows_the_place_of_a_pointer() {
    let document = parse("a:\n  b~/c:\n    - x\n    - {d: yy}\n").expect("a document");
    assert_eq!(document.place("/a/b~0~1c/1/d"), Place { line: 4, column: 11, width: 2 });
    assert_eq!(document.key_place("/a/b~0~1c/1/d"), Place { line: 4, column: 8, width: 1 });
    assert_eq!(document.key_place("/a/nothing/here").line, 1, "the nearest parent");
}

#[test]
fn refuses_what_the_format_leaves_out() {
    for (text, message, line) in [
        ("a: 1\nb: 2\na: 3\n", "`a` is given twice, first in line 1", 3),
        ("a: &x 1\n", "an anchor", 1),
        ("a: *x\n", "not YAML: while parsing node, found unknown anchor", 1),
        ("a: !t 1\n", "a tag", 1),
        ("<<: {}\n", "a merge key", 1),
        ("a: 1\n---\nb: 2\n", "a second document", 3),
        ("? [a]\n: 1\n", "a key that is not a text", 1),
    ] {
        let fault = parse(text).expect_err(text);
        assert_eq!((fault.message.as_str(), fault.place.line), (message, line), "{text}");
    }
}

#[test]
fn refuses_deep_nesting_and_large_files() {
    let deep = format!("{}{}", "[".repeat(80), "]".repeat(80));
    assert!(parse(&deep).expect_err("too deep").message.contains("levels deep"));
    let large = "#".repeat(rollcall_yaml::MAX_BYTES + 1);
    assert!(parse(&large).expect_err("too large").message.contains("larger than"));
}
