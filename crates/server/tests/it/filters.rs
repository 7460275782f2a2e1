//! Filters and sorting, for every connector: the provider's where it can, ours where it cannot, and the answer says which.

use serde_json::{Value, json};

use crate::world::{Provider, World, directory, ids, json_answer, page, person};

/// A provider that applies `state` and `order` itself.
async fn product(count: usize) -> (Provider, World, String) {
    let provider = Provider::start(move |seen| {
        let mut people: Vec<Value> = (0..count).map(person).collect();
        if let Some(state) = seen.value("state") {
            people.retain(|person| person["state"] == state);
        }
        match seen.value("order") {
            Some("full_name") => people.sort_by_key(|person| person["full_name"].to_string()),
            Some("-full_name") => {
                people.sort_by_key(|person| std::cmp::Reverse(person["full_name"].to_string()));
            }
            _ => {}
        }
        std::future::ready(page(&people, &seen))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (provider, world, account)
}

fn found(body: &Value) -> Vec<String> {
    ids(body["result"].as_array().unwrap())
}

#[tokio::test]
async fn a_filter_that_the_provider_applies_is_pushed_down() {
    let (provider, world, account) = product(12).await;
    let answer = world.client.users(&account, "status=inactive").await;
    assert_eq!(found(&answer.ok()), ["0", "4", "8"]);
    assert_eq!(answer.header("rollcall-filter"), Some("status=provider"));
    assert_eq!(provider.seen().len(), 1);
    assert_eq!(provider.seen()[0].value("state"), Some("OFF"));
}

#[tokio::test]
async fn any_other_filter_is_applied_here_with_the_same_answer() {
    let (provider, world, account) = product(12).await;
    // A status that the provider has no word for, and a field that it cannot filter on.
    for (query, header, expected) in [
        ("status=invited", "status=local", vec!["1", "5", "9"]),
        ("first_name=Given7", "first_name=local", vec!["7"]),
        ("groups[name]=Team 2", "groups=local", vec!["2", "5", "8", "11"]),
        ("group_id=2", "group_id=local", vec!["2", "5", "8", "11"]),
        ("id[in]=3,4,99", "id=local", vec!["3", "4"]),
        ("created_at[gt]=2023-11-24", "created_at=local", vec!["10", "11"]),
    ] {
        provider.forget();
        let answer = world.client.users(&account, query).await;
        assert_eq!(found(&answer.ok()), expected, "{query}");
        assert_eq!(answer.header("rollcall-filter"), Some(header));
        assert!(provider.seen().iter().all(|seen| seen.value("state").is_none()));
    }
    let both = world.client.users(&account, "status=active&created_at[lt]=2023-11-18T00:00:00Z").await;
    assert_eq!(found(&both.ok()), ["2", "3"]);
    assert_eq!(both.header("rollcall-filter"), Some("created_at=local, status=provider"));
}

/// A provider whose idea of a status is wider than ours cannot add people.
#[tokio::test]
async fn a_pushed_filter_is_applied_again_here() {
    let provider = Provider::start(directory((0..12).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "status=inactive").await;
    assert_eq!(found(&answer.ok()), ["0", "4", "8"]);
    assert_eq!(provider.seen()[0].value("state"), Some("OFF"));
}

#[tokio::test]
async fn dates_take_a_bare_value_and_operators() {
    let (_provider, world, account) = product(6).await;
    // Person n was made n days after 2023-11-14T22:13:20Z.
    for (query, expected) in [
        ("created_at=2023-11-16T22:13:20Z", vec!["2"]),
        ("created_at=2023-11-16T23:13:20%2B01:00", vec!["2"]),
        ("created_at=2023-11-16", vec!["2"]),
        ("created_at[gt]=2023-11-17T22:13:20Z", vec!["4", "5"]),
        ("created_at[gte]=2023-11-17T22:13:20Z", vec!["3", "4", "5"]),
        ("created_at[lt]=2023-11-15T22:13:20Z", vec!["0"]),
        ("created_at[lte]=2023-11-15T22:13:20Z", vec!["0", "1"]),
        ("created_at[gte]=2023-11-15T00:00:00Z&created_at[lt]=2023-11-17", vec!["1", "2"]),
        ("created_at[gt]=2023-11-19T22:13:20.001Z", vec![]),
    ] {
        assert_eq!(found(&world.client.users(&account, query).await.ok()), expected, "{query}");
    }
}

#[tokio::test]
async fn a_filter_on_a_field_that_is_not_given_is_400_and_lists_what_there_is() {
    let (provider, world, account) = product(3).await;
    for query in ["last_active_at[gte]=2024-01-01", "sort_by=last_active_at"] {
        world.client.users(&account, query).await.says(400, &["acme", "`last_active_at`", "created_at", "status"]);
    }
    let both = "status=active&truto_exclude_fields=status";
    world.client.users(&account, both).await.says(400, &["`status`", "left out"]);
    assert_eq!(provider.seen().len(), 0);
}

/// Pages are full and without gaps, however few of a provider's page meet the filter.
#[tokio::test]
async fn filtered_pages_are_cut_like_any_other() {
    let (_provider, world, account) = product(60).await;
    let whole = found(&world.client.users(&account, "group_id=1&limit=1000").await.ok());
    assert_eq!(whole.len(), 20);
    for limit in [1, 3, 7, 19, 20] {
        assert_eq!(ids(&world.client.all(&account, "group_id=1", limit).await), whole, "limit {limit}");
    }
    // Only the last person of nine provider pages meets it.
    let page = world.client.users(&account, "username=user59&limit=1").await.ok();
    assert_eq!(found(&page), ["59"]);
}

#[tokio::test]
async fn sorting_is_written_in_three_ways() {
    let (_provider, world, account) = product(12).await;
    let upward: Vec<String> = (0..12).rev().map(|n: usize| n.to_string()).collect();
    let downward: Vec<String> = (0..12).map(|n: usize| n.to_string()).collect();
    for query in ["sort_by[name]=asc", "sort_by=name", "sort_by%5Bname%5D=ASC"] {
        assert_eq!(found(&world.client.users(&account, query).await.ok()), upward, "{query}");
    }
    for query in ["sort_by[name]=desc", "sort_by=-name"] {
        assert_eq!(found(&world.client.users(&account, query).await.ok()), downward, "{query}");
    }
    for query in ["sort_by[name]=up", "sort_by[name]=asc&sort_by[id]=asc", "sort_by[]=name", "sort_by[name][x]=asc"] {
        world.client.users(&account, query).await.says(400, &["sort_by"]);
    }
    world.client.users(&account, "sort_by=bio").await.says(400, &["`bio`", "username", "created_at"]);
}

#[tokio::test]
async fn the_answer_says_who_sorted() {
    let (provider, world, account) = product(12).await;
    let theirs = world.client.users(&account, "sort_by=name").await;
    assert_eq!(theirs.header("rollcall-sort"), Some("provider"));
    assert_eq!(provider.seen()[0].value("order"), Some("full_name"));
    provider.forget();
    let ours = world.client.users(&account, "sort_by=-created_at").await;
    assert_eq!(ours.header("rollcall-sort"), Some("local"));
    assert_eq!(found(&ours.ok())[..3], ["11", "10", "9"]);
    assert!(provider.seen().iter().all(|seen| seen.value("order").is_none()));
    assert_eq!(world.client.users(&account, "").await.header("rollcall-sort"), None);
}

/// What is sorted here can be paged like what the provider sorts.
#[tokio::test]
async fn sorted_lists_are_cut_like_any_other() {
    let (_provider, world, account) = product(30).await;
    for query in ["sort_by=username", "sort_by=-created_at", "sort_by=name", "sort_by=groups&status=active"] {
        let whole = found(&world.client.users(&account, &format!("{query}&limit=1000")).await.ok());
        assert!(whole.len() >= 14, "{query}");
        for limit in [1, 4, 7, 11, 29] {
            assert_eq!(ids(&world.client.all(&account, query, limit).await), whole, "{query}, limit {limit}");
        }
    }
}

/// A sorted part would be a wrong list: past the bound there is none.
#[tokio::test]
async fn a_list_that_is_too_long_to_be_sorted_here_is_refused() {
    let provider = Provider::start(directory((0..12).map(person).collect())).await;
    let world = World::with(|config| config.held_records_max = 11).await;
    let account = world.acme(&provider).await;
    for query in ["", "&truto_response_format=stream", "&truto_ignore_limit=true", "&limit=1", "&truto_key_by=id"] {
        let answer = world.client.users(&account, &format!("sort_by=created_at{query}")).await;
        let error = answer.says(422, &["too long to sort here", "11 records", "filter first"]);
        assert!(error.get("result").is_none());
    }
    // What the advice says helps.
    let filtered = world.client.users(&account, "sort_by=-created_at&group_id=1").await.ok();
    assert_eq!(found(&filtered), ["10", "7", "4", "1"]);
    // What the provider sorts is not held.
    assert_eq!(world.client.users(&account, "sort_by=name").await.ok()["result_count"], 12);
    let fits = World::with(|config| config.held_records_max = 12).await;
    let account = fits.acme(&provider).await;
    assert_eq!(found(&fits.client.users(&account, "sort_by=-created_at").await.ok())[0], "11");
}

/// One record is asked for by its id, and by nothing else.
#[tokio::test]
async fn a_filter_is_for_lists() {
    let provider = Provider::start(async |_| json_answer(200, &json!({"user": person(1)}))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let path = format!("/unified/user-directory/users/1?integrated_account_id={account}");
    for (query, word) in [
        ("status=active", "`status`"),
        ("limit=5", "`limit`"),
        ("next_cursor=x", "`next_cursor`"),
        ("sort_by=name", "`sort_by`"),
        ("truto_key_by=id", "`truto_key_by`"),
        ("truto_ignore_limit=true", "`truto_ignore_limit`"),
        ("truto_response_format=stream", "get"),
        ("truto_response_format=normalized", "get"),
    ] {
        world.client.get(&format!("{path}&{query}")).await.says(400, &[word]);
    }
    assert_eq!(provider.seen().len(), 0);
}
