//! Expressions that give one value. What they give is not of the field's type yet, unless it is a constant.

use rollcall_mapping::time::{self, Format, Reading, Unit};
use serde_json::{Map, Value};

use super::{Here, Oracle, constant_text, is_empty, text_of};
use crate::json::Node;

/// A value, and whether the mapping gives it as it must be.
pub struct Found {
    pub node: Node,
    pub constant: bool,
}

fn given(node: Node) -> Found {
    Found { node, constant: false }
}

fn made(text: String) -> Option<Found> {
    Some(given(Node::Text(text)))
}

impl<'a> Oracle<'a> {
    pub fn scalar(&mut self, value: &Value, here: Here<'a>, field: &str) -> Option<Found> {
        match value {
            Value::String(text) if text.starts_with(['.', '$']) => self.path(text, here).map(given),
            Value::Array(choices) => self.first(choices, here, field),
            Value::Object(map) => self.expression(map, here, field),
            Value::Null => None,
            constant => Some(Found { node: constant_node(constant), constant: true }),
        }
    }

    fn first(&mut self, choices: &[Value], here: Here<'a>, field: &str) -> Option<Found> {
        for choice in choices {
            let found = self.scalar(choice, here, field).filter(|found| !is_empty(Some(&found.node)));
            if found.is_some() || (self.is_claim && self.is_unread.get()) {
                return found;
            }
        }
        None
    }

    fn text(&mut self, value: &Value, here: Here<'a>, field: &str) -> Option<String> {
        let found = self.scalar(value, here, field);
        let node = found.as_ref().map(|found| &found.node);
        let text = text_of(node);
        if text.is_none() {
            self.unreadable(node, field);
        }
        text
    }

    fn expression(&mut self, map: &Map<String, Value>, here: Here<'a>, field: &str) -> Option<Found> {
        if let Some(choices) = map.get("first") {
            return self.first(choices.as_array().unwrap(), here, field);
        }
        if map.contains_key("from") {
            return self.value_map(map, here, field);
        }
        if let Some(cases) = map.get("cases") {
            let then = self.case(cases, here)?;
            return self.scalar(&then, here, field);
        }
        if let Some(condition) = map.get("test") {
            let condition = condition.as_object().unwrap();
            let holds = self.holds(condition, here)?;
            return self.knows(condition, here).then(|| Found { node: Node::Bool(holds), constant: true });
        }
        if let Some(inner) = map.get("not") {
            let found = self.scalar(inner, here, field)?;
            return match truth(&found.node) {
                Some(truth) => Some(Found { node: Node::Bool(!truth), constant: true }),
                None => {
                    self.unreadable(Some(&found.node), field);
                    None
                }
            };
        }
        if map.contains_key("find") {
            let elements = self.elements(&map["find"], here, field)?;
            let condition = map["where"].as_object().unwrap();
            for element in elements {
                if self.holds(condition, element)? {
                    return self.scalar(&map["take"], element, field);
                }
            }
            return None;
        }
        if map.contains_key("lookup") {
            return self.look_up(map, here, field).map(given);
        }
        if let Some(parts) = map.get("join") {
            let with = map.get("with").and_then(Value::as_str).unwrap_or(" ");
            let parts: Vec<_> =
                parts.as_array().unwrap().iter().filter_map(|part| self.text(part, here, field)).collect();
            return if parts.is_empty() { None } else { made(parts.join(with)) };
        }
        if map.contains_key("split") {
            let text = self.text(&map["split"], here, field)?;
            let parts: Vec<_> = text.split(map["on"].as_str().unwrap()).collect();
            let part = match &map["take"] {
                Value::String(_) => text.split_once(map["on"].as_str().unwrap()).map(|(_, rest)| rest),
                place => match usize::try_from(place.as_i64().unwrap()) {
                    Ok(place) => parts.get(place).copied(),
                    Err(_) => parts.iter().nth_back(place.as_i64().unwrap().unsigned_abs() as usize - 1).copied(),
                },
            };
            return made(part?.trim().to_owned());
        }
        for (name, change) in [("lower", str::to_lowercase as fn(&str) -> String), ("upper", str::to_uppercase)] {
            if let Some(inner) = map.get(name) {
                return made(change(&self.text(inner, here, field)?));
            }
        }
        if let Some(template) = map.get("template") {
            return self.template(template.as_str().unwrap(), here, field);
        }
        if let Some(inner) = map.get("date") {
            let found = self.scalar(inner, here, field)?;
            return self.date(&found.node, &format(map), field).and_then(made);
        }
        map.get("literal").map(|constant| Found { node: constant_node(constant), constant: true })
    }

