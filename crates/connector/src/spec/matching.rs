//! Which operation of a description a call is.

use serde_json::Value;

use super::{Operation, Spec};
use crate::calls::{Call, PathShape, root_fields};

/// The operation that a call is, under one of the connector's bases; the closest when several share the path.
pub(super) fn operation<'a>(specs: &'a [Spec], call: &Call<'_>, bases: &[String]) -> Option<&'a Operation> {
    let mut best: Option<(usize, &Operation)> = None;
    for spec in specs {
        let servers = spec.servers();
        for operation in &spec.operations {
            if !operation.method.eq_ignore_ascii_case(call.request.verb.as_str()) {
                continue;
            }
            let path = PathShape::of_spec(&operation.path);
            let fits = bases
                .iter()
                .filter_map(|base| {
                    PathShape::new(base, &call.request.target, call.request.absolute).is_spec(&path, &servers)
                })
                .max();
            let (Some(steps), Some(words)) = (fits, wire(operation, call)) else { continue };
            let score = steps * 100 + words * 10 + nearness(operation, call);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, operation));
            }
        }
    }
    best.map(|(_, operation)| operation)
}

/// How the words that tell operations apart agree: an action, a header, the root of a GraphQL document.
fn wire(operation: &Operation, call: &Call<'_>) -> Option<usize> {
    let mut agreed = 0;
    for (name, value) in operation.wire.iter().filter_map(Value::as_object).flatten() {
        let Some(value) = value.as_str() else { continue };
        let sent = call
            .header(name)
            .or_else(|| call.constants().into_iter().find(|(known, _)| known == name).map(|(_, sent)| sent));
        match sent {
            Some(sent) if sent == value => agreed += 1,
            Some(_) => return None,
            None => {}
        }
    }
    let own = call.graphql_fields();
    if !own.is_empty() {
        let root = operation
            .items_path
            .as_deref()
            .and_then(|path| path.strip_prefix("data."))
            .and_then(|path| path.split(['.', '[']).next())
            .map(str::to_owned);
        let example = operation
            .body
            .as_ref()
            .and_then(|body| body.pointer("/properties/query/example"))
            .and_then(Value::as_str)
            .map(root_fields)
            .unwrap_or_default();
        if !own.iter().any(|field| example.contains(field) || root.as_ref() == Some(field)) {
            return None;
        }
        agreed += 1;
    }
    Some(agreed)
}

/// The name of the operation against what the call is for.
fn nearness(operation: &Operation, call: &Call<'_>) -> usize {
    let own = format!("{}.{}", call.resource, call.method.as_str());
    if operation.op == own {
        return 3;
    }
    usize::from(operation.op.starts_with(&format!("{}.", call.name)))
        + usize::from(operation.op.contains(call.resource))
}
