//! Every route is described, and everything that is described is there.

use std::collections::BTreeSet;

use http::Method;

use super::described::{operations, routes};
use crate::world::{Answer, World};

#[test]
fn the_router_has_the_routes_of_the_document() {
    let written: BTreeSet<&str> = rollcall_server::paths().iter().copied().collect();
    let described: BTreeSet<&str> = routes().iter().map(|(route, _, _)| *route).collect();
    assert_eq!(written, described, "describe the route in `src/openapi/operations`");
    for (_, method, path) in routes() {
        assert!(operations().iter().any(|(known, verb, _)| known == path && verb == method), "{method} {path}");
    }
}

/// The router names the methods of a route to whoever asks with another.
#[tokio::test]
async fn each_route_has_the_methods_of_the_document() {
    let world = World::new().await;
    for route in rollcall_server::paths() {
        let path: String =
            route.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let answer = Answer::of(world.client.request(Method::from_bytes(b"PURGE").unwrap(), &path)).await;
        let allowed = answer.header("allow").unwrap_or_else(|| panic!("{route}: {} {}", answer.status, answer.text()));
        let there: BTreeSet<String> =
            allowed.split(',').map(|method| method.trim().to_lowercase()).filter(|method| method != "head").collect();
        let described: BTreeSet<String> =
            routes().iter().filter(|(known, _, _)| known == route).map(|(_, method, _)| (*method).to_owned()).collect();
        assert_eq!(there, described, "{route}");
    }
}

#[test]
fn operation_ids_are_verb_and_resource_and_no_two_are_the_same() {
    let mut seen = BTreeSet::new();
    for (path, method, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(seen.insert(id), "{id} twice");
        let verbs = ["list", "get", "create", "update", "delete", "put", "post", "patch"];
        assert!(verbs.contains(&id.split('_').next().unwrap()), "{method} {path}: {id}");
        for member in ["summary", "tags", "security", "responses"] {
            assert!(!operation[member].is_null(), "{id} has no {member}");
        }
    }
}

/// The human reference names every route too.
#[test]
fn the_reference_names_every_route() {
    let text = include_str!("../../../../../docs/reference/api.md");
    for route in rollcall_server::paths() {
        // What the pages load is nobody's business.
        let path = route.replace("{*", "{");
        if [".css", ".js"].iter().any(|end| path.ends_with(end)) {
            continue;
        }
        assert!(
            text.contains(&format!("{path}`")) || text.contains(&format!("{path} ")),
            "docs/reference/api.md lacks {path}"
        );
    }
}
