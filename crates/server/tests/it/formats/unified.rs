//! `unified`: mapped records, each with the provider's own beside it.

use serde_json::{Value, json};

use crate::world::{Provider, USERS, World, answer, directory, json_answer, person};

/// A record whose bytes tell whether they were read and written again: escapes, numbers that no float holds, repeated members, other alphabets.
const RECORD: &str = r#"{"id":12345678901234567890,"login":"\u0061da","full_name":"A\/B \ud83d\ude00 Łoś","state":"ON","n":1.0e+2,"z":-0.10,"twice":1,"twice":2,"deep":[[],{"":null}]}"#;

#[tokio::test]
async fn remote_data_is_the_providers_record_byte_for_byte() {
    let body = format!(r#"{{"users":[{RECORD}],"next":null}}"#);
    let provider = Provider::start(move |_| {
        std::future::ready(answer(200, &[("content-type", "application/json")], body.clone()))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for query in ["", "truto_ignore_limit=true", "truto_response_format=stream", "sort_by=-created_at"] {
        let page = world.client.users(&account, query).await;
        assert!(page.text().contains(&format!("\"remote_data\":{RECORD}")), "{query}: {}", page.text());
    }
    let mapped = world.client.users(&account, "").await.ok();
    assert_eq!(mapped["result"][0]["id"], "12345678901234567890");
    assert_eq!(mapped["result"][0]["name"], "A/B 😀 Łoś");
}

#[tokio::test]
async fn remote_data_is_left_out_on_request() {
    let provider = Provider::start(directory((0..3).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for query in ["", "&truto_response_format=stream", "&truto_response_format=normalized", "&truto_ignore_limit=true"]
    {
        let page = world.client.users(&account, &format!("truto_ignore_remote_data=true{query}")).await;
        assert!(!page.text().contains("remote_data") && !page.text().contains("full_name"), "{query}");
        assert!(page.text().contains("Given1"));
        let page = world.client.users(&account, &format!("truto_ignore_remote_data=false{query}")).await;
        assert!(page.text().contains("\"remote_data\":{\"id\":1,"), "{query}");
    }
    let path = format!("{USERS}/1?integrated_account_id={account}&truto_ignore_remote_data=true");
    assert!(world.client.get(&path).await.ok().get("remote_data").is_none());
}

#[tokio::test]
async fn fields_are_left_out_on_request() {
    let provider = Provider::start(directory((0..3).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for query in [
        "truto_exclude_fields[]=id&truto_exclude_fields[]=emails",
        "truto_exclude_fields[0]=id&truto_exclude_fields[1]=emails",
        "truto_exclude_fields=id,emails",
        "truto_exclude_fields%5B%5D=id&truto_exclude_fields%5B%5D=emails",
    ] {
        let page = world.client.users(&account, query).await.ok();
        let record = &page["result"][1];
        assert!(record.get("id").is_none() && record.get("emails").is_none(), "{query}: {record}");
        assert!(record["username"] == "user1" && record.get("remote_data").is_some());
        let path = format!("{USERS}/1?integrated_account_id={account}&{query}");
        let one = world.client.get(&path).await.ok();
        assert!(one.get("id").is_none() && one["username"] == "user1", "{one}");
    }
    let page = world.client.users(&account, "truto_exclude_fields=remote_data").await.ok();
    assert!(page["result"][0].get("remote_data").is_none());
    let lines = world.client.users(&account, "truto_exclude_fields=name&truto_response_format=stream").await;
    let first: Value = serde_json::from_str(lines.text().lines().next().unwrap()).unwrap();
    assert!(first.get("name").is_none() && first.get("id").is_some());
    let wrong = world.client.users(&account, "truto_exclude_fields=id,emial").await;
    wrong.says(400, &["`emial`", "`emails`"]);
    world.client.users(&account, "truto_exclude_fields[a]=id").await.says(400, &["`truto_exclude_fields`"]);
    // Pages without ids are cut like any other.
    let mut count = 0;
    let mut cursor = String::new();
    loop {
        let query = format!("truto_exclude_fields=id&limit=2&next_cursor={cursor}");
        let page = world.client.users(&account, &query).await.ok();
        count += page["result"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(count, 3);
}

/// What is not known is not there: nothing is ever `null`.
#[tokio::test]
async fn what_the_provider_does_not_give_is_absent() {
    let sparse = json!({"id": 1, "login": null, "full_name": "", "given": "  ", "mails": [], "state": "ON", "mfa": null, "made": null});
    let provider = Provider::start(directory(vec![sparse])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "truto_ignore_remote_data=true").await.ok();
    assert_eq!(page["result"][0], json!({"id": "1", "emails": [], "status": "active"}));
}

#[tokio::test]
async fn a_get_is_the_record_itself() {
    let provider = Provider::start(async |seen| match seen.path.as_str() {
        "/v1/licenses" => {
            json_answer(200, &json!({"licenses": [{"id": 1, "name": "Pro"}, {"id": "a b/c", "name": "Odd"}]}))
        }
        _ => crate::world::page(&[person(1), person(2)], &seen),
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let of_account = format!("integrated_account_id={account}");
    let one = world.client.get(&format!("{USERS}/2?{of_account}")).await;
    let record = one.ok();
    assert_eq!((&record["id"], &record["username"]), (&json!("2"), &json!("user2")));
    assert!(record.get("result").is_none());
    assert_eq!(record["remote_data"], person(2));
    assert_eq!(one.header("rollcall-completeness"), Some("whole"));
    assert_eq!(provider.seen()[0].path, "/v1/users/2");
    let none = world.client.get(&format!("{USERS}/77?{of_account}")).await;
    none.says(404, &["acme", "`users`", "`77`"]);
    // Where the provider has no such call, the list is searched.
    let licence = format!("/unified/user-directory/licenses/a%20b%2Fc?{of_account}");
    assert_eq!(world.client.get(&licence).await.ok()["name"], "Odd");
    world.client.get(&format!("/unified/user-directory/licenses/2?{of_account}")).await.error(404);
}

/// An id is one segment of the provider's path, whatever is in it.
#[tokio::test]
async fn an_id_cannot_lead_elsewhere() {
    let provider = Provider::start(directory(vec![person(1)])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for id in
        ["%2e%2e", "%2e", "..%2Fadmin", "1%2F..%2F..%2Fadmin", "1%3Fadmin=true", "1%23", "%5C..%5Cadmin", "%252e%252e"]
    {
        let head = format!(
            "GET {USERS}/{id}?integrated_account_id={account} HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer {}\r\n",
            world.client.token
        );
        let answer = crate::world::Line::send(&world.client, &head).await.rest().await;
        let status = answer.split(' ').nth(1).unwrap().to_owned();
        assert!(matches!(status.as_str(), "400" | "404" | "405"), "{id}: {answer}");
    }
    for seen in provider.seen() {
        let segments: Vec<&str> = seen.path.split('/').collect();
        assert!(segments.len() == 4 && seen.path.starts_with("/v1/users/"), "{}", seen.path);
        assert_eq!(seen.value("admin"), None);
    }
}
