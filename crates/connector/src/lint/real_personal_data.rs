use super::{Needs, Rule, Scope, Subject};
use crate::Finding;

pub(super) static RULE: Rule = Rule {
    name: "real_personal_data",
    description: "an address or number in the cases that somebody may really have",
    why: "Cases are public. People in them are invented, and so must be every way to reach them.",
    fix: "Use addresses under example.com, example.org, example.net, .example, .test or .invalid, and numbers with 555.",
    scope: Scope::Connector,
    needs: Needs::Nothing,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in subject.texts().filter(|(path, _)| path.starts_with("cases/")) {
        for (index, line) in text.lines().enumerate() {
            for address in addresses(line).into_iter().filter(|address| !is_reserved(address)) {
                findings.push(
                    subject
                        .in_file(RULE.name, &path, index + 1, format!("`{address}` may be somebody's address"))
                        .hint(RULE.fix),
                );
            }
            for number in numbers(line) {
                findings.push(
                    subject
                        .in_file(RULE.name, &path, index + 1, format!("`{number}` may be somebody's number"))
                        .hint(RULE.fix),
                );
            }
        }
    }
    findings
}

/// What looks like an e-mail address.
fn addresses(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('@') {
        let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
        let front: String = line
            .get(..at)
            .unwrap_or_default()
            .chars()
            .rev()
            .take_while(|c| local(*c))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let back: String = line
            .get(at + 1..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            .collect();
        let domain = back.trim_end_matches(['.', '-']);
        let top = domain.rsplit('.').next().unwrap_or_default();
        let is_domain = domain.contains('.') && top.len() > 1 && top.chars().all(|c| c.is_ascii_alphabetic());
        // Annotations of OData look like addresses.
        if !front.is_empty() && is_domain && !domain.starts_with("odata.") {
            found.push(format!("{front}@{domain}"));
        }
    }
    found
}

fn is_reserved(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().to_lowercase();
    let under = |name: &str| domain == name || domain.ends_with(&format!(".{name}"));
    ["example.com", "example.org", "example.net", "example.edu", "example", "test", "invalid", "localhost"]
        .iter()
        .any(|name| under(name))
}

/// North American numbers outside the range that is kept for invented ones: the only plan that is cheap to judge.
fn numbers(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("+1") {
        let text: String = line
            .get(at..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.'))
            .collect();
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        let reserved = digits.get(1..4) == Some(&['5', '5', '5']) || digits.get(4..7) == Some(&['5', '5', '5']);
        if digits.len() == 11 && !reserved {
            found.push(text.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_from_what_looks_like_them() {
        assert_eq!(addresses("\"mail\": \"ada.b+c@corp.example.com\", x"), ["ada.b+c@corp.example.com"]);
        assert!(addresses("value@odata.nextLink, @id, a@b, urn:x@1.2").is_empty());
        assert!(
            is_reserved("a@sub.example.org")
                && is_reserved("a@b.test")
                && !is_reserved("a@notexample.com")
                && !is_reserved("a@example.io")
        );
        assert!(numbers("+1 212 555 0100").is_empty());
        assert_eq!(numbers("\"+1 (212) 736-5000\""), ["+1 (212) 736-5000"]);
    }
}
