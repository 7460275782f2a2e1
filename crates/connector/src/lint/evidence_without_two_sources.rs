use super::{Needs, Rule, Scope, Subject};
use crate::Finding;
use crate::tier;

pub(super) static RULE: Rule = Rule {
    name: "evidence_without_two_sources",
    description: "a resource that only one source speaks for",
    why: "One page of documentation can be wrong or old. Two that do not copy each other, or the provider's own description or answers, seldom are.",
    fix: "Add a second, independent source, or a specification, recording or live run.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(Ok(evidence)) = &subject.evidence else { return Vec::new() };
    let weak = |resource: &&str| {
        evidence.resources.get(resource).is_some_and(|e| !e.sources.is_empty() && !tier::is_documented(e))
    };
    let resources = subject.connector.definition().resources.keys().filter(weak);
    resources
        .map(|resource| {
            subject.in_file(RULE.name, "evidence.yaml", 1, format!("`{resource}` rests on one source")).hint(RULE.fix)
        })
        .collect()
}
