//! Random mappings over random records: the plan and the oracle give the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rollcall_mapping::{Found, Inputs, Options, Scope, Scratch, Start, Table, Tables, compile};
use serde_json::Value;

use crate::generate;
use crate::json::{Node, read};
use crate::oracle::{self, Context, World};

const CONTEXTS: [&str; 3] = ["key", "pass", "extra"];
const TABLES: [Table<'static>; 2] = [
    Table { name: "roles", kept: &["id", "name"], many: false },
    Table { name: "memberships", kept: &["id", "name", "odd"], many: true },
];

/// Tables as an engine would hold them; the second may be unknown.
struct Store {
    known: bool,
}

const ROLES: [(&str, &str); 3] =
    [("x", r#"{"id":1,"name":" One "}"#), ("1", r#"{"name":"T\u0077o"}"#), ("true", r#"{"id":null,"name":""}"#)];
const MEMBERSHIPS: [(&str, &str); 2] = [("x", r#"[{"id":"g1","name":"G 1"},{"odd":1},{"id":"g1"}]"#), ("y", "[]")];

impl Tables for Store {
    fn find(&self, table: usize, key: &str) -> Found<'_> {
        let rows: &[(&str, &'static str)] = match table {
            0 => &ROLES,
            _ if !self.known => return Found::Unknown,
            _ => &MEMBERSHIPS,
        };
        rows.iter().find(|(known, _)| *known == key).map_or(Found::Nothing, |(_, json)| Found::Value(json.as_bytes()))
    }
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, Node)> {
    rows.iter().map(|(key, json)| ((*key).to_owned(), read(json.as_bytes()).unwrap())).collect()
}

fn compare(fields: &Value, earlier: &[String], record: &str, pass: Option<&str>, known: bool) {
    let resource = generate::resource();
    let scope = Scope { contexts: &CONTEXTS, tables: &TABLES };
    let plan = match compile(&resource, fields, &scope, &Options { remote_data: false, ..Options::default() }) {
        Ok(plan) => plan,
        Err(problems) => {
            panic!("{fields:#}\n{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    };
    let store = Store { known };
    let contexts = [Some(&b"\" k \""[..]), pass.map(str::as_bytes), None];
    let inputs = Inputs { contexts: &contexts, tables: &store };
    let mut scratch = Scratch::new();
    // What was mapped before must not show.
    for record in earlier {
        plan.map(record.as_bytes(), Start::default(), &inputs, &mut scratch, &mut Vec::new()).unwrap();
    }
    scratch.take_report();
    let page = format!(" {record} ,");
    let mut out = b"before".to_vec();
    let mapped = plan.map(page.as_bytes(), Start::default(), &inputs, &mut scratch, &mut out).unwrap();
    assert_eq!(mapped.end, 1 + record.len());

    let node = read(record.as_bytes()).unwrap();
    let pass_context = match pass {
        None => Context::Absent,
        Some("") => Context::Unread,
        Some(json) => Context::There(read(json.as_bytes()).unwrap()),
    };
    let contexts =
        [("key", Context::There(read(b"\" k \"").unwrap())), ("pass", pass_context), ("extra", Context::Absent)];
    let tables = [
        oracle::Table { name: "roles", many: false, kept: &["id", "name"], rows: Some(rows(&ROLES)) },
        oracle::Table {
            name: "memberships",
            many: true,
            kept: &["id", "name", "odd"],
            rows: known.then(|| rows(&MEMBERSHIPS)),
        },
    ];
    let world = World { record: &node, contexts: &contexts, tables: &tables };
    let (expected, counts) = oracle::map(&resource, fields, &world);
    let written = std::str::from_utf8(&out[b"before".len()..]).unwrap();
    let given = read(written.as_bytes());
    assert_eq!(given, Some(expected.clone()), "{fields:#}\n{record}\n{written}");
    assert_eq!(scratch.id(), id(&expected).as_deref());
    let report = scratch.take_report();
    // What an item without its key would have counted, the plan need not look at.
    for (field, count) in report.unreadable() {
        assert!(
            counts.unreadable.get(field).is_some_and(|known| *known >= count),
            "{field}: {counts:?}\n{fields:#}\n{record}"
        );
    }
    for unmapped in report.unmapped() {
        let known = counts.unmapped.get(&(unmapped.field.to_owned(), unmapped.value.to_owned()));
        assert!(known.is_some_and(|known| *known >= unmapped.count), "{unmapped:?}: {counts:?}\n{fields:#}\n{record}");
    }
    let dropped: BTreeMap<String, u64> = report.dropped().map(|(field, count)| (field.to_owned(), count)).collect();
    assert_eq!(dropped, counts.dropped, "{fields:#}\n{record}");
}

fn id(node: &Node) -> Option<String> {
    match node.member("id") {
        Some(Node::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn plans_and_the_oracle_agree(
        fields in generate::mapping(),
        earlier in prop::collection::vec(generate::record(), 0..4),
        record in generate::record(),
        again in 0..3_usize,
        // An empty text is what could not be read.
        pass in prop::option::of(prop_oneof![2 => generate::record(), 1 => Just(String::new())]),
        known in any::<bool>(),
    ) {
        let earlier: Vec<String> = std::iter::repeat_n(record.clone(), again).chain(earlier).collect();
        compare(&fields, &earlier, &record, pass.as_deref(), known);
    }
}
