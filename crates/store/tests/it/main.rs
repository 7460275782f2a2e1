//! The store on a file of SQLite.

use std::sync::Arc;
use std::time::SystemTime;

use rollcall_store::*;
use serde_json::{Map, json};

#[tokio::test]
async fn a_credential_comes_back_as_it_was() {
    let folder = std::env::temp_dir().join(format!("rollcall-store-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let location = Location::Sqlite(folder.join("it.db"));
    let keys = MasterKeys::load_or_create(&folder.join("keys")).unwrap();
    let store = Store::open(&location, keys.clone(), Arc::new(SystemTime::now)).await.unwrap();
    store.ready().await.unwrap();
    let environment = store.create_environment("production").await.unwrap();
    let credential = Credential::new(Map::from_iter([("token".to_owned(), json!("canary"))]));
    let account = store
        .create_account(NewAccount {
            environment_id: environment.id.clone(),
            connector: "okta".to_owned(),
            label: None,
            auth: "api_token".to_owned(),
            settings: [("domain".to_owned(), "acme.okta.com".to_owned())].into(),
            credential: credential.clone(),
            base_url: None,
            external_id: None,
            overrides: json!({}),
            status: AccountStatus::Connecting,
        })
        .await
        .unwrap();
    let other = Store::open(&location, keys, Arc::new(SystemTime::now)).await.unwrap();
    let found = other.account_with_credential(&environment.id, &account.id).await.unwrap();
    assert_eq!(found, Some((account.clone(), credential.clone())));
    assert_eq!(store.save_credential(&account.id, 1, &credential).await.unwrap(), Some(2));
    assert_eq!(other.save_credential(&account.id, 1, &credential).await.unwrap(), None);
    let rotation = store.rotate_keys().await.unwrap();
    assert_eq!((rotation.resealed, rotation.removed), (1, 1));
    let (account, again) = other.account_with_credential(&environment.id, &account.id).await.unwrap().unwrap();
    assert_eq!((account.credential_version, again), (2, credential));
    let change = AccountChange { label: Some(Some("x".to_owned())), ..AccountChange::default() };
    let account = store.update_account(&environment.id, &account.id, change).await.unwrap().unwrap();
    assert_eq!((account.version, account.label.as_deref()), (2, Some("x")));
    let lease = store.acquire_lease("a", "one", std::time::Duration::from_secs(9)).await.unwrap().unwrap();
    assert_eq!(other.acquire_lease("a", "two", std::time::Duration::from_secs(9)).await.unwrap(), None);
    store.release_lease(&lease).await.unwrap();
    assert!(other.acquire_lease("a", "two", std::time::Duration::from_secs(9)).await.unwrap().unwrap().fence > lease.fence);
    assert!(store.delete_account(&environment.id, &account.id).await.unwrap());
    std::fs::remove_dir_all(folder).unwrap();
}
