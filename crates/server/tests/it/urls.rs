//! Shapes of URLs: what there is, which verbs it takes, and what is said of everything else.

use http::Method;
use serde_json::json;

use crate::world::{Answer, Provider, USERS, World, acme, connect, directory, ids, json_answer, person};

/// The resources of the contract.
const RESOURCES: [&str; 11] = [
    "users",
    "groups",
    "roles",
    "licenses",
    "organizations",
    "workspaces",
    "activities",
    "role_assignments",
    "me",
    "utilization",
    "billing",
];

async fn people() -> Provider {
    Provider::start(directory((0..3).map(person).collect())).await
}

#[tokio::test]
async fn every_resource_is_known_and_one_that_a_connector_lacks_is_405() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for resource in RESOURCES {
        let path = format!("/unified/user-directory/{resource}?integrated_account_id={account}");
        let answer = world.client.get(&path).await;
        match resource {
            "users" | "licenses" | "groups" | "roles" | "workspaces" => assert_ne!(answer.status, 405, "{resource}"),
            _ => {
                let error = answer.says(405, &["acme", resource, "users", "groups", "roles"]);
                assert_eq!(error["details"]["methods"], json!([]), "{resource}");
            }
        }
    }
    assert_eq!(provider.asked("/v1/activities"), 0);
}

#[tokio::test]
async fn a_resource_or_model_that_is_none_is_404_with_the_nearest() {
    let world = World::new().await;
    let user = "/unified/user-directory/user?integrated_account_id=x";
    world.client.get(user).await.says(404, &["`user`", "did you mean `users`?"]);
    world.client.get("/unified/hris/users?integrated_account_id=x").await.says(404, &["`hris`", "`user-directory`"]);
    let nowhere = world.client.get("/unified").await.says(404, &["`/unified`", "/openapi.json"]);
    assert!(nowhere.get("details").is_none());
}

#[tokio::test]
async fn list_and_get_have_their_paths() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let list = world.client.users(&account, "").await.ok();
    assert_eq!(ids(list["result"].as_array().unwrap()), ["0", "1", "2"]);
    let one = world.client.get(&format!("{USERS}/2?integrated_account_id={account}")).await.ok();
    assert_eq!(one["username"], "user2");
}

#[tokio::test]
async fn a_verb_that_a_connector_lacks_is_405_and_says_which_it_has() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let query = format!("?integrated_account_id={account}");
    for (method, path) in [
        (Method::POST, USERS.to_owned()),
        (Method::PUT, USERS.to_owned()),
        (Method::PATCH, format!("{USERS}/1")),
        (Method::DELETE, format!("{USERS}/1")),
    ] {
        let answer = world.client.send(method.clone(), &format!("{path}{query}"), &json!({})).await;
        let error = answer.says(405, &["acme", "`users`", "list", "get"]);
        assert_eq!(error["details"]["methods"], json!(["list", "get"]), "{method}");
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
    }
    // Groups can be listed, and not be asked for one by one.
    let answer = world.client.get(&format!("/unified/user-directory/groups/1{query}")).await;
    let error = answer.says(405, &["acme", "`groups`", "list"]);
    assert_eq!(error["details"]["methods"], json!(["list"]));
    assert_eq!(answer.header("allow"), Some("GET"));
    assert_eq!(provider.seen().len(), 0);
}

