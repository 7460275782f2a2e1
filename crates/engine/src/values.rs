//! Small answers as trees: parents of a fan-out, lookups, enrichments. The records of a list never pass through here.

use rollcall_connector::definition::Items;
use serde_json::Value;

use crate::errors::{at, steps};

/// The items of an answer; `None` when the place where they should be is not there.
#[must_use]
pub fn items(document: Value, items: &Items) -> Option<Vec<Value>> {
    match items {
        Items::Path(path) => {
            let mut found = Vec::new();
            let mut present = false;
            descend(document, &segments(path), &mut found, &mut present);
            present.then_some(found)
        }
        Items::ValuesOf(values) => match at(&document, &values.values_of)? {
            Value::Object(members) => Some(members.values().cloned().collect()),
            _ => None,
        },
        Items::One(one) => at(&document, &one.one).filter(|value| value.is_object()).map(|value| vec![value.clone()]),
        // Rows were made into objects at the root before.
        Items::Rows(_) => match document {
            Value::Array(rows) => Some(rows),
            _ => None,
        },
    }
}

/// The paths between `[]`.
fn segments(path: &str) -> Vec<Vec<String>> {
    path.split("[]").map(steps).collect()
}

fn descend(value: Value, segments: &[Vec<String>], found: &mut Vec<Value>, present: &mut bool) {
    let Some((first, rest)) = segments.split_first() else { return };
    let Some(mut value) = take(value, first) else { return };
    if rest.is_empty() || (rest.len() == 1 && rest.first().is_some_and(Vec::is_empty)) {
        match value {
            Value::Array(list) => {
                *present = true;
                found.extend(list);
            }
            Value::Null => {}
            // A single object where a list was meant to be: one item (a root object in a `get`).
            Value::Object(_) => {
                *present = true;
                found.push(value);
            }
            _ => {}
        }
        return;
    }
    if let Value::Array(list) = value.take() {
        *present = true;
        for item in list {
            descend(item, rest, found, present);
        }
    }
}

fn take(mut value: Value, steps: &[String]) -> Option<Value> {
    for step in steps {
        value = match value {
            Value::Object(mut members) => members.shift_remove(step)?,
            Value::Array(mut list) => {
                let index = step.parse::<usize>().ok()?;
                if index >= list.len() {
                    return None;
                }
                list.swap_remove(index)
            }
            _ => return None,
        };
    }
    Some(value)
}

/// The text of a scalar.
#[must_use]
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
