use serde_json::Value;

use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "not_https",
    description: "an address that is called without encryption",
    why: "A credential that travels in the clear is everybody's.",
    fix: "Write `https://`. Operators of servers without it can say so with `--base-url`.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in ["auth", "http", "lookups", "resources"] {
        if let Some(value) = subject.connector.source().json.get(place) {
            walk(subject, value, &format!("/{place}"), &mut findings);
        }
    }
    findings
}

/// Members that hold an address to call.
const ADDRESSES: [&str; 8] = ["base", "get", "post", "token", "authorize", "refresh_token", "token_url", "given"];

fn walk(subject: &Subject<'_>, value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    let Value::Object(members) = value else {
        if let Value::Array(items) = value {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| walk(subject, item, &format!("{pointer}/{index}"), findings));
        }
        return;
    };
    for (name, member) in members {
        let child = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match member {
            Value::String(text) if ADDRESSES.contains(&name.as_str()) && text.starts_with("http://") => {
                findings.push(subject.at(RULE.name, &child, format!("`{name}` is not https")).hint(RULE.fix));
            }
            other => walk(subject, other, &child, findings),
        }
    }
}
