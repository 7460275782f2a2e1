//! What lists answer with: pages in their shapes, the lines of a stream, and the completeness record.

use rollcall_model::{Field, Resource, Type};
use serde_json::{Map, Value, json};

use super::record::{pascal, plain, type_name};

/// The names of the schemas of a list's answers: `UsersPage`, `UsersByKey`, `NormalizedUsers`.
#[must_use]
pub fn names(resource: &Resource) -> [String; 3] {
    let plural = pascal(&resource.name);
    [format!("{plural}Page"), format!("{plural}ByKey"), format!("Normalized{plural}")]
}

/// The schemas of a list's answers, by name.
#[must_use]
pub fn schemas(resource: &Resource) -> Vec<(String, Value)> {
    let record = json!({"$ref": format!("#/components/schemas/{}", type_name(resource))});
    let [page, keyed, normalized] = names(resource);
    let mut debug = json!({"$ref": "#/components/schemas/Debug"});
    debug["description"] = Value::from("Only in the format `debug`");
    let with_debug = |mut schema: Value| {
        schema["properties"]["debug"] = debug.clone();
        schema
    };
    let array = json!({"type": "array", "items": record, "description": "The records of this page"});
    let object = json!({
        "type": "object", "additionalProperties": record,
        "description": "The records of this page by the field of `truto_key_by`",
    });
    vec![
        (page, with_debug(envelope(&format!("A page of `{}`", resource.name), array))),
        (keyed, with_debug(envelope(&format!("A page of `{}` with `truto_key_by`", resource.name), object))),
        (
            normalized,
            envelope(&format!("A page of `{}` in the format `normalized`", resource.name), collections(resource)),
        ),
    ]
}

/// An envelope around a result.
#[must_use]
pub fn envelope(description: &str, result: Value) -> Value {
    let mut schema = plain_envelope(description, result);
    schema["properties"]["is_partial_response"] = json!({
        "type": "boolean",
        "description": "Whether `get` gives more fields than this list, or a part could not be read; `details` says what",
    });
    schema["properties"]["details"] = json!({"$ref": "#/components/schemas/PartialDetails"});
    schema["required"] = json!(["result", "next_cursor", "prev_cursor", "result_count", "is_partial_response"]);
    schema
}

/// An envelope of a list that does not come from a provider's records.
#[must_use]
pub fn plain_envelope(description: &str, result: Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": {
            "result": result,
            "next_cursor": {"type": ["string", "null"], "description": "Leads to the next page; `null` at the end"},
            "prev_cursor": {"type": "null", "description": "Lists are walked forwards"},
            "result_count": {"type": "integer", "minimum": 0, "description": "Records on this page"},
        },
        "required": ["result", "next_cursor", "prev_cursor", "result_count"],
    })
}

/// Each nested entity in a collection of its own.
fn collections(resource: &Resource) -> Value {
    let own = short(&resource.name);
    let mut all = Map::new();
    let (nested, flat): (Vec<&Field>, Vec<&Field>) = resource
        .fields
        .iter()
        .partition(|field| matches!(&field.ty, Type::List { item, .. } if !item.fields().is_empty()));
    let mut row = properties(flat.into_iter());
    row.insert("remote_data".to_owned(), json!({"description": "The provider's own record"}));
    all.insert(resource.name.clone(), rows(row));
    for field in nested {
        let (name, fields) = (&field.name, field.ty.fields());
        if !fields.iter().any(|field| field.name == "id") {
            let mut row = properties(fields.iter());
            row.insert(format!("{own}_id"), json!({"type": "string"}));
            row.insert("position".to_owned(), json!({"type": "integer", "minimum": 0}));
            all.insert(name.clone(), rows(row));
            continue;
        }
        let in_row = |field: &&Field| matches!(field.name.as_str(), "id" | "name" | "type");
        all.insert(name.clone(), rows(properties(fields.iter().filter(in_row))));
        let mut link = properties(fields.iter().filter(|field| !in_row(field)));
        link.insert(format!("{own}_id"), json!({"type": "string"}));
        link.insert(format!("{}_id", short(name)), json!({"type": "string"}));
        all.insert(format!("{own}_{name}"), rows(link));
    }
    let first = resource.name.clone();
    json!({"type": "object", "properties": all, "required": [first], "description": "Collections that refer to each other by id"})
}

/// As the collections call it.
fn short(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}

fn properties<'a>(fields: impl Iterator<Item = &'a Field>) -> Map<String, Value> {
    fields
        .map(|field| {
            let mut schema = plain(&field.ty);
            schema["description"] = Value::from(field.description.clone());
            (field.name.clone(), schema)
        })
        .collect()
}

