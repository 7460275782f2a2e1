use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "token_like_string",
    description: "a text that has the form of a real credential",
    why: "A real token in a public repository is used by strangers within minutes, and scanners block what only looks like one.",
    fix: "Write `sandbox`, or another word that nobody can take for a token.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

/// How well-known credentials begin, and how many characters of a token must follow.
const SHAPES: &[(&str, usize)] = &[
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 18),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xapp-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("SG.", 40),
    ("lin_api_", 30),
    ("sntrys_", 30),
    ("ATATT3", 30),
    ("eyJhbGciOi", 40),
    ("shpat_", 30),
    ("dapi", 32),
    ("pat-na1-", 30),
    ("secret_", 40),
    ("ntn_", 40),
];

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in subject.texts() {
        for (index, line) in text.lines().enumerate() {
            let key = line.contains("-----BEGIN") && line.contains("PRIVATE KEY");
            if key || SHAPES.iter().any(|(start, length)| has(line, start, *length)) {
                findings
                    .push(subject.in_file(RULE.name, &path, index + 1, "this looks like a credential").hint(RULE.fix));
            }
        }
    }
    findings
}

/// Whether a word of the line begins so and is long enough to be a token with digits in it.
fn has(line: &str, start: &str, length: usize) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line.get(..at).and_then(|front| front.chars().next_back());
        let rest: String = line
            .get(at + start.len()..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
            .collect();
        !before.is_some_and(|c| c.is_ascii_alphanumeric())
            && rest.len() >= length
            && rest.chars().any(|c| c.is_ascii_digit())
    })
}
