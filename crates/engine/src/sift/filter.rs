//! Filters on mapped records.

use serde_json::Value;

use crate::held::indexed;
use crate::query::{Comparison, Filter, ValueKind, instant};

/// Whether a mapped record meets every filter. A record without the field does not.
#[must_use]
pub fn keeps(filters: &[Filter], record: &[u8]) -> bool {
    let Some(record) = indexed::parse(record) else { return false };
    filters.iter().all(|filter| {
        let mut steps = filter.path.split('.');
        let top = steps.next().unwrap_or_default();
        let steps: Vec<&str> = steps.collect();
        let value: Option<Value> = record.get(top).and_then(|raw| serde_json::from_str(raw.get()).ok());
        value.is_some_and(|value| any(&value, &steps, &|value| meets(filter, value)))
    })
}

/// Whether any value at a path, through lists, passes a test.
fn any(value: &Value, steps: &[&str], test: &dyn Fn(&Value) -> bool) -> bool {
    match (value, steps.split_first()) {
        (Value::Array(items), _) => items.iter().any(|item| any(item, steps, test)),
        (Value::Object(members), Some((step, rest))) => {
            members.get(*step).is_some_and(|member| any(member, rest, test))
        }
        (scalar, None) => test(scalar),
        _ => false,
    }
}

fn meets(filter: &Filter, value: &Value) -> bool {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => return false,
        other => other.to_string(),
    };
    match &filter.comparison {
        Comparison::OneOf(wanted) => wanted.iter().any(|wanted| equal(filter.kind, &text, wanted)),
        Comparison::Gt(bound) => order(filter.kind, &text, bound).is_some_and(std::cmp::Ordering::is_gt),
        Comparison::Gte(bound) => order(filter.kind, &text, bound).is_some_and(std::cmp::Ordering::is_ge),
        Comparison::Lt(bound) => order(filter.kind, &text, bound).is_some_and(std::cmp::Ordering::is_lt),
        Comparison::Lte(bound) => order(filter.kind, &text, bound).is_some_and(std::cmp::Ordering::is_le),
    }
}

fn equal(kind: ValueKind, value: &str, wanted: &str) -> bool {
    match kind {
        ValueKind::Email => value.to_lowercase() == wanted.to_lowercase(),
        ValueKind::Text | ValueKind::Boolean => value == wanted,
        // A bare day means the whole day.
        ValueKind::Instant if wanted.len() == 10 => value.starts_with(wanted),
        ValueKind::Instant | ValueKind::Number => order(kind, value, wanted).is_some_and(std::cmp::Ordering::is_eq),
    }
}

fn order(kind: ValueKind, value: &str, bound: &str) -> Option<std::cmp::Ordering> {
    match kind {
        ValueKind::Instant => Some(instant(value)?.cmp(&instant(bound)?)),
        ValueKind::Number => value.parse::<f64>().ok()?.partial_cmp(&bound.parse::<f64>().ok()?),
        ValueKind::Text | ValueKind::Email | ValueKind::Boolean => Some(value.cmp(bound)),
    }
}
