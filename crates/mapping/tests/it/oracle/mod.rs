//! A second implementation of the mapping language, as plain as possible: expressions are read from JSON while they run, over a tree.
//! It is slow, and right by being short. The plans must give the same.

mod scalar;
mod shape;

use std::cell::Cell;
use std::collections::BTreeMap;

use rollcall_model::Resource;
use serde_json::{Map, Value};

use crate::json::Node;

/// What the mapping may read.
pub struct World<'a> {
    pub record: &'a Node,
    pub contexts: &'a [(&'a str, Context)],
    /// Name, many, kept values by key; none where the table is not known.
    pub tables: &'a [Table],
}

pub enum Context {
    Absent,
    /// It could not be read.
    Unread,
    There(Node),
}

pub struct Table {
    pub name: &'static str,
    pub many: bool,
    pub kept: &'static [&'static str],
    pub rows: Option<Vec<(String, Node)>>,
}

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub unmapped: BTreeMap<(String, String), u64>,
    pub unreadable: BTreeMap<String, u64>,
    pub dropped: BTreeMap<String, u64>,
}

/// Where paths start.
#[derive(Clone, Copy)]
pub enum Here<'a> {
    Element(&'a Node),
    Entry(&'a str, &'a Node),
}

pub struct Oracle<'a> {
    world: &'a World<'a>,
    pub counts: Counts,
    /// The value is more than a text, and a table that could not be read was asked for it.
    pub is_claim: bool,
    pub is_unread: Cell<bool>,
    /// How often something was asked for that could not be read.
    pub touched: Cell<u32>,
}

/// The unified record.
pub fn map(resource: &Resource, fields: &Value, world: &World<'_>) -> (Node, Counts) {
    let mut oracle = Oracle {
        world,
        counts: Counts::default(),
        is_claim: false,
        is_unread: Cell::new(false),
        touched: Cell::new(0),
    };
    let here = Here::Element(world.record);
    let object = oracle.object(fields.as_object().unwrap(), &resource.fields, here, "");
    (Node::Object(object.unwrap_or_default()), oracle.counts)
}

pub fn holds(condition: &Value, document: &Node) -> (bool, bool) {
    let world = World { record: document, contexts: &[], tables: &[] };
    let oracle = Oracle {
        world: &world,
        counts: Counts::default(),
        is_claim: false,
        is_unread: Cell::new(false),
        touched: Cell::new(0),
    };
    let condition = condition.as_object().unwrap();
    let here = Here::Element(document);
    (oracle.verdict(condition, here).unwrap(), oracle.knows(condition, here))
}

impl<'a> Oracle<'a> {
    fn path(&self, text: &str, here: Here<'a>) -> Option<Node> {
        match self.raw_path(text, here) {
            Ok(found) => found,
            Err(Unread) => {
                self.touch();
                None
            }
        }
    }

    pub fn touch(&self) {
        self.is_unread.set(true);
        self.touched.set(self.touched.get() + 1);
    }

    fn raw_path(&self, text: &str, here: Here<'a>) -> Result<Option<Node>, Unread> {
        let (root, segments) = split_path(text);
        Ok(match root.as_deref() {
            None => match here {
                Here::Element(node) => node.at(&segments).cloned(),
                Here::Entry(key, value) => match segments.split_first() {
                    Some((first, [])) if first == "key" => Some(Node::Text(key.to_owned())),
                    Some((_, rest)) => value.at(rest).cloned(),
                    None => None,
                },
            },
            Some("record") => self.world.record.at(&segments).cloned(),
            Some(name) => match self.world.contexts.iter().find(|(known, _)| *known == name) {
                None | Some((_, Context::Absent)) => None,
                Some((_, Context::Unread)) => return Err(Unread),
                Some((_, Context::There(node))) => node.at(&segments).cloned(),
            },
        })
    }

