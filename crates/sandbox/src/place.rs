//! Reading and writing at the paths of the connector format.

use serde_json::{Map, Value};

/// The steps of a path; `[]` is a step of its own.
pub fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for (index, segment) in path.split("[]").enumerate() {
        if index > 0 {
            steps.push("[]".to_owned());
        }
        steps.extend(plain(segment));
    }
    steps
}

fn plain(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut chars = path.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if c != '.' {
            continue;
        }
        let mut step = String::new();
        if chars.next_if_eq(&'"').is_some() {
            step.extend(chars.by_ref().take_while(|c| *c != '"'));
        } else {
            while let Some(c) = chars.next_if(|c| *c != '.') {
                step.push(c);
            }
        }
        if !step.is_empty() {
            steps.push(step);
        }
    }
    steps
}

/// The value at a path.
pub fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).iter().try_fold(document, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The value at a path, to be changed.
pub fn at_mut<'a>(document: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    steps(path).iter().try_fold(document, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Puts a value at a path; objects that are missing on the way are made, and of lists that are walked into only the first element stays.
pub fn put(document: &mut Value, path: &str, value: Value) {
    let mut node = document;
    for step in steps(path) {
        if step == "[]" {
            if !node.is_array() {
                *node = Value::Array(Vec::new());
            }
            let Value::Array(items) = node else { return };
            items.truncate(1);
            if items.is_empty() {
                items.push(Value::Object(Map::new()));
            }
            let Some(first) = items.first_mut() else { return };
            node = first;
            continue;
        }
        let element = step.parse::<usize>().ok().filter(|index| node.get(index).is_some());
        if let Some(index) = element {
            let Some(item) = node.get_mut(index) else { return };
            node = item;
            continue;
        }
        if !node.is_object() {
            *node = Value::Object(Map::new());
        }
        let Value::Object(members) = node else { return };
        node = members.entry(step).or_insert(Value::Null);
    }
    *node = value;
}

/// Takes away what is at a path.
pub fn remove(document: &mut Value, path: &str) {
    let mut all = steps(path);
    let Some(last) = all.pop() else { return };
    let parent = all.iter().try_fold(document, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    });
    if let Some(Value::Object(members)) = parent {
        members.shift_remove(&last);
    }
}

/// All values that a path with `[]` leads to; `None` when there is nothing at all.
pub fn all(document: &Value, path: &str) -> Option<Vec<Value>> {
    let mut found = vec![document];
    for step in steps(path) {
        let mut next = Vec::new();
        for value in found {
            match value {
                Value::Array(items) if step == "[]" => next.extend(items),
                Value::Array(items) => next.extend(step.parse::<usize>().ok().and_then(|index| items.get(index))),
                Value::Object(members) => next.extend(members.get(&step)),
                _ => {}
            }
        }
        found = next;
    }
    if found.is_empty() && !path.contains("[]") {
        return None;
    }
    let mut values = Vec::new();
    for value in found {
        match value {
            Value::Array(items) => values.extend(items.iter().cloned()),
            Value::Null => {}
            one => values.push(one.clone()),
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn puts_where_nothing_was() {
        let mut document = json!({"a": null});
        put(&mut document, ".a.b", json!(1));
        put(&mut document, r#"."x.y""#, json!(2));
        put(&mut document, ".teams[].members", json!([3]));
        assert_eq!(document, json!({"a": {"b": 1}, "x.y": 2, "teams": [{"members": [3]}]}));
        remove(&mut document, ".a.b");
        assert_eq!(at(&document, ".a"), Some(&json!({})));
    }

    #[test]
    fn walks_into_lists() {
        let document = json!({"teams": [{"members": [1, 2]}, {"members": [3]}]});
        assert_eq!(all(&document, ".teams[].members[]"), Some(vec![json!(1), json!(2), json!(3)]));
        assert_eq!(all(&document, ".teams[].members"), Some(vec![json!(1), json!(2), json!(3)]));
        assert_eq!(all(&document, ".nobody"), None);
    }
}
