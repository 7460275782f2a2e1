use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "missing_case",
    description: "one of the cases `basic`, `leavers` and `refused` is missing",
    why: "They show the three things that every list must do: give everybody over several pages, tell those who left, and call a refused credential an error.",
    fix: "Add `cases/<name>/case.yaml` with the exchanges as the provider makes them.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

const WANTED: [&str; 3] = ["basic", "leavers", "refused"];

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let missing = WANTED.iter().filter(|name| !subject.cases.iter().any(|case| case.name == **name));
    missing
        .map(|name| {
            subject.in_file(RULE.name, "connector.yaml", 1, format!("the case `{name}` is missing")).hint(RULE.fix)
        })
        .collect()
}
