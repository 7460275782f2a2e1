use super::{Needs, Rule, Scope, Subject};
use crate::definition::{Items, Method};
use crate::{Finding, MethodName};

pub(super) static RULE: Rule = Rule {
    name: "provider_not_paged",
    description: "a list that does not say how its pages chain",
    why: "A list that ends after its first page looks whole: everybody behind it seems to have left. Few providers give everything at once.",
    fix: "Describe the paging under `page`. Where the provider really gives all in one answer, say so: `page: {none: {}}`.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (resource, name, method) in subject.connector.methods_by_resource() {
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
            if is_single(method) {
                findings.push(
                    subject.at(RULE.name, &pointer, format!("the list of `{resource}` is not paged")).hint(RULE.fix),
                );
            }
        }
    }
    findings
}

fn is_single(method: &Method) -> bool {
    if matches!(method.items, Some(Items::One(_))) {
        return false;
    }
    // `page: {none: {}}` says that one answer holds all: a claim, not an omission.
    let all_passes = !method.passes.is_empty() && method.passes.iter().all(|pass| pass.page.is_some());
    method.page.is_none() && !all_passes
}