fn rows(properties: Map<String, Value>) -> Value {
    json!({"type": "array", "items": {"type": "object", "properties": properties}})
}

/// Schemas that pages and streams share.
#[must_use]
pub fn shared() -> Map<String, Value> {
    let count = |words: &str| json!({"type": "integer", "minimum": 0, "description": words});
    let counts =
        |words: &str| json!({"type": "object", "description": words, "additionalProperties": {"type": "integer"}});
    let all = json!({
        "PartialDetails": {
            "type": "object",
            "description": "What an answer lacks",
            "properties": {
                "fields_of_get": {"type": "array", "items": {"type": "string"}, "description": "Fields that `get` gives and this list does not"},
                "missing": {"type": "array", "items": {"$ref": "#/components/schemas/Missing"}},
                "people_missing": {"type": "boolean", "description": "Whether records may be missing, not only fields of them"},
            },
        },
        "Missing": {
            "type": "object",
            "description": "Something that could not be read",
            "properties": {
                "what": {"type": "string", "description": "A pass, the source of a field, a lookup or a second call"},
                "why": {"type": "string", "description": "The kind of fault, such as `permission`"},
                "message": {"type": "string"},
                "records": count("How many records it concerns, when that is known"),
                "people": {"type": "boolean", "description": "Whether people may be missing, not only fields of them"},
            },
            "required": ["what", "why", "message", "people"],
        },
        "Completeness": {
            "type": "object",
            "description": "What a listing did, and whether it is whole",
            "properties": {
                "complete": {"type": "boolean", "description": "Whether nobody is missing"},
                "connector": {"type": "string"},
                "resource": {"type": "string"},
                "started_at": {"type": "string"},
                "ended_at": {"type": "string"},
                "passes": {"type": "array", "items": {"$ref": "#/components/schemas/Pass"}},
                "requests": count("Exchanges with the provider, retries included"),
                "retries": count("Exchanges that were tried again"),
                "pages": count("Pages of the provider"),
                "received": count("Records that came from the provider"),
                "repeated": count("Records that came again under an id that was there already"),
                "united": count("Records that were united with another of the same id"),
                "filtered": count("Records that filters applied here took out"),
                "returned": count("Records that were given"),
                "filters": {"type": "object", "description": "Each filter with the place where it was applied", "additionalProperties": {"enum": ["provider", "local"]}},
                "sort": {"type": ["string", "null"], "description": "Where it was sorted"},
                "missing": {"type": "array", "items": {"$ref": "#/components/schemas/Missing"}},
                "unmapped": {"type": "object", "description": "Values outside what the model allows, by field", "additionalProperties": counts("How often each value came")},
                "unreadable": counts("Values that could not be read as their type, by field"),
                "notes": {"type": "array", "items": {"type": "string"}},
                "limited": {"type": "boolean", "description": "Whether the caller's limit ended it"},
            },
            "required": ["complete", "connector", "resource", "passes", "requests", "pages", "received", "returned", "missing"],
        },
        "Pass": {
            "type": "object",
            "description": "One walk of an endpoint",
            "properties": {
                "name": {"type": "string"},
                "endpoint": {"type": "string", "description": "The method and path that was walked"},
                "parent": {"type": "string", "description": "Of a walk below an organization, group, …"},
                "pages": count("Pages of this walk"),
                "received": count("Records of this walk"),
                "stop": {"type": "string", "description": "Why it ended"},
            },
            "required": ["name", "endpoint", "pages", "received", "stop"],
        },
        "StreamTrailer": {
            "type": "object",
            "description": "The last line of a stream. A stream without it was cut on the way",
            "properties": {
                "object": {"const": "trailer"},
                "complete": {"type": "boolean", "description": "Whether it ended and nobody is missing"},
                "ended": {"type": "boolean", "description": "Whether everything was read"},
                "count": count("Lines before this one"),
                "error": {"anyOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]},
                "next_cursor": {"type": ["string", "null"], "description": "To go on from, after an error or the caller's limit"},
                "completeness": {"$ref": "#/components/schemas/Completeness"},
            },
            "required": ["object", "complete", "ended", "count", "error", "next_cursor", "completeness"],
        },
        "Debug": {
            "type": "object",
            "description": "How an answer came about, without secrets",
            "properties": {
                "exchanges": {"type": "array", "items": {"type": "object"}, "description": "Requests to the provider with their answers' status, paging and timing"},
                "completeness": {"$ref": "#/components/schemas/Completeness"},
                "plan": {"type": "object", "description": "What the connector would send, and where each field comes from"},
            },
            "required": ["exchanges", "completeness", "plan"],
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
