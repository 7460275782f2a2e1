use serde_json::Value;

use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "unused_setting",
    description: "a setting that nothing uses",
    why: "An operator fills it in, and it changes nothing.",
    fix: "Use it in a template, or remove it.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let definition = subject.connector.definition();
    let mut used = Vec::new();
    names(&subject.connector.source().json, &mut used);
    let mut declared: Vec<(String, &str)> =
        definition.settings.keys().map(|name| (format!("/settings/{name}"), name)).collect();
    for (auth, entry) in definition.auth.iter() {
        // What a grant brings with it is used by the grant.
        let granted = |name: &str| {
            entry.oauth2.is_some() && ["client_id", "client_secret", "refresh_token", "access_token"].contains(&name)
        };
        declared.extend(
            entry.fields.keys().filter(|name| !granted(name)).map(|name| (format!("/auth/{auth}/fields/{name}"), name)),
        );
    }
    let is_used = |name: &str| {
        used.iter().any(|text| text == name || text.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    };
    declared
        .into_iter()
        .filter(|(_, name)| !is_used(name))
        .map(|(pointer, name)| subject.at(RULE.name, &pointer, format!("`{name}` is not used")).hint(RULE.fix))
        .collect()
}

/// The names in all templates.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for (at, _) in text.match_indices('{') {
                let name: String = text
                    .get(at + 1..)
                    .unwrap_or_default()
                    .chars()
                    .take_while(|c| !matches!(c, '}' | '|' | '{'))
                    .collect();
                found.push(name.trim().to_owned());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(members) => members.values().for_each(|member| names(member, found)),
        _ => {}
    }
}
