//! JSON as the tests see it: read by serde_json piece by piece, numbers as they are written, the last of equal names in the place of
//! the first. What serde_json refuses is refused here, except numbers that are too large for it.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// serde_json refuses what is nested more than 127 levels deep when it makes values.
pub const MAX_DEPTH: usize = 127;

/// Reads one value; none if serde_json would not.
pub fn read(bytes: &[u8]) -> Option<Node> {
    read_within(bytes, MAX_DEPTH)
}

/// Reads one value that may be nested deeper: a record is nested in what it is mapped to.
pub fn read_within(bytes: &[u8], max_depth: usize) -> Option<Node> {
    let text = std::str::from_utf8(bytes).ok()?;
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    node(raw.get(), max_depth)
}

fn node(json: &str, depth: usize) -> Option<Node> {
    Some(match json.as_bytes().first()? {
        b'n' => Node::Null,
        b't' => Node::Bool(true),
        b'f' => Node::Bool(false),
        b'"' => Node::Text(serde_json::from_str(json).ok()?),
        b'[' if depth > 0 => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            Node::List(items.iter().map(|item| node(item.get(), depth - 1)).collect::<Option<_>>()?)
        }
        b'{' if depth > 0 => {
            let Members(members) = serde_json::from_str(json).ok()?;
            let mut places: HashMap<String, usize> = HashMap::new();
            let mut object: Vec<(String, Node)> = Vec::new();
            for (name, value) in members {
                let value = node(value.get(), depth - 1)?;
                match places.get(&name) {
                    Some(place) => object[*place].1 = value,
                    None => {
                        places.insert(name.clone(), object.len());
                        object.push((name, value));
                    }
                }
            }
            Node::Object(object)
        }
        b'[' | b'{' => return None,
        _ => Node::Number(json.to_owned()),
    })
}

/// Whether an object in the JSON has two members of one name.
pub fn repeats(json: &str) -> bool {
    match json.as_bytes().first() {
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(json).unwrap().iter().any(|item| repeats(item.get())),
        Some(b'{') => {
            let Members(members) = serde_json::from_str(json).unwrap();
            let names: std::collections::HashSet<_> = members.iter().map(|(name, _)| name).collect();
            names.len() < members.len() || members.iter().any(|(_, value)| repeats(value.get()))
        }
        _ => false,
    }
}

/// The members of an object as they stand, repeated names included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Node {
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn at(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |at, segment| match at {
            Self::List(items) => {
                let index: usize = segment.parse().ok()?;
                (index.to_string() == *segment).then(|| items.get(index)).flatten()
            }
            _ => at.member(segment),
        })
    }
}
