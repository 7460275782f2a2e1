//! The language by example: `language/good` says what each kind of expression gives, `language/bad` what is said of mistakes.
//!
//! A good case holds `fields`, and `cases` of a `record` and what it is mapped to. A bad case holds `fields`; the complaints are in the
//! text beside it, which `UPDATE_EXPECTED=1` writes anew.

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_mapping::{Found, Inputs, Options, Problem, Scope, Scratch, Start, Table, Tables, UNREAD, compile};
use rollcall_model::{Model, Resource};
use serde_json::{Value, json};

const TABLES: [Table<'static>; 3] = [
    Table { name: "roles", kept: &["id", "name"], many: false },
    Table { name: "names", kept: &["name"], many: false },
    Table { name: "memberships", kept: &["id", "name"], many: true },
];

struct Rows;

impl Tables for Rows {
    fn find(&self, table: usize, key: &str) -> Found<'_> {
        match (table, key) {
            (0, "r1") => Found::Value(br#"{"id": "r1", "name": "Owner"}"#),
            (1, "r1") => Found::Value(br#"{"name": "Owner"}"#),
            (2, "u1") => Found::Value(br#"[{"id": "g1", "name": "Red"}, {"id": "g2"}]"#),
            (_, "unknown") => Found::Unknown,
            _ => Found::Nothing,
        }
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    assert!(files.len() > 10, "the cases are not there");
    files
}

fn load(file: &Path) -> (Value, &'static Resource) {
    let text = fs::read_to_string(file).unwrap();
    let case = rollcall_yaml::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).to_json();
    let resource = case.get("resource").and_then(Value::as_str).unwrap_or("users");
    let resource = Model::user_directory().resource(resource).unwrap();
    (case, resource)
}

#[test]
fn good() {
    for file in files("good") {
        let (case, resource) = load(&file);
        let mut fields = case["fields"].clone();
        if resource.field("id").is_some_and(|id| id.required) {
            fields["id"] = json!("1");
        }
        let scope = Scope { contexts: &["key", "pass", "lost"], tables: &TABLES };
        let options = Options { remote_data: false, ..Options::default() };
        let plan = compile(resource, &fields, &scope, &options)
            .unwrap_or_else(|problems| panic!("{}: {problems:#?}", file.display()));
        let cases = case["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for one in cases {
            let record = one["record"].to_string();
            let contexts = [Some(&b"\"k1\""[..]), Some(&br#"{"state": "current"}"#[..]), UNREAD];
            let inputs = Inputs { contexts: &contexts, tables: &Rows };
            let (mut scratch, mut out) = (Scratch::new(), Vec::new());
            plan.map(record.as_bytes(), Start::default(), &inputs, &mut scratch, &mut out).unwrap();
            let mut given: Value = serde_json::from_slice(&out).unwrap();
            given.as_object_mut().unwrap().shift_remove("id");
            assert_eq!(given, one["expect"], "{}: {record}", file.display());
            let counted = !scratch.report().is_empty();
            assert_eq!(counted, one.get("counted").is_some(), "{}: {record} {:?}", file.display(), scratch.report());
        }
    }
}

#[test]
fn bad() {
    for file in files("bad") {
        let (case, resource) = load(&file);
        let exclude: Vec<String> =
            case.get("exclude").map(|names| serde_json::from_value(names.clone()).unwrap()).unwrap_or_default();
        let scope = Scope { contexts: &["key", "pass", "lost"], tables: &TABLES };
        let options = Options { exclude: &exclude, ..Options::default() };
        let problems: Vec<Problem> = match compile(resource, &case["fields"], &scope, &options) {
            Ok(_) => panic!("{} compiles", file.display()),
            Err(problems) => problems,
        };
        for problem in &problems {
            assert!(case["fields"].pointer(&problem.pointer).is_some(), "{}: {problem} points nowhere", file.display());
            assert!(!problem.message.ends_with('.') && !problem.message.starts_with(char::is_uppercase), "{problem}");
        }
        let given = problems.iter().map(|problem| format!("{problem}\n")).collect::<String>();
        let expected = file.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &given).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(given, expected, "{}", file.display());
    }
}
