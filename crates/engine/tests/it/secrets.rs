//! A secret that a provider sends back, in whatever form, is not shown.

use serde_json::json;

use crate::provider::{World, answer, users};

const CANARY: &str = "canary-secret-1";

#[test]
fn faults_never_repeat_the_credential() {
    for status in [200, 400, 401, 403, 404, 418, 429, 500] {
        for body in [
            format!("token {CANARY} is bad"),
            json!({"message": format!("Bearer {CANARY}"), "error": CANARY}).to_string(),
            format!("<html>{CANARY}</html>"),
        ] {
            let world =
                World::new(&users("{none: {}}"), move |_, _| answer(status, &[("x-echo", CANARY)], body.clone()));
            world.session.keep_trace();
            let fault = world.users().expect_err("a fault");
            let shown = format!(
                "{fault} {fault:?} {} {}",
                serde_json::to_string(&fault).expect("JSON"),
                serde_json::to_string(&world.session.trace()).expect("JSON")
            );
            assert!(!shown.contains(CANARY), "{status}: {shown}");
        }
    }
}

#[test]
fn the_trace_hides_credentials_in_urls() {
    let yaml = users("{none: {}}").replace("header: {Authorization: 'Bearer {token}'}", "query: {key: '{token}'}");
    let world = World::new(&yaml, |_, _| answer(500, &[], ""));
    world.session.keep_trace();
    let fault = world.users().expect_err("down");
    let shown = format!("{fault:?} {}", serde_json::to_string(&world.session.trace()).expect("JSON"));
    assert!(!shown.contains(CANARY) && shown.contains("redacted"), "{shown}");
    assert!(world.asked().iter().all(|url| url.contains(CANARY)), "the provider itself gets it");
}
