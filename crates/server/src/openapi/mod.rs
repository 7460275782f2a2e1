//! The API described for programs: an OpenAPI 3.1 document made from the model, the connectors, and the tables of this server.

mod access;
pub mod counts;
mod errors;
pub mod examples;
pub mod filters;
pub mod meta;
mod operation;
mod operations;
mod page;
pub mod parameters;
pub mod record;
pub mod served;
mod shown;

use rollcall_connector::Catalog;
use rollcall_model::Model;
use serde_json::{Map, Value, json};

use counts::Counts;

/// The document over a catalogue.
#[must_use]
pub fn document(catalog: &Catalog) -> Value {
    written(&Counts::of(catalog))
}

/// The routes that the document describes, as they are written in the router, with the method and the path in the document.
#[must_use]
pub fn described() -> Vec<(&'static str, &'static str, String)> {
    let all = operations::all(&Counts::default());
    all.into_iter().map(|operation| (operation.route, operation.method, operation.path)).collect()
}

/// The document with these counts.
#[must_use]
pub fn written(counts: &Counts) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all(counts) {
        let (path, method) = (operation.path.clone(), operation.method);
        let at = paths.entry(path).or_insert_with(|| json!({}));
        at[method] = operation.written();
    }
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "rollcall",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Who has access to what, in every SaaS product",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that gave this document"}],
        "tags": operations::tags(),
        "x-connectors": counts.connectors,
        "paths": paths,
        "components": {
            "securitySchemes": access::schemes(),
            "parameters": parameters::components(counts),
            "headers": errors::all_headers(),
            "responses": errors::responses(),
            "schemas": schemas(counts),
        },
    })
}

const INTRODUCTION: &str = "One schema for the people, groups, roles and licences of any product. \
Name an integrated account, get its records; what the product cannot filter, sort or page is done here. \
An answer says how complete it is, and an error says what to do. \
`x-supported-by` counts the connectors that support something, `x-provider-side` those where the provider itself does it, \
`x-connectors` all connectors that were counted; `x-required-by` names the connectors that need a parameter.";

fn schemas(counts: &Counts) -> Map<String, Value> {
    let mut all = Map::new();
    for resource in &Model::user_directory().resources {
        let name = record::type_name(resource);
        if !all.contains_key(&name) {
            let mut schema = record::schema(resource, None, Some(counts));
            schema["examples"] = json!([examples::record(&resource.name)]);
            all.insert(name, schema);
        }
        all.extend(page::schemas(resource));
    }
    all.extend(page::shared());
    all.extend(filters::schemas());
    all.extend(errors::schemas());
    all.extend(operations::schemas());
    let natives = json!({"type": "array", "items": {}});
    all.insert("NativePage".to_owned(), page::plain_envelope("The provider's records as they came", natives));
    all.insert(
        "Raw".to_owned(),
        json!({"description": "The provider's own answer, whatever it is, with its own content type"}),
    );
    all
}
