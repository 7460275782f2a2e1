use std::collections::BTreeSet;

use serde_json::Value;

use super::{Needs, Rule, Scope, Subject};
use crate::Finding;
use crate::calls::items_path;
use crate::definition::Items;
use crate::paths::{self, steps};

pub(super) static RULE: Rule = Rule {
    name: "status_not_exhaustive",
    description: "a value of the provider that appears in a case or in its description and that the mapping does not know",
    why: "An unknown status is passed on as it is: whoever filters on `active` or `inactive` does not see these people.",
    fix: "Add the value to the map. Map it to nothing (`null`) where it says nothing about the field.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

/// A value map over one path of the record.
struct Mapped {
    pointer: String,
    path: String,
    keys: BTreeSet<String>,
}

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (resource, unified) in subject.connector.definition().unified.iter() {
        let mut maps = Vec::new();
        for (field, expression) in &unified.fields {
            collect(expression, &format!("/unified/{resource}/fields/{field}"), &mut maps);
        }
        for mapped in maps {
            let mut values = in_cases(subject, resource, &mapped.path);
            for spec in &subject.specs {
                values.extend(spec.enum_values(resource, &mapped.path));
            }
            for value in values.difference(&mapped.keys).filter(|value| !is_on_purpose(subject, value)) {
                findings.push(
                    subject
                        .at(
                            RULE.name,
                            &mapped.pointer,
                            format!("`{}` can be `{value}`, which the map does not know", mapped.path),
                        )
                        .hint(RULE.fix),
                );
            }
        }
    }
    findings
}

/// Cases show unknown values too. Whoever puts one in says so: in the case's own words, its expectation, or the README.
fn is_on_purpose(subject: &Subject<'_>, value: &str) -> bool {
    let said =
        |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).any(|word| word == value);
    subject.texts().any(|(path, text)| {
        (path == "README.md" || path.ends_with("case.yaml") || path.ends_with("expected.json")) && said(&text)
    })
}

/// Maps of a path of the record; those inside lists are about elements, which cases show in many shapes.
fn collect(expression: &Value, pointer: &str, maps: &mut Vec<Mapped>) {
    match expression {
        Value::Object(members) => {
            if members.contains_key("each") || members.contains_key("find") || members.contains_key("lookup") {
                return;
            }
            if let (Some(Value::String(path)), Some(Value::Object(map)), None) =
                (members.get("from"), members.get("map"), members.get("else"))
                && path.starts_with('.')
            {
                maps.push(Mapped {
                    pointer: pointer.to_owned(),
                    path: path.clone(),
                    keys: map.keys().cloned().collect(),
                });
            }
            members
                .iter()
                .filter(|(name, _)| *name != "map")
                .for_each(|(name, member)| collect(member, &format!("{pointer}/{name}"), maps));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, &format!("{pointer}/{index}"), maps))
        }
        _ => {}
    }
}

/// The values of a path in the records of the cases of a resource.
fn in_cases(subject: &Subject<'_>, resource: &str, path: &str) -> BTreeSet<String> {
    let mut places: Vec<Vec<String>> = Vec::new();
    for (name, _, method) in subject.connector.methods_by_resource() {
        if name == resource {
            let own = method.items.iter().chain(method.passes.iter().filter_map(|pass| pass.items.as_ref()));
            places.extend(own.filter_map(place));
        }
    }
    if places.is_empty() {
        places.push(vec![paths::ELEMENT.to_owned()]);
    }
    let mut values = BTreeSet::new();
    let cases = subject
        .cases
        .iter()
        .filter(|case| case.json.get("resource").and_then(Value::as_str).unwrap_or("users") == resource);
    for body in cases.flat_map(|case| &case.bodies).filter_map(|body| body.json.as_ref()) {
        for place in &places {
            let whole: Vec<String> = place.iter().cloned().chain(steps(path)).collect();
            let mut found = Vec::new();
            paths::values(body, &whole, &mut found);
            values.extend(
                found
                    .into_iter()
                    .filter(|value| value.is_string() || value.is_number())
                    .map(crate::request::text)
                    .filter(|text| !text.trim().is_empty()),
            );
        }
    }
    values
}

fn place(items: &Items) -> Option<Vec<String>> {
    let mut steps = steps(items_path(items)?);
    match items {
        Items::Path(_) if steps.last().is_none_or(|last| last != paths::ELEMENT) => {
            steps.push(paths::ELEMENT.to_owned())
        }
        Items::ValuesOf(_) => steps.push("*".to_owned()),
        _ => {}
    }
    Some(steps)
}
