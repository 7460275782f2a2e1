//! Sweeping: what has expired goes, everything else stays.

use std::time::Duration;

use rollcall_store::{NewToken, Swept};
use serde_json::json;

use crate::world::{World, new_token};

on_both!(what_has_expired_is_swept);

async fn what_has_expired_is_swept(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let mut texts = Vec::new();
    for (number, seconds) in [60, 61].into_iter().enumerate() {
        let expires_at = world.clock.after(seconds);
        let new = NewToken { expires_at: Some(expires_at), ..new_token(&environment) };
        texts.push(store.create_token(new).await.unwrap().1);
        store.put_sign_in(&number.to_string(), &environment, expires_at, &json!(number)).await.unwrap();
        store.acquire_lease(&number.to_string(), "one", Duration::from_secs(seconds)).await.unwrap().unwrap();
    }
    let endless = store.create_token(new_token(&environment)).await.unwrap().1;
    assert_eq!(store.sweep().await.unwrap(), Swept::default());
    world.clock.forward(Duration::from_secs(60));
    assert_eq!(store.sweep().await.unwrap(), Swept { tokens: 1, sign_ins: 1, leases: 1 });
    assert_eq!(store.sweep().await.unwrap(), Swept::default());
    assert_eq!(store.tokens(&environment).await.unwrap().len(), 2);
    assert!(store.token(&texts[1]).await.unwrap().is_some() && store.token(&endless).await.unwrap().is_some());
    assert_eq!(store.take_sign_in("1").await.unwrap(), Some(json!(1)));
    assert_eq!(store.acquire_lease("1", "two", Duration::from_secs(1)).await.unwrap(), None);
}
