//! What is hidden in `remote_data`, held against a plain implementation over trees.

use proptest::prelude::*;
use rollcall_mapping::{Inputs, Options, Redaction, Scope, Scratch, Start, compile};
use rollcall_model::Model;
use serde_json::{Value, json};

use crate::generate;

/// The record as it is passed on.
fn remote(paths: &[&str], record: &str) -> String {
    let users = Model::user_directory().resource("users").unwrap();
    let mut plan = compile(users, &json!({"id": {"literal": "1"}}), &Scope::default(), &Options::default()).unwrap();
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    plan.redact(Redaction::compile(&paths).unwrap());
    let mut out = Vec::new();
    plan.map(record.as_bytes(), Start::default(), &Inputs::none(), &mut Scratch::new(), &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    out.strip_prefix(r#"{"id":"1","remote_data":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

#[test]
fn values_are_hidden_wherever_they_stand() {
    let record = "{ \"password\" : \"$6$abc\", \"pass\\u0077ord\": {\"a\": 1},\n \"keys\": [ {\"hash\": 7, \"id\": \"k\"}, {\"hash\": null}, 3 ], \"other\": \"a b\" }";
    assert_eq!(
        remote(&[".password", ".keys[].hash"], record),
        r#"{"password":"[redacted]","pass\u0077ord":"[redacted]","keys":[{"hash":"[redacted]","id":"k"},{"hash":null},3],"other":"a b"}"#
    );
    assert_eq!(
        remote(&[".a.0", ".a[].x", ".a.1.y"], r#"{"a":[1,{"x":2,"y":3,"z":4},{"y":5}]}"#),
        r#"{"a":["[redacted]",{"x":"[redacted]","y":"[redacted]","z":4},{"y":5}]}"#
    );
    assert_eq!(remote(&[".a[]"], r#"{"a":[1,null,{}],"b":[]}"#), r#"{"a":["[redacted]",null,"[redacted]"],"b":[]}"#);
    // Nothing to hide: nothing is changed.
    assert_eq!(
        remote(&[".a.b", ".c[].d"], r#"{"a":"b","c":{"d":1},"e":[],"f":{}}"#),
        r#"{"a":"b","c":{"d":1},"e":[],"f":{}}"#
    );
}

#[test]
fn what_is_no_path_is_said() {
    let problems =
        Redaction::compile(&["password".to_owned(), ".".to_owned(), ".a[0]".to_owned(), ".b".to_owned()]).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(), ["/0", "/1", "/2"]);
}

fn hide(value: &mut Value, path: &[&str]) {
    let Some((step, rest)) = path.split_first() else {
        if !value.is_null() {
            *value = json!("[redacted]");
        }
        return;
    };
    match (value, *step) {
        (Value::Array(items), "[]") => items.iter_mut().for_each(|item| hide(item, rest)),
        (Value::Object(members), name) => {
            if let Some(member) = members.get_mut(name) {
                hide(member, rest);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn records_are_hidden_as_trees_are(record in generate::record(), chosen in prop::collection::vec(0..6_usize, 1..4)) {
        const PATHS: [(&str, &[&str]); 6] = [
            (".a", &["a"]), (".b.c", &["b", "c"]), (".a[].b", &["a", "[]", "b"]),
            (".b[]", &["b", "[]"]), (".id", &["id"]), (".a.a", &["a", "a"]),
        ];
        let paths: Vec<&str> = chosen.iter().map(|place| PATHS[*place].0).collect();
        let given = remote(&paths, &record);
        // Numbers keep their digits, which trees do not hold: both sides are read as trees.
        if let (Ok(mut expected), Ok(given)) = (serde_json::from_str::<Value>(&record), serde_json::from_str::<Value>(&given)) {
            chosen.iter().for_each(|place| hide(&mut expected, PATHS[*place].1));
            prop_assert_eq!(given, expected);
        } else {
            prop_assert!(serde_json::from_str::<Value>(&record).is_err(), "{}", given);
        }
    }
}
