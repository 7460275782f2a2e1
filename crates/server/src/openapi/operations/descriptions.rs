//! This document, what connectors make of the model, and pages for people.

use rollcall_model::{Method, Model};
use serde_json::{Map, Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::parameters::{path, query};

const UNCHANGED: &str = "It is still as the caller has it";

/// Descriptions for programs and for people.
pub fn operations() -> Vec<Operation> {
    let model = Model::user_directory();
    let named = |name: &str, values: Vec<&str>, words: &str| {
        let mut parameter = path(name, words);
        parameter["schema"] = json!({"type": "string", "enum": values});
        parameter
    };
    let resources: Vec<&str> = model.resources.iter().map(|resource| resource.name.as_str()).collect();
    let models = || named("model", vec![&model.name], "The model");
    let resource = || named("resource", resources.clone(), "The resource");
    let methods = named("method", vec![Method::List.name(), Method::Get.name()], "The method");
    let mut forms = query(
        "format",
        "How it is written",
        json!({"type": "string", "enum": ["json", "md", "html"], "default": "json"}),
    );
    forms["x-kind"] = Value::from("parameter");
    let text = || json!({"schema": {"type": "string"}});
    vec![
        Operation::new(
            "get",
            "/unified/{model}/{resource}/meta/{method}",
            "get_method_meta",
            Access::Scope("unified:read"),
        )
        .tag("descriptions")
        .summary("What a method of an account takes and gives")
        .description("For the account's connector: the schema of the record, the parameters with those that have to be given, the source of each field, and the permissions that it takes")
        .parameters(vec![models(), resource(), methods, json!({"$ref": "#/components/parameters/integrated_account_id"})])
        .answer(200, "The description", &["ETag"], json!({"application/json": {"schema": schema("MethodMeta")}}))
        .answer(304, UNCHANGED, &["ETag"], Value::Null)
        .errors(&[400, 404, 500]),
        Operation::new("get", "/unified/meta/{model}/{integration}", "get_integration_meta", Access::AnyToken)
            .tag("descriptions")
            .summary("What a connector takes and gives, over all its resources")
            .parameters(vec![models(), path("integration", "The connector's slug, or another name of it"), forms])
            .answer(200, "The description", &["ETag"], json!({
                "application/json": {"schema": schema("IntegrationMeta")},
                "text/markdown": text(),
                "text/html": text(),
            }))
            .answer(304, UNCHANGED, &["ETag"], Value::Null)
            .errors(&[400, 404, 500]),
        Operation::new("get", "/openapi.json", "get_openapi", Access::Anyone)
            .tag("descriptions")
            .summary("This document")
            .answer(200, "OpenAPI 3.1", &["ETag"], json!({"application/json": {"schema": {"type": "object"}}}))
            .answer(304, UNCHANGED, &["ETag"], Value::Null)
            .errors(&[500]),
    ]
    .into_iter()
    .chain(pages(&resources))
    .collect()
}

/// The pages for people.
fn pages(resources: &[&str]) -> Vec<Operation> {
    let page = |route: &'static str, id: &str, summary: &str| {
        Operation::new("get", route, id, Access::Anyone)
            .tag("descriptions")
            .summary(summary)
            .answer(200, "The page", &["ETag"], json!({"text/html": {"schema": {"type": "string"}}}))
            .answer(304, UNCHANGED, &["ETag"], Value::Null)
    };
    let mut resource = path("resource", "The resource");
    resource["schema"] = json!({"type": "string", "enum": resources});
    vec![
        page("/docs", "get_docs", "The API for people").errors(&[500]),
        page("/docs/{resource}", "get_resource_docs", "One resource for people")
            .parameters(vec![resource])
            .errors(&[404, 500]),
        page("/docs/integrations", "list_integration_docs", "All connectors for people").errors(&[500]),
        page("/docs/integrations/{slug}", "get_integration_docs", "One connector for people")
            .parameters(vec![path("slug", "The connector's slug")])
            .errors(&[404, 500]),
        Operation::new("get", "/docs/style.css", "get_docs_style", Access::Anyone)
            .tag("descriptions")
            .summary("How these pages look")
            .answer(200, "The style sheet", &["ETag"], json!({"text/css": {"schema": {"type": "string"}}}))
            .answer(304, UNCHANGED, &["ETag"], Value::Null),
    ]
}

