//! `exceptions.txt`: rule, connector, reason. A line that is not needed is a finding, so that the list only shrinks.

use std::collections::BTreeSet;

use rollcall_yaml::Place;

use super::{Evidence, Needs, Rule, Scope, elsewhere, rule};
use crate::Finding;
use crate::catalog::Catalog;

pub(super) static RULE: Rule = Rule {
    name: "needless_exception",
    description: "a line of exceptions.txt that excuses nothing",
    why: "A list of debts that is longer than the debts hides the real ones.",
    fix: "Remove the line, or correct the rule's or the connector's name.",
    scope: Scope::Catalogue,
    needs: Needs::Nothing,
    check: elsewhere,
};

pub(super) static REPLAY: Rule = Rule {
    name: "replay_difference",
    description: "a recorded exchange that the connector reads otherwise than it was",
    why: "A recording is what the provider really answered. A record lost there is a person lost for somebody.",
    fix: "Run `rollcall connector replay` for the whole report, and correct the request, the paging or the mapping.",
    scope: Scope::Connector,
    needs: Needs::Recordings,
    check: elsewhere,
};

struct Line {
    number: usize,
    rule: String,
    connector: String,
    reason: String,
}

/// Takes out what is excused and adds what is wrong with the excuses.
pub(super) fn apply(
    catalog: &Catalog,
    ids: &[String],
    evidence: &Evidence<'_>,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let Some(text) = catalog.ledger("exceptions.txt") else { return findings };
    let lines: Vec<Line> = text.lines().enumerate().filter_map(|(index, line)| read(index + 1, line)).collect();
    let mut used = BTreeSet::new();
    let mut left = Vec::new();
    for finding in findings {
        let connector = finding.file.split('/').next().unwrap_or_default();
        match lines.iter().find(|line| line.rule == finding.rule && line.connector == connector) {
            Some(line) => drop(used.insert(line.number)),
            None => left.push(finding),
        }
    }
    let known = catalog.ids();
    for line in &lines {
        let at = |message: String| {
            Finding::new(
                RULE.name,
                "exceptions.txt",
                Place { line: line.number, column: 1, ..Place::default() },
                message,
            )
        };
        match rule(&line.rule) {
            None => left.push(
                at(format!("there is no rule `{}`", line.rule)).hint("see the names of the rules in the reference"),
            ),
            Some(_) if !known.contains(&line.connector) => {
                left.push(at(format!("there is no connector `{}`", line.connector)).hint("remove the line"))
            }
            Some(_) if line.reason.is_empty() => {
                left.push(at("the exception has no reason".to_owned()).hint("write why behind the connector's name"))
            }
            Some(rule) => {
                let judged = match rule.needs {
                    Needs::Nothing => true,
                    Needs::Specs => evidence.specs.is_some(),
                    Needs::Recordings => evidence.recordings.is_some(),
                };
                if judged && ids.contains(&line.connector) && !used.contains(&line.number) {
                    left.push(
                        at(format!("`{}` keeps `{}`: the exception is not needed", line.connector, line.rule))
                            .hint("remove the line"),
                    );
                }
            }
        }
    }
    left
}

fn read(number: usize, line: &str) -> Option<Line> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let mut words = line.splitn(3, char::is_whitespace);
    let (rule, connector) = (words.next()?.to_owned(), words.next().unwrap_or_default().to_owned());
    Some(Line { number, rule, connector, reason: words.next().unwrap_or_default().trim().to_owned() })
}
