//! A resource as its page shows it.

use rollcall_connector::MethodName;
use rollcall_model::{Field, Model, Operator, Parameter, Resource, Type};
use serde_json::{Value, json};

use super::samples;
use crate::openapi::counts::{Counts, Taken};
use crate::openapi::{examples, parameters};
use crate::query::COMMON;

/// What the page of a resource holds.
#[must_use]
pub fn view(resource: &Resource, counts: &Counts, url: &str) -> Value {
    let model = Model::user_directory();
    let samples = samples::of(&model.name, resource, url);
    let answer = examples::page(&examples::record(&resource.name));
    let methods: Vec<Value> = resource
        .methods
        .iter()
        .map(|method| {
            let end = if method.name() == "get" { "/{id}" } else { "" };
            let path = format!("/unified/{}/{}{end}", model.name, resource.name);
            json!({"name": method.name(), "path": path, "connectors": counts.method(&resource.name, *method)})
        })
        .collect();
    let (filters, for_provider): (Vec<&Parameter>, Vec<&Parameter>) =
        resource.parameters.iter().partition(|parameter| parameter.of.is_some());
    let mut taken: Vec<Value> = for_provider.iter().map(|parameter| modelled(parameter, resource, counts)).collect();
    let unmodelled =
        counts.names_taken(&resource.name, MethodName::List).filter(|name| resource.parameter(name).is_none());
    taken.extend(unmodelled.map(|name| native(name, resource, counts)));
    let mut fields = Vec::new();
    flatten(&resource.fields, "", 0, resource, counts, &mut fields);
    json!({
        "name": resource.name,
        "description": resource.description,
        "having": counts.having(&resource.name),
        "methods": methods,
        "filters": filters.iter().map(|parameter| modelled(parameter, resource, counts)).collect::<Vec<_>>(),
        "taken": taken,
        "sorts": resource.sortable.iter().map(|field| {
            let support = counts.sort(&resource.name, field);
            json!({"name": field, "supported": support.connectors, "by_provider": support.by_provider})
        }).collect::<Vec<_>>(),
        "common": COMMON.iter().filter_map(|name| common(name, resource)).collect::<Vec<_>>(),
        "fields": fields,
        "curl": samples.curl,
        "python": samples.python,
        "javascript": samples.javascript,
        "answer": serde_json::to_string_pretty(&answer).unwrap_or_default(),
    })
}

fn modelled(parameter: &Parameter, resource: &Resource, counts: &Counts) -> Value {
    let support = counts.parameter(&resource.name, &parameter.name);
    json!({
        "name": parameter.name,
        "takes": takes(&parameter.ty),
        "meaning": parameter.description,
        "values": values(&parameter.ty),
        "forms": forms(parameter),
        "supported": support.connectors,
        "by_provider": support.by_provider,
        "notes": notes(counts.taken(&resource.name, &parameter.name)),
    })
}

/// A parameter that only connectors know.
fn native(name: &str, resource: &Resource, counts: &Counts) -> Value {
    let taken = counts.taken(&resource.name, name);
    json!({
        "name": name, "takes": "text", "meaning": "For the provider", "values": [],
        "supported": taken.len(), "notes": notes(taken),
    })
}

/// What connectors that need it, or have something to say, say.
fn notes(taken: &[Taken]) -> Vec<Value> {
    let of_list = taken.iter().filter(|taken| taken.method == MethodName::List);
    let said = of_list.map(|taken| (taken, parameters::note(taken)));
    said.filter(|(taken, text)| taken.required || text.is_some())
        .map(|(taken, text)| json!({"connector": taken.connector, "required": taken.required, "text": text.unwrap_or_default()}))
        .collect()
}

fn common(name: &str, resource: &Resource) -> Option<Value> {
    let written = parameters::resolved(parameters::common(name, resource, MethodName::List, None)?)?;
    let schema = written.get("schema")?;
    let takes = match (schema.get("enum").and_then(Value::as_array), schema.get("type").and_then(Value::as_str)) {
        (Some(values), _) => {
            format!("one of {}", values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        (None, Some("boolean")) => "true or false".to_owned(),
        (None, Some("integer")) => "a whole number".to_owned(),
        (None, Some("array")) => "names of fields".to_owned(),
        (None, Some("object")) => "names and values".to_owned(),
        (None, Some(_)) => "text".to_owned(),
        (None, None) => "a field and a direction".to_owned(),
    };
    Some(json!({"name": name, "takes": takes, "meaning": written.get("description")?}))
}

/// How a filter is written.
fn forms(parameter: &Parameter) -> Vec<String> {
    let name = &parameter.name;
    if parameter.operators.contains(&Operator::Gte) {
        return vec![format!("{name}[gte]=2026-01-01"), format!("{name}[lt]=2026-02-01")];
    }
    match &parameter.ty {
        Type::List { item, .. } if !item.is_scalar() => {
            item.fields().iter().take(3).map(|field| format!("{name}[{}]=…", field.name)).collect()
        }
        Type::Enum { values, .. } => {
            let names: Vec<&str> = values.iter().take(2).map(|choice| choice.value.as_str()).collect();
            vec![format!("{name}={}", names.join(","))]
        }
        _ => Vec::new(),
    }
}

/// A type in words.
fn takes(ty: &Type) -> String {
    match ty {
        Type::Id => "id".to_owned(),
        Type::String => "text".to_owned(),
        Type::Email => "email address".to_owned(),
        Type::Url => "URL".to_owned(),
        Type::DateTime => "time".to_owned(),
        Type::Date => "day".to_owned(),
        Type::Boolean => "true or false".to_owned(),
        Type::Integer => "whole number".to_owned(),
        Type::Number => "number".to_owned(),
        Type::DecimalString => "decimal, as text".to_owned(),
        Type::Enum { open: false, .. } => "one of".to_owned(),
        Type::Enum { open: true, .. } => "one of, or the product's own word".to_owned(),
        Type::List { item, .. } if item.is_scalar() => format!("list: {}", takes(item)),
        Type::List { .. } => "list of objects".to_owned(),
        Type::Object { .. } => "object".to_owned(),
        Type::Map => "object of texts".to_owned(),
    }
}

fn values(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Enum { values, .. } => {
            values.iter().map(|choice| json!({"value": choice.value, "meaning": choice.description})).collect()
        }
        Type::List { item, .. } => values(item),
        _ => Vec::new(),
    }
}

/// Fields with those inside them, dotted.
fn flatten(fields: &[Field], path: &str, depth: usize, resource: &Resource, counts: &Counts, out: &mut Vec<Value>) {
    for field in fields {
        let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
        out.push(json!({
            "path": path,
            "depth": depth.min(2),
            "takes": takes(&field.ty),
            "meaning": field.description,
            "values": values(&field.ty),
            "required": field.required,
            "supported": counts.field(&resource.name, &path),
        }));
        flatten(field.ty.fields(), &path, depth + 1, resource, counts, out);
    }
}
