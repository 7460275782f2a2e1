//! Query parameters: those of every unified call, and those that a resource has by its model and its connectors.

use rollcall_connector::MethodName;
use rollcall_model::{Operator, Parameter, Resource, Type};
use serde_json::{Map, Value, json};

use super::counts::{Counts, Support, Taken};
use super::record;
use crate::query::{COMMON, Format, LIMIT_DEFAULT, LIMIT_MAX};

/// The parameters of a list, in the order of the documentation.
#[must_use]
pub fn of_list(resource: &Resource, counts: &Counts) -> Vec<Value> {
    let common = COMMON.iter().filter_map(|name| common(name, resource, MethodName::List, Some(counts)));
    let filters = resource.parameters.iter().map(|parameter| modelled(parameter, resource, counts));
    let known = |name: &&str| resource.parameter(name).is_some();
    let own = counts.names_taken(&resource.name, MethodName::List).filter(|name| !known(name));
    common.chain(filters).chain(own.map(|name| taken_by(name, resource, MethodName::List, counts))).collect()
}

/// The parameters of a get: it has no filters, and only what connectors take goes to the provider.
#[must_use]
pub fn of_get(resource: &Resource, counts: &Counts) -> Vec<Value> {
    let common = COMMON.iter().filter_map(|name| common(name, resource, MethodName::Get, Some(counts)));
    let own = counts.names_taken(&resource.name, MethodName::Get);
    common.chain(own.map(|name| taken_by(name, resource, MethodName::Get, counts))).collect()
}

/// A parameter that every unified call has; nothing for those that a get does not have.
#[must_use]
pub fn common(name: &str, resource: &Resource, method: MethodName, counts: Option<&Counts>) -> Option<Value> {
    let is_list = method == MethodName::List;
    let fields: Vec<&str> = resource.fields.iter().map(|field| field.name.as_str()).chain(["remote_data"]).collect();
    match name {
        "integrated_account_id" | "truto_ignore_remote_data" | "remote_query" => Some(reference(name)),
        "next_cursor" | "limit" | "truto_ignore_limit" if is_list => Some(reference(name)),
        "sort_by" if is_list => (!resource.sortable.is_empty()).then(|| sort_by(resource, counts)),
        "truto_key_by" if is_list => {
            let scalars = resource.fields.iter().filter(|field| field.ty.is_scalar());
            let names: Vec<&str> = scalars.map(|field| field.name.as_str()).collect();
            Some(query(
                name,
                "Makes `result` an object with this field's values as keys. A value that comes twice is an error",
                json!({"type": "string", "enum": names}),
            ))
        }
        "truto_response_format" if is_list => Some(reference(name)),
        "truto_response_format" => {
            let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).filter(|name| of_one(name)).collect();
            Some(query(
                name,
                "How the answer is written",
                json!({"type": "string", "enum": names, "default": "unified"}),
            ))
        }
        "truto_exclude_fields" => {
            let mut parameter = query(
                name,
                "Fields to leave out: `truto_exclude_fields[]=bio&truto_exclude_fields[]=urls`, with or without brackets or indices, or names joined by commas. What needs a call of its own is then not fetched",
                json!({"type": "array", "items": {"type": "string", "enum": fields}}),
            );
            parameter["style"] = Value::from("form");
            parameter["explode"] = Value::Bool(true);
            Some(parameter)
        }
        _ => None,
    }
}

/// Formats that an answer with one record has.
fn of_one(format: &str) -> bool {
    !matches!(format, "normalized" | "stream")
}

