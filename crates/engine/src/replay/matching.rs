//! Which of the connector's calls a recorded request is.

use rollcall_connector::calls::{self, Call, PathShape, Role, root_fields};
use rollcall_connector::{Connector, MethodName};
use serde_json::Value;

use super::recording::{Recorded, Recording};

/// The calls of a connector with the shapes of their paths, one for each base.
pub struct Matcher<'a> {
    calls: Vec<(&'a Call<'a>, Vec<PathShape>)>,
}

/// Parameters that say what is asked for rather than how much of it.
const TELLING: [&str; 7] = ["action", "list", "meta", "method", "operation", "operationname", "version"];

impl<'a> Matcher<'a> {
    pub fn new(connector: &Connector, calls: &'a [Call<'a>]) -> Self {
        let bases = calls::bases(connector);
        let shapes = |call: &Call<'_>| {
            bases.iter().map(|base| PathShape::new(base, &call.request.target, call.request.absolute)).collect()
        };
        Self { calls: calls.iter().map(|call| (call, shapes(call))).collect() }
    }

    /// The call that fits best; none when no path, method or telling word does.
    pub fn find(&self, recording: &Recording, exchange: &Recorded) -> Option<&'a Call<'a>> {
        let path = exchange.path.as_ref()?;
        let mut best: Option<(i64, &'a Call<'a>)> = None;
        for (call, shapes) in &self.calls {
            // Where both serve the same reading, a recorder may have chosen GET; the opposite would be a change.
            let same_method = call.request.verb.as_str() == exchange.method;
            if !same_method
                && (exchange.method != "GET" || call.role == Role::SignIn || !call.graphql_fields().is_empty())
            {
                continue;
            }
            // A list is not the reading of one record, though its last step could be taken for an id.
            if call.role == Role::Records
                && call.method == MethodName::Get
                && recording.op == "list"
                && shapes.iter().any(PathShape::ends_open)
            {
                continue;
            }
            let Some(steps) = shapes.iter().filter_map(|shape| shape.fit(path, exchange.has_host)).max() else {
                continue;
            };
            let Some(words) = words(call, exchange) else { continue };
            let role = match call.role {
                Role::Records => 3,
                Role::Enrich | Role::Lookup => 2,
                Role::Parents | Role::SignIn | Role::Discover => 1,
            };
            let named = i64::from(call.resource == recording.resource) * 8
                + i64::from((call.method == MethodName::Get) == (recording.op == "get")) * 4;
            let named = named + i64::from(same_method) * 500;
            let score = i64::try_from(steps).unwrap_or(0) * 1000 + words * 20 + named + role;
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, call));
            }
        }
        best.map(|(_, call)| call)
    }
}

/// How the written parameters agree; none when one that tells calls apart does not.
fn words(call: &Call<'_>, exchange: &Recorded) -> Option<i64> {
    let sent = exchange.sent();
    let mut score = 0;
    for (name, value) in call.constants() {
        let telling = TELLING.contains(&name.to_lowercase().as_str());
        match sent.get(&name) {
            Some(found) if *found == value => score += 3,
            Some(_) if telling => return None,
            Some(_) => score -= 2,
            None if telling && name.eq_ignore_ascii_case("action") => return None,
            None => score -= 1,
        }
    }
    for (name, value) in &exchange.headers {
        // Where one path serves every operation a header names it.
        if name.ends_with("-target")
            && let Some(own) = call.header(name)
            && own != *value
        {
            return None;
        }
    }
    let own = call.graphql_fields();
    let document = exchange.body.get("query").and_then(Value::as_str).filter(|text| text.contains('{'));
    match (own.is_empty(), document) {
        (true, None) => {}
        (false, Some(document)) => {
            let theirs = root_fields(document);
            let common = own.iter().filter(|field| theirs.contains(field)).count();
            if common == 0 {
                return None;
            }
            score += 5 * i64::try_from(common).unwrap_or(0) - i64::try_from(own.len().abs_diff(common)).unwrap_or(0);
        }
        _ => return None,
    }
    Some(score)
}
