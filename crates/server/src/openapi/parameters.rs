//! Query parameters: those of every unified call, and those that a resource has by its model and its connectors.

use rollcall_connector::MethodName;
use rollcall_model::{Parameter, Resource};
use serde_json::{Map, Value, json};

use super::counts::{Counts, Support, Taken};
use super::filters::accepted;
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
    // What is done here works with every connector that has the resource.
    let having = counts.map(|counts| counts.having(&resource.name));
    let fields: Vec<&str> = resource.fields.iter().map(|field| field.name.as_str()).chain(["remote_data"]).collect();
    match name {
        "integrated_account_id" | "truto_ignore_remote_data" | "remote_query" => Some(reference(name)),
        "next_cursor" | "limit" | "truto_ignore_limit" if is_list => Some(reference(name)),
        "sort_by" if is_list => (!resource.sortable.is_empty()).then(|| sort_by(resource, counts)),
        "truto_key_by" if is_list => {
            let scalars = resource.fields.iter().filter(|field| field.ty.is_scalar());
            let names: Vec<&str> = scalars.map(|field| field.name.as_str()).collect();
            Some(counted(
                query(
                    name,
                    "Makes `result` an object with this field's values as keys. A value that comes twice is an error",
                    json!({"type": "string", "enum": names}),
                ),
                having,
            ))
        }
        "truto_response_format" if is_list => Some(reference(name)),
        "truto_response_format" => {
            let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).filter(|name| of_one(name)).collect();
            Some(counted(
                query(
                    name,
                    "How the answer is written",
                    json!({"type": "string", "enum": names, "default": "unified"}),
                ),
                having,
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
            Some(counted(parameter, having))
        }
        _ => None,
    }
}

/// A parameter with the number of connectors that it works with.
fn counted(mut parameter: Value, connectors: Option<u64>) -> Value {
    if let Some(connectors) = connectors {
        parameter["x-supported-by"] = Value::from(connectors);
    }
    parameter
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

/// The same, as the document has them: they work with every connector.
#[must_use]
pub fn components(counts: &Counts) -> Map<String, Value> {
    shared().into_iter().map(|(name, parameter)| (name, counted(parameter, Some(counts.connectors)))).collect()
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
