//! PostgreSQL goes away and comes back.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rollcall_postgres_fixture::Server;
use rollcall_store::{Location, MasterKeys, Store};
use sqlx::{Connection, PgConnection};

use crate::world::{credential, new_account};

/// Silent, as behind a network that lost it: nothing refuses, nothing answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_silent_is_told_in_time() {
    let server = Server::private().unwrap_or_else(|error| panic!("{error}"));
    let database = server.database().await.unwrap();
    let keys = MasterKeys::from_base64(&MasterKeys::generate_base64().unwrap(), &[]).unwrap();
    let location = Location::parse(database.url()).unwrap();
    let store = Store::open(&location, keys, Arc::new(SystemTime::now)).await.unwrap();
    let environment = store.create_environment("one").await.unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let processes: Vec<i32> =
        sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE application_name = 'rollcall'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert!(!processes.is_empty());
    let signal = |signal: &str| {
        let pids = processes.iter().map(ToString::to_string);
        assert!(Command::new("kill").arg(signal).args(pids).status().unwrap().success());
    };
    signal("-STOP");
    let begin = Instant::now();
    let ready = store.ready().await;
    let within = begin.elapsed();
    // By then no connection is just used any more, and each is asked whether it is there.
    tokio::time::sleep_until((begin + Duration::from_secs(3)).into()).await;
    let listed = store.environments().await;
    signal("-CONT");
    // On a slow machine the first one is no longer just used either; then another one has answered already.
    if let Err(told) = ready {
        let text = "the database did not answer while checking the database: no answer within 2s";
        assert_eq!(told.to_string(), text);
    }
    assert!(within < Duration::from_secs(4), "{within:?}");
    assert_eq!(listed.unwrap(), [environment], "silent connections are given up, and another one is made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_told_and_used_again() {
    let server = Server::private().unwrap_or_else(|error| panic!("{error}"));
    let database = server.database().await.unwrap();
    let location = Location::parse(database.url()).unwrap();
    let keys = MasterKeys::from_base64(&MasterKeys::generate_base64().unwrap(), &[]).unwrap();
    let store = Store::open(&location, keys.clone(), Arc::new(SystemTime::now)).await.unwrap();
    let environment = store.create_environment("one").await.unwrap().id;
    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    let lease = store.acquire_lease("a", "one", Duration::from_secs(600)).await.unwrap().unwrap();

    server.stop().unwrap();
    // More calls than there are connections, so that also new connections are tried.
    for _ in 0..3 {
        let begin = Instant::now();
        let error = store.account_with_credential(&environment, &account).await.unwrap_err();
        assert!(error.is_transient() && error.hint().is_some(), "{error:?}");
        assert!(error.to_string().starts_with("the database did not answer while reading a credential: "), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    }
    let begin = Instant::now();
    assert!(store.ready().await.unwrap_err().is_transient());
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert!(store.save_credential(&account, 1, &credential("lost")).await.unwrap_err().is_transient());
    assert!(store.acquire_lease("b", "one", Duration::from_secs(1)).await.unwrap_err().is_transient());
    assert!(store.rotate_keys().await.unwrap_err().is_transient());
    let opened = Store::open(&location, keys, Arc::new(SystemTime::now)).await;
    assert!(opened.unwrap_err().is_transient());

    server.start().unwrap();
    store.ready().await.unwrap();
    let (_, found) = store.account_with_credential(&environment, &account).await.unwrap().unwrap();
    assert_eq!(found, credential("secret"));
    assert_eq!(store.save_credential(&account, 1, &credential("fresh")).await.unwrap(), Some(2));
    assert_eq!(store.acquire_lease("a", "two", Duration::from_secs(1)).await.unwrap(), None, "leases outlive it");
    store.release_lease(&lease).await.unwrap();
}