/// Schemas of descriptions.
pub fn schemas() -> Map<String, Value> {
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let links = json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"about": {"type": "string"}, "url": {"type": "string"}},
            "required": ["about", "url"],
        },
    });
    let permission = json!({
        "type": "object",
        "properties": {
            "for": {"type": "string", "description": "What needs them: the call itself, a lookup, a second call"},
            "names": strings,
            "optional": {"type": "boolean", "description": "Without them fields are missing, and nobody is"},
        },
        "required": ["for", "names", "optional"],
    });
    let source = json!({
        "type": "object",
        "properties": {
            "paths": {"type": "array", "items": {"type": "string"}, "description": "Where it stands in the provider's record; `$name` begins in another answer"},
            "lookups": strings,
            "constant": {"type": "boolean", "description": "Whether a constant may be written"},
        },
        "required": ["paths"],
    });
    let method = json!({
        "type": "object",
        "properties": {
            "model": {"type": "string"},
            "resource": {"type": "string"},
            "method": {"type": "string", "enum": ["list", "get"]},
            "integration": {"type": "string"},
            "description": {"type": "string"},
            "tier": {"type": "string"},
            "schema": {"type": "object", "description": "The record as JSON Schema 2020-12, with the fields that this connector gives"},
            "query_parameters": {"type": "array", "items": schema("MetaParameter")},
            "required_query_parameters": strings,
            "mapping": {"type": "object", "description": "Each field, dotted into lists and objects, with its source", "additionalProperties": source},
            "provider_filters": {"type": "array", "items": {"type": "string"}, "description": "Filters that the provider can apply"},
            "provider_sorts": {"type": "array", "items": {"type": "string"}, "description": "Fields that the provider can sort by"},
            "calls": {
                "type": "array",
                "description": "What is sent to the provider",
                "items": {
                    "type": "object",
                    "properties": {
                        "for": {"type": "string"},
                        "method": {"type": "string"},
                        "url": {"type": "string"},
                        "docs": {"type": ["string", "null"]},
                    },
                    "required": ["for", "method", "url"],
                },
            },
            "permissions": {"type": "array", "items": permission},
            "documentation": links,
        },
        "required": ["model", "resource", "method", "integration", "description", "tier", "schema", "query_parameters", "required_query_parameters", "mapping", "provider_filters", "provider_sorts", "calls", "permissions", "documentation"],
    });
    let all = json!({
        "MethodMeta": method,
        "MetaParameter": {
            "type": "object",
            "description": "Something that may be asked for",
            "properties": {
                "name": {"type": "string"},
                "kind": {"type": "string", "enum": ["common", "filter", "parameter"]},
                "description": {"type": "string"},
                "schema": {"description": "What it takes, as JSON Schema"},
                "required": {"type": "boolean"},
                "required_unless": strings,
                "applied": {"type": "string", "enum": ["provider", "local"], "description": "Where a filter is applied: by the provider when it can do the value and the operator, or here"},
                "help": {"type": ["string", "null"], "description": "What the connector says of it"},
                "default": {},
            },
            "required": ["name", "kind", "description", "schema", "required"],
        },
        "IntegrationMeta": {
            "type": "object",
            "properties": {
                "model": {"type": "string"},
                "integration": {"type": "string"},
                "label": {"type": "string"},
                "category": {"type": "string"},
                "tier": {"type": "string"},
                "documentation": links,
                "settings": {"type": "array", "items": {"type": "object"}},
                "credentials": {"type": "array", "items": {"type": "object"}},
                "resources": {"type": "object", "description": "Resource, method", "additionalProperties": {"type": "object", "additionalProperties": schema("MethodMeta")}},
            },
            "required": ["model", "integration", "label", "category", "tier", "documentation", "settings", "credentials", "resources"],
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
