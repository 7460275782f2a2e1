use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "missing_evidence",
    description: "a resource without a source, or an evidence.yaml that cannot be read",
    why: "Whoever decides about access by a list must be able to ask how we know.",
    fix: "Name under `resources` in evidence.yaml where the facts of each resource come from, with the day they were read.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let evidence = match &subject.evidence {
        None => {
            return vec![subject.in_file(RULE.name, "connector.yaml", 1, "there is no evidence.yaml").hint(RULE.fix)];
        }
        Some(Err(findings)) => return findings.clone(),
        Some(Ok(evidence)) => evidence,
    };
    let resources = &subject.connector.definition().resources;
    let mut findings = Vec::new();
    for resource in resources.keys() {
        if evidence.resources.get(resource).is_none_or(|e| e.sources.is_empty()) {
            findings.push(
                subject.in_file(RULE.name, "evidence.yaml", 1, format!("`{resource}` has no source")).hint(RULE.fix),
            );
        }
    }
    for resource in evidence.resources.keys().filter(|resource| resources.get(resource).is_none()) {
        findings.push(
            subject
                .in_file(RULE.name, "evidence.yaml", 1, format!("`{resource}` is none of the connector's resources"))
                .hint("remove it, or correct the name"),
        );
    }
    findings
}
