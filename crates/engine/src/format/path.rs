//! Paths in answers: `.a.b`, `.0`, `."x.y"`, `.`, and `[]` that walks into an array. Written as in mappings.

use serde_json::Value;

/// A parsed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member of an object, or an element of an array by its number.
    Name(String),
    /// Every element of an array.
    Each,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        if text == "." {
            return Ok(Self(steps));
        }
        if text.is_empty() {
            return Err("a path is empty; it begins with `.`".to_owned());
        }
        while let Some(after) = rest.strip_prefix('.') {
            let is_quoted = after.starts_with('"');
            let (name, left) = if is_quoted { quoted(text, after)? } else { plain(text, after)? };
            if is_quoted || !name.is_empty() {
                steps.push(Step::Name(name));
            }
            rest = left;
            while let Some(left) = rest.strip_prefix("[]") {
                steps.push(Step::Each);
                rest = left;
            }
        }
        if rest.is_empty() {
            Ok(Self(steps))
        } else {
            Err(format!("`{text}` is not a path: expected `.` before `{rest}`"))
        }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The value it leads to; nothing when a step is missing or would have to choose (`[]`).
    #[must_use]
    pub fn get<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(root, |node, step| match (step, node) {
            (Step::Name(name), Value::Object(members)) => members.get(name),
            (Step::Name(name), Value::Array(items)) => items.get(index(name)?),
            _ => None,
        })
    }

    /// The path without its last step.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, front) = self.0.split_last()?;
        Some(Self(front.to_vec()))
    }
}

/// The element that a name means in an array: `0`, `12`, never `01`.
pub(crate) fn index(name: &str) -> Option<usize> {
    let canonical = name == "0" || !name.starts_with('0');
    (canonical && name.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.parse().ok())?
}

fn plain<'a>(text: &str, after: &'a str) -> Result<(String, &'a str), String> {
    let end = after.find(['.', '[']).unwrap_or(after.len());
    let (name, rest) = after.split_at(end);
    // `.[]` walks into the root.
    if name.is_empty() && !rest.starts_with("[]") {
        return Err(format!("`{text}` is not a path: a name is missing after `.`"));
    }
    if let Some(odd) = name.chars().find(|c| c.is_whitespace() || "\"]{}|".contains(*c)) {
        return Err(format!("`{text}` is not a path: `{odd}` in a name; quote the name: `.\"{name}\"`"));
    }
    Ok((name.to_owned(), rest))
}

fn quoted<'a>(text: &str, after: &'a str) -> Result<(String, &'a str), String> {
    let mut name = String::new();
    let mut chars = after.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((name, after.get(at + 1..).unwrap_or_default())),
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            c => name.push(c),
        }
    }
    Err(format!("`{text}` is not a path: the quote is not closed"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_mappings_write() {
        let name = |text: &str| Step::Name(text.to_owned());
        assert_eq!(Path::parse(".").unwrap().steps(), []);
        assert_eq!(Path::parse(".a.0").unwrap().steps(), [name("a"), name("0")]);
        assert_eq!(Path::parse(r#"."u:x.y"."a\"b""#).unwrap().steps(), [name("u:x.y"), name("a\"b")]);
        assert_eq!(
            Path::parse(".meta.rowType[].name").unwrap().steps(),
            [name("meta"), name("rowType"), Step::Each, name("name")]
        );
        assert_eq!(Path::parse(".[]").unwrap().steps(), [Step::Each]);
        for wrong in ["", "a", "..", ".a.", ".a b", ".a[0]", ".a[]b", ".\"a", "$x"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn finds_one_value() {
        let tree = json!({"a": [{"b": 1}], "c.d": 2});
        assert_eq!(Path::parse(".a.0.b").unwrap().get(&tree), Some(&json!(1)));
        assert_eq!(Path::parse(r#"."c.d""#).unwrap().get(&tree), Some(&json!(2)));
        assert_eq!(Path::parse(".a.00").unwrap().get(&tree), None);
        assert_eq!(Path::parse(".a[].b").unwrap().get(&tree), None);
        assert_eq!(Path::parse(".a.0.b").unwrap().parent(), Some(Path::parse(".a.0").unwrap()));
    }
}
