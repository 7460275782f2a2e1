//! Sign-ins under way: taken once, not after their end, and sealed.

use std::time::Duration;

use futures_util::future::join_all;
use rollcall_store::Error;
use serde_json::json;

use crate::world::World;

on_both!(
    a_sign_in_is_taken_once,
    a_sign_in_ends,
    a_sign_in_needs_its_environment_and_a_new_state,
    of_parallel_takers_one_gets_it,
);

const STATE: &str = "state-canary";

async fn a_sign_in_is_taken_once(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let payload = json!({"verifier": "verifier-canary", "settings": {"domain": "✓"}});
    store.put_sign_in(STATE, &environment, world.clock.after(600), &payload).await.unwrap();
    assert!(world.holds(environment.as_bytes()).await);
    for secret in [STATE, "verifier-canary"] {
        assert!(!world.holds(secret.as_bytes()).await, "{secret}");
    }
    for unknown in ["", "state", "\0", &STATE.to_uppercase()] {
        assert_eq!(store.take_sign_in(unknown).await.unwrap(), None, "{unknown:?}");
    }
    assert_eq!(world.store().await.take_sign_in(STATE).await.unwrap(), Some(payload));
    assert_eq!(store.take_sign_in(STATE).await.unwrap(), None);
}

async fn a_sign_in_ends(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    for (state, micros, found) in [("a", 59_999_999, true), ("b", 60_000_000, false)] {
        store.put_sign_in(state, &environment, world.clock.after(60), &json!(1)).await.unwrap();
        world.clock.forward(Duration::from_micros(micros));
        assert_eq!(store.take_sign_in(state).await.unwrap().is_some(), found, "{state}");
    }
}

async fn a_sign_in_needs_its_environment_and_a_new_state(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let until = world.clock.after(60);
    let error = store.put_sign_in("a", "nowhere", until, &json!(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no environment `nowhere`");
    store.put_sign_in("a", &environment, until, &json!(1)).await.unwrap();
    let again = store.put_sign_in("a", &environment, until, &json!(2)).await;
    assert!(matches!(again, Err(Error::Duplicate { .. })), "{again:?}");
    assert_eq!(store.take_sign_in("a").await.unwrap(), Some(json!(1)));
}

async fn of_parallel_takers_one_gets_it(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    nodes[0].put_sign_in(STATE, &environment, world.clock.after(60), &json!(7)).await.unwrap();
    let takes = (0..20).map(|number| {
        let node = nodes[number % 2].clone();
        tokio::spawn(async move { node.take_sign_in(STATE).await.unwrap() })
    });
    let taken: Vec<_> = join_all(takes).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, [json!(7)]);
}
