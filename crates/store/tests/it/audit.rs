//! The audit log.

use std::time::Duration;

use rollcall_store::{AuditEntry, Error, NewAudit};
use serde_json::json;

use crate::world::World;

on_both!(entries_come_back_newest_first, entries_stay_in_their_environment);

fn new(environment_id: Option<&str>, action: &str) -> NewAudit {
    NewAudit {
        environment_id: environment_id.map(str::to_owned),
        actor: "token:1".to_owned(),
        action: action.to_owned(),
        target: None,
        request_id: None,
        details: json!({}),
    }
}

async fn entries_come_back_newest_first(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = nodes[0].create_environment("one").await.unwrap().id;
    for number in 0..7 {
        // Three of a node within one moment: their order is kept all the same.
        let entry = NewAudit {
            target: (number % 2 == 0).then(|| format!("account:{number}")),
            request_id: (number == 3).then(|| "req_1".to_owned()),
            details: json!({"number": number}),
            ..new(Some(&environment), "account.create")
        };
        nodes[number / 3 % 2].audit(entry).await.unwrap();
        if number % 3 == 2 {
            world.clock.forward(Duration::from_millis(1));
        }
    }
    let numbers = |entries: &[AuditEntry]| -> Vec<i64> {
        entries.iter().map(|entry| entry.details["number"].as_i64().unwrap()).collect()
    };
    let all = nodes[1].audit_log(&environment, None, 100).await.unwrap();
    assert_eq!(numbers(&all), [6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(
        all[0],
        AuditEntry {
            id: all[0].id.clone(),
            environment_id: Some(environment.clone()),
            at: world.clock.now(),
            actor: "token:1".to_owned(),
            action: "account.create".to_owned(),
            target: Some("account:6".to_owned()),
            request_id: None,
            details: json!({"number": 6}),
        }
    );
    assert_eq!((all[3].request_id.as_deref(), &all[3].target), (Some("req_1"), &None));
    let page = nodes[1].audit_log(&environment, Some(all[2].id.clone()), 3).await.unwrap();
    assert_eq!(numbers(&page), [3, 2, 1]);
    assert_eq!(nodes[0].audit_log(&environment, None, 0).await.unwrap().len(), 1);
    assert_eq!(nodes[0].audit_log(&environment, Some("\0".to_owned()), 5).await.unwrap(), []);
}

async fn entries_stay_in_their_environment(world: World) {
    let store = world.store().await;
    let environment = store.create_environment("one").await.unwrap().id;
    let other = store.create_environment("other").await.unwrap().id;
    store.audit(new(Some(&environment), "here")).await.unwrap();
    store.audit(new(Some(&other), "there")).await.unwrap();
    store.audit(new(None, "nowhere")).await.unwrap();
    let actions: Vec<_> =
        store.audit_log(&environment, None, 9).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["here"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM audit").await, 3);
    for unfit in [
        NewAudit { actor: "\0".to_owned(), ..new(None, "a") },
        NewAudit { target: Some("\0".to_owned()), ..new(None, "a") },
        NewAudit { request_id: Some("\0".to_owned()), ..new(None, "a") },
        new(Some("\0"), "a"),
        new(None, "\0"),
    ] {
        assert!(matches!(store.audit(unfit).await, Err(Error::Unfit { .. })));
    }
}
