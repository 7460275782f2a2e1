//! Pages: joined and cut to the caller's limit, and nobody lost between them.

mod cursors;
mod nodes;
mod oddities;

use serde_json::json;

use crate::world::{Provider, World, directory, ids, person, users_path};

#[tokio::test]
async fn the_envelope_has_its_members() {
    let provider = Provider::start(directory((0..9).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "limit=4").await.ok();
    let members: Vec<&str> = page.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["result", "next_cursor", "prev_cursor", "result_count", "is_partial_response"]);
    assert!(page["next_cursor"].is_string());
    assert_eq!((&page["prev_cursor"], &page["result_count"]), (&json!(null), &json!(4)));
    let cursor = page["next_cursor"].as_str().unwrap();
    let last = world.client.users(&account, &format!("limit=5&next_cursor={cursor}")).await.ok();
    assert_eq!((&last["next_cursor"], &last["result_count"]), (&json!(null), &json!(5)));
}

/// A list gives less than a get where a get asks for more, and says so.
#[tokio::test]
async fn a_list_that_gives_less_than_a_get_is_partial() {
    let world = World::new().await;
    let okta = world.played("okta", 3).await;
    let page = world.client.users(&okta, "").await.ok();
    assert_eq!(page["is_partial_response"], json!(false));
    let clerk = world.played("clerk", 3).await;
    let page = world.client.users(&clerk, "").await.ok();
    // Everything that a get gives is in the list too.
    assert_eq!(page["is_partial_response"], json!(false), "{}", page["details"]);
}

#[tokio::test]
async fn every_cut_gives_the_same_people_as_the_whole_list() {
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let whole = world.client.users(&account, "limit=1000").await.ok();
    let whole = whole["result"].as_array().unwrap().clone();
    assert_eq!(ids(&whole), (0..23).map(|n| n.to_string()).collect::<Vec<_>>());
    // Smaller than the provider's pages of 7, equal to them, larger, and the whole list.
    for limit in [1, 2, 3, 6, 7, 8, 13, 14, 15, 22, 23, 24, 100] {
        assert_eq!(world.client.all(&account, "", limit).await, whole, "limit {limit}");
    }
}

/// Real products, each with another way of paging: links and two passes, cursors in forms, the last record and offsets, numbers, XML,
/// people united over several parents.
#[tokio::test]
async fn every_cut_of_real_products_gives_the_same_people() {
    let world = World::new().await;
    for slug in ["okta", "slack", "clerk", "auth0", "aws-iam", "asana"] {
        let account = world.played(slug, 61).await;
        let whole = world.client.users(&account, "truto_ignore_limit=true").await.ok();
        let whole = ids(whole["result"].as_array().unwrap());
        assert_eq!(whole.len(), 61, "{slug}");
        for limit in [7, 30, 61] {
            assert_eq!(ids(&world.client.all(&account, "", limit).await), whole, "{slug}, limit {limit}");
        }
    }
}

#[tokio::test]
async fn a_page_has_100_unless_told_and_1000_at_most() {
    let provider = Provider::start(directory((0..150).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    assert_eq!(world.client.users(&account, "").await.ok()["result_count"], 100);
    assert_eq!(world.client.users(&account, "limit=1000").await.ok()["result_count"], 150);
    for limit in ["0", "-1", "1001", "1.5", "ten", "", "99999999999999999999"] {
        world.client.users(&account, &format!("limit={limit}")).await.says(400, &["`limit=", "1000"]);
    }
}

/// Whatever the caller's page is, the provider is asked for its own best size, and for no page twice.
#[tokio::test]
async fn the_provider_is_asked_for_its_own_pages_once() {
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for limit in [2, 7, 10] {
        provider.forget();
        world.client.all(&account, "", limit).await;
        let seen = provider.seen();
        assert!(seen.iter().all(|seen| seen.value("limit") == Some("7")));
        let cursors: Vec<Option<&str>> = seen.iter().map(|seen| seen.value("cursor")).collect();
        assert_eq!(cursors, [None, Some("c7"), Some("c14"), Some("c21")], "limit {limit}");
    }
}

#[tokio::test]
async fn a_limit_may_change_from_page_to_page() {
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for limit in [3, 9, 1, 7, 100] {
        let page = world.client.users(&account, &format!("limit={limit}&next_cursor={cursor}")).await.ok();
        all.extend(ids(page["result"].as_array().unwrap()));
        cursor = page["next_cursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(cursor, "");
    assert_eq!(all, (0..23).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn ignoring_the_limit_gives_everything_in_one_answer() {
    let provider = Provider::start(directory((0..1500).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for query in ["truto_ignore_limit=true", "truto_ignore_limit=true&limit=5"] {
        let all = world.client.users(&account, query).await.ok();
        assert_eq!((&all["result_count"], &all["next_cursor"]), (&json!(1500), &json!(null)));
        assert_eq!(all["is_partial_response"], json!(false));
        assert_eq!(ids(all["result"].as_array().unwrap()), (0..1500).map(|n| n.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(world.client.users(&account, "truto_ignore_limit=false").await.ok()["result_count"], 100);
    for format in ["raw", "debug", "normalized"] {
        let query = format!("truto_ignore_limit=true&truto_response_format={format}");
        world.client.users(&account, &query).await.says(400, &["`truto_ignore_limit`", "stream"]);
    }
    // From a place, the rest.
    let first = world.client.users(&account, "limit=10").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = world.client.users(&account, &format!("truto_ignore_limit=true&next_cursor={cursor}")).await.ok();
    assert_eq!((&rest["result_count"], &rest["result"][0]["id"]), (&json!(1490), &json!("10")));
}

/// What a provider says midway cannot be told in an answer that has begun: it is broken off, which nobody takes for the whole.
#[tokio::test]
async fn everything_in_one_answer_is_broken_off_when_the_provider_fails_midway() {
    let people: Vec<_> = (0..30).map(person).collect();
    let provider = Provider::start(move |seen| {
        let failed = seen.value("cursor") == Some("c14");
        let page = crate::world::page(&people, &seen);
        let wrong = crate::world::json_answer(400, &json!({"message": "no more today"}));
        std::future::ready(if failed { wrong } else { page })
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let path = users_path(&account, "truto_ignore_limit=true");
    let response = world.client.request(http::Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let broken = response.bytes().await.unwrap_err();
    assert!(broken.is_body() || broken.is_decode() || broken.is_request(), "{broken:?}");
}
