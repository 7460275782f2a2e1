//! Parameters and inputs as the meta routes show them.

use rollcall_connector::definition::Field;
use serde_json::{Map, Value, json};

use super::{filters, parameters};

/// A parameter of the document as meta shows it, with nothing to look up elsewhere.
pub fn shown(written: Value, kind: &str) -> Option<Value> {
    let written = parameters::resolved(written)?;
    let mut schema = written.get("schema")?.clone();
    inline(&mut schema, &filters::schemas());
    Some(json!({
        "name": written.get("name")?,
        "kind": kind,
        "description": written.get("description")?,
        "schema": schema,
        "required": false,
    }))
}

/// Puts what is referred to in the place of the reference.
fn inline(schema: &mut Value, all: &Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(|at| at.rsplit('/').next());
            if let Some(Value::Object(found)) = name.and_then(|name| all.get(name)).cloned() {
                let own = std::mem::replace(members, found);
                members.extend(own.into_iter().filter(|(name, _)| name != "$ref"));
            }
            members.values_mut().for_each(|member| inline(member, all));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, all)),
        _ => {}
    }
}

/// Something that a connector asks for.
pub fn input(name: &str, field: &Field) -> Value {
    json!({
        "name": name,
        "label": field.label,
        "help": field.help,
        "example": field.example,
        "secret": field.secret,
        "required": !field.optional && field.default.is_none(),
        "default": field.default,
    })
}
