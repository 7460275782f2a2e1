//! The little of GraphQL that tells one document from another.

/// The fields at the root of the first operation: `users` of `query($a: Int) { users(first: $a) { … } }`.
#[must_use]
pub fn root_fields(document: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut depth = 0_usize;
    let mut parens = 0_usize;
    let mut word = String::new();
    let mut alias_pending = false;
    let mut chars = document.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '#' {
            chars.by_ref().take_while(|c| *c != '\n').for_each(drop);
            continue;
        }
        if c == '"' {
            chars.by_ref().take_while(|c| *c != '"').for_each(drop);
            continue;
        }
        if parens == 0 && depth == 1 && (c.is_alphanumeric() || c == '_') {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            if c == ':' {
                // An alias: the field's own name follows.
                word.clear();
                alias_pending = true;
            } else {
                let directive = fields.last().is_some_and(|last: &String| last == "@");
                if directive {
                    fields.pop();
                } else {
                    fields.push(word.clone());
                }
                word.clear();
                alias_pending = false;
            }
        }
        match c {
            '(' => parens += 1,
            ')' => parens = parens.saturating_sub(1),
            '@' if parens == 0 && depth == 1 => fields.push("@".to_owned()),
            '{' if parens == 0 => depth += 1,
            '}' if parens == 0 => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !alias_pending && !fields.is_empty() {
                    break;
                }
            }
            _ => {}
        }
    }
    fields.retain(|field| field != "@");
    fields
}

#[cfg(test)]
mod tests {
    use super::root_fields;

    #[test]
    fn finds_what_is_asked_for() {
        assert_eq!(root_fields("query($a: Int = 3) { users(first: $a, filter: {b: 1}) { nodes { id } } }"), ["users"]);
        assert_eq!(
            root_fields("{ people: users @include(if: true) { id } # {no}\n teams { id } }"),
            ["users", "teams"]
        );
        assert_eq!(root_fields("query Q { viewer { id } } fragment F on X { y }"), ["viewer"]);
        assert!(root_fields("").is_empty());
    }
}
