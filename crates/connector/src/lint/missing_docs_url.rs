use super::{Needs, Rule, Scope, Subject};
use crate::{Finding, MethodName};

pub(super) static RULE: Rule = Rule {
    name: "missing_docs_url",
    description: "a list of users without the address of the provider's page about it",
    why: "The next person who looks at the connector must not have to search for what it rests on.",
    fix: "Add `docs: https://…` to the method.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let definition = subject.connector.definition();
    let mut findings = Vec::new();
    if !definition.docs.starts_with("https://") {
        findings.push(
            subject
                .at(RULE.name, "/docs", "`docs` is not an https address")
                .hint("give the address of the provider's API documentation"),
        );
    }
    for (resource, name, method) in subject.connector.methods_by_resource() {
        // People are what a connector is for; the rest is found from the connector's own `docs`.
        if name != MethodName::List || resource != "users" {
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
            if !method.docs.as_ref().is_some_and(|docs| docs.starts_with("https://")) {
                findings.push(
                    subject.at(RULE.name, &pointer, format!("the list of `{resource}` has no `docs`")).hint(RULE.fix),
                );
            }
        }
    }
    findings
}
