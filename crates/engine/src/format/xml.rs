//! XML, read as JSON: an element becomes a member of its parent, repeated elements an array, attributes `@name`, text beside them `#text`.
//! Document types are refused, so no entity is ever expanded.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::encoding::detect_encoding;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use rollcall_connector::definition::XmlFormat;
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::error::FormatError;
use super::{Limits, seen};

const FORM: &str = "XML";
/// More on one element is an attack, not data.
const MOST_ATTRIBUTES: usize = 1000;
const LONGEST_DECLARATION: usize = 256;

/// `{"Root": {…}}`.
pub(super) fn convert(format: &XmlFormat, body: &[u8], limits: &Limits) -> Result<Vec<u8>, FormatError> {
    // UTF-16 begins with a byte order mark or a zero byte, not with `<`.
    if seen::is_html(body) || (detect_encoding(body).is_none() && body.trim_ascii_start().first() != Some(&b'<')) {
        return Err(FormatError::saw(FORM, body));
    }
    let text = decode(body)?;
    let tree =
        Builder { arrays: format.arrays.iter().map(String::as_str).collect(), limits, open: Vec::new(), root: None }
            .read(&text)?;
    let json = serde_json::to_vec(&tree).map_err(|_| FormatError::broken(FORM, 0, "it cannot be written as JSON"))?;
    if json.len() > limits.bytes { Err(FormatError::TooLarge(limits.bytes)) } else { Ok(json) }
}

/// The text in the encoding that its byte order mark or its declaration names, UTF-8 else.
fn decode(body: &[u8]) -> Result<Cow<'_, str>, FormatError> {
    let detected = detect_encoding(body);
    let content = body.get(detected.as_ref().map_or(0, |found| found.bom_len())..).unwrap_or_default();
    let marked = detected.map(|found| found.encoding()).filter(|encoding| encoding.name() != "UTF-8");
    let encoding = match (marked, declaration(content)) {
        (Some(encoding), _) => Some(encoding),
        (None, None) => None,
        (None, Some(declaration)) => match (declaration.encoding(), declaration.encoder()) {
            // A declaration that could be read as ASCII is not in UTF-16: the document was recoded on its way.
            (_, Some(encoding)) => Some(encoding).filter(|encoding| !encoding.name().starts_with("UTF-16")),
            (None, None) => None,
            // A guess would change people's names.
            (Some(name), None) => {
                return Err(FormatError::broken(FORM, 1, format!("unknown encoding `{}`", name.unwrap_or_default())));
            }
        },
    };
    match encoding {
        Some(encoding) => encoding
            .decode_without_bom_handling_and_without_replacement(content)
            .ok_or_else(|| undecodable(encoding.name())),
        None => std::str::from_utf8(content).map(Cow::Borrowed).map_err(|_| undecodable("UTF-8")),
    }
}

fn undecodable(encoding: &str) -> FormatError {
    FormatError::broken(FORM, 1, format!("it is not text in {encoding}"))
}

/// `<?xml … ?>`, when the content begins with one.
fn declaration(content: &[u8]) -> Option<BytesDecl<'_>> {
    let start = content.trim_ascii_start();
    let end = start.iter().take(LONGEST_DECLARATION).position(|byte| *byte == b'>')?;
    match Reader::from_str(std::str::from_utf8(start.get(..=end)?).ok()?).read_event() {
        Ok(Event::Decl(declaration)) => Some(declaration),
        _ => None,
    }
}

/// An element whose end has not come.
struct Open {
    name: String,
    members: Map<String, Value>,
    has_children: bool,
    is_nil: bool,
    text: String,
}

struct Builder<'a> {
    arrays: HashSet<&'a str>,
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<(String, Value)>,
}

