//! Invented people, and a provider that has them.

use std::future::{Ready, ready};

use axum::response::Response;
use serde_json::{Value, json};

use super::provider::{Seen, json_answer};

/// The largest page that the made-up provider gives.
pub const PAGE: usize = 7;

/// Somebody, told apart from others by a number.
pub fn person(number: usize) -> Value {
    let state = match number % 4 {
        0 => "OFF",
        1 => "INVITED",
        _ => "ON",
    };
    json!({
        "id": number,
        "login": format!("user{number}"),
        "full_name": format!("Person {:04}", 9999 - number),
        "given": format!("Given{number}"),
        "mails": [{"value": format!("user{number}@example.com"), "main": true, "kind": "work"}],
        "state": state,
        "made": 1_700_000_000 + number * 86_400,
        "teams": [{"id": number % 3, "name": format!("Team {}", number % 3)}],
    })
}

/// Somebody of whom everything is known.
pub fn rich_person() -> Value {
    json!({
        "id": 9_007_199_254_740_993_u64,
        "ext": "hr-17",
        "employee": 42,
        "login": " ada ",
        "full_name": "Ada Łoś",
        "given": "Ada",
        "family": "Łoś",
        "title": "Engineer",
        "about": "",
        "picture": "https://img.example.com/ada.png",
        "mails": [{"value": "Ada@Example.com", "main": "true", "kind": "work"}, {"value": "ada@home.example", "main": 0}],
        "telephones": [{"value": "+48 1", "ext": 7, "kind": "mobile"}],
        "pages": [{"value": "https://ada.example", "kind": "home"}],
        "state": "ON",
        "kind": "admin",
        "mfa": 1,
        "verified": "false",
        "duties": [{"id": 5, "name": "Owner", "team": 1, "space": 2, "org": 3}],
        "teams": [{"id": 1, "name": "Core", "org": 3}],
        "orgs": [{"id": 3, "name": "Acme"}],
        "spaces": [{"id": 2, "name": "Main"}],
        "seats": [{"id": 8, "name": "Pro", "org": 3, "used": "2026-05-01T10:00:00+02:00"}],
        "locales": ["pl", "en"],
        "zone": "Europe/Warsaw",
        "made": 1_700_000_000,
        "changed": "2026-05-01T10:00:00+02:00",
        "begun": "2026-05-01",
        "turned": 1_777_622_400_000_u64,
        "seen": "Fri, 01 May 2026 08:00:00 GMT",
        "acted": null,
    })
}

/// A provider with people, a page of at most `PAGE` at a time: `/v1/users`, and one of them at `/v1/users/{id}`.
pub fn directory(people: Vec<Value>) -> impl Fn(Seen) -> Ready<Response> + Clone {
    move |request| ready(page(&people, &request))
}

/// The answer of such a provider to one request.
pub fn page(people: &[Value], request: &Seen) -> Response {
    if let Some(id) = request.path.strip_prefix("/v1/users/") {
        let found = people.iter().find(|person| person["id"].to_string() == id);
        return found.map_or_else(
            || json_answer(404, &json!({"message": "nobody here"})),
            |person| json_answer(200, &json!({"user": person})),
        );
    }
    if request.path != "/v1/users" {
        return json_answer(404, &json!({"message": "nothing here"}));
    }
    let from: usize = request.value("cursor").map_or(0, |cursor| cursor.trim_start_matches('c').parse().unwrap());
    let size = request.value("limit").map_or(PAGE, |limit| limit.parse::<usize>().unwrap().min(PAGE));
    let items: Vec<&Value> = people.iter().skip(from).take(size).collect();
    let next = (from + size < people.len()).then(|| format!("c{}", from + size));
    json_answer(200, &json!({"ok": true, "users": items, "next": next}))
}

/// The ids of records.
pub fn ids(records: &[Value]) -> Vec<String> {
    records.iter().map(|record| record["id"].as_str().unwrap_or_else(|| panic!("no id: {record}")).to_owned()).collect()
}
