//! `GET /unified/{model}/{resource}/meta/{method}?integrated_account_id=` and `GET /unified/meta/{model}/{integration}`
//! (`format=json|md|html`): schemas, mapping, required parameters, documentation links.

use http::Method;
use rollcall_model::Model;
use rollcall_store::TokenKind;
use serde_json::{Value, json};

use crate::openapi::described::{hold, hold_body, slugs, strict};
use crate::world::{Answer, Provider, World, directory, rich_person};

const OF_ACCOUNT: &str = "/unified/{model}/{resource}/meta/{method}";
const OF_CONNECTOR: &str = "/unified/meta/{model}/{integration}";

async fn acme(world: &World) -> (Provider, String) {
    let provider = Provider::start(directory(vec![rich_person()])).await;
    let account = world.acme(&provider).await;
    (provider, account)
}

fn path(resource: &str, method: &str, account: &str) -> String {
    format!("/unified/user-directory/{resource}/meta/{method}?integrated_account_id={account}")
}

fn parameter<'a>(meta: &'a Value, name: &str) -> &'a Value {
    let all = meta["query_parameters"].as_array().unwrap();
    all.iter().find(|known| known["name"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn the_schema_is_that_of_the_records() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let answer = world.client.get(&path("users", "list", &account)).await;
    hold(OF_ACCOUNT, "get", &answer);
    let schema = &answer.ok()["schema"];
    jsonschema::meta::validate(schema).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let page = world.client.users(&account, "").await.ok();
    let validator = strict(&json!({"components": {"schemas": {}}}), schema);
    for record in page["result"].as_array().unwrap() {
        let faults: Vec<String> = validator.iter_errors(record).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    // What the connector does not give is not in it, and what is wrong is found.
    assert!(schema["properties"]["last_active_at"].is_null());
    assert!(!validator.is_valid(&json!({"id": "1", "last_active_at": "2026-05-01T00:00:00Z"})));
    assert!(!validator.is_valid(&json!({"name": "Ada"})));
}

#[tokio::test]
async fn required_parameters_are_those_without_which_the_call_is_refused() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    for (resource, required) in [("users", vec![]), ("groups", vec!["organization_id"]), ("roles", vec![])] {
        let meta = world.client.get(&path(resource, "list", &account)).await.ok();
        assert_eq!(meta["required_query_parameters"], json!(required), "{resource}");
        let listed =
            world.client.get(&format!("/unified/user-directory/{resource}?integrated_account_id={account}")).await;
        if !required.is_empty() {
            assert_eq!(listed.error(400)["details"]["missing_required_query_parameters"], json!(required));
        }
        for name in required {
            assert_eq!(parameter(&meta, name)["required"], true, "{name}");
        }
    }
    let roles = world.client.get(&path("roles", "list", &account)).await.ok();
    assert_eq!(parameter(&roles, "workspace_id")["required_unless"], json!(["group_id"]));
    assert_eq!(parameter(&roles, "workspace_id")["kind"], "parameter");
}

#[tokio::test]
async fn filters_are_those_that_the_account_can_be_asked_for() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let meta = world.client.get(&path("users", "list", &account)).await.ok();
    assert_eq!(meta["provider_filters"], json!(["status"]));
    assert_eq!(meta["provider_sorts"], json!(["name"]));
    assert_eq!(parameter(&meta, "status")["applied"], "provider");
    assert_eq!(parameter(&meta, "username")["applied"], "local");
    assert_eq!(parameter(&meta, "last_active_at"), &Value::Null, "a filter on a field that it does not give");
    let sorts = parameter(&meta, "sort_by")["schema"]["anyOf"][0]["properties"].as_object().unwrap();
    assert!(sorts.contains_key("created_at") && !sorts.contains_key("last_active_at"), "{sorts:?}");
    assert!(!meta["query_parameters"].to_string().contains("$ref"), "a reference that leads nowhere");
    // Every filter that it names is taken.
    for filter in meta["query_parameters"].as_array().unwrap().iter().filter(|known| known["kind"] == "filter") {
        let name = filter["name"].as_str().unwrap();
        let refused = world.client.users(&account, &format!("{name}[no_such_member]=x")).await.error(400);
        assert!(!refused["message"].as_str().unwrap().contains("unknown parameter"), "{name}: {refused}");
    }
}

#[tokio::test]
async fn the_mapping_names_the_source_of_each_field() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let meta = world.client.get(&path("users", "list", &account)).await.ok();
    let mapping = &meta["mapping"];
    assert_eq!(mapping["username"]["paths"], json!([".login"]));
    assert_eq!(mapping["groups.type"]["constant"], true);
    assert!(mapping["emails.email"]["paths"][0].as_str().unwrap().contains("value"), "{mapping}");
    let properties = meta["schema"]["properties"].as_object().unwrap();
    for name in properties.keys().filter(|name| *name != "remote_data") {
        let inside = format!("{name}.");
        assert!(
            mapping.as_object().unwrap().keys().any(|field| field == name || field.starts_with(&inside)),
            "{name} has no source"
        );
    }
    assert_eq!(meta["permissions"][0], json!({"for": "list", "names": ["users:read"], "optional": false}));
    assert_eq!(meta["documentation"][0]["url"], "https://acme.example/docs");
    assert_eq!(meta["calls"][0]["url"], "https://api.acme.example/v1/users");
}

