//! What the model makes of a value: scalars of a type, lists, objects.

use rollcall_mapping::time::{self, Format};
use rollcall_model::{Field, Key, Type};
use serde_json::{Map, Value};

use super::scalar::{Found, truth};
use super::{Here, Oracle, text_of};
use crate::json::Node;

type Members = Vec<(String, Node)>;

/// A list in the making.
#[derive(Default)]
struct Items {
    written: Vec<Node>,
    /// Of the items that are written, where repeated ones are left out.
    identities: Option<Vec<Vec<(String, Node)>>>,
}

impl<'a> Oracle<'a> {
    pub fn object(
        &mut self,
        map: &Map<String, Value>,
        fields: &[Field],
        here: Here<'a>,
        within: &str,
    ) -> Option<Members> {
        let mut members = Members::new();
        for field in fields {
            let Some(value) = map.get(&field.name) else {
                continue;
            };
            let dotted = if within.is_empty() { field.name.clone() } else { format!("{within}.{}", field.name) };
            if let Some(node) = self.value(value, &field.ty, here, &dotted) {
                members.push((field.name.clone(), node));
            }
        }
        (!members.is_empty()).then_some(members)
    }

    fn value(&mut self, value: &Value, ty: &Type, here: Here<'a>, field: &str) -> Option<Node> {
        match ty {
            Type::List { item, key } => {
                let unique = is_unique(value);
                let mut items = Items { identities: unique.then(Vec::new), ..Items::default() };
                self.list(value, item, key.as_ref(), here, field, &mut items).then_some(Node::List(items.written))
            }
            Type::Object { fields } => self.any_object(value, fields, None, here, field).map(Node::Object),
            Type::Map => self.map(value, here, field),
            scalar => {
                self.claim(scalar);
                let found = self.scalar(value, here, field)?;
                self.cast(found, scalar, field)
            }
        }
    }

    /// A value of this type is about to be worked out.
    fn claim(&mut self, ty: &Type) {
        self.is_claim = !matches!(ty, Type::Id | Type::String | Type::Email | Type::Url);
        self.is_unread.set(false);
    }

    fn cast(&mut self, found: Found, ty: &Type, field: &str) -> Option<Node> {
        let node = found.node;
        if node == Node::Null {
            return None;
        }
        if found.constant {
            return Some(constant(node, ty));
        }
        let text = text_of(Some(&node));
        let number = text.clone().filter(|text| !matches!(node, Node::Bool(_)) && is_number(text));
        let cast = match ty {
            Type::DateTime => return self.date(&node, &Format::Common, field).map(Node::Text),
            Type::Date => {
                return self.date(&node, &Format::Common, field).map(|text| Node::Text(text[..10].to_owned()));
            }
            Type::Boolean => truth(&node).map(Node::Bool),
            Type::Integer => number.filter(|text| !text.contains(['.', 'e', 'E'])).map(Node::Number),
            Type::Number => number.map(Node::Number),
            Type::DecimalString => number.map(Node::Text),
            Type::Enum { values, open } => match text {
                Some(text) if !values.iter().any(|choice| choice.value == text) => {
                    self.unmapped(&text, field);
                    return open.then_some(Node::Text(text));
                }
                text => text.map(Node::Text),
            },
            _ => text.filter(|_| !matches!(node, Node::Bool(_))).map(Node::Text),
        };
        if cast.is_none() {
            self.unreadable(Some(&node), field);
        }
        cast
    }

    /// An object; as an item of a list it needs its key.
    fn any_object(
        &mut self,
        value: &Value,
        fields: &[Field],
        key: Option<&Key>,
        here: Here<'a>,
        field: &str,
    ) -> Option<Members> {
        let map = value.as_object()?;
        if let Some(choices) = map.get("first") {
            let touched = self.touched.get();
            for choice in choices.as_array()? {
                let found = self.any_object(choice, fields, key, here, field);
                if found.is_some() || self.touched.get() != touched {
                    return found;
                }
            }
            return None;
        }
        if let Some(cases) = map.get("cases") {
            let then = self.case(cases, here)?;
            return self.any_object(&then, fields, key, here, field);
        }
        if map.contains_key("lookup") {
            let found = self.look_up_whole(map, here, field)?;
            return self.kept(map, &found, fields, field).filter(|members| has_key(members, key));
        }
        self.object(map, fields, here, field).filter(|members| has_key(members, key))
    }

