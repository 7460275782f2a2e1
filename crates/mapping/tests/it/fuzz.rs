//! What the fuzz targets run, so that the tests here run it too: any bytes, against serde_json and the plain implementations.

use std::sync::LazyLock;

use rollcall_mapping::condition::Condition;
use rollcall_mapping::page::{Items, PagePlan};
use rollcall_mapping::{Fault, Inputs, Options, Plan, Scope, Scratch, Start, compile};
use rollcall_model::{Model, Resource};
use serde_json::{Value, json};

use crate::json::{MAX_DEPTH, Node, read, read_within, repeats};
use crate::oracle::{self, World};

fn users() -> &'static Resource {
    Model::user_directory().resource("users").unwrap()
}

/// Mappings that together use every way in which a record is scanned and written.
static MAPPINGS: LazyLock<Vec<(Value, Plan)>> = LazyLock::new(|| {
    let mappings = [
        json!({"id": ".id", "name": ".a", "username": ".b.c", "created_at": ".a", "is_2fa_enabled": ".b", "languages": ".a"}),
        json!({
            "id": {"first": [".id", ".a.0", ".b.0.c", "x"]},
            "status": {"from": ".a", "map": {"x": "active", "true": "deleted", "1": "invited"}},
            "user_type": ".b",
            "identifiers": ".b",
            "title": {"join": [".a", ".b.c", {"lower": ".id"}], "with": ", "},
            "bio": {"template": "<{.a}>"},
            "last_login_at": {"date": ".a", "unit": "seconds"}
        }),
        json!({
            "id": ".",
            "emails": {"each": ".a", "item": {"email": ".b", "is_primary": {"test": {".c": ["x", 1]}}, "type": {"upper": "."}}},
            "roles": {"each": {"entries": ".b"}, "where": {".key": {"not": "x"}}, "item": {"id": ".key", "name": ".value", "group": ".value.c"}},
            "groups": {"concat": [{"each": ".a", "item": {"id": ".", "name": ".b"}}, [{"id": ".b"}, {"id": ".id"}]]},
            "phones": [{"number": ".a"}, {"number": ".b.c", "type": "work"}, {"number": ".id"}],
            "organizations": {"each": {"split": ".a", "on": ","}, "item": {"name": "."}},
            "username": {"find": ".a", "where": {".c": {"present": true}}, "take": ".b"}
        }),
    ];
    let options = Options { remote_data: true, ..Options::default() };
    let compiled = mappings.into_iter().map(|fields| {
        let plan = compile(users(), &fields, &Scope::default(), &options);
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:#?}"));
        (fields, plan)
    });
    compiled.collect()
});

/// Records that are mapped before.
const EARLIER: [&str; 3] = [
    r#"{"id":"u1","a":"x","b":{"c":"2024-02-03T04:05:06Z","d":[1,2,{"e":null}]},"next":"p2"}"#,
    r#"{"b":{"d":1,"c":"y"},"extra":{"x":1},"id":3,"a":[{"c":"x","b":"z"},{"b":1}],"a":[{"q":1,"c":2}]}"#,
    r#"{"a":{"b":[{"id":1}]},"id":2,"a ":0,"b":[]}"#,
];

/// The first byte chooses the mapping, the others are the record.
pub fn mapping(data: &[u8]) {
    let Some((choice, record)) = data.split_first() else {
        return;
    };
    let (fields, plan) = &MAPPINGS[usize::from(*choice) % MAPPINGS.len()];
    let mut scratch = Scratch::new();
    let mut out = b"before".to_vec();
    let mapped = plan.map(record, Start::default(), &Inputs::none(), &mut scratch, &mut out);
    // The same again, now that others of its kind and the record itself have been seen.
    let mut warm = Scratch::new();
    for seen in [EARLIER[0].as_bytes(), EARLIER[1].as_bytes(), EARLIER[0].as_bytes(), record, EARLIER[2].as_bytes()] {
        let _ = plan.map(seen, Start::default(), &Inputs::none(), &mut warm, &mut Vec::new());
    }
    let mut again = b"before".to_vec();
    assert_eq!(plan.map(record, Start::default(), &Inputs::none(), &mut warm, &mut again), mapped);
    assert_eq!((&again, warm.id()), (&out, scratch.id()));
    let whole = mapped.as_ref().ok().filter(|mapped| record[mapped.end..].iter().all(|byte| b" \t\r\n".contains(byte)));
    let (Some(node), Some(mapped)) = (read(record), whole) else {
        assert!(read(record).is_none() && whole.is_none(), "{mapped:?}: {:?}", String::from_utf8_lossy(record));
        assert!(mapped.is_ok() || out == b"before");
        return;
    };
    let written = read_within(&out[b"before".len()..], MAX_DEPTH + 1).unwrap();
    let Node::Object(mut members) = written else { panic!("not an object") };
    let (name, remote) = members.pop().unwrap();
    assert_eq!((name.as_str(), &remote), ("remote_data", &node));
    let raw = out.windows(14).position(|window| window == b"\"remote_data\":").unwrap();
    let raw = &out[raw + 14..out.len() - 1];
    let same = raw == &record[mapped.start..mapped.end];
    assert!(same || raw.len() < mapped.end - mapped.start, "shorter only");
    assert!(!raw.contains(&b'\n') && !raw.contains(&b'\r'));
    let world = World { record: &node, contexts: &[], tables: &[] };
    let (expected, _) = oracle::map(users(), fields, &world);
    assert_eq!(Node::Object(members), expected, "{fields:#} {:?}", String::from_utf8_lossy(record));
}

