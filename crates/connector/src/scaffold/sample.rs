//! What an answer of the provider shows: where the records are, and what their members are called.

use serde_json::Value;

/// What a sample shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// `.` or `.data.users`.
    pub items: Option<String>,
    /// Dotted paths of scalars in the records.
    pub paths: Vec<String>,
    /// Places beside the records that look like a cursor or a next link.
    pub next: Vec<String>,
}

/// Looks at a sample.
pub(super) fn look(sample: &Value) -> Shown {
    let mut lists = Vec::new();
    find(sample, String::new(), &mut lists, 0);
    // A list that is called after people; of several the longest, with the most members, nearest to the root.
    let people = |path: &str| {
        ["users", "members", "people", "employees", "accounts"].iter().any(|word| path.to_lowercase().ends_with(word))
    };
    let wide = |items: &[Value]| items.first().and_then(Value::as_object).map_or(0, serde_json::Map::len);
    let best = lists.into_iter().max_by_key(|(path, items)| {
        (people(path), items.len(), wide(items), std::cmp::Reverse(path.matches('.').count()))
    });
    let mut shown = Shown::default();
    if let Some((path, items)) = best {
        shown.items = Some(if path.is_empty() { ".".to_owned() } else { path });
        for item in items {
            members(item, "", &mut shown.paths, 0);
        }
    } else if sample.is_object() {
        members(sample, "", &mut shown.paths, 0);
    }
    if let Value::Object(envelope) = sample {
        beside(envelope, "", &mut shown.next, 0);
    }
    shown
}

fn find<'a>(value: &'a Value, path: String, lists: &mut Vec<(String, &'a [Value])>, depth: usize) {
    match value {
        Value::Array(items) if items.first().is_some_and(Value::is_object) => lists.push((path, items)),
        Value::Object(object) if depth < 4 => {
            object.iter().for_each(|(name, member)| find(member, format!("{path}.{}", step(name)), lists, depth + 1))
        }
        _ => {}
    }
}

fn members(value: &Value, path: &str, found: &mut Vec<String>, depth: usize) {
    let Value::Object(object) = value else { return };
    for (name, member) in object {
        let path = format!("{path}.{}", step(name));
        match member {
            Value::Object(_) if depth < 3 => members(member, &path, found, depth + 1),
            Value::Object(_) | Value::Array(_) => {}
            _ if !found.contains(&path) => found.push(path),
            _ => {}
        }
    }
}

fn beside(object: &serde_json::Map<String, Value>, path: &str, found: &mut Vec<String>, depth: usize) {
    for (name, member) in object {
        let path = format!("{path}.{}", step(name));
        let lower = name.to_lowercase();
        match member {
            Value::Object(inner) if depth < 2 => beside(inner, &path, found, depth + 1),
            Value::Array(_) | Value::Object(_) => {}
            _ if lower.contains("next") || lower.contains("cursor") => found.push(path),
            _ => {}
        }
    }
}

fn step(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '@' | '$')) && !name.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
