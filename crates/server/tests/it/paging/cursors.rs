//! Cursors: opaque, sealed, and of one list alone.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use crate::world::{Provider, World, directory, ids, person};

struct Begun {
    provider: Provider,
    world: World,
    account: String,
    cursor: String,
}

/// A list of 20 people of which four were read.
async fn begun(query: &str) -> Begun {
    let provider = Provider::start(directory((0..20).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, &format!("limit=4&{query}")).await.ok();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    Begun { provider, world, account, cursor }
}

impl Begun {
    async fn next(&self, query: &str) -> crate::world::Answer {
        self.world.client.users(&self.account, &format!("next_cursor={}&{query}", self.cursor)).await
    }

    async fn goes_on(&self, query: &str) -> Value {
        let page = self.next(query).await.ok();
        assert_eq!(ids(page["result"].as_array().unwrap())[..2], ["4", "5"], "{query}");
        page
    }
}

#[tokio::test]
async fn a_cursor_that_was_changed_is_400() {
    let begun = begun("").await;
    let cursor = &begun.cursor;
    let mut changed = vec!["x".to_owned(), "....".to_owned(), "%00".to_owned(), "AAAA".to_owned(), "ü".to_owned()];
    changed.extend([4, 20, 40, 60, cursor.len() / 2, cursor.len() - 2].map(|at| {
        let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
    }));
    changed.extend([1, 10, cursor.len() - 1].map(|length| cursor[..length].to_owned()));
    changed.push(format!("{cursor}AAAA"));
    changed.push(format!("{cursor}%3D"));
    begun.provider.forget();
    for changed in changed {
        let answer = begun.world.client.users(&begun.account, &format!("next_cursor={changed}")).await;
        answer.says(400, &["`next_cursor`"]);
    }
    assert_eq!(begun.provider.seen().len(), 0);
    begun.goes_on("").await;
}

#[tokio::test]
async fn a_cursor_of_another_version_is_400() {
    let begun = begun("").await;
    let mut bytes = URL_SAFE_NO_PAD.decode(&begun.cursor).unwrap();
    bytes[0] += 1;
    let later = URL_SAFE_NO_PAD.encode(bytes);
    let answer = begun.world.client.users(&begun.account, &format!("next_cursor={later}")).await;
    answer.says(400, &["`next_cursor`", "version"]);
}

#[tokio::test]
async fn a_cursor_of_another_account_is_400() {
    let begun = begun("").await;
    let other = begun.world.acme(&begun.provider).await;
    let answer = begun.world.client.users(&other, &format!("next_cursor={}", begun.cursor)).await;
    answer.says(400, &["`next_cursor`", "account"]);
    let answer = begun.world.stranger.users(&begun.account, &format!("next_cursor={}", begun.cursor)).await;
    answer.error(404);
}

#[tokio::test]
async fn a_cursor_of_another_resource_is_400() {
    let begun = begun("").await;
    let path = format!(
        "/unified/user-directory/licenses?integrated_account_id={}&next_cursor={}",
        begun.account, begun.cursor
    );
    begun.world.client.get(&path).await.says(400, &["`next_cursor`", "resource"]);
}

#[tokio::test]
async fn a_cursor_of_other_filters_is_400() {
    let begun = begun("status=active,invited,inactive&remote_query[x]=1").await;
    for query in [
        "",
        "status=active",
        "status=active,invited,inactive",
        "remote_query[x]=1",
        "status=active,invited,inactive&remote_query[x]=2",
        "status=active,invited,inactive&remote_query[x]=1&remote_query[y]=1",
        "status=active,invited,inactive&remote_query[x]=1&username=user1",
        "status=active,invited,inactive&remote_query[x]=1&sort_by=name",
    ] {
        begun.next(query).await.says(400, &["`next_cursor`"]);
    }
    begun.goes_on("remote_query[x]=1&status=active,invited,inactive").await;
}

/// The provider's own pages have places of their own.
#[tokio::test]
async fn cursors_of_raw_pages_and_of_others_are_apart() {
    let begun = begun("").await;
    begun.next("truto_response_format=raw").await.says(400, &["`next_cursor`"]);
    let raw = begun.world.client.users(&begun.account, "truto_response_format=raw").await;
    let cursor = raw.header("rollcall-next-cursor").unwrap();
    let unified = begun.world.client.users(&begun.account, &format!("next_cursor={cursor}")).await;
    unified.says(400, &["`next_cursor`"]);
}

/// What an answer shows may differ from page to page; who is on it may not.
#[tokio::test]
async fn a_cursor_goes_on_in_another_shape() {
    let begun = begun("truto_ignore_remote_data=true&truto_exclude_fields=name").await;
    let page = begun.goes_on("limit=9").await;
    for record in page["result"].as_array().unwrap() {
        assert!(record.get("remote_data").is_some() && record.get("name").is_some(), "{record}");
    }
    let page = begun.goes_on("truto_ignore_remote_data=true").await;
    assert!(page["result"][0].get("remote_data").is_none() && page["result"][0].get("name").is_some());
    let page = begun.next("truto_key_by=name&limit=2").await.ok();
    assert_eq!(page["result"].as_object().unwrap().keys().collect::<Vec<_>>(), ["Person 9995", "Person 9994"]);
    let page = begun.next("truto_response_format=normalized&limit=2").await.ok();
    assert_eq!(page["result"]["users"].as_array().unwrap().len(), 2);
    assert_eq!(page["result"]["users"][0]["id"], "4");
}

#[tokio::test]
async fn a_cursor_may_be_used_again() {
    let begun = begun("").await;
    let first = begun.next("limit=5").await.ok();
    assert_eq!(begun.next("limit=5").await.ok()["result"], first["result"]);
    let (one, two) = tokio::join!(begun.next("limit=5"), begun.next("limit=5"));
    assert_eq!((&one.ok()["result"], &two.ok()["result"]), (&first["result"], &first["result"]));
}

#[tokio::test]
async fn a_cursor_expires() {
    let begun = begun("").await;
    begun.world.clock.forward(Duration::from_secs(24 * 3600 - 1));
    begun.goes_on("").await;
    begun.world.clock.forward(Duration::from_secs(1));
    begun.next("").await.says(400, &["`next_cursor`", "expired"]);
}

/// An account whose host or product settings were changed is another list.
#[tokio::test]
async fn a_cursor_from_before_the_account_was_changed_is_400() {
    let begun = begun("").await;
    let path = format!("/integrated-account/{}", begun.account);
    let label = json!({"label": "renamed"});
    begun.world.client.send(Method::PATCH, &path, &label).await.ok();
    begun.goes_on("").await;
    let elsewhere = Provider::start(directory((100..120).map(person).collect())).await;
    let moved = json!({"base_url": elsewhere.url, "validate": false});
    begun.world.client.send(Method::PATCH, &path, &moved).await.ok();
    begun.next("").await.says(400, &["`next_cursor`"]);
}

/// A credential that was replaced is used at once, also for a list that was begun with the old one.
#[tokio::test]
async fn a_list_goes_on_with_the_present_credential() {
    let begun = begun("").await;
    let path = format!("/integrated-account/{}", begun.account);
    let changed = json!({"credential": {"token": "another-token"}, "validate": false});
    begun.world.client.send(Method::PATCH, &path, &changed).await.ok();
    begun.provider.forget();
    begun.goes_on("limit=10").await;
    let seen = begun.provider.seen();
    assert!(!seen.is_empty() && seen.iter().all(|seen| seen.header("authorization") == Some("Bearer another-token")));
}

#[tokio::test]
async fn a_cursor_shows_nothing() {
    let begun = begun("").await;
    let bytes = URL_SAFE_NO_PAD.decode(&begun.cursor).unwrap();
    for known in [begun.account.as_str(), "users", "sandbox-token", begun.world.environment.id.as_str()] {
        assert!(memchr::memmem::find(&bytes, known.as_bytes()).is_none(), "{known}");
    }
    let again = begun.world.client.users(&begun.account, "limit=4").await.ok();
    assert_ne!(again["next_cursor"].as_str(), Some(begun.cursor.as_str()), "two of one place cannot be told to be");
}
