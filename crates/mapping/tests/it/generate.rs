//! Random records and mappings over a small vocabulary, so that paths often lead somewhere.

use proptest::prelude::*;
use proptest::sample::select;
use rollcall_model::{Model, Resource};
use serde_json::{Value, json};

/// A resource with every type that there is.
pub fn resource() -> Resource {
    const TEXT: &str = "
resource: things
methods: [list]
description: d
fields:
  id: {type: id, description: d}
  name: {type: string, description: d}
  at: {type: datetime, description: d}
  day: {type: date, description: d}
  flag: {type: boolean, description: d}
  count: {type: integer, description: d}
  size: {type: number, description: d}
  price: {type: decimal_string, description: d}
  status: {type: enum, open: true, description: d, values: {active: d, inactive: d}}
  kind: {type: enum, description: d, values: {admin: d, user: d}}
  more: {type: map, description: d}
  place: {type: object, description: d, fields: {id: {type: id, description: d}, name: {type: string, description: d}}}
  words: {type: list, description: d, item: string}
  emails:
    type: list
    description: d
    key: [email]
    item: {email: {type: email, description: d}, main: {type: boolean, description: d}, type: {type: string, description: d}}
  roles:
    type: list
    description: d
    key: [id, name]
    within: [group]
    item: {id: {type: id, description: d}, name: {type: string, description: d}, group: {type: id, description: d}}
";
    Model::parse("m", &[("things.yaml", TEXT)]).unwrap().resources.remove(0)
}

const NAMES: [&str; 5] = ["a", "b", "c", "d e", "0"];
const TEXTS: [&str; 18] = [
    "x",
    "y",
    "x",
    "active",
    "ACTIVE",
    "true",
    "1",
    "0",
    " ",
    "",
    " x ",
    "x,y, z ,,x",
    "2024-02-03T04:05:06Z",
    "2024-02-03 04:05:06+0100",
    "12.50",
    "\u{a0}é\u{3000}",
    "\u{1f600}\"\\\n",
    "XÉ",
];

/// A text as JSON, some of its characters written as escapes.
fn text() -> impl Strategy<Value = String> {
    (select(&TEXTS[..]), any::<u8>()).prop_map(|(text, noise)| {
        let mut json = String::from("\"");
        for (place, c) in text.chars().enumerate() {
            let escaped = noise >> (place % 8) & 1 == 1 && noise > 127;
            match c {
                _ if escaped => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        json.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                '\n' => json.push_str("\\n"),
                c => json.push(c),
            }
        }
        json + "\""
    })
}

fn scalar_json() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text(),
        1 => select(&["null", "true", "false"][..]).prop_map(str::to_owned),
        2 => select(&["0", "1", "-7", "12.50", "1700000000", "1700000000123", "1e400", "123456789012345678901234567890"][..])
            .prop_map(str::to_owned),
    ]
}

/// JSON with white space, escapes and repeated names.
pub fn record() -> BoxedStrategy<String> {
    let space = select(&["", "", "", " ", "\n\t"][..]);
    let value = scalar_json().prop_recursive(4, 40, 5, move |inner| {
        let member = (select(&["\"a\"", "\"b\"", "\"c\"", "\"d e\"", "\"0\"", "\"\\u0061\""][..]), inner.clone());
        prop_oneof![
            (prop::collection::vec(inner, 0..4), space.clone())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (prop::collection::vec(member, 0..6), space.clone()).prop_map(|(members, space)| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
                format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")))
            }),
        ]
    });
    value.boxed()
}

fn path() -> impl Strategy<Value = String> {
    let segments = prop::collection::vec(select(&NAMES[..]), 1..3);
    let root = select(&["", "", "", "", "", "$record", "$pass", "$extra"][..]);
    (root, segments, 0..20).prop_map(|(root, segments, odd)| match odd {
        0 => ".".to_owned(),
        1 => "$key".to_owned(),
        _ => {
            let segments = segments.iter().map(|name| match *name {
                "d e" => ".\"d e\"".to_owned(),
                name => format!(".{name}"),
            });
            root.to_owned() + &segments.collect::<String>()
        }
    })
}

fn path_value() -> BoxedStrategy<Value> {
    path().prop_map(Value::String).boxed()
}

/// What a value can be compared with.
fn wanted() -> BoxedStrategy<Value> {
    let constant = || select(&["x", "ACTIVE", "true", "1", "y"][..]).prop_map(|text| json!(text));
    let leaf = prop_oneof![
        3 => constant(),
        1 => Just(json!(1)),
        1 => Just(json!(true)),
        2 => prop::collection::vec(constant(), 1..3).prop_map(Value::Array),
        2 => (select(&["present", "absent"][..]), any::<bool>()).prop_map(|(name, truth)| json!({name: truth})),
        2 => (select(&["starts_with", "ends_with", "contains"][..]), constant()).prop_map(|(name, part)| json!({name: part})),
    ];
    prop_oneof![3 => leaf.clone(), 1 => leaf.prop_map(|inner| json!({"not": inner}))].boxed()
}

