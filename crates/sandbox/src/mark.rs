//! One record of a case as a template of many: the values that tell people apart get holes, which are filled with a person's number.
//! The first copy is the record itself, so that what other answers say about it stays true.

use serde_json::{Map, Number, Value};

use crate::place;

/// Holes are written as private-use characters while a record is still a tree; no case has them.
const DIGITS: char = '\u{E0F8}';
const PLAIN: char = '\u{E0F9}';
const HEX: char = '\u{E0FA}';
const NUMBER: char = '\u{E0FB}';
/// A number that is written as a text.
const NUMBER_TEXT: char = '\u{E0FC}';

/// People beyond this number could not be told apart by eight digits.
pub const PEOPLE_MAX: u64 = 99_999_999;

/// Numbers of generated people begin here, above those that cases invent.
const NUMBER_BASE: u64 = 100_000_000;
/// The same in the last group of a UUID.
const HEX_BASE: u64 = 0xf000_0000_0000;

/// A record with holes.
#[derive(Clone, Debug)]
pub struct Template {
    /// As the case has it.
    pub original: Value,
    /// The same with holes.
    marked: Value,
    /// The member's name, where records are members of an object; with and without holes.
    pub key: Option<(String, String)>,
    /// Each identifying text and how it is told apart.
    pub texts: Vec<(String, String)>,
}

/// Bytes with holes.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Hole(char),
}

impl Template {
    /// Marks what stands at `paths`, what equals it elsewhere in the record, and mail addresses.
    pub fn new(original: Value, key: Option<String>, paths: &[String], id: &str) -> Self {
        let mut texts: Vec<(String, String)> = Vec::new();
        let mut marked = original.clone();
        for path in paths {
            let Some(found) = place::at_mut(&mut marked, path) else { continue };
            match found {
                Value::String(text) if !text.is_empty() => {
                    let with_hole = hole(text);
                    if !texts.iter().any(|(known, _)| known == text) {
                        texts.push((text.clone(), with_hole.clone()));
                    }
                    *text = with_hole;
                }
                Value::Number(number) => {
                    let text = number.to_string();
                    if !texts.iter().any(|(known, _)| *known == text) {
                        texts.push((text, NUMBER.to_string()));
                    }
                    *found = Value::String(NUMBER.to_string());
                }
                _ => {}
            }
        }
        if !id.is_empty() && !texts.iter().any(|(known, _)| known == id) {
            texts.push((id.to_owned(), hole(id)));
        }
        mark(&mut marked, &mut texts);
        let key = key.map(|key| {
            let with_hole =
                texts.iter().find(|(known, _)| *known == key).map_or_else(|| hole(&key), |(_, hole)| as_text(hole));
            if !texts.iter().any(|(known, _)| *known == key) {
                texts.push((key.clone(), with_hole.clone()));
            }
            (key, with_hole)
        });
        Self { original, marked, key, texts }
    }

    /// The record of a person.
    pub fn value(&self, number: u64) -> Value {
        filled(&self.marked, number)
    }

    /// The tree with its holes, for serialising once.
    pub fn marked(&self) -> &Value {
        &self.marked
    }

    /// The original identifying text that became `text` for a person.
    pub fn source_of(&self, text: &str, number: u64) -> Option<&str> {
        self.texts.iter().find(|(_, hole)| fill(hole, number) == text).map(|(original, _)| original.as_str())
    }

    /// Another answer about the original, made one about a person.
    pub fn translate(&self, value: &mut Value, number: u64) {
        match value {
            Value::String(text) => {
                if let Some((_, hole)) = self.texts.iter().find(|(original, _)| original == text) {
                    *text = fill(hole, number);
                } else if let Some(with_hole) = mail(text) {
                    *text = fill(&with_hole, number);
                }
            }
            Value::Number(found) => {
                let found = found.to_string();
                if let Some((_, hole)) =
                    self.texts.iter().find(|(original, hole)| *original == found && *hole == NUMBER.to_string())
                {
                    *value = number_or_text(&fill(hole, number));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.translate(item, number)),
            Value::Object(members) => members.values_mut().for_each(|member| self.translate(member, number)),
            _ => {}
        }
    }
}

/// The number of the person whom an identifying text belongs to, if it was made here. Only a guess: the text may end like one.
pub fn number_of(text: &str) -> Option<u64> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    if let Some((local, _)) = text.split_once('@') {
        return digits(local.rsplit_once('.')?.1);
    }
    if is_uuid(text) {
        let last = u64::from_str_radix(text.get(text.len() - 12..)?, 16).ok()?;
        return last.checked_sub(HEX_BASE);
    }
    if let Some(number) = digits(text).filter(|number| *number >= NUMBER_BASE) {
        return Some(number - NUMBER_BASE);
    }
    digits(text.get(text.len().checked_sub(8)?..)?)
}

/// Marks texts that equal a known one, and mail addresses.
fn mark(value: &mut Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => {
            if text.contains(is_mark) {
                return;
            }
            if let Some((_, hole)) = texts.iter().find(|(known, _)| known == text) {
                *text = as_text(hole);
            } else if let Some(with_hole) = mail(text) {
                texts.push((text.clone(), with_hole.clone()));
                *text = with_hole;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, texts)),
        Value::Object(members) => members.values_mut().for_each(|member| mark(member, texts)),
        _ => {}
    }
}

