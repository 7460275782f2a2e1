//! Calls that are given up in the middle, as a server does when its caller hangs up.

use std::time::Duration;

use futures_util::future::join_all;
use rollcall_store::{AccountFilter, Store};
use serde_json::json;

use crate::world::{World, credential, new_account};

on_both!(calls_given_up_harm_no_others);

async fn calls_given_up_harm_no_others(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let account = store.create_account(new_account(&environment)).await.unwrap();
    let mut given_up = 0;
    for step in 0..40_u64 {
        // Ever later points, from before the first wait on.
        let patience = Duration::from_micros(step * 100);
        let calls = [0, 1, 2, 3].map(|kind| {
            let (store, environment, id) = (store.clone(), environment.clone(), account.id.clone());
            tokio::spawn(async move {
                let name = format!("{step}-{kind}");
                tokio::time::timeout(patience, call(kind, &store, &environment, &id, &name)).await.is_err()
            })
        });
        given_up += join_all(calls).await.into_iter().filter(|given_up| *given_up.as_ref().unwrap()).count();
    }
    assert!(given_up > 20, "{given_up}");

    let accounts = store.accounts(&environment, AccountFilter::default()).await.unwrap();
    for account in &accounts {
        assert!(store.account_with_credential(&environment, &account.id).await.unwrap().is_some());
    }
    let calls = (0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let name = format!("after-{number}");
            let lease = store.acquire_lease(&name, "one", Duration::from_secs(60)).await.unwrap().unwrap();
            store.create_environment(&name).await.unwrap();
            lease.fence
        })
    });
    let mut fences: Vec<i64> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    fences.sort_unstable();
    fences.dedup();
    assert_eq!(fences.len(), 20);
    assert_eq!(store.rotate_keys().await.unwrap().remaining, 0);
}

async fn call(kind: u32, store: &Store, environment: &str, account: &str, name: &str) {
    match kind {
        0 => {
            let lease = store.acquire_lease(name, "one", Duration::from_secs(60)).await.unwrap().unwrap();
            store.release_lease(&lease).await.unwrap();
        }
        1 => {
            store.create_account(new_account(environment)).await.unwrap();
        }
        2 => {
            let (found, _) = store.account_with_credential(environment, account).await.unwrap().unwrap();
            store.save_credential(account, found.credential_version, &credential(name)).await.unwrap();
        }
        _ => {
            let until = std::time::SystemTime::now();
            store.put_sign_in(name, environment, until, &json!(1)).await.unwrap();
            store.rotate_keys().await.unwrap();
        }
    }
}