impl Builder<'_> {
    fn read(mut self, text: &str) -> Result<Value, FormatError> {
        let mut reader = Reader::from_str(text);
        loop {
            let position = reader.buffer_position();
            let broken = |message: &str| FormatError::broken(FORM, line(text, position), message);
            match reader.read_event().map_err(|error| broken(reason(&error)))? {
                Event::Start(start) => self.start(&start).map_err(|problem| problem.at(text, position))?,
                Event::Empty(start) => {
                    self.start(&start).map_err(|problem| problem.at(text, position))?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(piece) => {
                    self.text(&piece.xml10_content()).map_err(|problem| problem.at(text, position))?
                }
                Event::CData(piece) => {
                    self.text(&piece.xml10_content()).map_err(|problem| problem.at(text, position))?
                }
                Event::GeneralRef(reference) => {
                    let resolved = resolve(&reference).ok_or_else(|| broken("an entity that XML does not define"))?;
                    self.text(&resolved).map_err(|problem| problem.at(text, position))?;
                }
                Event::DocType(_) => return Err(broken("a document type declaration, which is refused")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => break,
            }
        }
        let end = u64::try_from(text.len()).unwrap_or(u64::MAX);
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(FormatError::broken(
                FORM,
                line(text, end),
                format!("the answer is cut off: `{}` is not closed", open.name),
            )),
            (None, Some((name, value))) => Ok(Value::Object(Map::from_iter([(name, value)]))),
            (None, None) => Err(FormatError::broken(FORM, line(text, end), "there is no element")),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(Problem::Broken("more than one root element".to_owned()));
        }
        if self.open.len() >= self.limits.depth {
            return Err(Problem::TooDeep(self.limits.depth));
        }
        let mut open = Open {
            name: start.local_name().as_ref().to_owned(),
            members: Map::new(),
            has_children: false,
            is_nil: false,
            text: String::new(),
        };
        for (count, attribute) in start.attributes().with_checks(false).enumerate() {
            let attribute = attribute.map_err(|_| Problem::Broken("an attribute cannot be read".to_owned()))?;
            if count >= MOST_ATTRIBUTES {
                return Err(Problem::Broken(format!("an element with more than {MOST_ATTRIBUTES} attributes")));
            }
            let name: &str = attribute.key.as_ref();
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            if prefix == "xmlns" || name == "xmlns" {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| Problem::Broken("an attribute's value cannot be read".to_owned()))?;
            // The prefix of XML Schema's `nil` is the document's choice.
            if local == "nil" && !prefix.is_empty() {
                open.is_nil = matches!(value.trim(), "true" | "1");
                continue;
            }
            open.attribute(prefix, name, local, value.into_owned())?;
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) {
        // The reader has checked that names match.
        let Some(open) = self.open.pop() else { return };
        let (name, value) = open.close();
        match self.open.last_mut() {
            None => self.root = Some((name, value)),
            Some(parent) => {
                parent.has_children = true;
                let is_list = self.arrays.contains(name.as_str());
                match parent.members.entry(name) {
                    Entry::Vacant(free) => {
                        free.insert(if is_list { Value::Array(vec![value]) } else { value });
                    }
                    // An element's own value is never an array: an array is a repetition.
                    Entry::Occupied(mut taken) => match taken.get_mut() {
                        Value::Array(items) => items.push(value),
                        first => *first = Value::Array(vec![first.take(), value]),
                    },
                }
            }
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Problem> {
        match self.open.last_mut() {
            Some(open) => {
                open.text.push_str(text);
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err(Problem::Broken("text outside of the root element".to_owned())),
        }
    }
}

impl Open {
    fn attribute(&mut self, prefix: &str, name: &str, local: &str, value: String) -> Result<(), Problem> {
        // Two attributes that differ in their prefix only must not hide each other.
        let key = format!("@{local}");
        let key = if self.members.contains_key(&key) && !prefix.is_empty() { format!("@{name}") } else { key };
        match self.members.insert(key, Value::String(value)) {
            None => Ok(()),
            Some(_) => Err(Problem::Broken(format!("attribute `{name}` stands twice on `{}`", self.name))),
        }
    }

    fn close(self) -> (String, Value) {
        let Self { name, mut members, has_children, is_nil, text } = self;
        if is_nil && !has_children && text.trim().is_empty() {
            return (name, Value::Null);
        }
        if members.is_empty() {
            return (name, Value::String(text));
        }
        let keep = if has_children { !text.trim().is_empty() } else { !text.is_empty() };
        if keep {
            members.insert("#text".to_owned(), Value::String(text));
        }
        (name, Value::Object(members))
    }
}

/// A mistake whose line is not known yet.
enum Problem {
    Broken(String),
    TooDeep(usize),
}

impl Problem {
    fn at(self, text: &str, position: u64) -> FormatError {
        match self {
            Self::Broken(message) => FormatError::broken(FORM, line(text, position), message),
            Self::TooDeep(depth) => FormatError::TooDeep(depth),
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Option<Cow<'static, str>> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(|c| Cow::Owned(c.to_string()));
    }
    resolve_xml_entity(reference).map(Cow::Borrowed)
}

/// The library's syntax errors are all of one kind: something begins and does not end.
fn reason(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "the answer is cut off, or not XML",
        quick_xml::Error::IllFormed(IllFormedError::MissingEndTag(_)) => "the answer is cut off",
        quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_)) => {
            "an end tag that does not fit"
        }
        _ => "it is not well-formed",
    }
}

fn line(text: &str, position: u64) -> u64 {
    let end = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
    let lines = text.as_bytes().iter().take(end).filter(|byte| **byte == b'\n').count();
    u64::try_from(lines).unwrap_or(u64::MAX).saturating_add(1)
}
