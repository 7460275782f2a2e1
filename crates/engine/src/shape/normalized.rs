//! Relational: each nested entity in a collection of its own, referred to by id, ready for tables of a database.

use std::collections::HashSet;

use rollcall_model::{Field, Model, Type};
use serde_json::{Map, Value};

/// Collects records into collections.
#[derive(Debug)]
pub struct Normalizer {
    resource: String,
    collections: Map<String, Value>,
    seen: HashSet<(String, String)>,
}

impl Normalizer {
    /// Nothing yet; the resource's own collection is there even when it stays empty.
    #[must_use]
    pub fn new(resource: &str) -> Self {
        let mut collections = Map::new();
        collections.insert(resource.to_owned(), Value::Array(Vec::new()));
        Self { resource: resource.to_owned(), collections, seen: HashSet::new() }
    }

    /// Takes one unified record.
    pub fn add(&mut self, record: &[u8]) {
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(record) else { return };
        let Some(model) = Model::user_directory().resource(&self.resource) else { return };
        let owner = members.get("id").cloned().unwrap_or_default();
        let mut row = Map::new();
        for (name, value) in members {
            match (model.field(&name).map(|field| &field.ty), value) {
                (Some(Type::List { item, .. }), Value::Array(items)) if !item.fields().is_empty() => {
                    for (position, entity) in items.into_iter().enumerate() {
                        if let Value::Object(entity) = entity {
                            self.entity(&name, item.fields(), &owner, position, entity);
                        }
                    }
                }
                (_, value) => drop(row.insert(name, value)),
            }
        }
        self.push(&self.resource.clone(), Value::Object(row));
    }

    /// All collections.
    #[must_use]
    pub fn collections(&self) -> &Map<String, Value> {
        &self.collections
    }

    /// Entities with an id of their own become a row once, and a row that links; others (addresses, numbers) belong to their owner.
    fn entity(&mut self, name: &str, fields: &[Field], owner: &Value, position: usize, mut entity: Map<String, Value>) {
        let own = self.singular();
        let identified = fields.iter().any(|field| field.name == "id");
        if !identified {
            entity.insert(format!("{own}_id"), owner.clone());
            entity.insert("position".to_owned(), Value::from(position));
            return self.push(name, Value::Object(entity));
        }
        // A role or group that the provider only names is known by its name.
        let id = entity.get("id").or_else(|| entity.get("name")).cloned().unwrap_or_default();
        let mut link = Map::new();
        link.insert(format!("{own}_id"), owner.clone());
        link.insert(format!("{}_id", singular(name)), id.clone());
        let mut row = Map::new();
        row.insert("id".to_owned(), id.clone());
        for (member, value) in entity {
            match member.as_str() {
                "id" => {}
                "name" | "type" => drop(row.insert(member, value)),
                // Where a role holds, or when a licence was last used, is a matter of the link.
                _ => drop(link.insert(member, value)),
            }
        }
        if self.seen.insert((name.to_owned(), id.to_string())) {
            self.push(name, Value::Object(row));
        }
        self.push(&format!("{own}_{name}"), Value::Object(link));
    }

    fn singular(&self) -> String {
        singular(&self.resource)
    }

    fn push(&mut self, collection: &str, row: Value) {
        let rows = self.collections.entry(collection.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(rows) = rows {
            rows.push(row);
        }
    }
}

fn singular(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}
