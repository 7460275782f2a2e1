//! Environments.

use rollcall_store::Error;

use crate::world::World;

on_both!(an_environment_is_found_by_id_and_by_name, names_are_unique_and_no_ids);

async fn an_environment_is_found_by_id_and_by_name(world: World) {
    let store = world.store().await;
    assert_eq!(store.environments().await.unwrap(), []);
    let made = store.create_environment("Prüfung ✓").await.unwrap();
    assert_eq!((made.name.as_str(), made.created_at), ("Prüfung ✓", world.clock.now()));
    let other = store.create_environment("other").await.unwrap();
    assert_eq!(store.environments().await.unwrap(), [made.clone(), other]);
    for key in [&made.id, &made.name] {
        assert_eq!(store.environment(key).await.unwrap().as_ref(), Some(&made));
    }
    for key in ["", "prüfung ✓", "Prüfung", "a\0b", "%", &made.id.to_uppercase()] {
        assert_eq!(store.environment(key).await.unwrap(), None, "{key:?}");
    }
}

async fn names_are_unique_and_no_ids(world: World) {
    let store = world.store().await;
    let made = store.create_environment("one").await.unwrap();
    let error = store.create_environment("one").await.unwrap_err();
    assert_eq!(error.to_string(), "environment `one` exists already");
    for name in ["", "a\0b", &made.id] {
        assert!(matches!(store.create_environment(name).await, Err(Error::Unfit { .. })), "{name:?}");
    }
    assert_eq!(store.environments().await.unwrap(), [made]);
}
