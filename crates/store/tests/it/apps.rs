//! OAuth apps: one for a connector, sealed, and what changes with them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use rollcall_store::{AccountChange, Credential, Error, MasterKeys, NewAccount, NewOAuthApp};
use serde_json::{Map, json};

use crate::world::{World, new_account};

on_both!(
    an_app_is_kept_replaced_and_removed,
    an_app_belongs_to_one_environment,
    no_secret_is_stored_in_the_clear,
    a_secret_that_was_moved_does_not_open,
    accounts_of_the_connector_are_read_anew,
    a_rotation_seals_apps_anew,
    of_parallel_writers_one_stays_whole,
);

fn secret(text: &str) -> Credential {
    Credential::new(Map::from_iter([("client_secret".to_owned(), json!(text))]))
}

fn new_app(environment_id: &str, text: &str) -> NewOAuthApp {
    NewOAuthApp {
        environment_id: environment_id.to_owned(),
        connector: "acme".to_owned(),
        auth: "oauth2".to_owned(),
        client_id: format!("id-{text}"),
        settings: BTreeMap::from([("domain".to_owned(), "acme.example.com".to_owned())]),
        base_url: None,
        secret: secret(text),
    }
}

async fn an_app_is_kept_replaced_and_removed(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    assert_eq!(store.app_with_secret(&environment, "acme").await.unwrap(), None);
    let first = store.put_app(new_app(&environment, "first")).await.unwrap();
    assert_eq!((first.client_id.as_str(), first.auth.as_str()), ("id-first", "oauth2"));
    assert_eq!(first.created_at, world.clock.now());
    world.clock.forward(Duration::from_secs(5));
    let base_url = Some("https://proxy.example.com".to_owned());
    let second = store
        .put_app(NewOAuthApp {
            base_url: base_url.clone(),
            settings: BTreeMap::new(),
            ..new_app(&environment, "second")
        })
        .await
        .unwrap();
    assert_eq!((second.created_at, second.updated_at), (first.created_at, world.clock.now()));
    assert_eq!((second.base_url.clone(), second.settings.len()), (base_url, 0));
    let node = world.store().await;
    assert_eq!(node.app_with_secret(&environment, "acme").await.unwrap(), Some((second.clone(), secret("second"))));
    assert_eq!(node.apps(&environment).await.unwrap(), [second]);
    let sealed = world.blobs("SELECT id, secret FROM oauth_apps").await;
    assert!(world.holds(&sealed[0].1).await);
    assert!(node.delete_app(&environment, "acme").await.unwrap());
    assert!(!world.holds(&sealed[0].1).await);
    assert!(!node.delete_app(&environment, "acme").await.unwrap());
    assert_eq!(store.app_with_secret(&environment, "acme").await.unwrap(), None);
}

async fn an_app_belongs_to_one_environment(world: World) {
    let store = world.store().await;
    let one = store.create_environment("one").await.unwrap().id;
    let other = store.create_environment("other").await.unwrap().id;
    store.put_app(new_app(&one, "one")).await.unwrap();
    assert_eq!(store.app_with_secret(&other, "acme").await.unwrap(), None);
    assert!(store.apps(&other).await.unwrap().is_empty());
    assert!(!store.delete_app(&other, "acme").await.unwrap());
    store.put_app(new_app(&other, "other")).await.unwrap();
    let (_, found) = store.app_with_secret(&one, "acme").await.unwrap().unwrap();
    assert_eq!(found, secret("one"));
    for nowhere in ["nowhere", "", "\0"] {
        assert_eq!(store.app_with_secret(nowhere, "acme").await.unwrap(), None);
        assert!(!store.delete_app(nowhere, "acme").await.unwrap());
    }
    assert_eq!(store.app_with_secret(&one, "\0").await.unwrap(), None);
    let error = store.put_app(new_app("01982b1c-8c1e-7000-8000-000000000000", "lost")).await.unwrap_err();
    assert!(matches!(error, Error::Absent { what: "environment", .. }), "{error:?}");
    let bad = NewOAuthApp { client_id: "a\0".to_owned(), ..new_app(&one, "bad") };
    assert!(matches!(store.put_app(bad).await, Err(Error::Unfit { .. })));
}

async fn no_secret_is_stored_in_the_clear(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    store.put_app(new_app(&environment, "canary-first")).await.unwrap();
    store.put_app(new_app(&environment, "canary-second")).await.unwrap();
    assert!(world.holds(b"id-canary-second").await, "what is not secret is found by the same means");
    // The client id holds the text too, so the secret is looked for as it would stand in JSON.
    for canary in ["\"canary-first\"", "\"canary-second\""] {
        assert!(!world.holds(canary.as_bytes()).await, "{canary}");
    }
    let shown = format!("{:?}", store.app_with_secret(&environment, "acme").await.unwrap());
    assert!(shown.contains("[redacted]") && !shown.contains("\"canary-second\""), "{shown}");
}

