//! Leases between nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rollcall_store::{Error, Lease};

use crate::world::World;

on_both!(
    one_holder_at_a_time,
    a_lease_ends_and_its_holder_cannot_harm_the_next,
    a_lease_is_renewed_while_it_lasts,
    fences_grow_across_sweeps_and_names,
    of_parallel_takers_one_gets_it,
    nobody_is_inside_twice,
);

const MINUTE: Duration = Duration::from_secs(60);

async fn one_holder_at_a_time(world: World) {
    let (one, other) = (world.store().await, world.store().await);
    let lease = one.acquire_lease("refresh", "one", MINUTE).await.unwrap().unwrap();
    let expected = Lease {
        name: "refresh".to_owned(),
        holder: "one".to_owned(),
        fence: lease.fence,
        until: world.clock.after(60),
    };
    assert_eq!(lease, expected);
    for (node, holder) in [(&one, "one"), (&other, "one"), (&other, "other")] {
        assert_eq!(node.acquire_lease("refresh", holder, MINUTE).await.unwrap(), None);
    }
    assert!(other.acquire_lease("another", "other", MINUTE).await.unwrap().is_some());
    one.release_lease(&lease).await.unwrap();
    let next = other.acquire_lease("refresh", "other", MINUTE).await.unwrap().unwrap();
    assert!(next.fence > lease.fence);
    for (name, holder) in [("\0", "one"), ("a", "\0")] {
        assert!(matches!(one.acquire_lease(name, holder, MINUTE).await, Err(Error::Unfit { .. })));
    }
}

async fn a_lease_ends_and_its_holder_cannot_harm_the_next(world: World) {
    let (one, other) = (world.store().await, world.store().await);
    let old = one.acquire_lease("refresh", "one", MINUTE).await.unwrap().unwrap();
    world.clock.forward(Duration::from_micros(59_999_999));
    assert_eq!(other.acquire_lease("refresh", "other", MINUTE).await.unwrap(), None);
    world.clock.forward(Duration::from_micros(1));
    let new = other.acquire_lease("refresh", "other", MINUTE).await.unwrap().unwrap();
    assert!(new.fence > old.fence);
    one.release_lease(&old).await.unwrap();
    assert_eq!(one.renew_lease(&old, MINUTE).await.unwrap(), None);
    assert_eq!(one.acquire_lease("refresh", "one", MINUTE).await.unwrap(), None, "the next holder still has it");
}

async fn a_lease_is_renewed_while_it_lasts(world: World) {
    let store = world.store().await;
    let lease = store.acquire_lease("refresh", "one", MINUTE).await.unwrap().unwrap();
    world.clock.forward(MINUTE / 2);
    let renewed = store.renew_lease(&lease, MINUTE).await.unwrap().unwrap();
    assert_eq!(renewed, Lease { until: world.clock.after(60), ..lease.clone() });
    world.clock.forward(MINUTE - Duration::from_micros(1));
    assert_eq!(store.acquire_lease("refresh", "other", MINUTE).await.unwrap(), None);
    world.clock.forward(Duration::from_micros(1));
    assert_eq!(store.renew_lease(&lease, MINUTE).await.unwrap(), None, "over is over");
    assert!(store.acquire_lease("refresh", "other", Duration::MAX).await.unwrap().is_some());
    world.clock.forward(Duration::from_secs(100 * 365 * 86_400));
    assert_eq!(store.acquire_lease("refresh", "other", MINUTE).await.unwrap(), None);
}

async fn fences_grow_across_sweeps_and_names(world: World) {
    let store = world.store().await;
    let mut last = 0;
    for name in ["a", "a", "b", "a"] {
        let fence = store.acquire_lease(name, "one", MINUTE).await.unwrap().unwrap().fence;
        assert!(fence > last, "{fence} {last}");
        last = fence;
        world.clock.forward(MINUTE);
        assert_eq!(store.sweep().await.unwrap().leases, 1);
        assert_eq!(world.number("SELECT COUNT(*) FROM leases").await, 0);
    }
}

async fn of_parallel_takers_one_gets_it(world: World) {
    let nodes = [world.store().await, world.store().await];
    for round in 0..5 {
        let takes = (0..20).map(|number| {
            let node = nodes[number % 2].clone();
            tokio::spawn(async move { node.acquire_lease("refresh", &number.to_string(), MINUTE).await.unwrap() })
        });
        let taken: Vec<_> = join_all(takes).await.into_iter().filter_map(Result::unwrap).collect();
        let [lease] = taken.as_slice() else { panic!("one of them in round {round}: {taken:?}") };
        if round % 2 == 0 {
            nodes[0].release_lease(lease).await.unwrap();
        } else {
            world.clock.forward(MINUTE);
        }
    }
}

/// Holders read, wait, and write what they read plus one: two at once would lose a step.
async fn nobody_is_inside_twice(world: World) {
    let nodes = [world.store().await, world.store().await];
    let inside = Arc::new(AtomicI64::new(0));
    let tasks = (0..8).map(|number| {
        let (node, inside) = (nodes[number % 2].clone(), Arc::clone(&inside));
        tokio::spawn(async move {
            let mut done = 0;
            while done < 5 {
                let Some(lease) = node.acquire_lease("refresh", "task", MINUTE).await.unwrap() else {
                    tokio::task::yield_now().await;
                    continue;
                };
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "alone inside");
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                node.release_lease(&lease).await.unwrap();
                done += 1;
            }
        })
    });
    for done in join_all(tasks).await {
        done.unwrap();
    }
}