#[tokio::test]
async fn a_wrong_verb_elsewhere_is_405_with_allow() {
    let world = World::new().await;
    for (method, path, allowed) in [
        (Method::POST, "/ping", "GET,HEAD"),
        (Method::DELETE, "/integrated-account", "GET,HEAD,POST"),
        (Method::PUT, "/integrated-account/x", "GET,HEAD,PATCH,DELETE"),
        (Method::GET, "/link-token", "POST"),
    ] {
        let answer = world.client.send(method.clone(), path, &json!({})).await;
        answer.says(405, &[path, method.as_str()]);
        let mut allow: Vec<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
        let mut allowed: Vec<&str> = allowed.split(',').collect();
        (allow.sort_unstable(), allowed.sort_unstable());
        assert_eq!(allow, allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_no_path_is_answered_as_json_too() {
    let world = World::new().await;
    for path in ["/", "/nothing", "/unified/user-directory", "/integration/okta/nothing"] {
        world.client.get(path).await.error(404);
    }
    // Bytes that are no text.
    for path in ["/unified/user-directory/%ff", "/unified/user-directory/users/%ff", "/integrated-account/%c3%28"] {
        world.client.get(path).await.error(400);
    }
}

async fn an_account_is_made_seen_changed_and_removed(world: World) {
    let provider = people().await;
    let mut new = acme(&provider.url);
    new["label"] = "Acme of the north".into();
    new["tenant_id"] = "customer-1".into();
    new["validate"] = true.into();
    let made = world.client.post("/integrated-account", &new).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["integration"]["name"], "acme");
    assert_eq!(made["auth"], "api_token");
    assert_eq!((&made["status"], &made["last_error"]), (&json!("active"), &json!(null)));
    assert_eq!(made["validation"]["validated"], true);
    assert_eq!(provider.seen().last().unwrap().header("authorization"), Some("Bearer sandbox-token"));

    let path = format!("/integrated-account/{id}");
    let seen = world.client.get(&path).await.ok();
    assert_eq!((&seen["label"], &seen["tenant_id"]), (&json!("Acme of the north"), &json!("customer-1")));
    assert!(seen.get("credential").is_none());

    let change = json!({"label": null, "tenant_id": "customer-2"});
    let changed = world.client.send(Method::PATCH, &path, &change).await.ok();
    assert_eq!((&changed["label"], &changed["tenant_id"]), (&json!(null), &json!("customer-2")));
    let changed = json!({"credential": {"token": "another-token"}});
    world.client.send(Method::PATCH, &path, &changed).await.ok();
    assert_eq!(provider.seen().last().unwrap().header("authorization"), Some("Bearer another-token"));
    world.client.users(id, "").await.ok();
    assert_eq!(provider.seen().last().unwrap().header("authorization"), Some("Bearer another-token"));

    let removed = Answer::of(world.client.request(Method::DELETE, &path)).await;
    assert_eq!((removed.status, removed.text()), (204, ""));
    world.client.get(&path).await.says(404, &[id]);
    world.client.users(id, "").await.says(404, &[id]);
    Answer::of(world.client.request(Method::DELETE, &path)).await.error(404);
}

async fn accounts_are_listed_by_page_and_filter(world: World) {
    let mut all = Vec::new();
    for number in 0..5 {
        let mut new = acme("http://127.0.0.1:9");
        new["tenant_id"] = format!("customer-{}", number % 2).into();
        all.push(connect(&world.client, &new).await);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.client.get(&format!("/integrated-account?limit=2&next_cursor={cursor}")).await.ok();
        let accounts = page["result"].as_array().unwrap();
        assert!(!accounts.is_empty() && accounts.len() <= 2);
        assert_eq!(page["result_count"], accounts.len());
        seen.extend(ids(accounts));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let count = async |query: &str| {
        world.client.get(&format!("/integrated-account?{query}")).await.ok()["result_count"].clone()
    };
    assert_eq!(count("tenant_id=customer-1").await, 2);
    assert_eq!(count("integration=acme-inc&status=active").await, 5);
    assert_eq!(count("integration=okta").await, 0);
    assert_eq!(count("status=needs_reauth").await, 0);
    world.client.get("/integrated-account?status=broken").await.says(400, &["status=broken", "needs_reauth"]);
    world.client.get("/integrated-account?tenant=x").await.says(400, &["`tenant`", "did you mean `tenant_id`?"]);
    world.client.get("/integrated-account?next_cursor=zzz").await.says(400, &["next_cursor"]);
}

on_both!(an_account_is_made_seen_changed_and_removed, accounts_are_listed_by_page_and_filter);

#[tokio::test]
async fn an_account_is_not_made_of_what_cannot_be_used() {
    let world = World::new().await;
    let refused = async |body: serde_json::Value, words: &[&str]| {
        world.client.post("/integrated-account", &body).await.says(400, words)
    };
    world.client.post("/integrated-account", &json!({"integration": "okat"})).await.says(404, &["okat", "okta"]);
    refused(json!({"integration": "acme", "credentials": {}}), &["`credentials`", "`credential`"]).await;
    refused(json!({}), &["`integration`"]).await;
    let problems = refused(json!({"integration": "acme"}), &["`token`", "/integration/acme"]).await;
    assert_eq!(problems["details"]["problems"][0]["name"], "token");
    refused(json!({"integration": "acme", "credential": {"tokn": "x"}}), &["`tokn`"]).await;
    refused(json!({"integration": "acme", "auth": "magic", "credential": {"token": "x"}}), &["`magic`"]).await;
    for body in ["", "[", "{\"integration\": \"acme\"", "\"acme\"", "null"] {
        let request = world.client.request(Method::POST, "/integrated-account").body(body);
        Answer::of(request).await.says(400, &["body"]);
    }
    assert_eq!(world.client.get("/integrated-account").await.ok()["result_count"], 0);
}

#[tokio::test]
async fn an_account_that_the_provider_refuses_is_not_saved() {
    let provider = Provider::start(async |_| json_answer(401, &json!({"message": "no such token"}))).await;
    let world = World::new().await;
    let mut new = acme(&provider.url);
    new["validate"] = true.into();
    let answer = world.client.post("/integrated-account", &new).await;
    let error = answer.says(401, &["not saved", "no such token"]);
    assert_eq!(error["truto_is_remote_error"], true);
    assert_eq!(world.client.get("/integrated-account").await.ok()["result_count"], 0);
}

#[tokio::test]
async fn integrations_are_listed_and_told_one_by_one() {
    let world = World::new().await;
    let one = world.client.get("/integration/acme").await.ok();
    assert_eq!(one["name"], "acme");
    assert_eq!(one["resources"]["users"], json!(["list", "get"]));
    assert_eq!(one["credentials"]["api_token"]["fields"][0]["name"], "token");
    assert_eq!(one["credentials"]["api_token"]["fields"][0]["secret"], true);
    assert_eq!(one["credentials"]["consent"]["browser"], true);
    assert_eq!(world.client.get("/integration/acme-inc").await.ok()["name"], "acme");
    world.client.get("/integration/acm").await.says(404, &["`acm`", "`acme`"]);
    let all = world.client.get("/integration").await.ok();
    let names: Vec<&str> = all["result"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.len() > 100 && names.is_sorted(), "{}", names.len());
    assert!(["acme", "okta", "slack"].iter().all(|name| names.contains(name)));
}

#[tokio::test]
async fn integrations_are_narrowed_and_paged() {
    let world = World::new().await;
    let names = async |query: &str| -> Vec<String> {
        let page = world.client.get(&format!("/integration?{query}")).await.ok();
        page["result"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names("next_cursor=").await;
    assert_eq!(names("name=acme-inc").await, ["acme"]);
    let live = names("tier=live").await;
    assert!(!live.is_empty() && live.len() < all.len());
    assert!(names("category=no-such").await.is_empty());
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.client.get(&format!("/integration?limit=50&next_cursor={cursor}")).await.ok();
        let result = page["result"].as_array().unwrap();
        walked.extend(result.iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
        assert_eq!(result.len(), 50);
    }
    assert_eq!(walked, all);
    world.client.get("/integration?categry=crm").await.says(400, &["`categry`", "`category`"]);
    world.client.get("/integration?tier=best").await.says(400, &["`tier=best`", "live"]);
    world.client.get("/integration?limit=0").await.says(400, &["`limit=0`"]);
}

#[tokio::test]
async fn capabilities_are_narrowed_by_type_methods_and_resource() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let all = world.client.get("/integration/acme/capabilities").await.ok();
    let users = &all["unified"]["user-directory"]["users"];
    assert!(users["list"]["fields"].as_array().unwrap().contains(&json!("emails")));
    assert_eq!(users["list"]["permissions"], json!(["users:read"]));
    assert_eq!(all["unified"]["user-directory"]["groups"]["list"]["required_parameters"], json!(["organization_id"]));
    assert!(all["auth"].as_array().unwrap().len() > 3);
    assert!(all.get("proxy").is_some());

    let path = format!("/integrated-account/{account}/capabilities");
    let own = world.client.get(&path).await.ok();
    assert_eq!(own["auth"], json!(["api_token"]));
    let narrow = world.client.get(&format!("{path}?type=unified&methods[]=get&resource=users")).await.ok();
    assert!(narrow.get("proxy").is_none());
    let resources = narrow["unified"]["user-directory"].as_object().unwrap();
    assert_eq!(resources.keys().collect::<Vec<_>>(), ["users"]);
    assert_eq!(resources["users"].as_object().unwrap().keys().collect::<Vec<_>>(), ["get"]);
    world.client.get(&format!("{path}?method=get")).await.says(400, &["`method`", "did you mean `methods`?"]);
    world.client.get(&format!("{path}?resource=user")).await.says(400, &["resource=user"]);
}

#[tokio::test]
async fn ping_answers_anyone() {
    let world = World::new().await;
    let answer = Answer::of(world.client.anonymous(Method::GET, "/ping")).await.ok();
    assert_eq!(answer["message"], "pong");
}

#[tokio::test]
async fn a_link_token_is_made_for_one_attempt() {
    let world = World::new().await;
    let link = world.client.post("/link-token", &json!({"integrations": ["acme"], "tenant_id": "customer-1"})).await;
    assert_eq!(link.status, 201);
    let link = link.ok();
    let token = link["link_token"].as_str().unwrap();
    let url = link["url"].as_str().unwrap();
    // After the hash, where no server's log has it.
    assert!(url.split_once('#').is_some_and(|(front, hash)| hash.contains(token) && !front.contains(token)), "{url}");
    assert!(link["expires_at"].as_str().unwrap().ends_with('Z'));
    world.client.post("/link-token", &json!({"integrations": ["nothing"]})).await.error(404);
    world.client.post("/link-token", &json!({"expires_in": 99_999_999})).await.says(400, &["seconds"]);
    world
        .client
        .post("/link-token", &json!({"redirect_uri": "javascript:alert(1)"}))
        .await
        .says(400, &["redirect_uri"]);
}

#[tokio::test]
async fn proxy_passes_the_native_resource_on_and_back() {
    let provider = Provider::start(async |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/v1/users") => crate::world::page(&(0..9).map(person).collect::<Vec<_>>(), &seen),
        (method, path) => json_answer(
            207,
            &json!({"method": method, "path": path, "query": seen.query, "body": String::from_utf8_lossy(&seen.body)}),
        ),
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let of_account = format!("integrated_account_id={account}");
    // Where the connector pages the path, pages and cursors are ours; the records are the provider's.
    let first = world.client.get(&format!("/proxy/users?{of_account}")).await.ok();
    assert_eq!(first["result"].as_array().unwrap().len(), 7);
    assert_eq!(first["result"][3], person(3));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.client.get(&format!("/proxy/users?{of_account}&next_cursor={cursor}")).await.ok();
    assert_eq!(second["result"], json!([person(7), person(8)]));
    assert_eq!(second["next_cursor"], json!(null));
    for (method, path) in [
        (Method::GET, "/devices"),
        (Method::POST, "/devices"),
        (Method::PATCH, "/devices/7"),
        (Method::DELETE, "/devices/7"),
    ] {
        let body = if method == Method::GET { json!(null) } else { json!({"name": "x"}) };
        let call = format!("/proxy{path}?{of_account}&depth=2");
        let answer = match method {
            Method::GET => world.client.get(&call).await,
            _ => world.client.send(method.clone(), &call, &body).await,
        };
        assert_eq!(answer.status, 207);
        let echo = answer.json();
        assert_eq!((&echo["method"], &echo["path"]), (&json!(method.as_str()), &json!(format!("/v1{path}"))));
        assert_eq!(echo["query"], json!([["depth", "2"]]));
        if method != Method::GET {
            assert_eq!(echo["body"], body.to_string());
        }
        assert_eq!(provider.seen().last().unwrap().header("authorization"), Some("Bearer sandbox-token"));
    }
    world.client.get("/proxy/users").await.says(400, &["integrated_account_id"]);
    let before = provider.seen().len();
    for path in ["a/%252e%252e/admin", "a%2f%2e%2e%2fadmin", "%5c%5cevil.example", "a%3fb=c", "/evil.example"] {
        world.client.get(&format!("/proxy/{path}?{of_account}")).await.says(400, &["base"]);
    }
    assert_eq!(provider.seen().len(), before);
}
