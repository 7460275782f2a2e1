//! The schema of `user-directory` on the wire: each type as the contract has it.

use serde_json::{Value, json};

use crate::world::{Provider, USERS, World, directory, rich_person};

async fn one(person: Value) -> Value {
    let provider = Provider::start(directory(vec![person])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "truto_ignore_remote_data=true").await.ok();
    let record = page["result"][0].clone();
    let id = record["id"].as_str().unwrap();
    let path = format!("{USERS}/{id}?integrated_account_id={account}&truto_ignore_remote_data=true");
    assert_eq!(world.client.get(&path).await.ok(), record, "a get says the same");
    record
}

#[tokio::test]
async fn every_field_of_a_user_is_of_its_type() {
    let record = one(rich_person()).await;
    let expected = json!({
        "id": "9007199254740993",
        "external_id": "hr-17",
        "identifiers": {"employee_number": "42"},
        "username": "ada",
        "name": "Ada Łoś",
        "first_name": "Ada",
        "last_name": "Łoś",
        "title": "Engineer",
        "avatar": "https://img.example.com/ada.png",
        "emails": [
            {"email": "Ada@Example.com", "is_primary": true, "type": "work"},
            {"email": "ada@home.example", "is_primary": false},
        ],
        "phones": [{"number": "+48 1", "extension": "7", "type": "mobile"}],
        "urls": [{"url": "https://ada.example", "type": "home"}],
        "status": "active",
        "user_type": "admin",
        "is_2fa_enabled": true,
        "is_email_verified": false,
        "roles": [{"id": "5", "name": "Owner", "group": "1", "workspace": "2", "organization": "3"}],
        "groups": [{"id": "1", "name": "Core", "type": "group", "organization": "3"}],
        "organizations": [{"id": "3", "name": "Acme"}],
        "workspaces": [{"id": "2", "name": "Main"}],
        "licenses": [{"id": "8", "name": "Pro", "organization": "3", "last_active_at": "2026-05-01T08:00:00Z"}],
        "languages": ["pl", "en"],
        "timezone": "Europe/Warsaw",
        "created_at": "2023-11-14T22:13:20Z",
        "updated_at": "2026-05-01T08:00:00Z",
        "activated_at": "2026-05-01T00:00:00Z",
        "status_changed_at": "2026-05-01T08:00:00Z",
        "last_login_at": "2026-05-01T08:00:00Z",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&record[field], value, "{field}");
    }
    assert_eq!(record, expected);
}

#[tokio::test]
async fn a_status_without_a_counterpart_is_the_providers_word() {
    for (state, status) in [("ON", "active"), ("OFF", "inactive"), ("INVITED", "invited"), ("ON HOLD", "ON HOLD")] {
        assert_eq!(one(json!({"id": 1, "state": state})).await["status"], status);
    }
    // A type of user is one of five, or unknown.
    assert!(one(json!({"id": 1, "kind": "overlord"})).await.get("user_type").is_none());
    assert_eq!(one(json!({"id": 1, "kind": "machine"})).await["user_type"], "machine");
}

#[tokio::test]
async fn ids_are_strings_and_dates_utc_or_absent() {
    for (id, shown) in [
        (json!(0), "0"),
        (json!(18_446_744_073_709_551_615_u64), "18446744073709551615"),
        (json!("007"), "007"),
        (json!("a b"), "a b"),
    ] {
        let body = one_id(id).await;
        assert_eq!(body, shown);
    }
    for (made, shown) in [
        (json!("2026-05-01T10:00:00.123456+02:00"), Some("2026-05-01T08:00:00.123456Z")),
        (json!("2026-05-01"), Some("2026-05-01T00:00:00Z")),
        (json!("2026-05-01 10:00:00"), Some("2026-05-01T10:00:00Z")),
        (json!(1_777_622_400_000_u64), Some("2026-05-01T08:00:00Z")),
        (json!("1777622400"), Some("2026-05-01T08:00:00Z")),
        (json!("Fri, 01 May 2026 08:00:00 +0000"), Some("2026-05-01T08:00:00Z")),
        (json!("03/04/2026"), None),
        (json!("never"), None),
        (json!(0), None),
        (json!("0001-01-01T00:00:00Z"), None),
        (json!(true), None),
    ] {
        let record = one(json!({"id": 1, "made": made})).await;
        assert_eq!(record.get("created_at").and_then(Value::as_str), shown, "{made}");
    }
    for (mfa, shown) in [
        (json!(true), Some(true)),
        (json!("TRUE"), Some(true)),
        (json!(0), Some(false)),
        (json!("0"), Some(false)),
        (json!("perhaps"), None),
        (json!(2), None),
    ] {
        let record = one(json!({"id": 1, "mfa": mfa})).await;
        assert_eq!(record.get("is_2fa_enabled").and_then(Value::as_bool), shown, "{mfa}");
    }
}

/// The id of somebody with this one.
async fn one_id(id: Value) -> Value {
    let provider = Provider::start(directory(vec![json!({"id": id})])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "").await.ok()["result"][0]["id"].clone()
}

/// Every real product gives records that the model allows, field by field.
#[tokio::test]
async fn records_of_real_products_fit_the_model() {
    let world = World::new().await;
    for slug in ["okta", "slack", "clerk", "auth0", "aws-iam", "asana"] {
        let account = world.played(slug, 12).await;
        let page = world.client.users(&account, "").await.ok();
        for record in page["result"].as_array().unwrap() {
            let record = record.as_object().unwrap();
            assert!(record["id"].as_str().is_some_and(|id| !id.is_empty()), "{slug}");
            for (field, value) in record.iter().filter(|(field, _)| *field != "remote_data") {
                fits(slug, field, value);
            }
        }
    }
}

fn fits(slug: &str, field: &str, value: &Value) {
    let fine = match value {
        Value::Null => false,
        Value::String(text) if field.ends_with("_at") => {
            text.ends_with('Z') && text.len() >= 20 && text.as_bytes()[10] == b'T'
        }
        Value::String(text) => !text.is_empty() && text.trim() == text,
        Value::Bool(_) => field.starts_with("is_"),
        Value::Array(items) => {
            items.iter().for_each(|item| match item {
                Value::Object(members) => members.iter().for_each(|(name, member)| fits(slug, name, member)),
                scalar => assert!(scalar.is_string(), "{slug}: {field}: {scalar}"),
            });
            true
        }
        Value::Object(members) => {
            members.values().for_each(|member| assert!(member.is_string(), "{slug}: {field}: {member}"));
            field == "identifiers"
        }
        Value::Number(_) => false,
    };
    assert!(fine, "{slug}: `{field}`: {value}");
}
