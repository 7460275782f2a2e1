//! Source paths: `.a.b`, `.0`, `."x.y"`, `.`, `$context.a`.

use std::fmt;

/// A parsed path. Without a context it starts at the current record or element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub context: Option<String>,
    pub segments: Vec<String>,
}

/// Whether a text is a path rather than a constant.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with(['.', '$'])
}

/// The element that a segment names when it meets an array: `0`, `12`, never `01`.
pub(crate) fn index(segment: &str) -> Option<u32> {
    let canonical = segment == "0" || !segment.starts_with('0');
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| segment.parse().ok()).flatten()
}

/// Reads a path; the error is a message and a hint.
pub(crate) fn parse(text: &str) -> Result<Path, (String, Option<String>)> {
    let (context, mut rest) = match text.strip_prefix('$') {
        None => (None, text),
        Some(after) => {
            let end = after.find('.').unwrap_or(after.len());
            let (name, rest) = after.split_at(end);
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if name.is_empty() || !plain {
                return Err((
                    format!("`{text}` does not name a context"),
                    Some("write `$name` or `$name.path`".into()),
                ));
            }
            (Some(name.to_owned()), rest)
        }
    };
    let mut segments = Vec::new();
    if context.is_none() && rest == "." {
        return Ok(Path { context, segments });
    }
    while let Some(after) = rest.strip_prefix('.') {
        let (segment, left) = if after.starts_with('"') { quoted(text, after)? } else { plain(text, after)? };
        segments.push(segment);
        rest = left;
    }
    if rest.is_empty() {
        Ok(Path { context, segments })
    } else {
        Err((format!("`{text}` is not a path: expected `.` before `{rest}`"), None))
    }
}

type Segment<'a> = Result<(String, &'a str), (String, Option<String>)>;

fn plain<'a>(text: &str, after: &'a str) -> Segment<'a> {
    let end = after.find('.').unwrap_or(after.len());
    let (name, rest) = after.split_at(end);
    if name.is_empty() {
        return Err((format!("`{text}` is not a path: a name is missing after `.`"), None));
    }
    if name.contains("[]") {
        let hint = "walk the array with `{each: …, item: …}`, or take one element with `.0`";
        return Err((format!("`{text}`: `[]` is for `items` only"), Some(hint.into())));
    }
    if let Some(odd) = name.chars().find(|c| c.is_whitespace() || "\"[]{}|".contains(*c)) {
        return Err((
            format!("`{text}` is not a path: `{odd}` in a name"),
            Some(format!("quote the name: `.\"{name}\"`")),
        ));
    }
    Ok((name.to_owned(), rest))
}

fn quoted<'a>(text: &str, after: &'a str) -> Segment<'a> {
    let mut name = String::new();
    let mut chars = after.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((name, after.get(at + 1..).unwrap_or_default())),
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            c => name.push(c),
        }
    }
    Err((format!("`{text}` is not a path: the quote is not closed"), None))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(context) = &self.context {
            write!(f, "${context}")?;
        }
        f.write_str(&display(&self.segments, self.context.is_none()))
    }
}

/// The segments as they are written, quoted where needed.
pub(crate) fn display(segments: &[String], root: bool) -> String {
    if segments.is_empty() {
        return if root { ".".to_owned() } else { String::new() };
    }
    let mut text = String::new();
    for segment in segments {
        text.push('.');
        if plain("", segment).is_ok_and(|(_, rest)| rest.is_empty()) {
            text.push_str(segment);
        } else {
            text.push('"');
            text.push_str(&segment.replace('\\', "\\\\").replace('"', "\\\""));
            text.push('"');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_and_prints() {
        for text in [
            ".",
            ".a",
            ".a.b",
            ".emails.0.value",
            "$key",
            "$detail.mfa.0",
            ".\"urn:x.y\".z",
            ".\"a b\"",
            ".a-b.@c.#text",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse(r#"."a\"b\\c""#).unwrap().segments, [r#"a"b\c"#]);
        for text in ["..", ".a.", ".a b", "$", "$.a", ".a[]", ".a[0]", ".\"a", ".\"a\"b", "$a b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
