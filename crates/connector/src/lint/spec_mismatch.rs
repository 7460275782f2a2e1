use super::{Needs, Rule, Scope, Subject};
use crate::Finding;
use crate::spec;

pub(super) static RULE: Rule = Rule {
    name: "spec_mismatch",
    description: "a request or a source path that the provider's own description does not have",
    why: "The description is the vendor's word. What is not in it is a slip of ours, an old version, or knowledge that should be written down.",
    fix: "Correct the connector, or list the path, parameter or request under `deviations[].paths` in evidence.yaml with the reason.",
    scope: Scope::Connector,
    needs: Needs::Specs,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    // Only the vendor's word binds.
    let specs: Vec<spec::Spec> = subject.specs.iter().filter(|spec| spec.is_vendors()).cloned().collect();
    if specs.is_empty() {
        return Vec::new();
    }
    let evidence = subject.evidence.as_ref().and_then(|evidence| evidence.as_ref().ok());
    let report = spec::check(&subject.connector, &specs, evidence);
    report
        .differences
        .into_iter()
        .map(|difference| subject.at(RULE.name, &difference.pointer, difference.message).hint(RULE.fix))
        .collect()
}
