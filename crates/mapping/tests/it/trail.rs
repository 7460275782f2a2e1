//! Records whose members come in other orders, are absent, or have names of their own: guessing what comes next must not show.

use rollcall_mapping::{Inputs, Options, Scope, Scratch, Start, compile};
use rollcall_model::Model;
use serde_json::{Value, json};

#[test]
fn the_order_of_members_does_not_matter() {
    let fields = json!({
        "id": ".id", "username": ".login", "name": ".profile.name", "title": ".profile.title",
        "first_name": ".profile.a_name_of_more_than_sixteen", "bio": ".profile.a_name_of_more_than_thirty_two_bytes"
    });
    let users = Model::user_directory().resource("users").unwrap();
    let plan =
        compile(users, &fields, &Scope::default(), &Options { remote_data: false, ..Options::default() }).unwrap();
    let mut scratch = Scratch::new();
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (seed >> 33) as usize % below
    };
    for number in 0..5000 {
        // In turns: all alike, with some absent, in any order, with names that never came before.
        let mode = number / 250 % 4;
        let mut shuffled = |mut members: Vec<(String, Value)>| {
            if mode == 1 {
                members.retain(|(name, _)| name == "id" || random(3) > 0);
            }
            for at in (1..members.len()).rev().filter(|_| mode == 2) {
                members.swap(at, random(at + 1));
            }
            if mode == 3 {
                members.insert(random(members.len()), (format!("x{number}_{}", random(1000)), json!([1, {"id": 2}])));
            }
            members
        };
        let profile = shuffled(vec![
            ("name".to_owned(), json!(format!("name {number}"))),
            ("nam".to_owned(), json!("not this")),
            ("title".to_owned(), json!(format!("title {number}"))),
            ("a_name_of_more_than_sixteen".to_owned(), json!(format!("first {number}"))),
            ("a_name_of_more_than_sixteex".to_owned(), json!("not this")),
            ("a_name_of_more_than_thirty_two_bytes".to_owned(), json!(format!("bio {number}"))),
        ]);
        let written = |members: &[(String, Value)], more: &str| {
            let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}{more}}}", members.join(","))
        };
        let inner: Value = serde_json::from_str(&written(&profile, "")).unwrap();
        let record = shuffled(vec![
            ("id".to_owned(), json!(number)),
            ("other".to_owned(), json!({"id": "not this", "profile": {"name": "nor this"}})),
            ("login".to_owned(), json!(format!("u{number}"))),
            ("profile".to_owned(), json!(0)),
            ("logins".to_owned(), json!("not this")),
        ]);
        let text = written(&record, "").replace("\"profile\":0", &format!("\"profile\":{}", written(&profile, "")));
        let has = |name: &str| record.iter().any(|(known, _)| known == name);
        let mut expected = json!({"id": number.to_string()});
        if has("login") {
            expected["username"] = json!(format!("u{number}"));
        }
        for (field, name) in [
            ("name", "name"),
            ("first_name", "a_name_of_more_than_sixteen"),
            ("title", "title"),
            ("bio", "a_name_of_more_than_thirty_two_bytes"),
        ] {
            if has("profile")
                && let Some(value) = inner.get(name)
            {
                expected[field] = value.clone();
            }
        }
        let mut out = Vec::new();
        plan.map(text.as_bytes(), Start::default(), &Inputs::none(), &mut scratch, &mut out).unwrap();
        let given: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(given, expected, "{text}");
    }
}

#[test]
fn one_scratch_may_serve_two_plans() {
    let users = Model::user_directory().resource("users").unwrap();
    let options = Options { remote_data: false, ..Options::default() };
    let plan = |fields: Value| compile(users, &fields, &Scope::default(), &options).unwrap();
    let plans = [plan(json!({"id": ".a", "name": ".b"})), plan(json!({"id": ".b", "title": ".a"}))];
    let record = br#"{"a":"one","b":"two","c":3}                "#;
    let mut scratch = Scratch::new();
    for (place, number) in [0, 0, 0, 1, 1, 1, 0, 1, 0, 0].into_iter().enumerate() {
        let mut out = Vec::new();
        plans[number].map(record, Start::default(), &Inputs::none(), &mut scratch, &mut out).unwrap();
        let expected = [r#"{"id":"one","name":"two"}"#, r#"{"id":"two","title":"one"}"#][number];
        assert_eq!(std::str::from_utf8(&out).unwrap(), expected, "call {place}");
    }
}