/// A text with a hole that keeps its kind: a UUID stays one, a number too, and a mail address keeps its domain.
fn hole(text: &str) -> String {
    if let Some(with_hole) = mail(text) {
        return with_hole;
    }
    if is_uuid(text) {
        return format!("{}{HEX}", text.get(..text.len() - 12).unwrap_or_default());
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return NUMBER_TEXT.to_string();
    }
    format!("{text}{DIGITS}")
}

/// The same hole in a text.
fn as_text(hole: &str) -> String {
    if hole.chars().eq([NUMBER]) { NUMBER_TEXT.to_string() } else { hole.to_owned() }
}

fn mail(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let odd = |c: char| c.is_whitespace() || matches!(c, '/' | ':' | '@' | '<' | '>' | ',');
    let is_mail = !local.is_empty() && !local.contains(odd) && !domain.contains(odd) && domain.contains('.');
    is_mail.then(|| format!("{local}.{PLAIN}@{domain}"))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

fn is_mark(c: char) -> bool {
    (DIGITS..=NUMBER_TEXT).contains(&c)
}

fn write(mark: char, number: u64) -> String {
    match mark {
        DIGITS => format!("{number:08}"),
        HEX => format!("{:012x}", HEX_BASE + number),
        NUMBER | NUMBER_TEXT => (NUMBER_BASE + number).to_string(),
        _ => number.to_string(),
    }
}

/// A text with its holes filled.
pub fn fill(text: &str, number: u64) -> String {
    let mut filled = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_mark(c) { filled.push_str(&write(c, number)) } else { filled.push(c) }
    }
    filled
}

fn number_or_text(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| Value::from(text), |number| Value::Number(Number::from(number)))
}

fn filled(value: &Value, number: u64) -> Value {
    match value {
        Value::String(text) if text.chars().eq([NUMBER]) => number_or_text(&fill(text, number)),
        Value::String(text) => Value::String(fill(text, number)),
        Value::Array(items) => Value::Array(items.iter().map(|item| filled(item, number)).collect()),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, member)| (name.clone(), filled(member, number))).collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

impl Pieces {
    /// Cuts a serialised record at its holes. `quoted`: a number's hole stands in quotes that go away.
    pub fn cut(text: &str, quoted: bool) -> Self {
        let text = if quoted { text.replace(&format!("\"{NUMBER}\""), &NUMBER.to_string()) } else { text.to_owned() };
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(is_mark) {
            let (front, back) = rest.split_at(at);
            if !front.is_empty() {
                pieces.push(Piece::Bytes(front.as_bytes().to_vec()));
            }
            let mut chars = back.chars();
            pieces.extend(chars.next().map(Piece::Hole));
            rest = chars.as_str();
        }
        if !rest.is_empty() {
            pieces.push(Piece::Bytes(rest.as_bytes().to_vec()));
        }
        Self { pieces }
    }

    /// Writes the record of a person.
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        let mut digits = [0_u8; 20];
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => out.extend_from_slice(bytes),
                Piece::Hole(HEX) => out.extend_from_slice(write(HEX, number).as_bytes()),
                Piece::Hole(mark) => {
                    let (value, width) = match *mark {
                        DIGITS => (number, 8),
                        NUMBER | NUMBER_TEXT => (NUMBER_BASE + number, 1),
                        _ => (number, 1),
                    };
                    out.extend_from_slice(decimal(value, width, &mut digits));
                }
            }
        }
    }
}

/// Without the formatting machinery: this is the inner loop of a million records.
fn decimal(mut value: u64, width: usize, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    while at > 0 && (value > 0 || digits.len() - at < width) {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
    &digits[at..]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_of_one_template_differ_in_what_tells_people_apart() {
        let template = Template::new(
            json!({"id": 7, "uuid": "0b8f1d2e-1111-4222-8333-000000000007", "login": "ada", "owner": "ada", "mail": "ada@example.com", "team": "x"}),
            None,
            &[".id".to_owned(), ".login".to_owned(), ".uuid".to_owned()],
            "7",
        );
        let text = serde_json::to_string(template.marked()).unwrap();
        let mut bytes = Vec::new();
        Pieces::cut(&text, true).write(12, &mut bytes);
        let written: Value = serde_json::from_slice(&bytes).unwrap();
        let expected = json!({"id": 100_000_012, "uuid": "0b8f1d2e-1111-4222-8333-f0000000000c", "login": "ada00000012", "owner": "ada00000012", "mail": "ada.12@example.com", "team": "x"});
        assert_eq!(written, expected);
        assert_eq!(template.value(12), expected);
    }

    #[test]
    fn the_number_is_found_again() {
        let template = Template::new(
            json!({"a": "00u1", "b": "7", "c": "x@example.com", "d": "0b8f1d2e-1111-4222-8333-000000000007"}),
            None,
            &[".a".to_owned(), ".b".to_owned(), ".d".to_owned()],
            "00u1",
        );
        for (original, hole) in &template.texts {
            let text = fill(hole, 4321);
            assert_eq!(number_of(&text), Some(4321), "{text}");
            assert_eq!(template.source_of(&text, 4321), Some(original.as_str()));
        }
    }
}
