//! Query syntax: every way of writing the same, and a 400 that names what cannot be read.

use serde_json::{Value, json};

use crate::world::{Provider, USERS, World, directory, ids, person, users_path};

async fn people() -> (Provider, World, String) {
    let provider = Provider::start(directory((0..12).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (provider, world, account)
}

fn found(body: &Value) -> Vec<String> {
    ids(body["result"].as_array().unwrap())
}

#[tokio::test]
async fn arrays_are_written_with_indices_brackets_commas_or_repeated() {
    let (_provider, world, account) = people().await;
    let expected = ["0", "1", "4", "5", "8", "9"];
    for query in [
        "status[]=inactive&status[]=invited",
        "status[0]=inactive&status[1]=invited",
        "status[1]=invited&status[0]=inactive",
        "status%5B%5D=inactive&status%5B%5D=invited",
        "status%5b0%5d=inactive&status%5B1%5D=invited",
        "status=inactive&status=invited",
        "status=inactive,invited",
        "status=inactive%2Cinvited",
        "status[in]=inactive,invited",
    ] {
        assert_eq!(found(&world.client.users(&account, query).await.ok()), expected, "{query}");
    }
}

#[tokio::test]
async fn objects_are_written_with_brackets() {
    let (_provider, world, account) = people().await;
    for query in [
        "emails[email]=user3@example.com",
        "emails%5Bemail%5D=user3%40example.com",
        "emails[][email]=user3@example.com",
        "emails[0][email]=user3@example.com",
        "emails=user3@example.com",
        "email=user3@example.com",
        "email=USER3@example.com",
    ] {
        assert_eq!(found(&world.client.users(&account, query).await.ok()), ["3"], "{query}");
    }
    let several = "emails[0][email]=user3@example.com&emails[1][email]=user5@example.com";
    assert_eq!(found(&world.client.users(&account, several).await.ok()), ["3", "5"]);
    let both = "created_at[gte]=2023-11-17&created_at[lt]=2023-11-19T22:13:20Z";
    assert_eq!(found(&world.client.users(&account, both).await.ok()), ["3", "4"]);
}

/// What goes to the provider alone keeps its structure.
#[tokio::test]
async fn remote_query_passes_on_what_is_the_providers() {
    let (provider, world, account) = people().await;
    let query = "remote_query[expand]=groups&remote_query[deep][er]=x&remote_query[q]=a%26b%3Dc";
    world.client.users(&account, query).await.ok();
    let seen = provider.seen();
    let sent = &seen[0].query;
    for (name, value) in [("expand", "groups"), ("deep[er]", "x"), ("q", "a&b=c")] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name}: {sent:?}");
    }
    // On the second page as well.
    assert_eq!((seen[1].value("cursor"), seen[1].value("expand")), (Some("c7"), Some("groups")));
    world.client.users(&account, "remote_query=x").await.says(400, &["remote_query[name]=value"]);
}

#[tokio::test]
async fn a_question_mark_and_an_empty_cursor_are_nothing() {
    let (_provider, world, account) = people().await;
    let token = world.client.post("/token", &json!({"kind": "account", "integrated_account_id": account})).await.ok();
    let client = world.client.with(token["token"].as_str().unwrap());
    for path in
        [format!("{USERS}?"), format!("{USERS}?&"), format!("{USERS}?next_cursor="), format!("{USERS}?&next_cursor=&")]
    {
        assert_eq!(client.get(&path).await.ok()["result_count"], 12, "{path}");
    }
    assert_eq!(client.get(&format!("{USERS}/3?")).await.ok()["id"], "3");
    assert_eq!(client.get("/integrated-account?").await.ok()["result_count"], 1);
    assert_eq!(client.get("/integrated-account?next_cursor=").await.ok()["result_count"], 1);
}

#[tokio::test]
async fn booleans_are_true_and_false() {
    let (_provider, world, account) = people().await;
    for (query, has) in [("true", false), ("false", true)] {
        let body = world.client.users(&account, &format!("truto_ignore_remote_data={query}")).await.ok();
        assert_eq!(body["result"][0].get("remote_data").is_some(), has, "{query}");
    }
    for value in ["yes", "TRUE", "2", ""] {
        let query = format!("truto_ignore_remote_data={value}");
        world.client.users(&account, &query).await.says(400, &["truto_ignore_remote_data", "`true` or `false`"]);
    }
    world.client.users(&account, "is_2fa_enabled=maybe").await.says(400, &["is_2fa_enabled", "maybe"]);
}

#[tokio::test]
async fn an_unknown_parameter_is_400_with_the_nearest() {
    let (provider, world, account) = people().await;
    for (wrong, right) in [
        ("statuss=active", "`status`"),
        ("emial=x@example.com", "`email`"),
        ("created-at=2024-01-01", "`created_at`"),
        ("limt=5", "`limit`"),
        ("cursor=abc", "remote_query[cursor]"),
        ("truto_response_fromat=raw", "`truto_response_format`"),
        ("truto_ignore_remotedata=true", "`truto_ignore_remote_data`"),
        ("trutoKeyBy=id", "`truto_key_by`"),
    ] {
        let name = wrong.split('=').next().unwrap();
        let error = world.client.users(&account, wrong).await.says(400, &[name, right]);
        assert_eq!(error["details"]["parameter"], name);
        assert!(error["details"]["known"].as_array().unwrap().contains(&json!("status")));
    }
    assert_eq!(provider.seen().len(), 0, "nothing is sent for a call that cannot be met");
}

