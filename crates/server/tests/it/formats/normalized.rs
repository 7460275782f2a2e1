//! `normalized`: collections that refer to each other by id.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::world::{Provider, World, directory, rich_person};

/// Every row that refers to another finds it, and no id comes twice in its collection.
fn assert_whole(result: &Map<String, Value>) {
    let rows = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let ids = |name: &str| -> Vec<String> { rows(name).iter().map(|row| row["id"].to_string()).collect() };
    let users: HashSet<String> = ids("users").into_iter().collect();
    assert!(!users.is_empty());
    for (name, collection) in result {
        let collection = collection.as_array().unwrap();
        match name.strip_prefix("user_") {
            Some(target) => {
                let known: HashSet<String> = ids(target).into_iter().collect();
                let column = format!("{}_id", target.strip_suffix('s').unwrap());
                for link in collection {
                    assert!(users.contains(&link["user_id"].to_string()), "{name}: {link}");
                    assert!(known.contains(&link[&column].to_string()), "{name}: {link} is not in {target}");
                }
            }
            None if collection.iter().any(|row| row.get("user_id").is_some()) => {
                assert!(collection.iter().all(|row| users.contains(&row["user_id"].to_string())), "{name}");
            }
            None => {
                let all = ids(name);
                assert!(all.iter().all(|id| id != "null"), "{name} without an id");
                assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{name}: an id twice");
            }
        }
        for row in collection {
            for (field, value) in row.as_object().unwrap() {
                let objects = value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
                assert!(field == "remote_data" || !objects, "{name}.{field} holds what should be rows: {value}");
            }
        }
    }
}

#[tokio::test]
async fn nested_entities_are_collections_of_their_own() {
    let mut other = rich_person();
    (other["id"], other["login"]) = (json!(2), json!("bob"));
    other["teams"] = json!([{"id": 1, "name": "Core", "org": 3}, {"name": "Named only"}]);
    other["mails"] = json!([{"value": "bob@example.com"}]);
    let provider = Provider::start(directory(vec![rich_person(), other])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page =
        world.client.users(&account, "truto_response_format=normalized&truto_ignore_remote_data=true").await.ok();
    let result = page["result"].as_object().unwrap();
    assert_whole(result);
    let names: HashSet<&str> = result.keys().map(String::as_str).collect();
    let expected = [
        "users",
        "emails",
        "phones",
        "urls",
        "roles",
        "user_roles",
        "groups",
        "user_groups",
        "organizations",
        "user_organizations",
        "workspaces",
        "user_workspaces",
        "licenses",
        "user_licenses",
    ];
    assert_eq!(names, HashSet::from(expected));
    let ada = "9007199254740993";
    assert_eq!(result["users"][0]["id"], ada);
    assert!(result["users"][0].get("emails").is_none());
    assert_eq!(result["emails"].as_array().unwrap().len(), 3);
    assert_eq!(
        result["emails"][1],
        json!({"email": "ada@home.example", "is_primary": false, "user_id": ada, "position": 1})
    );
    // The group that both are in is one row, and two links.
    assert_eq!(
        result["groups"],
        json!([{"id": "1", "name": "Core", "type": "group"}, {"id": "Named only", "name": "Named only", "type": "group"}])
    );
    assert_eq!(result["user_groups"].as_array().unwrap().len(), 3);
    assert_eq!(result["user_groups"][0], json!({"user_id": ada, "group_id": "1", "organization": "3"}));
    // Where a role holds belongs to the link.
    assert_eq!(result["roles"], json!([{"id": "5", "name": "Owner"}]));
    assert_eq!(
        result["user_roles"][0],
        json!({"user_id": ada, "role_id": "5", "group": "1", "workspace": "2", "organization": "3"})
    );
    assert_eq!(result["user_licenses"][0]["last_active_at"], "2026-05-01T08:00:00Z");
    assert_eq!(page["result_count"], 2);
}

#[tokio::test]
async fn real_products_keep_their_references() {
    let world = World::new().await;
    for slug in ["slack", "asana", "clerk", "aws-iam"] {
        let account = world.played(slug, 40).await;
        let mut cursor = String::new();
        let mut users = HashSet::new();
        loop {
            let query = format!("truto_response_format=normalized&limit=15&next_cursor={cursor}");
            let page = world.client.users(&account, &query).await.ok();
            let result = page["result"].as_object().unwrap();
            assert_whole(result);
            for user in result["users"].as_array().unwrap() {
                assert!(users.insert(user["id"].to_string()), "{slug}: {user}");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(users.len(), 40, "{slug}");
    }
}

#[tokio::test]
async fn an_empty_list_has_its_collection() {
    let provider = Provider::start(directory(Vec::new())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "truto_response_format=normalized").await.ok();
    assert_eq!((&page["result"], &page["result_count"]), (&json!({"users": []}), &json!(0)));
}

#[tokio::test]
async fn excluded_fields_have_no_collection() {
    let provider = Provider::start(directory(vec![rich_person()])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let query = "truto_response_format=normalized&truto_exclude_fields=groups,emails";
    let page = world.client.users(&account, query).await.ok();
    let result = page["result"].as_object().unwrap();
    assert!(["groups", "user_groups", "emails"].iter().all(|name| !result.contains_key(*name)));
    assert!(result.contains_key("user_roles"));
    // Without ids nothing could refer to anything.
    let query = "truto_response_format=normalized&truto_exclude_fields=id";
    world.client.users(&account, query).await.says(400, &["`id`", "normalized"]);
}