/// Parameters that are the same for all resources, by name.
#[must_use]
pub fn shared() -> Map<String, Value> {
    let formats: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
    let flag = || json!({"type": "boolean", "default": false});
    let mut remote = query(
        "remote_query",
        "Parameters of the provider's own API, passed on as they are: `remote_query[name]=value`; deeper ones keep their brackets",
        json!({"type": "object", "additionalProperties": true}),
    );
    remote["style"] = Value::from("deepObject");
    remote["explode"] = Value::Bool(true);
    let all = [
        query(
            "integrated_account_id",
            "The account to ask. Needed with an environment token; an account token knows its account",
            json!({"type": "string", "minLength": 1}),
        ),
        query(
            "next_cursor",
            "The `next_cursor` of the page before, with the same filters and sort. Empty is the same as absent",
            json!({"type": "string"}),
        ),
        query(
            "limit",
            // Generated clients send defaults: a stream would end there.
            &format!(
                "The most records on a page, {LIMIT_DEFAULT} when not given, whatever the provider's own page size; in a stream the most in all, everything when not given"
            ),
            json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX}),
        ),
        query(
            "truto_response_format",
            "How the answer is written. `unified`: records of the model. `raw`: the provider's own page, a page a call. `normalized`: nested entities lifted into collections that refer to each other by id. `stream`: a record a line, all pages, and a last line that says whether that was everything. `debug`: unified, beside the requests that were sent",
            json!({"type": "string", "enum": formats, "default": "unified"}),
        ),
        query(
            "truto_ignore_limit",
            "Everything in one answer, written while the provider's pages come in. Goes with `unified` and `stream`",
            flag(),
        ),
        query("truto_ignore_remote_data", "Leaves the provider's own record out of each record", flag()),
        remote,
    ];
    all.into_iter().filter_map(|parameter| Some((parameter.get("name")?.as_str()?.to_owned(), parameter))).collect()
}

