//! Rotation of keys, alone and while others work, whole and interrupted.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use rollcall_store::{Error, Location, MasterKeys, NewAccount, Store};
use serde_json::json;

use crate::world::{World, credential, new_account};

on_both!(
    everything_is_sealed_anew,
    a_new_master_key_takes_over,
    readers_and_writers_notice_nothing,
    an_interrupted_rotation_goes_on,
    a_damaged_row_stops_nothing,
    two_at_once_end_at_one_key,
);

/// More than two batches.
const MANY: usize = 230;

async fn accounts(store: &Store, environment: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let new = NewAccount { credential: credential(&format!("secret-{number}")), ..new_account(environment) };
        ids.push(store.create_account(new).await.unwrap().id);
    }
    ids
}

async fn all_open(store: &Store, environment: &str, ids: &[String]) {
    for (number, id) in ids.iter().enumerate() {
        let (_, found) = store.account_with_credential(environment, id).await.unwrap().unwrap();
        assert_eq!(found, credential(&format!("secret-{number}")));
    }
}

async fn everything_is_sealed_anew(world: World) {
    let (store, node) = (world.store().await, world.store().await);
    let environment = store.create_environment("one").await.unwrap().id;
    let ids = accounts(&store, &environment, MANY).await;
    store.put_sign_in("state", &environment, world.clock.after(60), &json!({"a": 1})).await.unwrap();
    let before = world.blobs("SELECT id, credential FROM accounts").await;
    let old: Vec<&[u8]> = before.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    assert_eq!(world.count_held(&old).await, MANY);
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.rewrapped, rotation.removed), (MANY as u64 + 1, 0, 1));
    assert_eq!(rotation.damaged, [] as [String; 0]);
    assert_eq!(world.count_held(&old).await, 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 1);
    let elsewhere = format!("SELECT COUNT(*) FROM accounts WHERE data_key_id <> '{}'", rotation.data_key_id);
    assert_eq!(world.number(&elsewhere).await, 0);
    let account = node.account(&environment, &ids[0]).await.unwrap().unwrap();
    assert_eq!((account.version, account.credential_version), (1, 1), "nobody else sees a change");
    all_open(&node, &environment, &ids).await;
    assert_eq!(node.take_sign_in("state").await.unwrap(), Some(json!({"a": 1})));

    let again = node.rotate_keys().await.unwrap();
    assert_ne!(again.data_key_id, rotation.data_key_id);
    assert_eq!((again.resealed, again.removed), (MANY as u64, 1));
    all_open(&store, &environment, &ids).await;
}

async fn a_new_master_key_takes_over(world: World) {
    let new = MasterKeys::generate_base64().unwrap();
    let old = world.store().await;
    let environment = old.create_environment("one").await.unwrap().id;
    let ids = accounts(&old, &environment, 3).await;
    let store = world.open(&[&new, &world.key]).await.unwrap();
    all_open(&store, &environment, &ids).await;
    assert!(matches!(world.open(&[&new]).await, Err(Error::WrongMasterKey { .. })), "still needed");
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.rewrapped, rotation.removed), (3, 1, 1));
    all_open(&world.open(&[&new]).await.unwrap(), &environment, &ids).await;
    assert!(
        matches!(world.open(&[&world.key]).await, Err(Error::WrongMasterKey { .. })),
        "the old one alone is of no use"
    );
    let late = old.account_with_credential(&environment, &ids[0]).await;
    assert!(matches!(late, Err(Error::WrongMasterKey { .. })), "a node that was not told says so: {late:?}");
}

