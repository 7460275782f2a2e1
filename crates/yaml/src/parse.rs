//! From text to the tree.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::{Document, Entry, Node, Place, Value, scalar};

/// Deeper nesting than this is refused.
pub const MAX_DEPTH: usize = 64;
/// Larger files than this are refused.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Why a file is not such a document.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub message: String,
    pub place: Place,
    pub hint: Option<String>,
}

/// Reads one document.
///
/// # Errors
/// Syntax errors, and whatever of YAML this project's files leave out; with the place.
pub fn parse(text: &str) -> Result<Document, Error> {
    if text.len() > MAX_BYTES {
        return Err(error(Place::default(), format!("the file is larger than {MAX_BYTES} bytes"), None));
    }
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            other if root.is_none() => root = Some(reader.node(other, span, 0)?),
            _ => {
                return Err(error(place(span), "a second document".to_owned(), Some("one file holds one document")));
            }
        }
    }
    let root = root.unwrap_or(Node { place: Place { line: 1, column: 1, width: 1 }, value: Value::Null });
    Ok(Document { root })
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Error> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(fault)) => {
                let marker = fault.marker();
                let place = Place { line: marker.line(), column: marker.col() + 1, width: 1 };
                Err(error(place, format!("not YAML: {}", fault.info()), None))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Error> {
        let place = place(span);
        if depth > MAX_DEPTH {
            return Err(error(place, format!("nested more than {MAX_DEPTH} levels deep"), None));
        }
        let value = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse(place, anchor, tag.is_some())?;
                match style {
                    ScalarStyle::Plain => scalar::plain(&text),
                    _ => Value::String(text.into_owned()),
                }
            }
            Event::SequenceStart(anchor, tag) => {
                refuse(place, anchor, tag.is_some())?;
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Value::List(items),
                        (event, span) => items.push(self.node(event, span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(anchor, tag) => {
                refuse(place, anchor, tag.is_some())?;
                self.map(depth)?
            }
            Event::Alias(_) => {
                return Err(error(
                    place,
                    "an alias".to_owned(),
                    Some("write the value out; anchors and aliases are not part of the format"),
                ));
            }
            _ => {
                return Err(error(place, "not YAML: a value was expected".to_owned(), None));
            }
        };
        Ok(Node { place, value })
    }

    fn map(&mut self, depth: usize) -> Result<Value, Error> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key_place = place(span);
            let key = match event {
                Event::MappingEnd => return Ok(Value::Map(entries)),
                Event::Scalar(text, style, anchor, tag) => {
                    refuse(key_place, anchor, tag.is_some())?;
                    if style == ScalarStyle::Plain && text == "<<" {
                        return Err(error(
                            key_place,
                            "a merge key".to_owned(),
                            Some("write the members out; merge keys are not part of the format"),
                        ));
                    }
                    text.into_owned()
                }
                _ => {
                    return Err(error(key_place, "a key that is not a text".to_owned(), None));
                }
            };
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let message = format!("`{key}` is given twice, first in line {}", first.key_place.line);
                return Err(error(key_place, message, Some("remove one of them")));
            }
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            entries.push(Entry { key, key_place, node });
        }
    }
}

fn refuse(place: Place, anchor: usize, tagged: bool) -> Result<(), Error> {
    if anchor != 0 {
        return Err(error(place, "an anchor".to_owned(), Some("anchors and aliases are not part of the format")));
    }
    if tagged {
        return Err(error(place, "a tag".to_owned(), Some("tags are not part of the format")));
    }
    Ok(())
}

fn place(span: Span) -> Place {
    let width = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    Place { line: span.start.line(), column: span.start.col() + 1, width: width.max(1) }
}

fn error(place: Place, message: String, hint: Option<&str>) -> Error {
    Error { message, place, hint: hint.map(str::to_owned) }
}