#[tokio::test]
async fn permissions_are_those_of_the_accounts_own_credential() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let of = |meta: &Value| -> Vec<String> {
        let all = meta["permissions"].as_array().unwrap().iter();
        all.filter_map(|entry| entry["for"].as_str()?.strip_prefix("credential ").map(str::to_owned)).collect()
    };
    assert_eq!(of(&world.client.get(&path("users", "list", &account)).await.ok()), ["api_token"]);
    let okta = world.client.get("/unified/meta/user-directory/okta").await.ok();
    assert_eq!(of(&okta["resources"]["users"]["list"]), ["api_token", "oauth2"]);
}

#[tokio::test]
async fn a_connector_is_described_as_json_markdown_and_html() {
    let world = World::new().await;
    let path = "/unified/meta/user-directory/okta";
    let json = world.client.get(path).await;
    hold(OF_CONNECTOR, "get", &json);
    let meta = json.ok();
    assert_eq!(meta["resources"]["users"]["list"]["mapping"]["username"]["paths"], json!([".profile.login"]));
    assert_eq!(world.client.get(&format!("{path}?format=json")).await.ok(), meta);
    let markdown = world.client.get(&format!("{path}?format=md")).await;
    hold(OF_CONNECTOR, "get", &markdown);
    assert!(markdown.text().contains("| `username` | `.profile.login` |"), "{}", markdown.text());
    let html = world.client.get(&format!("{path}?format=html")).await;
    hold(OF_CONNECTOR, "get", &html);
    assert!(html.text().contains(".profile.login") && html.header("content-security-policy").is_some());
}

#[tokio::test]
async fn unknown_names_are_told_the_nearest() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let client = &world.client;
    client.get(&path("usres", "list", &account)).await.says(404, &["usres", "`users`"]);
    client.get(&path("users", "lits", &account)).await.says(404, &["lits", "`list`"]);
    client.get(&path("groups", "get", &account)).await.says(404, &["acme", "list"]);
    client.get(&path("billing", "list", &account)).await.says(404, &["billing", "users"]);
    client.get(&format!("{}&staus=x", path("users", "list", &account))).await.says(400, &["staus"]);
    client.get("/unified/user-directory/users/meta/list").await.says(400, &["integrated_account_id"]);
    client.get(&path("users", "list", "none")).await.says(404, &["none"]);
    client.get("/unified/meta/user-directory/okat").await.says(404, &["okat", "`okta`"]);
    client.get("/unified/meta/user-directry/okta").await.says(404, &["user-directry", "user-directory"]);
    client.get("/unified/meta/user-directory/okta?format=htm").await.says(400, &["htm", "`html`"]);
    client.get("/unified/meta/user-directory/okta?fromat=md").await.says(400, &["fromat", "`format`"]);
    world.stranger.get(&path("users", "list", &account)).await.says(404, &[&account]);
    let anonymous = Answer::of(client.anonymous(Method::GET, "/unified/meta/user-directory/okta")).await;
    anonymous.says(401, &["token"]);
}

#[tokio::test]
async fn an_account_token_knows_its_account() {
    let world = World::new().await;
    let (_provider, account) = acme(&world).await;
    let own = world.token(|new| (new.kind, new.account_id) = (TokenKind::Account, Some(account.clone()))).await;
    let meta = own.get("/unified/user-directory/users/meta/get").await.ok();
    assert_eq!((meta["integration"].as_str(), meta["method"].as_str()), (Some("acme"), Some("get")));
    own.get(&path("users", "list", "another")).await.says(404, &["another"]);
}

/// All connectors that there are: what is said of them is as the document says, and their schemas are schemas.
#[tokio::test]
async fn every_connector_is_described() {
    let world = World::with(|config| config.requests_burst = 10_000).await;
    for slug in slugs() {
        let meta = world.client.get(&format!("/unified/meta/user-directory/{slug}")).await.ok();
        hold_body(&json!({"$ref": "#/components/schemas/IntegrationMeta"}), &meta, &slug);
        for (resource, methods) in meta["resources"].as_object().unwrap() {
            let model = Model::user_directory().resource(resource).unwrap();
            for (method, meta) in methods.as_object().unwrap() {
                jsonschema::meta::validate(&meta["schema"]).unwrap();
                let fields = meta["schema"]["properties"].as_object().unwrap().len() - 1;
                assert!(fields > 0 && fields <= model.fields.len(), "{slug} {resource} {method}");
                assert!(!meta["mapping"].as_object().unwrap().is_empty(), "{slug} {resource} {method}");
            }
        }
    }
}