pub fn condition() -> BoxedStrategy<Value> {
    let part = prop::collection::vec((path(), wanted()), 1..3)
        .prop_map(|parts| Value::Object(parts.into_iter().collect()))
        .boxed();
    let parts = prop::collection::vec(part.clone(), 1..3);
    prop_oneof![
        4 => part,
        1 => (select(&["any", "all", "none"][..]), parts).prop_map(|(name, parts)| json!({name: parts})),
    ]
    .boxed()
}

fn walk() -> BoxedStrategy<Value> {
    prop_oneof![
        6 => path_value(),
        1 => text_of().prop_map(|from| json!({"split": from, "on": ","})),
        1 => text_of().prop_map(|key| json!({"lookup": "memberships", "key": key})),
    ]
    .boxed()
}

/// A source of text inside another expression.
fn text_of() -> BoxedStrategy<Value> {
    prop_oneof![
        6 => path_value(),
        1 => prop::collection::vec(path_value(), 1..3).prop_map(Value::Array),
        1 => path_value().prop_map(|inner| json!({"lower": inner})),
        1 => prop::collection::vec(path_value(), 1..3).prop_map(|parts| json!({"join": parts, "with": "-"})),
        1 => Just(json!("x")),
    ]
    .boxed()
}

/// An expression for a scalar whose constants are `constants`.
fn scalar(constants: &'static [&'static str], boolean: bool, depth: u32) -> BoxedStrategy<Value> {
    let constant = select(constants).prop_map(|json| serde_json::from_str::<Value>(json).unwrap());
    if depth == 0 {
        return prop_oneof![5 => path_value(), 1 => constant].boxed();
    }
    let inner = move || scalar(constants, boolean, depth - 1);
    let target = || prop_oneof![4 => select(constants).prop_map(|json| serde_json::from_str::<Value>(json).unwrap()), 1 => Just(Value::Null)];
    let mapped = (text_of(), target(), target(), prop::option::of(inner())).prop_map(|(from, one, two, otherwise)| {
        let mut map = json!({"from": from, "map": {"ACTIVE": one, "x": two, "true": one, "1": two}});
        if let Some(otherwise) = otherwise {
            map["else"] = otherwise;
        }
        map
    });
    let cases = (condition(), inner(), prop::option::of(inner())).prop_map(|(when, then, last)| {
        let mut cases = vec![json!({"when": when, "then": then})];
        cases.extend(last.map(|then| json!({"then": then})));
        json!({"cases": cases})
    });
    let take = prop_oneof![select(&[".a", ".b", ".", "$record.a", "$key"][..]).prop_map(|path| json!(path)), inner(),];
    let find =
        (walk(), condition(), take).prop_map(|(walk, when, take)| json!({"find": walk, "where": when, "take": take}));
    let entries = (path_value(), wanted()).prop_map(|(path, wanted)| {
        json!({"find": {"entries": path}, "where": {".value.a": wanted, ".key": {"present": true}}, "take": ".key"})
    });
    let made = prop_oneof![
        text_of().prop_map(|from| json!({"upper": from})),
        (path(), path()).prop_map(|(a, b)| json!({"template": format!("p {{{a}}}/{{{b}}} ")})),
        (text_of(), prop_oneof![Just(json!(0)), Just(json!(1)), Just(json!(-1)), Just(json!(-2)), Just(json!("rest"))])
            .prop_map(|(from, take)| json!({"split": from, "on": ",", "take": take})),
        (text_of(), select(&["id", "name"][..]))
            .prop_map(|(key, take)| json!({"lookup": "roles", "key": key, "take": take})),
    ];
    let tested = if boolean {
        prop_oneof![condition().prop_map(|when| json!({"test": when})), inner().prop_map(|inner| json!({"not": inner}))]
            .boxed()
    } else {
        made.clone().boxed()
    };
    prop_oneof![
        6 => path_value(),
        1 => constant,
        1 => prop::collection::vec(inner(), 1..3).prop_map(Value::Array),
        1 => prop::collection::vec(inner(), 1..3).prop_map(|choices| json!({"first": choices})),
        2 => mapped,
        1 => cases,
        1 => find,
        1 => entries,
        1 => made,
        2 => tested,
    ]
    .boxed()
}

fn date() -> BoxedStrategy<Value> {
    let unit = select(&["seconds", "milliseconds", "microseconds", "filetime"][..]);
    prop_oneof![
        4 => scalar(&["\"2024-02-03T04:05:06Z\"", "\"2024-02-03\""], false, 1),
        1 => (path_value(), unit).prop_map(|(from, unit)| json!({"date": from, "unit": unit})),
        1 => path_value().prop_map(|from| json!({"date": from, "pattern": "%Y-%m-%d %H:%M:%S%z"})),
        1 => path_value().prop_map(|from| json!({"date": from})),
    ]
    .boxed()
}

