//! Accounts: what is put in comes out, changes change what they name, and environments do not meet.

use std::collections::BTreeMap;
use std::time::Duration;

use rollcall_store::{Account, AccountChange, AccountFilter, AccountStatus, Error, NewAccount};
use serde_json::{Value, json};

use crate::world::{World, credential, new_account};

on_both!(
    every_field_comes_back,
    another_environment_sees_nothing,
    a_list_is_filtered_and_paged,
    a_change_changes_what_it_names,
    what_a_change_takes_away_is_gone,
    a_status_is_written_when_it_is_new,
    an_account_needs_its_environment,
    texts_that_cannot_be_stored_are_refused,
);

/// What a change does to the account as it was.
type Apply = fn(&mut Account);

fn full(environment_id: &str) -> NewAccount {
    NewAccount {
        label: Some("Ünïcode “label”\n✓".to_owned()),
        settings: BTreeMap::from([
            ("domain".to_owned(), "acme.example".to_owned()),
            (String::new(), "'; --".to_owned()),
        ]),
        base_url: Some("https://acme.example/api".to_owned()),
        external_id: Some("customer-1".to_owned()),
        overrides: json!({"unified": {"users": {"fields": {"z": ".z", "a": ".a\u{0}"}}}, "big": 12_345_678_901_234_567_u64}),
        status: AccountStatus::Connecting,
        ..new_account(environment_id)
    }
}

async fn every_field_comes_back(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    for new in [full(&environment), new_account(&environment)] {
        let made = store.create_account(new.clone()).await.unwrap();
        let expected = Account {
            id: made.id.clone(),
            environment_id: new.environment_id,
            connector: new.connector,
            label: new.label,
            auth: new.auth,
            settings: new.settings,
            base_url: new.base_url,
            external_id: new.external_id,
            overrides: new.overrides,
            status: new.status,
            last_error: None,
            created_at: world.clock.now(),
            updated_at: world.clock.now(),
            version: 1,
            credential_version: 1,
        };
        assert_eq!(made, expected);
        let node = world.store().await;
        assert_eq!(node.account(&environment, &made.id).await.unwrap(), Some(expected.clone()));
        let (account, found) = node.account_with_credential(&environment, &made.id).await.unwrap().unwrap();
        assert_eq!((account, found), (expected, new.credential));
    }
}

async fn another_environment_sees_nothing(world: World) {
    let store = world.store().await;
    let [one, other] = ["one", "other"];
    let one = store.create_environment(one).await.unwrap().id;
    let other = store.create_environment(other).await.unwrap().id;
    let account = store.create_account(new_account(&one)).await.unwrap();
    for (environment, id) in [
        (other.as_str(), account.id.as_str()),
        (&one, &one),
        (&one, ""),
        (&one, "\0"),
        (&one, &account.id.to_uppercase()),
        ("", &account.id),
    ] {
        assert_eq!(store.account(environment, id).await.unwrap(), None, "{environment} {id}");
        assert!(store.account_with_credential(environment, id).await.unwrap().is_none());
        let change = AccountChange { label: Some(Some("taken".to_owned())), ..AccountChange::default() };
        assert_eq!(store.update_account(environment, id, change).await.unwrap(), None);
        assert!(!store.delete_account(environment, id).await.unwrap());
    }
    assert_eq!(store.accounts(&other, AccountFilter::default()).await.unwrap(), []);
    assert_eq!(store.account(&one, &account.id).await.unwrap(), Some(account));
}

async fn a_list_is_filtered_and_paged(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let mut made = Vec::new();
    for number in 0..7 {
        let new = NewAccount {
            connector: if number % 2 == 0 { "even" } else { "odd" }.to_owned(),
            external_id: (number < 3).then(|| "same".to_owned()),
            status: if number == 6 { AccountStatus::NeedsReauth } else { AccountStatus::Active },
            ..new_account(&environment)
        };
        made.push(store.create_account(new).await.unwrap());
        world.clock.forward(Duration::from_millis(3));
    }
    let list = async |filter: AccountFilter| -> Vec<usize> {
        let found = store.accounts(&environment, filter).await.unwrap();
        found.iter().map(|account| made.iter().position(|known| known == account).unwrap()).collect()
    };
    let filter = AccountFilter::default();
    assert_eq!(list(filter.clone()).await, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(list(AccountFilter { connector: Some("odd".to_owned()), ..filter.clone() }).await, [1, 3, 5]);
    assert_eq!(list(AccountFilter { external_id: Some("same".to_owned()), ..filter.clone() }).await, [0, 1, 2]);
    assert_eq!(list(AccountFilter { status: Some(AccountStatus::NeedsReauth), ..filter.clone() }).await, [6]);
    let both =
        AccountFilter { connector: Some("even".to_owned()), external_id: Some("same".to_owned()), ..filter.clone() };
    assert_eq!(list(both).await, [0, 2]);
    assert_eq!(list(AccountFilter { connector: Some("\0".to_owned()), ..filter.clone() }).await, [] as [usize; 0]);
    assert_eq!(list(AccountFilter { limit: 0, ..filter.clone() }).await, [0], "at least one, or paging would not end");

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = store.accounts(&environment, AccountFilter { after, limit: 3, ..filter.clone() }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        pages.push(page);
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(pages.concat(), made);
}

async fn a_change_changes_what_it_names(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let mut account = store.create_account(full(&environment)).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    let nothing = AccountChange::default;
    let changes: Vec<(AccountChange, Apply)> = vec![
        (nothing(), |_| {}),
        (AccountChange { label: Some(text("new")), ..nothing() }, |account| account.label = Some("new".to_owned())),
        (AccountChange { auth: text("oauth2"), ..nothing() }, |account| account.auth = "oauth2".to_owned()),
        (AccountChange { base_url: Some(text("http://b")), ..nothing() }, |account| {
            account.base_url = Some("http://b".to_owned());
        }),
        (AccountChange { external_id: Some(text("c-2")), ..nothing() }, |account| {
            account.external_id = Some("c-2".to_owned());
        }),
        (AccountChange { settings: Some(BTreeMap::new()), ..nothing() }, |account| account.settings.clear()),
        (AccountChange { overrides: Some(Value::Null), ..nothing() }, |account| account.overrides = Value::Null),
        (AccountChange { status: Some(AccountStatus::NeedsReauth), ..nothing() }, |account| {
            account.status = AccountStatus::NeedsReauth;
        }),
        (AccountChange { last_error: Some(Some(json!({"code": 401}))), ..nothing() }, |account| {
            account.last_error = Some(json!({"code": 401}));
        }),
        (AccountChange { credential: Some(credential("second")), ..nothing() }, |account| {
            account.credential_version += 1
        }),
    ];
    for (change, apply) in changes {
        world.clock.forward(Duration::from_secs(1));
        apply(&mut account);
        account.version += 1;
        account.updated_at = world.clock.now();
        let changed = store.update_account(&environment, &account.id, change.clone()).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&account), "{change:?}");
        let token = if account.credential_version == 1 { "secret" } else { "second" };
        let found = store.account_with_credential(&environment, &account.id).await.unwrap().unwrap();
        assert_eq!(found, (account.clone(), credential(token)), "{change:?}");
    }
}

