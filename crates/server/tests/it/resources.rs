//! Resources beside people: the same calls, filters and formats, by the model alone.

use serde_json::{Value, json};

use crate::world::{Provider, World, answer, connect, json_answer};

/// A product that keeps books, with an account of it.
async fn almanac() -> (Provider, World, String) {
    let provider = Provider::start(|seen: crate::world::Seen| {
        let entries = match (seen.path.as_str(), seen.value("cursor")) {
            ("/me", _) => return std::future::ready(json_answer(200, &json!({"id": 7, "login": "ada"}))),
            ("/log", None) => return std::future::ready(json_answer(200, &json!({"entries": [signed_in(1)], "next": "c2"}))),
            ("/log", _) => json!([
                {"id": 2, "what": "painted", "words": "The shed was painted", "by": {"kind": "machine"}, "at": 1_780_000_000},
            ]),
            ("/grants", _) => json!([{"id": 1, "who": 7, "role": 2, "team": 3, "at": "2026-05-01T10:00:00+02:00"}]),
            ("/houses", _) => json!([{"id": 3, "name": "Acme", "at": "2026-05-01T08:00:00Z"}]),
            // Amounts stay what they are, digit for digit.
            ("/usage", _) => {
                let body = r#"{"entries": [{"id": 1, "kind": "licenses", "used": 12.50, "of": "100", "unit": "seats", "from": "2026-05-01"}]}"#;
                return std::future::ready(answer(200, &[("content-type", "application/json")], body));
            }
            ("/invoices", _) => {
                let body = r#"{"entries": [{"id": 9, "every": "month", "money": "EUR", "price": 0.10, "sum": 1234567890123.45, "from": "2026-05-01", "to": "2026-05-31"}]}"#;
                return std::future::ready(answer(200, &[("content-type", "application/json")], body));
            }
            _ => return std::future::ready(json_answer(404, &json!({}))),
        };
        std::future::ready(json_answer(200, &json!({"entries": entries})))
    })
    .await;
    let world = World::new().await;
    let new = json!({"integration": "almanac", "credential": {"token": "sandbox"}, "base_url": provider.url, "validate": true});
    let account = connect(&world.client, &new).await;
    (provider, world, account)
}

fn signed_in(id: u64) -> Value {
    json!({
        "id": id, "what": "signed_in", "by": {"kind": "person", "id": 7}, "thing": {"id": 7, "kind": "person"},
        "ip": "192.0.2.1", "agent": "Browser/1", "at": 1_780_000_000,
    })
}

fn path(resource: &str, account: &str, query: &str) -> String {
    format!("/unified/user-directory/{resource}?integrated_account_id={account}&truto_ignore_remote_data=true&{query}")
}

#[tokio::test]
async fn every_resource_is_listed_as_its_schema_has_it() {
    let (_provider, world, account) = almanac().await;
    for (resource, expected) in [
        ("me", json!([{"id": "7", "username": "ada"}])),
        (
            "activities",
            json!([
                {
                    "id": "1", "actor": {"type": "user", "user": {"id": "7"}}, "action": "login", "entity": "7",
                    "entity_type": "person", "context": {"ip_address": "192.0.2.1", "user_agent": "Browser/1"},
                    "created_at": "2026-05-28T20:26:40Z",
                },
                {
                    "id": "2", "actor": {"type": "system"}, "action": "painted", "description": "The shed was painted",
                    "created_at": "2026-05-28T20:26:40Z",
                },
            ]),
        ),
        (
            "role_assignments",
            json!([{"id": "1", "user_id": "7", "role_id": "2", "group_id": "3", "created_at": "2026-05-01T08:00:00Z"}]),
        ),
        ("organizations", json!([{"id": "3", "name": "Acme", "created_at": "2026-05-01T08:00:00Z"}])),
        (
            "utilization",
            json!([{
                "id": "1", "utilization_type": "licenses", "used_quantity": "12.50", "available_quantity": "100", "unit": "seats",
                "start_date": "2026-05-01",
            }]),
        ),
        (
            "billing",
            json!([{
                "id": "9", "billing_frequency": "month", "currency": "EUR", "unit_amount": "0.10", "total_amount": "1234567890123.45",
                "start_date": "2026-05-01", "end_date": "2026-05-31",
            }]),
        ),
    ] {
        let page = world.client.get(&path(resource, &account, "")).await.ok();
        assert_eq!(page["result"], expected, "{resource}");
        assert_eq!(
            (&page["next_cursor"], &page["result_count"]),
            (&Value::Null, &json!(expected.as_array().unwrap().len()))
        );
    }
}

/// Filters, sorts, pages and formats are not those of people alone.
#[tokio::test]
async fn every_resource_is_filtered_sorted_and_formatted() {
    let (_provider, world, account) = almanac().await;
    let ids = async |query: &str| -> Vec<Value> {
        let page = world.client.get(&path("activities", &account, query)).await.ok();
        page["result"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect()
    };
    assert_eq!(ids("action=login").await, ["1"]);
    // An open word of the product's own can be asked for too.
    assert_eq!(ids("action=painted").await, ["2"]);
    assert_eq!(ids("user_id=7").await, ["1"]);
    assert_eq!(ids("created_at[gte]=2026-06-01").await, Vec::<Value>::new());
    assert_eq!(ids("sort_by=-action").await.len(), 2);
    let stream = world.client.get(&path("activities", &account, "truto_response_format=stream")).await;
    assert_eq!(stream.text().lines().count(), 3);
    let keyed = world.client.get(&path("billing", &account, "truto_key_by=currency")).await.ok();
    assert_eq!(keyed["result"]["EUR"]["id"], "9");
    let normalized = world.client.get(&path("activities", &account, "truto_response_format=normalized")).await.ok();
    assert_eq!(normalized["result"]["activities"].as_array().unwrap().len(), 2);
    // A filter of another resource is none of this one.
    world.client.get(&path("billing", &account, "email=x@example.com")).await.says(400, &["`email`"]);
}

#[tokio::test]
async fn what_is_listed_alone_cannot_be_asked_for_one_by_one() {
    let (provider, world, account) = almanac().await;
    provider.forget();
    for resource in ["me", "utilization", "billing"] {
        let path = format!("/unified/user-directory/{resource}/1?integrated_account_id={account}");
        let answer = world.client.get(&path).await;
        let error = answer.says(405, &["almanac", resource, "list"]);
        assert_eq!(error["details"]["methods"], json!(["list"]));
        assert_eq!(answer.header("allow"), Some("GET"));
    }
    assert_eq!(provider.seen().len(), 0);
}