    /// The kept members of a row, by the names they have in the model.
    fn kept(&mut self, map: &Map<String, Value>, row: &Node, fields: &[Field], field: &str) -> Option<Members> {
        let table = self.world.tables.iter().find(|table| table.name == map["lookup"]).unwrap();
        let row: &'a Node = Box::leak(Box::new(row.clone()));
        let names = table.kept.iter().filter(|name| fields.iter().any(|field| field.name == **name));
        let given = names.map(|name| ((*name).to_owned(), Value::String(format!(".{name}")))).collect();
        self.object(&given, fields, Here::Element(row), field)
    }

    fn map(&mut self, value: &Value, here: Here<'a>, field: &str) -> Option<Node> {
        let mut members = Members::new();
        match value {
            Value::String(path) => {
                let found = self.path(path, here)?;
                let Node::Object(provider) = &found else {
                    self.unreadable(Some(&found), field);
                    return None;
                };
                for (name, value) in provider {
                    match value {
                        Node::Text(_) | Node::Number(_) => {
                            members.extend(text_of(Some(value)).map(|text| (name.clone(), Node::Text(text))));
                        }
                        other => self.unreadable(Some(other), field),
                    }
                }
            }
            _ => {
                for (name, value) in value.as_object()? {
                    let dotted = format!("{field}.{name}");
                    self.claim(&Type::Id);
                    if let Some(found) = self.scalar(value, here, &dotted)
                        && let Some(node) = self.cast(found, &Type::Id, &dotted)
                    {
                        members.push((name.clone(), node));
                    }
                }
            }
        }
        (!members.is_empty()).then_some(Node::Object(members))
    }

    /// Whether the list is known.
    fn list(
        &mut self,
        value: &Value,
        item: &Type,
        key: Option<&Key>,
        here: Here<'a>,
        field: &str,
        items: &mut Items,
    ) -> bool {
        match value {
            Value::Array(values) => {
                let mut any = false;
                for value in values {
                    let put = self.item(value, item, key, here, field);
                    any |= put.is_some();
                    items.extend(put, key);
                }
                any
            }
            Value::String(path) => self.plain_list(path, item, here, field, items),
            Value::Object(map) if map.contains_key("concat") => {
                let (before, touched) = (items.written.len(), self.touched.get());
                let mut known = false;
                for list in map["concat"].as_array().unwrap() {
                    known |= self.list(list, item, key, here, field, items);
                }
                known && (items.written.len() > before || self.touched.get() == touched)
            }
            Value::Object(map) if map.contains_key("first") => {
                let (mut known, before, touched) = (false, items.written.len(), self.touched.get());
                for list in map["first"].as_array().unwrap() {
                    known |= self.list(list, item, key, here, field, items);
                    if items.written.len() > before {
                        break;
                    }
                    if self.touched.get() != touched {
                        return false;
                    }
                }
                known
            }
            Value::Object(map) if map.contains_key("cases") => match self.case(&map["cases"], here) {
                Some(then) if !then.is_null() => self.list(&then, item, key, here, field, items),
                _ => false,
            },
            Value::Object(map) if map.contains_key("each") => self.each(map, item, key, here, field, items),
            Value::Object(map) if map.contains_key("lookup") => {
                let Some(Node::List(rows)) = self.look_up_whole(map, here, field) else {
                    return false;
                };
                let empty = rows.is_empty();
                let mut any = false;
                for row in rows {
                    let put = self.kept(map, &row, item.fields(), field).filter(|members| has_key(members, key));
                    let put = put.map(Node::Object);
                    if put.is_none() {
                        *self.counts.dropped.entry(field.to_owned()).or_default() += 1;
                    }
                    any |= put.is_some();
                    items.extend(put, key);
                }
                any || empty
            }
            Value::Object(map) => {
                let Some(parts) = self.split_all(map, here, field) else {
                    return false;
                };
                let known = parts.is_empty();
                let mut any = false;
                for part in parts {
                    let put = self.cast(Found { node: part, constant: false }, item, field);
                    any |= put.is_some();
                    items.extend(put, key);
                }
                any || known
            }
            _ => false,
        }
    }

