//! Opening: several nodes at once, again, in memory, and what it refuses.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use rollcall_store::{
    AccountChange, AccountFilter, AccountStatus, Credential, Error, Location, MasterKeys, NewAudit, Store,
};

use crate::world::{Folder, World, new_account, new_token};

on_both!(
    many_open_a_new_database_at_once,
    a_newer_schema_is_refused,
    a_changed_migration_is_refused,
    a_closed_store_says_so
);

async fn many_open_a_new_database_at_once(world: World) {
    let world = Arc::new(world);
    let openings = (0..8).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.open(&[&world.key]).await })
    });
    let nodes: Vec<Store> = join_all(openings).await.into_iter().map(|opened| opened.unwrap().unwrap()).collect();
    assert_eq!(world.number("SELECT COUNT(*) FROM data_keys").await, 1, "one of them made the first key");
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    let account = nodes[1].create_account(new_account(&environment)).await.unwrap();
    for node in &nodes {
        node.ready().await.unwrap();
        assert!(node.account_with_credential(&environment, &account.id).await.unwrap().is_some());
    }
}

async fn a_newer_schema_is_refused(world: World) {
    world.store().await.close().await;
    world
        .sql(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let error = world.open(&[&world.key]).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { version: 9999 }), "{error:?}");
    assert!(!error.is_transient() && error.hint().is_some());
}

async fn a_changed_migration_is_refused(world: World) {
    world.store().await.close().await;
    world.sql("UPDATE _sqlx_migrations SET checksum = (SELECT wrapped FROM data_keys)").await;
    let opened = world.open(&[&world.key]).await;
    assert!(matches!(opened, Err(Error::Migration { .. })), "{opened:?}");
}

async fn a_closed_store_says_so(world: World) {
    let store = world.store().await;
    store.close().await;
    assert!(matches!(store.environments().await, Err(Error::Closed { .. })));
    assert!(matches!(store.create_environment("one").await, Err(Error::Closed { .. })));
    assert!(matches!(store.ready().await, Err(Error::Closed { .. })));
    world.store().await.ready().await.unwrap();
}

fn entry() -> NewAudit {
    let text = || "a".to_owned();
    let details = serde_json::Value::Null;
    NewAudit { environment_id: None, actor: text(), action: text(), target: None, request_id: None, details }
}

fn keys() -> MasterKeys {
    MasterKeys::from_base64(&MasterKeys::generate_base64().unwrap(), &[]).unwrap()
}

/// Processes of this same test, each of which finds the place in its environment and opens a node there.
#[tokio::test]
async fn many_processes_open_a_new_file_at_once() {
    const PLACE: &str = "ROLLCALL_STORE_TEST_PLACE";
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let open = async |path: PathBuf| {
        let keys = MasterKeys::from_base64(KEY, &[]).unwrap();
        Store::open(&Location::Sqlite(path), keys, Arc::new(SystemTime::now)).await.unwrap()
    };
    if let Some(path) = std::env::var_os(PLACE) {
        open(path.into()).await.create_environment(&std::process::id().to_string()).await.unwrap();
        return;
    }
    for _ in 0..3 {
        let folder = Folder::new();
        let path = folder.path().join("rollcall.db");
        let processes = (0..6).map(|_| {
            let test = ["--exact", "opening::many_processes_open_a_new_file_at_once", "--nocapture"];
            let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
            command.args(test).env(PLACE, &path).output()
        });
        for output in join_all(processes).await {
            let output = output.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(open(path).await.environments().await.unwrap().len(), 6);
    }
}

/// A server runs calls on whatever thread is free. This compiles, or it does not.
#[tokio::test]
async fn every_call_can_be_spawned() {
    fn spawnable<T: Send>(_: T) {}
    let (location, text, value) = (Location::SqliteMemory, String::new(), serde_json::Value::Null);
    let store = Store::open(&location, keys(), Arc::new(SystemTime::now)).await.unwrap();
    let lease = store.acquire_lease("a", "one", Duration::from_secs(60)).await.unwrap().unwrap();
    spawnable(Store::open(&location, keys(), Arc::new(SystemTime::now)));
    spawnable((store.ready(), store.close(), store.rotate_keys(), store.sweep()));
    spawnable((store.create_environment(&text), store.environments(), store.environment(&text)));
    spawnable((store.create_token(new_token(&text)), store.token(&text), store.tokens(&text)));
    spawnable((store.revoke_token(&text, &text), store.use_link(&text, &text)));
    spawnable((store.create_account(new_account(&text)), store.account(&text, &text)));
    spawnable((store.account_with_credential(&text, &text), store.accounts(&text, AccountFilter::default())));
    spawnable((store.update_account(&text, &text, AccountChange::default()), store.delete_account(&text, &text)));
    spawnable(store.set_account_status(&text, AccountStatus::Active, None));
    spawnable(store.save_credential(&text, 1, &Credential::default()));
    spawnable((store.put_sign_in(&text, &text, SystemTime::now(), &value), store.take_sign_in(&text)));
    spawnable((store.acquire_lease(&text, &text, Duration::ZERO), store.renew_lease(&lease, Duration::ZERO)));
    spawnable((store.release_lease(&lease), store.audit(entry()), store.audit_log(&text, None, 1)));
}

#[tokio::test]
async fn a_store_in_memory_is_its_own() {
    let clock = || Arc::new(SystemTime::now);
    let store = Store::open(&Location::SqliteMemory, keys(), clock()).await.unwrap();
    let other = Store::open(&Location::SqliteMemory, keys(), clock()).await.unwrap();
    let environment = store.create_environment("one").await.unwrap();
    store.create_account(new_account(&environment.id)).await.unwrap();
    assert!(store.acquire_lease("a", "one", Duration::from_secs(60)).await.unwrap().is_some());
    assert_eq!(store.rotate_keys().await.unwrap().resealed, 1);
    let calls = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.environments().await.unwrap() })
    });
    for listed in join_all(calls).await {
        assert_eq!(listed.unwrap(), std::slice::from_ref(&environment));
    }
    assert_eq!(other.environments().await.unwrap(), []);
}

