use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "readme_heading_missing",
    description: "a README without one of the headings that operators look for",
    why: "An operator reads thirty of them; each must answer the same questions in the same places, also where the answer is \"nothing\".",
    fix: "Add `## What is listed`, `## Credential, step by step`, `## Least permissions`, `## How people leave`, `## Limits` and `## Not covered`.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

const HEADINGS: [&str; 6] =
    ["What is listed", "Credential, step by step", "Least permissions", "How people leave", "Limits", "Not covered"];

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(readme) = &subject.readme else {
        return vec![subject.in_file(RULE.name, "README.md", 1, "there is no README.md").hint(RULE.fix)];
    };
    let written: Vec<String> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| heading.trim().to_lowercase())
        .collect();
    let missing = HEADINGS.iter().filter(|heading| !written.contains(&heading.to_lowercase()));
    missing
        .map(|heading| {
            subject.in_file(RULE.name, "README.md", 1, format!("the heading `{heading}` is missing")).hint(RULE.fix)
        })
        .collect()
}
