//! `raw`: the provider's own pages, and in headers the way on.

use http::Method;
use serde_json::json;

use crate::world::{Answer, Provider, USERS, World, answer, directory, ids, json_answer, person};

const KIND: &str = "application/vnd.acme+json; charset=utf-8; v=2";

/// A body that nobody would write twice alike.
fn body(page: usize) -> String {
    let next = if page < 2 { format!("\"c{}\"", page + 1) } else { "null".to_owned() };
    format!("{{ \"users\" : [ {{\"id\":\t{page} , \"login\":\"\\u0061\"}} ],\r\n\"next\" : {next} }}\n")
}

#[tokio::test]
async fn a_raw_page_is_the_providers_answer_and_headers_lead_on() {
    let provider = Provider::start(|seen: crate::world::Seen| {
        let page = seen.value("cursor").map_or(0, |cursor| cursor[1..].parse().unwrap());
        let headers =
            [("content-type", KIND), ("x-rate-limit", "600"), ("x-rate-remaining", "599"), ("x-internal", "1")];
        std::future::ready(answer(200, &headers, body(page)))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let mut path = format!("{USERS}?integrated_account_id={account}&truto_response_format=raw&remote_query[x]=1");
    for page in 0..3 {
        let raw = world.client.get(&path).await;
        assert_eq!((raw.status, raw.text()), (200, body(page).as_str()));
        assert_eq!(raw.header("content-type"), Some(KIND));
        assert_eq!((raw.header("ratelimit-limit"), raw.header("ratelimit-remaining")), (Some("600"), Some("599")));
        assert_eq!(raw.header("x-internal"), None);
        // What a browser would run must not run as ours.
        assert!(raw.header("content-security-policy").unwrap().contains("sandbox"));
        assert_eq!(raw.header("x-content-type-options"), Some("nosniff"));
        let cursor = raw.header("rollcall-next-cursor").map(str::to_owned);
        let link = raw.header("link").map(str::to_owned);
        if page == 2 {
            assert_eq!((cursor, link), (None, None));
            break;
        }
        let (target, rel) = link.as_deref().unwrap().split_once('>').unwrap();
        assert_eq!(rel, "; rel=\"next\"");
        // The link alone is enough to go on.
        path = target.trim_start_matches('<').to_owned();
        assert!(path.starts_with(USERS) && path.contains(&format!("next_cursor={}", cursor.unwrap())), "{path}");
        assert_eq!(path.matches("next_cursor").count(), 1);
    }
    assert_eq!(provider.seen().iter().filter(|seen| seen.value("x") == Some("1")).count(), 3);
}

#[tokio::test]
async fn raw_pages_of_a_real_product_keep_their_format() {
    let world = World::new().await;
    let account = world.played("aws-iam", 5).await;
    let raw = world.client.users(&account, "truto_response_format=raw").await;
    assert_eq!(raw.header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(raw.text().contains("<ListUsersResponse"), "{}", raw.text());
}

/// Every page of every pass comes.
#[tokio::test]
async fn raw_pages_are_all_pages() {
    let world = World::new().await;
    let account = world.played("okta", 450).await;
    let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let raw = world.client.users(&account, &format!("truto_response_format=raw&next_cursor={cursor}")).await;
        all.extend(ids(raw.ok().as_array().unwrap()));
        pages += 1;
        match raw.header("rollcall-next-cursor") {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert!(pages >= 3, "{pages}");
    assert_eq!(all.len(), 450);
}

#[tokio::test]
async fn what_cannot_be_done_to_a_raw_page_is_refused() {
    let provider = Provider::start(directory((0..9).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for (query, words) in [
        ("limit=3", ["`limit`", "remote_query"]),
        ("truto_exclude_fields=name", ["`truto_exclude_fields`", "raw"]),
        ("truto_key_by=id", ["`truto_key_by`", "unified"]),
        ("truto_ignore_limit=true", ["`truto_ignore_limit`", "stream"]),
        ("username=user1", ["`username`", "applied here"]),
        ("sort_by=username", ["`sort`", "applied here"]),
    ] {
        let answer = world.client.users(&account, &format!("truto_response_format=raw&{query}")).await;
        answer.says(400, &words);
    }
    assert_eq!(provider.seen().len(), 0);
    // What the provider does itself is its own page still.
    let answer = world.client.users(&account, "truto_response_format=raw&status=inactive&sort_by=name").await;
    assert_eq!(answer.status, 200);
    assert_eq!(provider.seen()[0].value("state"), Some("OFF"));
}

#[tokio::test]
async fn a_raw_get_is_the_providers_answer() {
    let provider = Provider::start(async |seen| match seen.path.as_str() {
        "/v1/users/1" => answer(200, &[("content-type", KIND)], "{ \"user\": {\"id\": 1} }"),
        _ => json_answer(200, &json!({"licenses": [{"id": 1}]})),
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let query = format!("integrated_account_id={account}&truto_response_format=raw");
    let raw = world.client.get(&format!("{USERS}/1?{query}")).await;
    assert_eq!((raw.text(), raw.header("content-type")), ("{ \"user\": {\"id\": 1} }", Some(KIND)));
    let searched = world.client.get(&format!("/unified/user-directory/licenses/1?{query}")).await;
    searched.says(400, &["remote_data"]);
}

/// A pass that may not be read has no page: the next one's comes.
#[tokio::test]
async fn a_raw_page_is_never_nothing() {
    let provider = Provider::start(async |seen| match seen.value("kind") {
        Some("hidden") => json_answer(403, &json!({"message": "not allowed"})),
        _ => json_answer(200, &json!({"spaces": [{"id": 1, "name": "Main"}]})),
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let path = format!("/unified/user-directory/workspaces?integrated_account_id={account}");
    let raw = world.client.get(&format!("{path}&truto_response_format=raw")).await;
    assert_eq!(raw.ok()["spaces"][0]["name"], "Main");
    assert!(raw.header("rollcall-completeness").unwrap().starts_with("partial"));
    // In our own words the list says that something is missing.
    let page = world.client.get(&path).await;
    assert!(page.header("rollcall-completeness").unwrap().starts_with("partial"));
    let page = page.ok();
    assert_eq!(page["is_partial_response"], true);
    assert_eq!(page["details"]["missing"][0]["what"], "pass `hidden`");
    assert_eq!(page["details"]["people_missing"], true);
}

/// A provider's page for people is passed on as what it is, and as nothing that runs.
#[tokio::test]
async fn an_error_is_an_error_in_raw_too() {
    let provider = Provider::start(async |_| answer(500, &[("content-type", "text/html")], "<html>oh</html>")).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let request = world
        .client
        .request(Method::GET, &format!("{USERS}?integrated_account_id={account}&truto_response_format=raw"));
    let error = Answer::of(request).await.error(500);
    assert_eq!(error["raw_response"], "<html>oh</html>");
}
