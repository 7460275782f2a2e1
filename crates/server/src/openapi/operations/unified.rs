//! Lists and gets of the unified model, for each resource.

use rollcall_model::{Method, Model, Resource};
use serde_json::{Value, json};

use crate::openapi::access::Access;
use crate::openapi::counts::Counts;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::record::{singular, type_name};
use crate::openapi::{examples, page, parameters};

/// Headers of every answer that touched a provider.
const OF_PROVIDER: [&str; 4] = ["rollcall-completeness", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/// Lists and gets of all resources.
pub fn operations(counts: &Counts) -> Vec<Operation> {
    let model = Model::user_directory();
    let of = |resource: &Resource| {
        resource
            .methods
            .iter()
            .map(|method| match method {
                Method::List => list(model, resource, counts),
                Method::Get => get(model, resource, counts),
            })
            .collect::<Vec<_>>()
    };
    model.resources.iter().flat_map(of).collect()
}

fn list(model: &Model, resource: &Resource, counts: &Counts) -> Operation {
    let name = &resource.name;
    let [paged, keyed, normalized] = page::names(resource);
    let example = examples::record(name);
    let line = json!({"anyOf": [schema(&type_name(resource)), schema("StreamTrailer")]});
    let headers: Vec<&str> =
        OF_PROVIDER.into_iter().chain(["rollcall-filter", "rollcall-sort", "rollcall-next-cursor", "Link"]).collect();
    let content = json!({
        "application/json": {
            "schema": {"anyOf": [schema(&paged), schema(&keyed), schema(&normalized), schema("Raw")]},
            "example": examples::page(&example),
        },
        "application/x-ndjson": {
            "schema": {
                "type": "string",
                "description": "In the format `stream`: a record a line, and last the trailer",
                "contentMediaType": "application/x-ndjson",
                "contentSchema": line,
            },
        },
        "*/*": {"schema": schema("Raw")},
    });
    let path = format!("/unified/{}/{name}", model.name);
    Operation::at("get", "/unified/{model}/{resource}", path, &format!("list_{name}"), Access::Scope("unified:read"))
        .tag("unified")
        .summary(format!("List {}", name.replace('_', " ")))
        .description(format!(
            "{}. A filter that the provider cannot apply is applied here, with the same result. A filter on a field that the connector does not give is refused",
            resource.description
        ))
        .parameters(parameters::of_list(resource, counts))
        .with("x-supported-by", Value::from(having(resource, Method::List, counts)))
        .answer(200, "A page, or everything", &headers, content)
        .errors(&[400, 404, 405, 409, 414, 422, 500, 502, 504])
        .provider_errors()
}

fn get(model: &Model, resource: &Resource, counts: &Counts) -> Operation {
    let name = &resource.name;
    let one = singular(name).replace('_', " ");
    let content = json!({
        "application/json": {"schema": {"anyOf": [schema(&type_name(resource)), schema("Raw")]}, "example": examples::record(name)},
        "*/*": {"schema": schema("Raw")},
    });
    let mut all = vec![parameters::path("id", &format!("The id of the {one}, as the list gives it"))];
    all.extend(parameters::of_get(resource, counts));
    let path = format!("/unified/{}/{name}/{{id}}", model.name);
    let route = "/unified/{model}/{resource}/{id}";
    Operation::at("get", route, path, &format!("get_{name}"), Access::Scope("unified:read"))
        .tag("unified")
        .summary(format!("Get one of {}", name.replace('_', " ")))
        .description("The record itself, without an envelope; it may have more fields than in the list")
        .parameters(all)
        .with("x-supported-by", Value::from(having(resource, Method::Get, counts)))
        .answer(200, "The record", &OF_PROVIDER, content)
        .errors(&[400, 404, 405, 414, 422, 500, 502, 504])
        .provider_errors()
}

fn having(resource: &Resource, method: Method, counts: &Counts) -> u64 {
    counts.method(&resource.name, method)
}