async fn what_a_change_takes_away_is_gone(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let account = store.create_account(full(&environment)).await.unwrap();
    store.set_account_status(&account.id, AccountStatus::NeedsReauth, Some(json!("bad"))).await.unwrap();
    let change = AccountChange {
        label: Some(None),
        base_url: Some(None),
        external_id: Some(None),
        last_error: Some(None),
        ..AccountChange::default()
    };
    let changed = store.update_account(&environment, &account.id, change).await.unwrap().unwrap();
    assert_eq!((changed.label, changed.base_url, changed.external_id, changed.last_error), (None, None, None, None));
    assert_eq!(changed.status, AccountStatus::NeedsReauth);
}

async fn a_status_is_written_when_it_is_new(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let made = store.create_account(new_account(&environment)).await.unwrap();
    let mut expected = made.clone();
    for (status, error, writes) in [
        (AccountStatus::Active, None, false),
        (AccountStatus::NeedsReauth, Some(json!({"status": 401})), true),
        (AccountStatus::NeedsReauth, Some(json!({"status": 401})), false),
        (AccountStatus::NeedsReauth, Some(json!({"status": 403})), true),
        (AccountStatus::Active, None, true),
    ] {
        world.clock.forward(Duration::from_secs(1));
        store.set_account_status(&made.id, status, error.clone()).await.unwrap();
        if writes {
            expected = Account {
                status,
                last_error: error,
                updated_at: world.clock.now(),
                version: expected.version + 1,
                ..expected
            };
        }
        assert_eq!(store.account(&environment, &made.id).await.unwrap().as_ref(), Some(&expected));
    }
    store.delete_account(&environment, &made.id).await.unwrap();
    store.set_account_status(&made.id, AccountStatus::NeedsReauth, None).await.unwrap();
    assert_eq!(store.account(&environment, &made.id).await.unwrap(), None);
}

async fn an_account_needs_its_environment(world: World) {
    let store = world.store().await;
    let id = "018bcfe5-6800-7000-8000-000000000000";
    let error = store.create_account(new_account(id)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no environment `{id}`"));
    assert!(!error.is_transient());
}

async fn texts_that_cannot_be_stored_are_refused(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let nul = || "a\0b".to_owned();
    let account = store.create_account(new_account(&environment)).await.unwrap();
    for new in [
        NewAccount { connector: nul(), ..new_account(&environment) },
        NewAccount { label: Some(nul()), ..new_account(&environment) },
        NewAccount { auth: nul(), ..new_account(&environment) },
        NewAccount { base_url: Some(nul()), ..new_account(&environment) },
        NewAccount { external_id: Some(nul()), ..new_account(&environment) },
    ] {
        assert!(matches!(store.create_account(new).await, Err(Error::Unfit { .. })));
    }
    for change in [
        AccountChange { label: Some(Some(nul())), ..AccountChange::default() },
        AccountChange { auth: Some(nul()), ..AccountChange::default() },
        AccountChange { base_url: Some(Some(nul())), ..AccountChange::default() },
        AccountChange { external_id: Some(Some(nul())), ..AccountChange::default() },
    ] {
        let changed = store.update_account(&environment, &account.id, change).await;
        assert!(matches!(changed, Err(Error::Unfit { .. })));
    }
    let settings = BTreeMap::from([(nul(), nul())]);
    let new = NewAccount { settings: settings.clone(), ..new_account(&environment) };
    assert_eq!(store.create_account(new).await.unwrap().settings, settings, "JSON escapes it");
}
