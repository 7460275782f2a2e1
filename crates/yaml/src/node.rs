//! The tree: values with their places.

use serde_json::Value as Json;

/// Where something begins, both counted from 1; `width` is its length in characters when it stands on one line, else 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub width: usize,
}

/// One value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub place: Place,
    pub value: Value,
}

/// One member of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_place: Place,
    pub node: Node,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    String(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A parsed file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub root: Node,
}

impl Node {
    /// The member called `key`, if this is a map that has it.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The same value without places, members in the file's order.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::String(value) => Json::String(value.clone()),
            Value::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

impl Document {
    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        self.root.to_json()
    }

    /// The place of the value at a JSON pointer (RFC 6901), or of its nearest parent that exists.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Place {
        self.find(pointer).1
    }

    /// The place of the key that leads to the value at `pointer`; of the value itself inside lists.
    #[must_use]
    pub fn key_place(&self, pointer: &str) -> Place {
        self.find(pointer).0
    }

    fn find(&self, pointer: &str) -> (Place, Place) {
        let mut node = &self.root;
        let mut key_place = node.place;
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            match &node.value {
                Value::Map(entries) => match entries.iter().find(|entry| entry.key == name) {
                    Some(entry) => {
                        key_place = entry.key_place;
                        node = &entry.node;
                    }
                    None => break,
                },
                Value::List(items) => match name.parse::<usize>().ok().and_then(|i| items.get(i)) {
                    Some(item) => {
                        key_place = item.place;
                        node = item;
                    }
                    None => break,
                },
                _ => break,
            }
        }
        (key_place, node.place)
    }
}
