//! What can be connected.

use rollcall_connector::tier::Tier;
use rollcall_model::{Method, Model};
use serde_json::{Map, Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::page::plain_envelope;
use crate::openapi::parameters::{path, query};
use crate::query::LIMIT_MAX;

/// Connectors and what they can do.
pub fn operations() -> Vec<Operation> {
    let slug = || path("slug", "The connector's slug, or another name of it");
    vec![
        Operation::new("get", "/integration", "list_integration", Access::Environment)
            .tag("catalogue")
            .summary("List the connectors")
            .parameters(filters())
            .json(200, "All of them, unless a limit is given", schema("IntegrationPage"))
            .errors(&[400, 500]),
        Operation::new("get", "/integration/{slug}", "get_integration", Access::Environment)
            .tag("catalogue")
            .summary("Get one connector: what it asks for, and its guide")
            .parameters(vec![slug()])
            .json(200, "The connector", schema("IntegrationDetails"))
            .errors(&[404, 500]),
        Operation::new("get", "/integration/{slug}/capabilities", "get_integration_capabilities", Access::Environment)
            .tag("catalogue")
            .summary("What a connector can do")
            .parameters([vec![slug()], narrowing()].concat())
            .json(200, "Its resources, methods, fields and parameters", schema("Capabilities"))
            .errors(&[400, 404, 500]),
        Operation::new(
            "get",
            "/integrated-account/{id}/capabilities",
            "get_integrated_account_capabilities",
            Access::Scope("accounts:read"),
        )
        .tag("catalogue")
        .summary("What an account can do")
        .parameters([vec![path("id", "The account's id")], narrowing()].concat())
        .json(200, "Its resources, methods, fields and parameters", schema("Capabilities"))
        .errors(&[400, 404, 500]),
    ]
}

/// What the catalogue can be narrowed to.
fn filters() -> Vec<Value> {
    let text = || json!({"type": "string"});
    vec![
        query("name", "Only the connector of this slug, or other name of it", text()),
        query("category", "Only connectors of this category", text()),
        query(
            "tier",
            "Only connectors of this verification tier",
            json!({"type": "string", "enum": Tier::ALL.map(Tier::as_str)}),
        ),
        query(
            "limit",
            "At most so many; all of them when not given",
            json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX}),
        ),
        json!({"$ref": "#/components/parameters/next_cursor"}),
    ]
}

/// What capabilities can be narrowed to.
fn narrowing() -> Vec<Value> {
    let resources: Vec<&str> =
        Model::user_directory().resources.iter().map(|resource| resource.name.as_str()).collect();
    let names = |name: &str, description: &str, values: Value| {
        let mut parameter =
            query(name, description, json!({"type": "array", "items": {"type": "string", "enum": values}}));
        parameter["style"] = Value::from("form");
        parameter["explode"] = Value::Bool(false);
        parameter
    };
    vec![
        names("type", "Only these kinds", json!(["unified", "proxy"])),
        names("methods", "Only these methods", json!([Method::List.name(), Method::Get.name()])),
        names("resource", "Only these resources", json!(resources)),
    ]
}

fn tiers() -> Value {
    let tiers = [Tier::Draft, Tier::Documented, Tier::Specified, Tier::Recorded, Tier::Live].map(Tier::as_str);
    json!({
        "type": "string",
        "enum": tiers,
        "x-enumDescriptions": {
            "draft": "It compiles",
            "documented": "Two independent sources describe it",
            "specified": "Every request and source path is in the vendor's machine-readable description",
            "recorded": "It replays real exchanges",
            "live": "A run against the real product equals its truth",
        },
        "description": "How we know that the connector is right",
    })
}

/// Schemas of connectors.
pub fn schemas() -> Map<String, Value> {
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let summary = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The slug"},
            "label": {"type": "string", "description": "The product's name as people write it"},
            "aliases": strings,
            "category": {"type": "string"},
            "tier": tiers(),
            "auth": {"type": "array", "items": {"type": "string"}, "description": "Kinds of credentials; the first is the default"},
            "resources": {"type": "object", "description": "Each resource with its methods", "additionalProperties": strings},
        },
        "required": ["name", "label", "aliases", "category", "tier", "auth", "resources"],
    });
    let mut details = summary.clone();
    let more = json!({
        "docs": {"type": "string", "format": "uri", "description": "The provider's documentation"},
        "settings": {"type": "array", "items": schema("IntegrationInput")},
        "credentials": {"type": "object", "description": "By kind", "additionalProperties": schema("IntegrationCredential")},
        "readme": {"type": ["string", "null"], "description": "How to connect it, as Markdown"},
    });
    if let (Some(properties), Value::Object(more)) = (details["properties"].as_object_mut(), more) {
        properties.extend(more);
    }
    let method = json!({
        "type": "object",
        "properties": {
            "fields": strings,
            "parameters": strings,
            "required_parameters": strings,
            "provider_filters": {"type": "array", "items": {"type": "string"}, "description": "Filters that the provider applies; all others on its fields are applied here"},
            "permissions": {"type": "array", "items": {"type": "string"}, "description": "The least that are needed, as the provider names them"},
        },
        "required": ["fields", "parameters", "required_parameters", "provider_filters", "permissions"],
    });
    let all = json!({
        "Integration": summary,
        "IntegrationDetails": details,
        "IntegrationPage": plain_envelope("All connectors", json!({"type": "array", "items": schema("Integration")})),
        "IntegrationInput": {
            "type": "object",
            "description": "Something to fill in",
            "properties": {
                "name": {"type": "string"},
                "label": {"type": "string"},
                "help": {"type": ["string", "null"]},
                "example": {"type": ["string", "null"]},
                "secret": {"type": "boolean"},
                "required": {"type": "boolean"},
                "default": {},
            },
            "required": ["name", "label", "secret", "required"],
        },
        "IntegrationCredential": {
            "type": "object",
            "properties": {
                "fields": {"type": "array", "items": schema("IntegrationInput")},
                "permissions": strings,
                "scopes": strings,
                "browser": {"type": "boolean", "description": "Whether a person gives consent in the browser"},
            },
            "required": ["fields", "permissions", "scopes", "browser"],
        },
        "Capabilities": {
            "type": "object",
            "properties": {
                "integration": {"type": "string"},
                "auth": strings,
                "unified": {
                    "type": "object",
                    "description": "Model, resource, method",
                    "additionalProperties": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": method}},
                },
                "proxy": {"type": "object", "properties": {"methods": strings}, "required": ["methods"]},
            },
            "required": ["integration", "auth"],
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
