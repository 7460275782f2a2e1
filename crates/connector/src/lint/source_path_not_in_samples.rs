use std::collections::BTreeSet;

use super::{Needs, Rule, Scope, Subject};
use crate::Finding;
use crate::calls;
use crate::paths::{ELEMENT, somewhere, steps};
use crate::plan::Plan;

pub(super) static RULE: Rule = Rule {
    name: "source_path_not_in_samples",
    description: "a path that the mapping of users reads and that no case shows",
    why: "What no sample has was never tried: a slip of the hand there leaves the field empty for everybody, without an error.",
    fix: "Add the member to the body of a case, or remove the mapping.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let plans: Vec<Plan> =
        calls::plans(&subject.connector).into_iter().filter(|plan| plan.resource == "users").collect();
    let mut missing: BTreeSet<(String, String)> = BTreeSet::new();
    for plan in &plans {
        let read: Vec<&str> = plan.enrich.iter().map(|enrich| enrich.name.as_str()).collect();
        for origin in plan.mapping.sources() {
            for source in &origin.paths {
                // Parents and passes bring members that the connector itself names.
                let judged = source
                    .context
                    .as_ref()
                    .is_none_or(|context| read.contains(&context.as_str()) || context == "record");
                if judged && !is_shown(subject, &source.path) {
                    let context = source.context.as_ref().map(|c| format!("${c}")).unwrap_or_default();
                    missing.insert((origin.field.clone(), format!("{context}{}", source.path)));
                }
            }
        }
    }
    missing
        .into_iter()
        .map(|(field, path)| {
            let top = field.split('.').next().unwrap_or_default().to_owned();
            subject
                .at(
                    RULE.name,
                    &format!("/unified/users/fields/{top}"),
                    format!("`{path}` is mapped to `{field}` but appears in no sample"),
                )
                .hint(RULE.fix)
        })
        .collect()
}

fn is_shown(subject: &Subject<'_>, path: &str) -> bool {
    let steps = steps(path);
    let Some(last) = steps.iter().rev().find(|step| *step != ELEMENT && *step != "*") else { return true };
    // Another place in the same array shows the path as well: `.roles.3.id` by `.roles.0.id`.
    let anywhere: Vec<String> = steps
        .iter()
        .map(|step| if step.parse::<usize>().is_ok() { ELEMENT.to_owned() } else { step.clone() })
        .collect();
    let mut bodies = subject.cases.iter().flat_map(|case| &case.bodies);
    bodies.any(|body| match &body.json {
        Some(json) => somewhere(json, &steps) || somewhere(json, &anywhere) || is_column(json, last),
        // XML, CSV and the like: the name must stand there.
        None => body.text.to_lowercase().contains(&last.trim_start_matches(['@', '#']).to_lowercase()),
    })
}

/// Rows name their columns in texts.
fn is_column(json: &serde_json::Value, name: &str) -> bool {
    match json {
        serde_json::Value::String(text) => text.eq_ignore_ascii_case(name),
        serde_json::Value::Array(items) => items.iter().any(|item| is_column(item, name)),
        serde_json::Value::Object(members) => {
            members.get("rowType").or_else(|| members.get("columns")).is_some_and(|columns| is_column(columns, name))
                || members.values().any(|member| member.is_object() && is_column(member, name))
                || (members.contains_key("name")
                    && members
                        .get("name")
                        .is_some_and(|own| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))))
        }
        _ => false,
    }
}
