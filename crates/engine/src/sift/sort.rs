//! Sorting of mapped records, when the provider cannot. Needs them all.

use std::cmp::Ordering;

use serde_json::Value;

use crate::held::indexed;
use crate::query::{SortBy, instant};

/// Sorts records in place, stably. Records without the field come last in either direction.
pub fn sort(records: &mut Vec<Vec<u8>>, by: &SortBy) {
    let mut keyed: Vec<(Option<Value>, Vec<u8>)> =
        std::mem::take(records).into_iter().map(|record| (key(&record, &by.field), record)).collect();
    keyed.sort_by(|(a, _), (b, _)| compare(a.as_ref(), b.as_ref(), by.descending));
    records.extend(keyed.into_iter().map(|(_, record)| record));
}

fn key(record: &[u8], field: &str) -> Option<Value> {
    let raw = indexed::parse(record)?.get(field)?.get().to_owned();
    first_scalar(&serde_json::from_str(&raw).ok()?).cloned()
}

/// Lists sort by their first item, objects by their first member: the address of the first email, the id of the first group.
fn first_scalar(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(items) => items.first().and_then(first_scalar),
        Value::Object(members) => members.values().next().and_then(first_scalar),
        Value::Null => None,
        scalar => Some(scalar),
    }
}

fn compare(a: Option<&Value>, b: Option<&Value>, descending: bool) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let order = order(a, b);
            if descending { order.reverse() } else { order }
        }
    }
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => match (instant(a), instant(b)) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => (a.to_lowercase(), a).cmp(&(b.to_lowercase(), b)),
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