    /// The outcome of the first case that holds.
    pub fn case(&self, cases: &Value, here: Here<'a>) -> Option<Value> {
        for case in cases.as_array().unwrap() {
            let when = case.get("when").map(|when| self.holds(when.as_object().unwrap(), here));
            if when.unwrap_or(Some(true))? {
                return Some(case["then"].clone());
            }
        }
        None
    }

    fn value_map(&mut self, map: &Map<String, Value>, here: Here<'a>, field: &str) -> Option<Found> {
        let found = self.scalar(&map["from"], here, field)?;
        if is_empty(Some(&found.node)) {
            return None;
        }
        let text = text_of(Some(&found.node));
        if let Some(text) = &text
            && let Some(target) = map["map"].as_object().unwrap().get(text)
        {
            return (!target.is_null()).then(|| Found { node: constant_node(target), constant: true });
        }
        if let Some(otherwise) = map.get("else") {
            return self.scalar(otherwise, here, field);
        }
        match text {
            // The field's type decides what becomes of it.
            Some(text) if field.ends_with("status") => made(text),
            Some(text) => {
                self.unmapped(&text, field);
                None
            }
            None => {
                self.unreadable(Some(&found.node), field);
                None
            }
        }
    }

    /// What a table holds: an object, a list of them, or the member that is taken.
    pub fn look_up(&mut self, map: &Map<String, Value>, here: Here<'a>, field: &str) -> Option<Node> {
        let key = self.text(&map["key"], here, field)?;
        let table = self.world.tables.iter().find(|table| table.name == map["lookup"]).unwrap();
        self.is_unread.set(self.is_unread.get() | table.rows.is_none());
        let found = table.rows.as_ref()?.iter().find(|(known, _)| *known == key).map(|(_, row)| row.clone());
        if table.many {
            return Some(found.unwrap_or(Node::List(Vec::new())));
        }
        match map.get("take") {
            Some(take) => found?.member(take.as_str().unwrap()).cloned(),
            None => found,
        }
    }

    pub fn split_all(&mut self, map: &Map<String, Value>, here: Here<'a>, field: &str) -> Option<Vec<Node>> {
        let text = self.text(&map["split"], here, field)?;
        let parts = text.split(map["on"].as_str().unwrap()).map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(|part| Node::Text(part.to_owned())).collect())
    }

    fn template(&mut self, template: &str, here: Here<'a>, field: &str) -> Option<Found> {
        let mut text = String::new();
        for (place, piece) in template.split('{').enumerate() {
            let (path, plain) = if place == 0 { ("", piece) } else { piece.split_once('}').unwrap() };
            if place > 0 {
                text.push_str(&self.text(&Value::String(path.to_owned()), here, field)?);
            }
            text.push_str(plain);
        }
        made(text)
    }

    /// A time in RFC 3339.
    pub fn date(&mut self, node: &Node, format: &Format, field: &str) -> Option<String> {
        let text = match node {
            Node::Bool(_) => None,
            node => text_of(Some(node)),
        };
        match text.map_or(Reading::Unreadable, |text| time::read(&text, format)) {
            Reading::At(moment) => Some(moment.to_string()),
            Reading::Never => None,
            Reading::Unreadable => {
                self.unreadable(Some(node), field);
                None
            }
        }
    }
}

pub fn truth(node: &Node) -> Option<bool> {
    match text_of(Some(node))?.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn constant_node(value: &Value) -> Node {
    match value {
        Value::Bool(truth) => Node::Bool(*truth),
        Value::Number(number) => Node::Number(number.to_string()),
        text => Node::Text(constant_text(text)),
    }
}

fn format(map: &Map<String, Value>) -> Format {
    if let Some(pattern) = map.get("pattern") {
        return Format::Pattern { pattern: pattern.as_str().unwrap().to_owned(), offset: 0 };
    }
    match map.get("unit").and_then(Value::as_str) {
        None => Format::Common,
        Some("seconds") => Format::Unit(Unit::Seconds),
        Some("milliseconds") => Format::Unit(Unit::Milliseconds),
        Some("microseconds") => Format::Unit(Unit::Microseconds),
        Some(_) => Format::Unit(Unit::Filetime),
    }
}
