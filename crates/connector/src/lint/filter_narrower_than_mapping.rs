use serde_json::Value;

use super::{Needs, Rule, Scope, Subject};
use crate::{Finding, MethodName};

pub(super) static RULE: Rule = Rule {
    name: "filter_narrower_than_mapping",
    description: "a filter asks the provider for one of several values that mean the same here",
    why: "Who has one of the other values is missing from the filtered list, though the unfiltered one says that they fit.",
    fix: "Ask for all of the provider's values at once, or drop the value from the filter: rollcall then filters by itself.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (resource, name, method) in subject.connector.methods_by_resource() {
        let Some(unified) = subject.connector.definition().unified.get(resource) else { continue };
        if name != MethodName::List {
            continue;
        }
        let root = format!("/resources/{resource}/list");
        let methods = match &method.choose {
            Some(choose) => {
                choose.of.iter().map(|(choice, method)| (format!("{root}/choose/of/{choice}"), method)).collect()
            }
            None => vec![(root, method)],
        };
        for (pointer, method) in methods {
            for (field, filter) in method.filter.iter() {
                let Some(expression) = unified.fields.get(field) else { continue };
                for (wanted, sent) in filter.values.iter() {
                    let mut keys = Vec::new();
                    meaning(expression, wanted, &mut keys);
                    let text = sent.to_string().to_lowercase();
                    let (named, left): (Vec<String>, Vec<String>) =
                        keys.into_iter().partition(|key| text.contains(&key.to_lowercase()));
                    if !named.is_empty() && !left.is_empty() {
                        let at = format!("{pointer}/filter/{field}/values/{wanted}");
                        let message = format!(
                            "`{field}={wanted}` asks for {} only, but {} means `{wanted}` too",
                            listed(&named),
                            listed(&left)
                        );
                        findings.push(subject.at(RULE.name, &at, message).hint(RULE.fix));
                    }
                }
            }
        }
    }
    findings
}

/// The provider's values that become a unified value.
fn meaning(expression: &Value, wanted: &str, keys: &mut Vec<String>) {
    match expression {
        Value::Object(members) => {
            if let Some(Value::Object(map)) = members.get("map") {
                keys.extend(map.iter().filter(|(_, value)| value.as_str() == Some(wanted)).map(|(key, _)| key.clone()));
            }
            members.iter().filter(|(name, _)| *name != "map").for_each(|(_, member)| meaning(member, wanted, keys));
        }
        Value::Array(items) => items.iter().for_each(|item| meaning(item, wanted, keys)),
        _ => {}
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
