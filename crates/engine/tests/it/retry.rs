//! Waiting and trying again.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use rollcall_engine::transport::TransportError;
use rollcall_engine::{FaultKind, Limits, retry};
use serde_json::json;

use crate::provider::{World, answer, ok, users};

fn yaml() -> String {
    users("{none: {}}")
}

#[test]
fn throttling_waits_as_long_as_the_provider_asks() {
    let world = World::new(&yaml(), |_, call| {
        if call == 0 { answer(429, &[("retry-after", "7")], "") } else { ok(json!({"users": [{"id": 1}]})) }
    });
    assert_eq!(world.users().expect("after a wait").0.len(), 1);
    assert_eq!(*world.clock.waits.lock().expect("waits"), [Duration::from_secs(7)]);
}

#[test]
fn a_wait_that_is_too_long_gives_the_fault_back() {
    let world = World::new(&yaml(), |_, _| answer(429, &[("retry-after", "3600")], ""));
    let fault = world.users().expect_err("too long");
    assert_eq!(
        (fault.kind, fault.status, fault.retry_after),
        (FaultKind::Throttled, Some(429), Some(Duration::from_secs(3600)))
    );
    assert!(world.clock.waits.lock().expect("waits").is_empty());
}

#[test]
fn transient_faults_are_tried_again_and_given_up() {
    for status in [500, 502, 503, 429] {
        let world = World::new(&yaml(), move |_, _| answer(status, &[], "oops"));
        let fault = world.users().expect_err("given up");
        assert!(matches!(fault.kind, FaultKind::ProviderDown | FaultKind::Throttled));
        assert_eq!(world.asked().len(), 5, "{status}");
    }
    let world = World::new(&yaml(), |_, call| {
        if call < 2 { Err(TransportError::Timeout(Duration::from_secs(60))) } else { ok(json!({"users": []})) }
    });
    assert_eq!(world.users().expect("third time").1.retries, 2);
}

#[test]
fn refusals_are_not_tried_again() {
    for (status, kind) in [
        (401, FaultKind::Credential),
        (403, FaultKind::Permission),
        (404, FaultKind::Gone),
        (400, FaultKind::BadRequest),
    ] {
        let world = World::new(&yaml(), move |_, _| answer(status, &[], "{}"));
        assert_eq!(world.users().expect_err("refused").kind, kind);
        assert_eq!(world.asked().len(), 1);
    }
}

#[test]
fn too_large_is_a_limit_and_not_tried_again() {
    let world = World::with_limits(&yaml(), Limits::default(), |_, _| Err(TransportError::TooLarge(1)));
    assert_eq!(world.users().expect_err("too large").kind, FaultKind::LimitReached);
    assert_eq!(world.asked().len(), 1);
}

#[test]
fn an_exhausted_rate_limit_is_waited_out() {
    let yaml = users("{page: {param: page, last: .pages}}").replace("  base: https://api.acme.example/v1\n", "  base: https://api.acme.example/v1\n  rate: {remaining: x-left, reset: {header: x-reset, unit: epoch_seconds}}\n");
    let world = World::new(&yaml, |_, call| {
        answer(
            200,
            &[("x-left", "0"), ("x-reset", "1780000020")],
            json!({"users": [{"id": call}], "pages": 2}).to_string(),
        )
    });
    world.users().expect("a list");
    assert_eq!(*world.clock.waits.lock().expect("waits"), [Duration::from_secs(20)]);
}

#[test]
fn retry_after_in_both_forms_and_nonsense() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (text, wait) in [
        ("120", Some(120.0)),
        ("1.5", Some(1.5)),
        ("0", Some(0.0)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10.0)),
        ("Sun, 06 Nov 1994 08:49:07 GMT", Some(0.0)),
        ("-3", None),
        ("unlimited", None),
        ("", None),
        ("1e99", None),
        ("NaN", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_str(text).expect("a value"));
        assert_eq!(retry::retry_after(&headers, now), wait.map(Duration::from_secs_f64), "{text}");
    }
}