#[tokio::test]
async fn a_bad_value_or_operator_is_400_that_names_it() {
    let (provider, world, account) = people().await;
    for (query, words) in [
        ("created_at=yesterday", ["`created_at`", "yesterday"]),
        ("created_at[gte]=03/04/2024", ["created_at", "03/04/2024"]),
        ("created_at[after]=2024-01-01", ["`created_at`", "`after`"]),
        ("created_at[gtee]=2024-01-01", ["`created_at`", "gte"]),
        ("username[gt]=a", ["`username`", "gt"]),
        ("user_type=robot", ["user_type", "machine"]),
        ("roles[nme]=x", ["`roles`", "name"]),
        ("emails[email][x]=a", ["`emails`", "email"]),
        ("roles=x&roles[id]=y", ["`roles[id]`", "one way"]),
        ("status=", ["`status`", "no value"]),
        ("username[]=a,b", ["username", "comma"]),
        ("sort_by=nme", ["`nme`", "name"]),
        ("limit=5&limit=6", ["`limit`", "one value"]),
        ("status[a][b][c][d][e][f][g]=x", ["`status`", "nested"]),
        ("status[=x", ["`status[`", "cannot be read"]),
    ] {
        world.client.users(&account, query).await.says(400, &words);
    }
    assert_eq!(provider.seen().len(), 0);
}

/// A filter that is passed over gives a wrong list: every filter of the model is either applied or refused.
#[tokio::test]
async fn no_filter_of_the_model_is_passed_over() {
    let (_provider, world, account) = people().await;
    let known = world.client.users(&account, "nothing=1").await.error(400);
    let known: Vec<String> =
        known["details"]["known"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let common = ["integrated_account_id", "next_cursor", "limit", "sort_by", "remote_query"];
    let filters: Vec<&String> =
        known.iter().filter(|name| !common.contains(&name.as_str()) && !name.starts_with("truto_")).collect();
    assert!(filters.len() > 25, "{filters:?}");
    for name in filters {
        let value = match name.as_str() {
            "status" => "deleted",
            "user_type" => "machine",
            "product" => "teams",
            name if name.starts_with("is_") || name.starts_with("include_") => "true",
            name if name.ends_with("_at") => "1999-01-01",
            _ => "nobody@example.com",
        };
        let answer = world.client.users(&account, &format!("{name}={value}")).await;
        match answer.status {
            // Nobody is so: a filter that was not applied would give all.
            200 => {
                assert_eq!(answer.ok()["result_count"], 0, "{name}");
                let header = answer.header("rollcall-filter").unwrap_or_default();
                assert!(header.contains(&format!("{name}=")), "{name}: {header}");
            }
            _ => drop(answer.says(400, &[name])),
        }
    }
}

#[tokio::test]
async fn a_query_has_bounds() {
    let (_provider, world, account) = people().await;
    let long = format!("username={}", "x".repeat(17_000));
    world.client.get(&users_path(&account, &long)).await.says(414, &["16384"]);
    let many = vec!["status[]=active"; 600].join("&");
    world.client.get(&users_path(&account, &many)).await.says(400, &["500"]);
}

/// Parameters that a provider needs, and those that it needs unless another is given.
#[tokio::test]
async fn required_parameters_are_told_when_absent() {
    let provider = Provider::start(async |seen| match seen.path.as_str() {
        "/v1/roles" if seen.value("page") == Some("1") => {
            crate::world::json_answer(200, &json!({"roles": [{"id": 1, "name": "Owner"}]}))
        }
        "/v1/roles" => crate::world::json_answer(200, &json!({"roles": []})),
        _ => crate::world::json_answer(200, &json!({"teams": [{"id": 1, "name": "Core"}]})),
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let list = async |resource: &str, query: &str| {
        let path = format!("/unified/user-directory/{resource}?integrated_account_id={account}{query}");
        world.client.get(&path).await
    };
    let error = list("groups", "").await.says(400, &["`organization_id`"]);
    assert_eq!(error["details"]["missing_required_query_parameters"], json!(["organization_id"]));
    assert!(error.get("truto_is_remote_error").is_none());
    let error = list("roles", "").await.error(400);
    assert_eq!(error["details"]["missing_required_query_parameters"], json!(["workspace_id"]));
    list("groups", "&organization_id=").await.says(400, &["`organization_id`"]);
    for step in ["..", ".", "%2E%2E", "%2e"] {
        list("groups", &format!("&organization_id={step}")).await.says(400, &["`organization_id`"]);
    }
    assert_eq!(provider.seen().len(), 0);
    assert_eq!(list("groups", "&organization_id=a%2Fb").await.ok()["result"][0]["name"], "Core");
    assert_eq!(provider.seen()[0].path, "/v1/organizations/a%2Fb/teams");
    assert_eq!(list("roles", "&group_id=7").await.ok()["result"][0]["name"], "Owner");
    // One that the connector does not take.
    list("licenses", "&organization_id=7").await.says(400, &["organization_id"]);
    world.client.users(&account, "include_inherited=true").await.says(400, &["acme", "`include_inherited`"]);
}