const PICKS: [&str; 4] = [".next", ".a.b", ".", ".a.0.id"];
const LAYOUTS: [Items<'static>; 8] = [
    Items::List("."),
    Items::List(".a"),
    Items::List(".a[].b"),
    Items::List(".a.0"),
    Items::ValuesOf(".a"),
    Items::ValuesOf("."),
    Items::One("."),
    Items::One(".a"),
];

/// The first byte chooses where the records are, the others are the page.
pub fn page(data: &[u8]) {
    let Some((choice, page)) = data.split_first() else {
        return;
    };
    let items = LAYOUTS[usize::from(*choice >> 1) % LAYOUTS.len()];
    let layout = PagePlan::compile(items, &PICKS).unwrap();
    let mut records = layout.read(page);
    let mut found = Vec::new();
    let error = loop {
        // Half of the time the record is passed over by the reader, half of the time by us.
        let next = if choice & 1 == 0 {
            records.next_slice().map(|slice| slice.map(<[u8]>::to_vec))
        } else {
            records.next().map(|start| start.map(|start| page[start.offset..].to_vec()))
        };
        match next {
            Ok(Some(slice)) => found.push(slice),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let Some(node) = read(page) else {
        assert!(error.is_some(), "{:?}", String::from_utf8_lossy(page));
        return;
    };
    if repeats(std::str::from_utf8(page).unwrap().trim()) {
        // A reader that does not look ahead cannot know which of them is the last. It must only not fail to end.
        return;
    }
    let mut expected = Expected::default();
    let shaped = walk(&node, items, &mut expected);
    match error {
        Some(error) => {
            assert!(
                matches!(error.fault, Fault::NotAnArray | Fault::NotAnObject),
                "{error}: {:?}",
                String::from_utf8_lossy(page)
            );
            assert!(!shaped, "{error}: {:?}", String::from_utf8_lossy(page));
        }
        None => {
            assert!(shaped, "{:?}", String::from_utf8_lossy(page));
            assert_eq!(records.missing(), expected.missing);
            if choice & 1 == 0 {
                let found: Vec<_> = found.iter().map(|slice| read(slice).unwrap()).collect();
                assert_eq!(found, expected.records);
            }
            for (index, path) in PICKS.iter().enumerate() {
                let segments: Vec<String> =
                    path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                let picked = records.picked(index).map(|raw| read(raw.json()).unwrap());
                assert_eq!(picked.as_ref(), node.at(&segments), "{path} {:?}", String::from_utf8_lossy(page));
            }
        }
    }
}

#[derive(Default)]
struct Expected {
    records: Vec<Node>,
    missing: u64,
}

/// Whether the page has the shape that the items ask for.
fn walk(node: &Node, items: Items<'_>, expected: &mut Expected) -> bool {
    let path = match items {
        Items::List(path) | Items::ValuesOf(path) | Items::One(path) => path,
        Items::Lines => return false,
    };
    step(node, path.trim_start_matches('.'), items, expected)
}

fn step(node: &Node, path: &str, items: Items<'_>, expected: &mut Expected) -> bool {
    if *node == Node::Null {
        expected.missing += 1;
        return true;
    }
    if path.is_empty() {
        match (items, node) {
            (Items::List(_), Node::List(records)) => expected.records.extend(records.iter().cloned()),
            (Items::ValuesOf(_), Node::Object(members)) => {
                expected.records.extend(members.iter().map(|(_, value)| value.clone()));
            }
            (Items::ValuesOf(_), Node::List(none)) if none.is_empty() => {}
            (Items::One(_), Node::Object(_)) => expected.records.push(node.clone()),
            _ => return false,
        }
        return true;
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    if let Some(rest) = path.strip_prefix("[]") {
        let Node::List(nodes) = node else { return false };
        return nodes.iter().all(|node| step(node, rest.trim_start_matches('.'), items, expected));
    }
    let found = match node {
        Node::Object(_) => node.member(name),
        Node::List(nodes) if name == "0" => nodes.first(),
        _ => return false,
    };
    match found {
        Some(found) => step(found, rest.trim_start_matches('.'), items, expected),
        None => {
            expected.missing += 1;
            true
        }
    }
}

static CONDITIONS: LazyLock<Vec<(Value, Condition)>> = LazyLock::new(|| {
    let conditions = [
        json!({".a": false}),
        json!({".a": {"not": ["x", 1]}, ".b.c": {"starts_with": "x"}}),
        json!({"any": [{".a": {"contains": "x"}}, {".b.0": {"present": true}}, {".": {"ends_with": "x"}}]}),
        json!({"none": [{".a": {"absent": true}}, {".b": true}]}),
    ];
    conditions.into_iter().map(|value| (value.clone(), Condition::compile(&value, &[]).unwrap())).collect()
});

/// The first byte chooses the condition, the others are the document.
pub fn condition(data: &[u8]) {
    let Some((choice, document)) = data.split_first() else {
        return;
    };
    let (value, condition) = &CONDITIONS[usize::from(*choice) % CONDITIONS.len()];
    let mut scratch = Scratch::new();
    let given = condition.test(document, &[], &mut scratch);
    match (given, read(document)) {
        (Ok(given), Some(node)) => {
            let (holds, known) = oracle::holds(value, &node);
            assert_eq!(given, known.then_some(holds), "{value} {:?}", String::from_utf8_lossy(document));
            assert_eq!(condition.holds(document, &[], &mut scratch), Ok(holds));
        }
        (given, node) => {
            assert!(given.is_err() && node.is_none(), "{given:?} {:?}", String::from_utf8_lossy(document));
        }
    }
}