async fn a_secret_that_was_moved_does_not_open(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    store.put_app(new_app(&environment, "one")).await.unwrap();
    store.put_app(NewOAuthApp { connector: "other".to_owned(), ..new_app(&environment, "two") }).await.unwrap();
    world
        .sql(
            "UPDATE oauth_apps SET secret = (SELECT o.secret FROM oauth_apps AS o WHERE o.connector = 'acme') \
             WHERE connector = 'other'",
        )
        .await;
    let moved = store.app_with_secret(&environment, "other").await;
    assert!(matches!(moved, Err(Error::DoesNotOpen { what: "OAuth app", .. })), "{moved:?}");
    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    world
        .sql("UPDATE oauth_apps SET secret = (SELECT accounts.credential FROM accounts) WHERE connector = 'acme'")
        .await;
    let moved = store.app_with_secret(&environment, "acme").await;
    assert!(matches!(moved, Err(Error::DoesNotOpen { .. })), "what was sealed for account {account}: {moved:?}");
    store.put_app(new_app(&environment, "anew")).await.unwrap();
    assert!(store.app_with_secret(&environment, "acme").await.unwrap().is_some(), "setting it again repairs it");
}

async fn accounts_of_the_connector_are_read_anew(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let other = store.create_environment("other").await.unwrap().id;
    let account = store.create_account(new_account(&environment)).await.unwrap();
    let elsewhere = store.create_account(new_account(&other)).await.unwrap();
    let unlike = NewAccount { connector: "unlike".to_owned(), ..new_account(&environment) };
    let unlike = store.create_account(unlike).await.unwrap();
    store.put_app(new_app(&environment, "one")).await.unwrap();
    let after = store.account(&environment, &account.id).await.unwrap().unwrap();
    assert_eq!(after.version, account.version + 1);
    assert_eq!((after.credential_version, after.updated_at), (account.credential_version, account.updated_at));
    store.delete_app(&environment, "acme").await.unwrap();
    let after = store.account(&environment, &account.id).await.unwrap().unwrap();
    assert_eq!(after.version, account.version + 2);
    assert_eq!(store.account(&other, &elsewhere.id).await.unwrap(), Some(elsewhere));
    assert_eq!(store.account(&environment, &unlike.id).await.unwrap(), Some(unlike));
}

async fn a_rotation_seals_apps_anew(world: World) {
    let new = MasterKeys::generate_base64().unwrap();
    let old = world.store().await;
    let environment = old.create_environment("one").await.unwrap().id;
    old.put_app(new_app(&environment, "one")).await.unwrap();
    let before = world.blobs("SELECT id, secret FROM oauth_apps").await;
    let store = world.open(&[&new, &world.key]).await.unwrap();
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.removed, rotation.damaged.len()), (1, 1, 0));
    assert!(!world.holds(&before[0].1).await);
    let alone = world.open(&[&new]).await.unwrap();
    let (_, found) = alone.app_with_secret(&environment, "acme").await.unwrap().unwrap();
    assert_eq!(found, secret("one"));
    // The key in use cannot go, whatever else was sealed under it.
    assert_eq!(alone.rotate_keys().await.unwrap().resealed, 1);
}

async fn of_parallel_writers_one_stays_whole(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    let account = nodes[0].create_account(new_account(&environment)).await.unwrap();
    let writes = (0..20).map(|number| {
        let (node, environment, account) = (nodes[number % 2].clone(), environment.clone(), account.id.clone());
        tokio::spawn(async move {
            node.put_app(new_app(&environment, &number.to_string())).await.unwrap();
            let change = AccountChange { label: Some(Some(number.to_string())), ..AccountChange::default() };
            node.update_account(&environment, &account, change).await.unwrap();
        })
    });
    for write in join_all(writes).await {
        write.unwrap();
    }
    let (app, found) = nodes[0].app_with_secret(&environment, "acme").await.unwrap().unwrap();
    let number = app.client_id.strip_prefix("id-").unwrap();
    assert_eq!(found, secret(number), "id and secret are of one writer");
    assert_eq!(nodes[1].apps(&environment).await.unwrap().len(), 1);
    let after = nodes[0].account(&environment, &account.id).await.unwrap().unwrap();
    assert_eq!(after.version, account.version + 40, "no touch is lost");
}
