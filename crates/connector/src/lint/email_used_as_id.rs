use serde_json::Value;

use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "email_used_as_id",
    description: "a record's id is an e-mail address",
    why: "People change their address and addresses change their person: the same record would come as a new one, or two people as one.",
    fix: "Map the id that the provider keeps for good. Where there is none, excuse the connector in exceptions.txt and say so in its README.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let definition = subject.connector.definition();
    let mut findings = Vec::new();
    for (resource, unified) in definition.unified.iter() {
        let mut paths = Vec::new();
        unified.fields.get("id").into_iter().for_each(|id| texts(id, &mut paths));
        for path in paths {
            let last = path.rsplit('.').next().unwrap_or_default().to_lowercase().replace(['_', '-', '"'], "");
            if path.starts_with(['.', '$'])
                && ["email", "mail", "emailaddress", "primaryemail", "useremail", "userprincipalname"]
                    .contains(&last.as_str())
            {
                findings.push(
                    subject
                        .at(
                            RULE.name,
                            &format!("/unified/{resource}/fields/id"),
                            format!("the id of `{resource}` is the e-mail address `{path}`"),
                        )
                        .hint(RULE.fix),
                );
            }
        }
    }
    findings
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}