    fn plain_list(&mut self, path: &str, item: &Type, here: Here<'a>, field: &str, items: &mut Items) -> bool {
        let nodes = match self.path(path, here) {
            Some(Node::List(nodes)) if nodes.is_empty() => return true,
            Some(Node::List(nodes)) => nodes,
            Some(Node::Object(members)) if members.is_empty() => return true,
            Some(object @ Node::Object(_)) => {
                self.unreadable(Some(&object), field);
                return false;
            }
            Some(node) => vec![node],
            None => return false,
        };
        let mut any = false;
        for node in nodes {
            let put = self.cast(Found { node, constant: false }, item, field);
            any |= put.is_some();
            items.extend(put, None);
        }
        any
    }

    fn each(
        &mut self,
        map: &Map<String, Value>,
        item: &Type,
        key: Option<&Key>,
        here: Here<'a>,
        field: &str,
        items: &mut Items,
    ) -> bool {
        let Some(elements) = self.elements(&map["each"], here, field) else {
            let source = map["each"].get("entries").unwrap_or(&map["each"]);
            if let Some(path) = source.as_str() {
                let found = self.path(path, here);
                self.unreadable(found.as_ref(), field);
            }
            return false;
        };
        let (mut wanted, mut any) = (false, false);
        let before = (items.written.len(), items.identities.as_ref().map(Vec::len));
        for element in elements {
            let holds = map.get("where").map(|condition| self.holds(condition.as_object().unwrap(), element));
            match holds.unwrap_or(Some(true)) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    items.written.truncate(before.0);
                    if let (Some(identities), Some(length)) = (&mut items.identities, before.1) {
                        identities.truncate(length);
                    }
                    return false;
                }
            }
            wanted = true;
            let put = self.item(&map["item"], item, key, element, field);
            if put.is_none() {
                *self.counts.dropped.entry(field.to_owned()).or_default() += 1;
            }
            any |= put.is_some();
            items.extend(put, key);
        }
        any || !wanted
    }

    fn item(&mut self, value: &Value, ty: &Type, key: Option<&Key>, here: Here<'a>, field: &str) -> Option<Node> {
        match ty {
            Type::Object { fields } => self.any_object(value, fields, key, here, field).map(Node::Object),
            scalar => {
                self.claim(scalar);
                let found = self.scalar(value, here, field)?;
                self.cast(found, scalar, field)
            }
        }
    }
}

impl Items {
    fn extend(&mut self, item: Option<Node>, key: Option<&Key>) {
        let Some(item) = item else {
            return;
        };
        if let Some(identities) = &mut self.identities {
            let identity = identity(&item, key);
            if identities.contains(&identity) {
                return;
            }
            identities.push(identity);
        }
        self.written.push(item);
    }
}

fn identity(item: &Node, key: Option<&Key>) -> Vec<(String, Node)> {
    let Some(key) = key else {
        return vec![(String::new(), item.clone())];
    };
    let first = key.any_of.iter().find(|name| item.member(name).is_some()).into_iter();
    let within = key.within.iter();
    first.chain(within).filter_map(|name| item.member(name).map(|value| (name.clone(), value.clone()))).collect()
}

fn has_key(members: &Members, key: Option<&Key>) -> bool {
    key.is_none_or(|key| members.iter().any(|(name, _)| key.any_of.contains(name)))
}

fn is_unique(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.len() > 1,
        Value::Object(map) => {
            map.contains_key("concat")
                || map.get("first").and_then(Value::as_array).is_some_and(|lists| lists.iter().any(is_unique))
                || map
                    .get("cases")
                    .and_then(Value::as_array)
                    .is_some_and(|cases| cases.iter().any(|case| is_unique(&case["then"])))
        }
        _ => false,
    }
}

/// A constant in the type of its field, which the compiler has made sure of.
fn constant(node: Node, ty: &Type) -> Node {
    let text = text_of(Some(&node)).unwrap_or_default();
    match ty {
        Type::Boolean => Node::Bool(text == "true"),
        Type::Integer | Type::Number => Node::Number(text),
        Type::DateTime => Node::Text(time::parse(&text).unwrap().to_string()),
        Type::Date => Node::Text(time::parse(&text).unwrap().date()),
        _ => Node::Text(text),
    }
}

fn is_number(text: &str) -> bool {
    serde_json::from_str::<&serde_json::value::RawValue>(text)
        .is_ok_and(|raw| raw.get() == text && text.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
}
