use super::{Needs, Rule, Scope, Subject};
use crate::Finding;
use crate::definition::{Field, FieldKind};

pub(super) static RULE: Rule = Rule {
    name: "secret_not_marked",
    description: "something that looks like a secret and is not marked as one",
    why: "What is not marked is shown, logged and stored like any other text.",
    fix: "Add `secret: true`.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

const WORDS: [&str; 6] = ["secret", "password", "token", "private_key", "api_key", "passphrase"];

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let definition = subject.connector.definition();
    let mut fields: Vec<(String, &str, &Field)> =
        definition.settings.iter().map(|(name, field)| (format!("/settings/{name}"), name, field)).collect();
    for (auth, entry) in definition.auth.iter() {
        fields.extend(entry.fields.iter().map(|(name, field)| (format!("/auth/{auth}/fields/{name}"), name, field)));
    }
    fields
        .into_iter()
        .filter(|(_, name, field)| !field.secret && matches!(field.is, FieldKind::Text) && is_secret_name(name))
        .map(|(pointer, name, _)| {
            subject.at(RULE.name, &pointer, format!("`{name}` is not marked as secret")).hint(RULE.fix)
        })
        .collect()
}

/// The id or the name of a token is not the token.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let about = name.ends_with("_id") || name.ends_with("_name") || name.ends_with("_url");
    !about && WORDS.iter().any(|word| name == *word || name.ends_with(&format!("_{word}")))
}