#[tokio::test]
async fn the_files_of_sqlite_are_for_their_owner() {
    let folder = Folder::new();
    let path = folder.path().join("odd name?%20#.db");
    let open = async || Store::open(&Location::Sqlite(path.clone()), keys(), Arc::new(SystemTime::now)).await;
    let modes = || -> Vec<(String, u32)> {
        let mut modes: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o7777)
            })
            .collect();
        modes.sort();
        modes
    };
    let store = open().await.unwrap();
    store.create_environment("one").await.unwrap();
    let name = "odd name?%20#.db";
    let expected: Vec<_> = ["", "-shm", "-wal"].iter().map(|suffix| (format!("{name}{suffix}"), 0o600)).collect();
    assert_eq!(modes(), expected);
    store.close().await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open().await, Err(Error::WrongMasterKey { .. })), "another key each time");
    assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "rights that were too wide are narrowed");
}

#[tokio::test]
async fn what_is_no_database_is_told() {
    let folder = Folder::new();
    let path = folder.path().join("text");
    std::fs::write(&path, "this is a text and no database, and long enough to be seen as one".repeat(20)).unwrap();
    let open = async |location: Location| Store::open(&location, keys(), Arc::new(SystemTime::now)).await.unwrap_err();
    let error = open(Location::Sqlite(path)).await;
    assert!(matches!(error, Error::Refused { .. }) && !error.is_transient(), "{error:?}");
    let error = open(Location::Sqlite(folder.path().join("none/rollcall.db"))).await;
    assert!(matches!(error, Error::File { .. }), "{error:?}");
    let error = open(Location::Sqlite(folder.path().to_owned())).await;
    assert!(!matches!(error, Error::Busy { .. }), "{error:?}");
    let error = open(Location::Postgres("postgres://user:canary@127.0.0.1:port/x".to_owned())).await;
    assert!(matches!(error, Error::Location { .. }) && !format!("{error:?} {error}").contains("canary"), "{error:?}");
    let error = open(Location::Postgres("postgres://127.0.0.1/x?ssl_mode=canary".to_owned())).await;
    assert_eq!(error.to_string(), "the database location has a parameter `ssl_mode`, which is not known");
    let error = open(Location::Postgres("postgres://user:canary@127.0.0.1:1/x".to_owned())).await;
    assert!(error.is_transient() && !format!("{error:?} {error}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let database = rollcall_postgres_fixture::database().await.unwrap_or_else(|error| panic!("{error}"));
    let url = database.url().replace("rollcall_test_", "rollcall_none_");
    let error = Store::open(&Location::Postgres(url), keys(), Arc::new(SystemTime::now)).await.unwrap_err();
    let Error::Refused { code, .. } = &error else { panic!("{error:?}") };
    assert_eq!(code, "3D000");
    assert!(!error.is_transient());
}