async fn readers_and_writers_notice_nothing(world: World) {
    let (store, node) = (world.store().await, world.store().await);
    let environment = store.create_environment("one").await.unwrap().id;
    let ids = Arc::new(accounts(&store, &environment, 20).await);
    let saved: Arc<Mutex<HashMap<String, (i64, String)>>> = Arc::default();
    let done = Arc::new(AtomicBool::new(false));
    let until = world.clock.after(60);
    let workers = (0..4_usize).map(|worker| {
        let (node, environment, ids) = (node.clone(), environment.clone(), Arc::clone(&ids));
        let (saved, done) = (Arc::clone(&saved), Arc::clone(&done));
        tokio::spawn(async move {
            let mut turn = worker;
            while !done.load(Ordering::SeqCst) {
                turn += 1;
                let id = &ids[turn % ids.len()];
                let (account, found) = node.account_with_credential(&environment, id).await.unwrap().unwrap();
                assert!(found.expose().contains_key("token"));
                let token = format!("{worker}-{turn}");
                let save = node.save_credential(id, account.credential_version, &credential(&token)).await.unwrap();
                if let Some(version) = save {
                    let mut saved = saved.lock().unwrap();
                    let last = saved.entry(id.clone()).or_default();
                    *last = last.clone().max((version, token.clone()));
                }
                node.put_sign_in(&token, &environment, until, &json!(turn)).await.unwrap();
                assert_eq!(node.take_sign_in(&token).await.unwrap(), Some(json!(turn)));
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    let mut keys = BTreeSet::new();
    for _ in 0..5 {
        let rotation = store.rotate_keys().await.unwrap();
        assert_eq!(rotation.damaged, [] as [String; 0]);
        keys.insert(rotation.data_key_id);
    }
    done.store(true, Ordering::SeqCst);
    for worker in join_all(workers).await {
        worker.unwrap();
    }
    assert!(keys.len() >= 2, "{keys:?}");
    let saved = saved.lock().unwrap().clone();
    assert!(!saved.is_empty());
    for (id, (version, token)) in saved {
        let (account, found) = store.account_with_credential(&environment, &id).await.unwrap().unwrap();
        assert_eq!((account.credential_version, found), (version, credential(&token)), "no save was undone");
    }
    store.rotate_keys().await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 1);
}

async fn an_interrupted_rotation_goes_on(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let ids = accounts(&store, &environment, MANY).await;
    let refused = &ids[150];
    world.sql(&refuse_updates_of(&world.location, refused)).await;
    let error = store.rotate_keys().await.unwrap_err();
    assert!(matches!(error, Error::Refused { doing: "sealing anew", .. }), "{error:?}");
    let new_key = "(SELECT id FROM data_keys ORDER BY generation DESC LIMIT 1)";
    let under_new = format!("SELECT COUNT(*) FROM accounts WHERE data_key_id = {new_key}");
    assert_eq!(world.number(&under_new).await, 100, "the first batch");
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 2);
    all_open(&world.store().await, &environment, &ids).await;

    world.sql(&allow_updates(&world.location)).await;
    let rotation = world.store().await.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.removed), (MANY as u64 - 100, 1), "what was done is not done again");
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 1);
    all_open(&store, &environment, &ids).await;
}

async fn a_damaged_row_stops_nothing(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let ids = accounts(&store, &environment, 5).await;
    world
        .sql(&format!(
            "UPDATE accounts SET credential = (SELECT other.credential FROM accounts other WHERE other.id = '{}') WHERE id = '{}'",
            ids[0], ids[1]
        ))
        .await;
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.removed, rotation.remaining), (4, 0, 1));
    assert_eq!(rotation.damaged, [ids[1].clone()]);
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 2);
    store.delete_account(&environment, &ids[1]).await.unwrap();
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.removed, rotation.remaining, rotation.damaged.len()), (0, 1, 0, 0));
}

async fn two_at_once_end_at_one_key(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    let ids = accounts(&nodes[0], &environment, MANY).await;
    let rotations = nodes.clone().map(|node| tokio::spawn(async move { node.rotate_keys().await.unwrap() }));
    for rotation in join_all(rotations).await {
        assert_eq!(rotation.unwrap().damaged, [] as [String; 0]);
    }
    all_open(&nodes[1], &environment, &ids).await;
    nodes[0].rotate_keys().await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 1);
    all_open(&nodes[1], &environment, &ids).await;
}

/// What stops a rotation in its second batch.
fn refuse_updates_of(location: &Location, id: &str) -> String {
    match location {
        Location::Postgres(_) => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stop here'; END $$; \
             CREATE TRIGGER refuse BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.id = '{id}') EXECUTE FUNCTION refuse()"
        ),
        _ => format!(
            "CREATE TRIGGER refuse BEFORE UPDATE ON accounts WHEN NEW.id = '{id}' BEGIN SELECT RAISE(ABORT, 'stop here'); END"
        ),
    }
}

fn allow_updates(location: &Location) -> String {
    match location {
        Location::Postgres(_) => "DROP TRIGGER refuse ON accounts".to_owned(),
        _ => "DROP TRIGGER refuse".to_owned(),
    }
}