const WORDS: &[&str] = &["\"x\"", "\"y \"", "\"\\\"\"", "3"];

fn email() -> BoxedStrategy<Value> {
    let members = (
        scalar(WORDS, false, 1),
        prop::option::of(scalar(&["true", "false"], true, 1)),
        prop::option::of(scalar(WORDS, false, 0)),
    )
        .prop_map(|(email, main, kind)| {
            let mut item = json!({"email": email});
            if let Some(main) = main {
                item["main"] = main;
            }
            if let Some(kind) = kind {
                item["type"] = kind;
            }
            item
        });
    members.boxed()
}

fn role() -> BoxedStrategy<Value> {
    let members = (prop::option::of(path_value()), scalar(WORDS, false, 1), prop::option::of(path_value())).prop_map(
        |(id, name, group)| {
            let mut item = json!({"name": name});
            if let Some(id) = id {
                item["id"] = id;
            }
            if let Some(group) = group {
                item["group"] = group;
            }
            item
        },
    );
    prop_oneof![
        6 => members.clone(),
        1 => text_of().prop_map(|key| json!({"lookup": "roles", "key": key})),
        1 => (condition(), members.clone()).prop_map(|(when, then)| json!({"cases": [{"when": when, "then": then}]})),
        1 => prop::collection::vec(members, 1..3).prop_map(|choices| json!({"first": choices})),
    ]
    .boxed()
}

fn list(item: BoxedStrategy<Value>, depth: u32) -> BoxedStrategy<Value> {
    let fixed = prop::collection::vec(item.clone(), 1..4).prop_map(Value::Array);
    let each = (walk(), item.clone(), prop::option::of(condition())).prop_map(|(walk, item, when)| {
        let mut each = json!({"each": walk, "item": item});
        if let Some(when) = when {
            each["where"] = when;
        }
        each
    });
    if depth == 0 {
        return prop_oneof![fixed, each].boxed();
    }
    let inner = move || list(item.clone(), depth - 1);
    prop_oneof![
        2 => fixed,
        4 => each,
        1 => prop::collection::vec(inner(), 1..3).prop_map(|lists| json!({"concat": lists})),
        1 => prop::collection::vec(inner(), 1..3).prop_map(|lists| json!({"first": lists})),
        1 => (condition(), inner()).prop_map(|(when, then)| json!({"cases": [{"when": when, "then": then}, {"then": null}]})),
    ]
    .boxed()
}

/// The fields of a mapping of [`resource`].
pub fn mapping() -> BoxedStrategy<Value> {
    let words = prop_oneof![
        path_value(),
        list(scalar(WORDS, false, 1), 1),
        text_of().prop_map(|from| json!({"split": from, "on": ","})),
    ];
    let entries = (path_value(), email()).prop_map(|(path, mut item)| {
        // The paths of the item start at a member.
        item["email"] = json!(".value.a");
        item["type"] = json!(".key");
        item["main"] = json!({"first": [".value", ".value.b"]});
        json!({"each": {"entries": path}, "item": item})
    });
    let emails = prop_oneof![5 => list(email(), 1), 1 => entries];
    let roles =
        prop_oneof![5 => list(role(), 1), 1 => text_of().prop_map(|key| json!({"lookup": "memberships", "key": key}))];
    let place = (path_value(), prop::option::of(path_value())).prop_map(|(id, name)| match name {
        Some(name) => json!({"id": id, "name": name}),
        None => json!({"id": id}),
    });
    let more = prop_oneof![
        path_value(),
        (scalar(WORDS, false, 1), path_value()).prop_map(|(one, two)| json!({"one": one, "two \"2\"": two})),
    ];
    let fields: Vec<(&str, BoxedStrategy<Value>)> = vec![
        ("id", scalar(WORDS, false, 1)),
        ("name", scalar(WORDS, false, 2)),
        ("at", date()),
        ("day", date()),
        ("flag", scalar(&["true", "false"], true, 2)),
        ("count", scalar(&["3", "\"4\""], false, 1)),
        ("size", scalar(&["3.5", "4"], false, 1)),
        ("price", scalar(&["\"3.50\"", "4"], false, 1)),
        ("status", scalar(&["\"active\"", "\"inactive\""], false, 1)),
        ("kind", scalar(&["\"admin\"", "\"user\""], false, 1)),
        ("more", more.boxed()),
        ("place", place.boxed()),
        ("words", words.boxed()),
        ("emails", emails.boxed()),
        ("roles", roles.boxed()),
    ];
    let strategies: Vec<_> =
        fields.into_iter().map(|(name, value)| prop::option::of(value).prop_map(move |value| (name, value))).collect();
    strategies
        .prop_map(|fields| {
            Value::Object(
                fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect(),
            )
        })
        .boxed()
}