/// A parameter itself, where it was a reference to one.
#[must_use]
pub fn resolved(written: Value) -> Option<Value> {
    match written.get("$ref").and_then(Value::as_str) {
        Some(reference) => shared().get(reference.rsplit('/').next()?).cloned(),
        None => Some(written),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// A query parameter that may be left out.
#[must_use]
pub fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

/// A part of the path.
#[must_use]
pub fn path(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"}})
}

fn sort_by(resource: &Resource, counts: Option<&Counts>) -> Value {
    let mut properties = Map::new();
    for field in &resource.sortable {
        let mut direction = json!({"type": "string", "enum": ["asc", "desc"]});
        if let Some(counts) = counts {
            supported(&mut direction, counts.sort(&resource.name, field));
        }
        properties.insert(field.clone(), direction);
    }
    let names: Vec<String> = resource.sortable.iter().flat_map(|name| [name.clone(), format!("-{name}")]).collect();
    let mut parameter = query(
        "sort_by",
        "One field: `sort_by[created_at]=desc`, or `sort_by=-created_at`. What the provider cannot sort is sorted here when everything is read, up to a bound past which the call is refused",
        json!({"anyOf": [
            {"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": 1},
            {"type": "string", "enum": names},
        ]}),
    );
    parameter["style"] = Value::from("deepObject");
    parameter["explode"] = Value::Bool(true);
    if let Some(counts) = counts {
        supported(&mut parameter, counts.parameter(&resource.name, "sort_by"));
    }
    parameter
}

fn supported(written: &mut Value, support: Support) {
    written["x-supported-by"] = Value::from(support.connectors);
    written["x-provider-side"] = Value::from(support.by_provider);
}

/// A filter or parameter of the model.
fn modelled(parameter: &Parameter, resource: &Resource, counts: &Counts) -> Value {
    let mut written = query(&parameter.name, &parameter.description, accepted(parameter));
    if parameter.of.is_some() {
        written["style"] = Value::from("deepObject");
        written["explode"] = Value::Bool(true);
    }
    written["x-kind"] = Value::from(if parameter.of.is_some() { "filter" } else { "parameter" });
    supported(&mut written, counts.parameter(&resource.name, &parameter.name));
    notes(&mut written, counts.taken(&resource.name, &parameter.name), MethodName::List);
    written
}

/// What a parameter takes: the bare value, several, an operator object, or the members of what is filtered.
#[must_use]
pub fn accepted(parameter: &Parameter) -> Value {
    if parameter.of.is_none() {
        return record::plain(&parameter.ty);
    }
    let dates = parameter.operators.contains(&Operator::Gte);
    match &parameter.ty {
        _ if dates => json!({"anyOf": [reference_schema("Instant"), reference_schema("DateFilter")]}),
        Type::Boolean => record::plain(&parameter.ty),
        Type::List { item, key } if !item.is_scalar() => {
            let members = json!({
                "type": "object",
                "properties": item.fields().iter().map(|field| (field.name.clone(), member(&field.ty, &field.description))).collect::<Map<_, _>>(),
                "additionalProperties": false,
            });
            // A list that one member alone tells apart is asked by it.
            match key.as_ref().map(|key| key.any_of.as_slice()) {
                Some([only]) => {
                    let ty = item.fields().iter().find(|field| field.name == *only).map(|field| &field.ty);
                    json!({"anyOf": [ty.map_or_else(|| json!({"type": "string"}), record::plain), members]})
                }
                _ => members,
            }
        }
        Type::List { item, .. } => several(record::plain(item)),
        ty => several(record::plain(ty)),
    }
}

/// A member of what is filtered: `emails[email]=…`, `licenses[last_active_at][gte]=…`.
fn member(ty: &Type, description: &str) -> Value {
    let mut schema = match ty {
        Type::DateTime | Type::Date => json!({"anyOf": [reference_schema("Instant"), reference_schema("DateFilter")]}),
        Type::Boolean => record::plain(ty),
        ty => json!({"anyOf": [record::plain(ty), reference_schema("In")]}),
    };
    schema["description"] = Value::from(description);
    schema
}

/// One of several values: `status[]=active&status[]=invited`, `status[in]=active,invited`.
fn several(one: Value) -> Value {
    json!({"anyOf": [one.clone(), {"type": "array", "items": one}, reference_schema("In")]})
}

fn reference_schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Schemas that filters refer to.
#[must_use]
pub fn schemas() -> Map<String, Value> {
    let bound = |words: &str| json!({"$ref": "#/components/schemas/Instant", "description": words});
    let all = json!({
        "Instant": {
            "type": "string",
            "description": "A day (`2026-05-01`, from midnight UTC) or a time in ISO 8601",
            "examples": ["2026-05-01", "2026-05-01T12:00:00Z"],
        },
        "DateFilter": {
            "type": "object",
            "description": "Bounds of a time: `created_at[gte]=2026-01-01`",
            "properties": {
                "gt": bound("Later than this"),
                "gte": bound("This or later"),
                "lt": bound("Earlier than this"),
                "lte": bound("This or earlier"),
            },
            "additionalProperties": false,
            "minProperties": 1,
        },
        "In": {
            "type": "object",
            "description": "One of several values: `status[in]=active,invited`",
            "properties": {"in": {"type": "string", "description": "The values, joined by commas"}},
            "required": ["in"],
            "additionalProperties": false,
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}

/// A parameter that connectors take, with how many.
fn taken_by(name: &str, resource: &Resource, method: MethodName, counts: &Counts) -> Value {
    let taken = counts.taken(&resource.name, name);
    let number = taken.iter().filter(|taken| taken.method == method).count() as u64;
    let mut written = native(name, resource);
    written["x-kind"] = Value::from("parameter");
    supported(&mut written, Support { connectors: number, by_provider: number });
    notes(&mut written, taken, method);
    written
}

/// A parameter that goes to the provider.
#[must_use]
pub fn native(name: &str, resource: &Resource) -> Value {
    let modelled = resource.parameter(name);
    let description = modelled.map_or("For the provider", |parameter| parameter.description.as_str());
    let schema = modelled.map_or_else(|| json!({"type": "string"}), |parameter| record::plain(&parameter.ty));
    query(name, description, schema)
}

/// Which connectors need it, and what some say of it.
fn notes(written: &mut Value, taken: &[Taken], method: MethodName) {
    let taken: Vec<&Taken> = taken.iter().filter(|taken| taken.method == method).collect();
    let required: Vec<&str> =
        taken.iter().filter(|taken| taken.required).map(|taken| taken.connector.as_str()).collect();
    if !required.is_empty() {
        written["x-required-by"] = json!(required);
    }
    let notes: Map<String, Value> =
        taken.iter().filter_map(|taken| Some((taken.connector.clone(), note(taken)?.into()))).collect();
    if !notes.is_empty() {
        written["x-notes"] = Value::Object(notes);
    }
}

/// What a connector says of a parameter, in a sentence or two.
#[must_use]
pub fn note(taken: &Taken) -> Option<String> {
    let mut parts = Vec::new();
    if !taken.unless.is_empty() {
        parts.push(format!("Needed unless {} is given.", taken.unless.join(" or ")));
    }
    parts.extend(taken.help.clone());
    if !taken.values.is_empty() {
        parts.push(format!("One of {}.", taken.values.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}
