//! Refreshed credentials: of several nodes that refresh at once one wins, and the others learn it. Deleted ones are gone.

use std::time::Duration;

use futures_util::future::join_all;
use rollcall_store::{NewToken, TokenKind};

use crate::world::{World, credential, new_account, new_token};

on_both!(a_save_needs_the_present_version, of_parallel_saves_one_wins, a_deleted_account_leaves_nothing,);

async fn a_save_needs_the_present_version(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let made = store.create_account(new_account(&environment)).await.unwrap();
    world.clock.forward(Duration::from_secs(60));
    for (expected, saved) in [(0, None), (2, None), (1, Some(2)), (1, None), (2, Some(3))] {
        assert_eq!(
            store.save_credential(&made.id, expected, &credential(&format!("after-{expected}"))).await.unwrap(),
            saved
        );
    }
    let (account, found) = store.account_with_credential(&environment, &made.id).await.unwrap().unwrap();
    assert_eq!(found, credential("after-2"));
    assert_eq!((account.credential_version, account.version, account.updated_at), (3, made.version, made.updated_at));
    for id in [environment.as_str(), "", "\0"] {
        assert_eq!(store.save_credential(id, 1, &credential("x")).await.unwrap(), None);
    }
    store.delete_account(&environment, &made.id).await.unwrap();
    assert_eq!(store.save_credential(&made.id, 3, &credential("x")).await.unwrap(), None);
}

async fn of_parallel_saves_one_wins(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    let id = nodes[0].create_account(new_account(&environment)).await.unwrap().id;
    for round in 1..=5 {
        let saves = (0..20).map(|number| {
            let (node, id) = (nodes[number % 2].clone(), id.clone());
            tokio::spawn(async move {
                let saved = node.save_credential(&id, round, &credential(&format!("{round}-{number}"))).await.unwrap();
                (number, saved)
            })
        });
        let saved: Vec<_> =
            join_all(saves).await.into_iter().map(Result::unwrap).filter(|(_, saved)| saved.is_some()).collect();
        let [(winner, version)] = saved.as_slice() else { panic!("one of them: {saved:?}") };
        assert_eq!(*version, Some(round + 1));
        let (_, found) = nodes[0].account_with_credential(&environment, &id).await.unwrap().unwrap();
        assert_eq!(found, credential(&format!("{round}-{winner}")));
    }
}

async fn a_deleted_account_leaves_nothing(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let made = store.create_account(new_account(&environment)).await.unwrap();
    let kept = store.create_account(new_account(&environment)).await.unwrap();
    let new = NewToken { kind: TokenKind::Account, account_id: Some(made.id.clone()), ..new_token(&environment) };
    let (_, text) = store.create_token(new).await.unwrap();
    assert!(store.token(&text).await.unwrap().is_some());
    let sealed = world.blobs("SELECT id, credential FROM accounts").await;
    for (id, bytes) in &sealed {
        assert!(world.holds(bytes).await, "{id}");
    }
    assert!(store.delete_account(&environment, &made.id).await.unwrap());
    assert!(!store.delete_account(&environment, &made.id).await.unwrap());
    for (id, bytes) in &sealed {
        assert_eq!(world.holds(bytes).await, id == &kept.id, "{id}");
    }
    assert_eq!(store.account(&environment, &made.id).await.unwrap(), None);
    assert_eq!(store.token(&text).await.unwrap(), None, "its tokens went with it");
    assert_eq!(store.tokens(&environment).await.unwrap(), []);
}
