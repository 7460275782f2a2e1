//! Source paths, walked through JSON: what leads somewhere, and to which values.

use serde_json::Value;

/// Every element of an array.
pub const ELEMENT: &str = "[]";

/// The steps of a source path: `.emails[].value` is emails, [], value.
#[must_use]
pub fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = String::new();
    let mut quoted = false;
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => step.extend(chars.next()),
            '.' if !quoted => steps.push(std::mem::take(&mut step)),
            '[' if !quoted && chars.peek() == Some(&']') => {
                chars.next();
                steps.push(std::mem::take(&mut step));
                steps.push(ELEMENT.to_owned());
            }
            c => step.push(c),
        }
    }
    steps.push(step);
    steps.retain(|step| !step.is_empty());
    steps
}

/// All values at the end of a path that begins at `value`. The path may be walked through arrays and, with `*`, all members.
pub fn values<'a>(value: &'a Value, steps: &[String], found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match value {
        Value::Array(items) if step == ELEMENT => items.iter().for_each(|item| values(item, rest, found)),
        Value::Array(items) => {
            if let Some(item) = step.parse::<usize>().ok().and_then(|index| items.get(index)) {
                values(item, rest, found);
            }
        }
        Value::Object(members) if step == "*" => members.values().for_each(|member| values(member, rest, found)),
        Value::Object(members) => {
            if let Some(member) = members.get(step) {
                values(member, rest, found);
            }
        }
        _ => {}
    }
}

/// Whether a path leads anywhere from some object of a document.
#[must_use]
pub fn somewhere(document: &Value, steps: &[String]) -> bool {
    let mut found = Vec::new();
    values(document, steps, &mut found);
    if !found.is_empty() {
        return true;
    }
    match document {
        Value::Object(members) => members.values().any(|member| somewhere(member, steps)),
        Value::Array(items) => items.iter().any(|item| somewhere(item, steps)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_paths_anywhere() {
        let document = json!({"data": [{"emails": [{"value": "a"}, {"value": "b"}], "x.y": {"any": {"z": 1}}}]});
        assert_eq!(steps(".emails[].value"), ["emails", "[]", "value"]);
        assert_eq!(steps(".\"x.y\".*.z"), ["x.y", "*", "z"]);
        assert!(somewhere(&document, &steps(".emails[].value")));
        assert!(somewhere(&document, &steps(".\"x.y\".*.z")));
        assert!(somewhere(&document, &steps(".emails.1.value")));
        assert!(!somewhere(&document, &steps(".emails.2.value")));
        assert!(!somewhere(&document, &steps(".emails[].type")));
    }
}
