//! What somebody sees who has the database and not the master key, and what they can do with it: nothing.

use rollcall_store::{AccountChange, Error, NewAccount};
use serde_json::json;

use crate::world::{World, credential, new_account};

on_both!(
    no_credential_is_stored_in_the_clear,
    rows_that_were_swapped_do_not_open,
    a_row_that_was_moved_does_not_open,
    a_wrong_master_key_is_told_at_once,
    a_data_key_that_was_changed_is_told_at_once,
);

async fn no_credential_is_stored_in_the_clear(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let new = NewAccount {
        credential: credential("canary-created"),
        label: Some("label-canary".to_owned()),
        ..new_account(&environment)
    };
    let account = store.create_account(new).await.unwrap();
    let seen = async |present: &str| {
        assert!(world.holds(b"label-canary").await, "what is not secret is found by the same means");
        for canary in ["canary-created", "canary-updated", "canary-saved"] {
            assert!(!world.holds(canary.as_bytes()).await, "{canary} after {present}");
        }
        let (_, found) = store.account_with_credential(&environment, &account.id).await.unwrap().unwrap();
        assert_eq!(found, credential(present));
    };
    seen("canary-created").await;
    let change = AccountChange { credential: Some(credential("canary-updated")), ..AccountChange::default() };
    store.update_account(&environment, &account.id, change).await.unwrap();
    seen("canary-updated").await;
    store.save_credential(&account.id, 2, &credential("canary-saved")).await.unwrap();
    seen("canary-saved").await;
    store.rotate_keys().await.unwrap();
    seen("canary-saved").await;
}

async fn rows_that_were_swapped_do_not_open(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let one = store.create_account(new_account(&environment)).await.unwrap().id;
    let other = store.create_account(new_account(&environment)).await.unwrap().id;
    world
        .sql(
            "CREATE TABLE before AS SELECT id, credential FROM accounts; \
             UPDATE accounts SET credential = (SELECT before.credential FROM before WHERE before.id <> accounts.id)",
        )
        .await;
    for id in [&one, &other] {
        let error = store.account_with_credential(&environment, id).await.unwrap_err();
        let expected = format!(
            "the sealed credential of `{id}` does not open: it was changed, or moved there from another record"
        );
        assert_eq!(error.to_string(), expected);
        assert!(!error.is_transient() && error.hint().is_some());
        assert!(store.account(&environment, id).await.unwrap().is_some(), "it can still be listed, and deleted");
    }
    let change = AccountChange { credential: Some(credential("anew")), ..AccountChange::default() };
    store.update_account(&environment, &one, change).await.unwrap();
    let (_, found) = store.account_with_credential(&environment, &one).await.unwrap().unwrap();
    assert_eq!(found, credential("anew"), "signing in again repairs it");
}

async fn a_row_that_was_moved_does_not_open(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let other = store.create_environment("other").await.unwrap().id;
    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    world.sql(&format!("UPDATE accounts SET environment_id = '{other}'")).await;
    let moved = store.account_with_credential(&other, &account).await;
    assert!(matches!(moved, Err(Error::DoesNotOpen { what: "credential", .. })), "{moved:?}");

    store.put_sign_in("state", &environment, world.clock.after(60), &json!({"a": 1})).await.unwrap();
    world.sql(&format!("UPDATE sign_ins SET environment_id = '{other}'")).await;
    let moved = store.take_sign_in("state").await;
    assert!(matches!(moved, Err(Error::DoesNotOpen { what: "sign-in", .. })), "{moved:?}");

    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    store.put_sign_in("state", &environment, world.clock.after(60), &json!({"a": 1})).await.unwrap();
    world.sql(&format!("UPDATE accounts SET credential = (SELECT payload FROM sign_ins) WHERE id = '{account}'")).await;
    let moved = store.account_with_credential(&environment, &account).await;
    assert!(matches!(moved, Err(Error::DoesNotOpen { .. })), "what was sealed for something else: {moved:?}");
}

async fn a_wrong_master_key_is_told_at_once(world: World) {
    let right = world.store().await.keys().ids().remove(0);
    let other = rollcall_store::MasterKeys::generate_base64().unwrap();
    let error = world.open(&[&other]).await.unwrap_err();
    let wrong = rollcall_store::MasterKeys::from_base64(&other, &[]).unwrap().ids().remove(0);
    assert_eq!(
        error.to_string(),
        format!("the database is sealed under master key `{right}`, but the keys given are `{wrong}`")
    );
    assert!(!error.is_transient() && error.hint().is_some());
    assert!(!format!("{error:?}").contains(&other));
    world.open(&[&other, &world.key]).await.unwrap();
    world.open(&[&world.key, &other]).await.unwrap();
}

async fn a_data_key_that_was_changed_is_told_at_once(world: World) {
    world.store().await;
    let other = rollcall_store::MasterKeys::generate_base64().unwrap();
    let id = rollcall_store::MasterKeys::from_base64(&other, &[]).unwrap().ids().remove(0);
    // As if it had been wrapped by another key than it was.
    world.sql(&format!("UPDATE data_keys SET master_key_id = '{id}'")).await;
    let opened = world.open(&[&world.key, &other]).await;
    assert!(matches!(opened, Err(Error::DoesNotOpen { what: "data key", .. })), "{opened:?}");
}
