//! `{name}` in texts: `docs/reference/connector-format.md`, *Templates*.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A parsed template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Name { name: String, functions: Vec<Function> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Base64,
    Lower,
    Upper,
    Url,
    Raw,
    Date,
    Epoch,
    EpochMs,
    Quote,
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("base64", Function::Base64),
    ("lower", Function::Lower),
    ("upper", Function::Upper),
    ("url", Function::Url),
    ("raw", Function::Raw),
    ("date", Function::Date),
    ("epoch", Function::Epoch),
    ("epoch_ms", Function::EpochMs),
    ("quote", Function::Quote),
];

/// How a value is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// As it is.
    Plain,
    /// Into a URL's path: percent-encoded as one segment.
    Path,
}

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrendered {
    /// The value with this name was not given.
    #[error("`{0}` is not given")]
    Missing(String),
    /// The value cannot take the function.
    #[error("`{0}` cannot be written as `{1}`")]
    Unsuitable(String, &'static str),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A lone brace or an unknown function, as a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' | '}' if chars.peek() == Some(&c) => {
                    chars.next();
                    literal.push(c);
                }
                '{' => {
                    let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Self::name(&inner)?);
                }
                '}' => return Err("a `}` without its `{`; write `}}` for a literal brace".to_owned()),
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }

    fn name(inner: &str) -> Result<Part, String> {
        let mut pieces = inner.split('|').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        if name.is_empty()
            || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | ':' | '#'))
        {
            return Err(format!("`{{{inner}}}` is not a name; write `{{{{` for a literal brace"));
        }
        let mut functions = Vec::new();
        for piece in pieces {
            let known = FUNCTIONS.iter().find(|(function, _)| *function == piece);
            let Some((_, function)) = known else {
                let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
                return Err(format!("unknown function `{piece}`; there are {}", names.join(", ")));
            };
            functions.push(*function);
        }
        Ok(Part::Name { name: name.to_owned(), functions })
    }

    /// The names it needs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name { name, .. } => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The single name, when the template is nothing but one `{name}`.
    #[must_use]
    pub fn only_name(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Name { name, functions }] if functions.is_empty() => Some(name),
            _ => None,
        }
    }

    /// The text with its values.
    ///
    /// # Errors
    /// The first name that has no value, or a value that a function cannot read.
    pub fn render(&self, position: Position, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Unrendered> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Name { name, functions } => {
                    let found = value(name).ok_or_else(|| Unrendered::Missing(name.clone()))?;
                    text.push_str(&apply(name, found, functions, position)?);
                }
            }
        }
        Ok(text)
    }

    /// The pieces between names, for matching a rendered text: literals as they are, names as `None`.
    #[must_use]
    pub fn skeleton(&self) -> Vec<Option<&str>> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => Some(literal.as_str()),
                Part::Name { .. } => None,
            })
            .collect()
    }
}

fn apply(name: &str, mut value: String, functions: &[Function], position: Position) -> Result<String, Unrendered> {
    let mut encode = position == Position::Path;
    for function in functions {
        value = match function {
            Function::Base64 => STANDARD.encode(value),
            Function::Lower => value.to_lowercase(),
            Function::Upper => value.to_uppercase(),
            Function::Url => percent_encode(&value),
            Function::Raw => {
                encode = false;
                value
            }
            Function::Quote => value.replace('\\', "\\\\").replace('"', "\\\""),
            Function::Date => instant(name, &value, "date")?.0,
            Function::Epoch => instant(name, &value, "epoch")?.1.to_string(),
            Function::EpochMs => instant(name, &value, "epoch_ms")?.2.to_string(),
        };
    }
    Ok(if encode { percent_encode(&value) } else { value })
}

/// Date, epoch seconds and epoch milliseconds of a time.
fn instant(name: &str, value: &str, function: &'static str) -> Result<(String, i64, i64), Unrendered> {
    rollcall_mapping::time::parse(value)
        .map(|instant| (instant.date(), instant.seconds, instant.epoch_milliseconds()))
        .ok_or_else(|| Unrendered::Unsuitable(name.to_owned(), function))
}

/// Percent-encodes everything but RFC 3986 unreserved characters.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
