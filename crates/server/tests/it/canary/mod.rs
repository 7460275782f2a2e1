//! Secrets that must not be found anywhere: every way a credential travels, through every fault, and then a search of all answers and their
//! headers, of the log at its most talkative, of the metrics, of what things print of themselves, of the audit log and of the files.

mod kinds;
mod log;
mod misuse;
mod provider;
mod search;
mod sign_in;

use std::sync::Arc;

use http::Method;
use rollcall_store::{Location, MasterKeys};
use serde_json::{Value, json};

use crate::world::{Answer, USERS, World};
use kinds::{KINDS, Kind};
use provider::{Echo, FAULTS};
use search::Search;

/// A folder that goes with its test.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A server over a file, its log being watched.
async fn watched() -> (World, Folder, Search) {
    log::watch();
    let key = MasterKeys::generate_base64().unwrap();
    let folder = std::env::temp_dir().join(format!("rollcall-canary-{}", key.replace(['/', '+', '='], "")));
    std::fs::create_dir(&folder).unwrap();
    let mut search = Search::new(&folder);
    search.secret("master key", &key);
    let world = World::at(Location::Sqlite(folder.join("rollcall.db")), key, |_| {}).await;
    search.secret("token", &world.client.token);
    search.secret("token of the other environment", &world.stranger.token);
    (world, Folder(folder), search)
}

/// All calls that touch the provider of an account.
async fn calls(world: &World, account: &str, kind: &Kind, url: &str) -> Vec<Answer> {
    let of_account = format!("integrated_account_id={account}");
    let mut answers = Vec::new();
    for path in [
        format!("{USERS}?{of_account}"),
        format!("{USERS}?{of_account}&limit=2"),
        format!("{USERS}?{of_account}&truto_response_format=debug"),
        format!("{USERS}?{of_account}&truto_response_format=raw"),
        format!("{USERS}?{of_account}&truto_response_format=stream"),
        format!("{USERS}?{of_account}&truto_response_format=normalized&sort_by=username"),
        format!("{USERS}/1?{of_account}"),
        format!("{USERS}/1?{of_account}&truto_response_format=debug"),
        format!("/proxy/users?{of_account}"),
        format!("/proxy/else?{of_account}"),
        format!("/integrated-account/{account}"),
        format!("/integrated-account/{account}/capabilities"),
    ] {
        answers.push(world.client.get(&path).await);
    }
    answers.push(world.client.post(&format!("/proxy/else?{of_account}"), &json!({"name": "x"})).await);
    // Connecting and changing try the credential by a call.
    answers.push(world.client.post("/integrated-account", &kind.connecting(url, true)).await);
    let change = json!({"credential": kind.credential()});
    answers.push(world.client.send(Method::PATCH, &format!("/integrated-account/{account}"), &change).await);
    answers
}

async fn nothing_is_told_by(kind: &Kind) {
    let (world, _folder, mut search) = watched().await;
    kind.secrets().for_each(|(name, secret)| search.secret(name, &secret));
    for fault in FAULTS {
        let echo = Arc::new(Echo::new(*kind, fault));
        let provider = Echo::start(&echo).await;
        let created = world.client.post("/integrated-account", &kind.connecting(&provider.url, false)).await;
        search.answer(&created);
        let account = created.ok()["id"].as_str().unwrap().to_owned();
        for answer in calls(&world, &account, kind, &provider.url).await {
            search.answer(&answer);
        }
        assert!(echo.was_told(), "{}: {fault:?}: the provider never saw the secret", kind.name);
    }
    for path in ["/audit-log?limit=1000", "/integrated-account", "/token", "/metrics", "/integration/acme"] {
        search.answer(&world.client.get(path).await);
    }
    for account in world.store.accounts(&world.environment.id, Default::default()).await.unwrap() {
        let (account, credential) =
            world.store.account_with_credential(&world.environment.id, &account.id).await.unwrap().unwrap();
        search.printed(&format!("{account:?} {credential:?} {:?}", world.store));
        // It was there to be found.
        assert!(!credential.expose().is_empty());
    }
    search.printed(&format!("{:?} {:?}", world.app.config, world.store.keys()));
    search.finish(&world).await;
}

/// A test for each kind of credential, so that they run side by side.
macro_rules! for_each_kind {
    ($($name:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            let kind = KINDS.iter().find(|kind| kind.name == stringify!($name)).unwrap();
            nothing_is_told_by(kind).await;
        })+

        #[test]
        fn every_kind_has_its_test() {
            assert_eq!(KINDS.map(|kind| kind.name), [$(stringify!($name)),+]);
        }
    };
}

for_each_kind!(api_token, query_key, password, session, app, consent);

/// Tokens that this server gives are told once, to whom they are given.
#[tokio::test]
async fn tokens_of_ours_are_told_once() {
    let (world, _folder, mut search) = watched().await;
    let provider = crate::world::Provider::start(crate::world::directory(Vec::new())).await;
    let account = world.acme(&provider).await;
    let made = [
        world.client.post("/token", &json!({"label": "x"})).await.ok()["token"].clone(),
        world.client.post("/token", &json!({"kind": "account", "integrated_account_id": account})).await.ok()["token"]
            .clone(),
        world.client.post("/link-token", &json!({"tenant_id": "x"})).await.ok()["link_token"].clone(),
    ];
    for token in made.iter().map(|token| token.as_str().unwrap()) {
        search.secret("a token that was made", token);
        let client = world.client.with(token);
        for path in [USERS, "/integrated-account", "/token", "/link", "/nothing", "/unified/user-directory/users?x=1"] {
            search.answer(&client.get(path).await);
        }
        // In places where it does not belong.
        search.answer(&client.get("/integrated-account?limit=0").await);
        let odd = world.client.anonymous(Method::GET, "/ping").header("cookie", format!("token={token}"));
        search.answer(&Answer::of(odd).await);
    }
    for path in ["/token", "/audit-log", "/metrics"] {
        search.answer(&world.client.get(path).await);
    }
    for token in world.store.tokens(&world.environment.id).await.unwrap() {
        search.printed(&format!("{token:?}"));
    }
    search.finish(&world).await;
}

/// The search finds what is there: in an answer, in the log, in what is printed, and in the files.
#[tokio::test]
async fn the_search_finds_what_there_is() {
    let (world, _folder, mut search) = watched().await;
    search.secret("a label", "canary-label-that-is-no-secret");
    assert!(!search.finds(&world).await);
    tracing::trace!(label = "canary-label-that-is-no-secret", "a canary in the log");
    assert!(search.finds_in_log());
    log::forget("canary-label-that-is-no-secret");
    ::log::trace!("a canary-label-that-is-no-secret in the older log");
    assert!(search.finds_in_log());
    log::forget("canary-label-that-is-no-secret");
    assert!(!search.finds_in_log());
    let made = world.client.post("/token", &json!({"label": "canary-label-that-is-no-secret"})).await;
    assert!(search.finds_in_files());
    search.answer(&made);
    assert!(search.finds(&world).await);
    let mut printed = Search::new(std::path::Path::new("/nonexistent"));
    printed.secret("a text", "canary \"quoted\"");
    printed.printed(&Value::from("canary \"quoted\"").to_string());
    assert!(printed.finds(&world).await);
}