    /// Whether a condition holds; none when that hangs on what could not be read.
    fn verdict(&self, condition: &Map<String, Value>, here: Here<'a>) -> Option<bool> {
        let all = |verdicts: Vec<Option<bool>>| {
            if verdicts.contains(&Some(false)) {
                Some(false)
            } else {
                verdicts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
            }
        };
        let not = |verdict: Option<bool>| verdict.map(|holds| !holds);
        all(condition
            .iter()
            .map(|(key, value)| {
                let parts = || -> Vec<Option<bool>> {
                    value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|part| self.verdict(part.as_object().unwrap(), here))
                        .collect()
                };
                match key.as_str() {
                    "any" => not(all(parts().into_iter().map(not).collect())),
                    "all" => all(parts()),
                    "none" => all(parts().into_iter().map(not).collect()),
                    path => self.raw_path(path, here).ok().map(|found| passes(found.as_ref(), value)),
                }
            })
            .collect())
    }

    /// The same, noted when it hangs on what could not be read.
    fn holds(&self, condition: &Map<String, Value>, here: Here<'a>) -> Option<bool> {
        let verdict = self.verdict(condition, here);
        if verdict.is_none() {
            self.touch();
        }
        verdict
    }

    fn knows(&self, condition: &Map<String, Value>, here: Here<'a>) -> bool {
        condition.iter().any(|(key, value)| match key.as_str() {
            "any" | "all" | "none" => {
                value.as_array().into_iter().flatten().any(|part| self.knows(part.as_object().unwrap(), here))
            }
            path => {
                let found = self.raw_path(path, here).ok().flatten();
                (asks_for_presence(value) && found.is_some())
                    || matches!(found, Some(Node::List(_) | Node::Object(_)))
                    || !is_empty(found.as_ref())
            }
        })
    }

    /// The elements that `each` and `find` go through; none if there is no list. Made elements are leaked: the test is short.
    fn elements(&mut self, value: &Value, here: Here<'a>, field: &str) -> Option<Vec<Here<'a>>> {
        let leak = |node: Node| -> &'a Node { Box::leak(Box::new(node)) };
        let (node, entries) = match value {
            Value::String(path) => (self.path(path, here)?, false),
            Value::Object(map) if map.contains_key("entries") => (self.path(map["entries"].as_str()?, here)?, true),
            Value::Object(map) if map.contains_key("split") => (Node::List(self.split_all(map, here, field)?), false),
            Value::Object(map) => (self.look_up_whole(map, here, field)?, false),
            _ => return None,
        };
        match node {
            Node::List(items) if !entries || items.is_empty() => {
                Some(items.into_iter().map(|item| Here::Element(leak(item))).collect())
            }
            Node::Object(members) if entries || members.is_empty() => Some(
                members
                    .into_iter()
                    .map(|(key, value)| Here::Entry(Box::leak(key.into_boxed_str()), leak(value)))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// What a table holds where nothing else gives the list or object.
    fn look_up_whole(&mut self, map: &Map<String, Value>, here: Here<'a>, field: &str) -> Option<Node> {
        let before = self.is_unread.replace(false);
        let found = self.look_up(map, here, field);
        if self.is_unread.get() {
            self.touch();
        }
        self.is_unread.set(self.is_unread.get() | before);
        found
    }

    fn unreadable(&mut self, node: Option<&Node>, field: &str) {
        if !is_empty(node) {
            *self.counts.unreadable.entry(field.to_owned()).or_default() += 1;
        }
    }

    fn unmapped(&mut self, text: &str, field: &str) {
        *self.counts.unmapped.entry((field.to_owned(), text.to_owned())).or_default() += 1;
    }
}

/// A context could not be read.
struct Unread;

/// The name behind `$`, and the segments.
fn split_path(text: &str) -> (Option<String>, Vec<String>) {
    let (root, mut rest) = match text.strip_prefix('$') {
        Some(after) => {
            let end = after.find('.').unwrap_or(after.len());
            (Some(after[..end].to_owned()), &after[end..])
        }
        None => (None, text),
    };
    let mut segments = Vec::new();
    while let Some(after) = rest.strip_prefix('.').filter(|after| !after.is_empty()) {
        if let Some(quoted) = after.strip_prefix('"') {
            let end = quoted.find('"').unwrap();
            segments.push(quoted[..end].to_owned());
            rest = &quoted[end + 1..];
        } else {
            let end = after.find('.').unwrap_or(after.len());
            segments.push(after[..end].to_owned());
            rest = &after[end..];
        }
    }
    (root, segments)
}

/// Missing, null, blank, or an empty list or object.
fn is_empty(node: Option<&Node>) -> bool {
    match node {
        None | Some(Node::Null) => true,
        Some(Node::Bool(_) | Node::Number(_)) => false,
        Some(Node::Text(text)) => text.trim().is_empty(),
        Some(Node::List(items)) => items.is_empty(),
        Some(Node::Object(members)) => members.is_empty(),
    }
}

/// The trimmed text of a text, number or boolean.
fn text_of(node: Option<&Node>) -> Option<String> {
    match node? {
        Node::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Node::Number(digits) => Some(digits.clone()),
        Node::Bool(truth) => Some(truth.to_string()),
        Node::Null | Node::List(_) | Node::Object(_) => None,
    }
}

fn constant_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn passes(node: Option<&Node>, wanted: &Value) -> bool {
    let text = text_of(node);
    match wanted {
        Value::Array(values) => text.is_some_and(|text| values.iter().any(|value| constant_text(value) == text)),
        Value::Object(tests) => tests.iter().all(|(name, value)| match name.as_str() {
            "present" => is_empty(node) != value.as_bool().unwrap(),
            "absent" => is_empty(node) == value.as_bool().unwrap(),
            "not" => !passes(node, value),
            "starts_with" => text.as_ref().is_some_and(|text| text.starts_with(&constant_text(value))),
            "ends_with" => text.as_ref().is_some_and(|text| text.ends_with(&constant_text(value))),
            "contains" => match node {
                Some(Node::List(items)) => items.iter().any(|item| text_of(Some(item)) == Some(constant_text(value))),
                _ => text.as_ref().is_some_and(|text| text.contains(&constant_text(value))),
            },
            _ => panic!("unknown test {name}"),
        }),
        value => text == Some(constant_text(value)),
    }
}

fn asks_for_presence(wanted: &Value) -> bool {
    wanted.as_object().is_some_and(|tests| {
        tests.iter().any(|(name, value)| match name.as_str() {
            "present" | "absent" => true,
            "not" => asks_for_presence(value),
            _ => false,
        })
    })
}
