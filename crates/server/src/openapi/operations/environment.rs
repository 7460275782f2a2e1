//! Links, tokens and the audit log.

use serde_json::{Map, Value, json};

use crate::caller::SCOPES;
use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::page::plain_envelope;
use crate::openapi::parameters::path;

/// What belongs to an environment.
pub fn operations() -> Vec<Operation> {
    let tokens = Access::Scope("tokens:write");
    let page = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    vec![
        Operation::new("post", "/link-token", "create_link_token", Access::Scope("links:write"))
            .tag("links")
            .summary("Make a link with which somebody else connects an account")
            .body("LinkTokenCreate", false, json!({"integrations": ["acme-directory"], "tenant_id": "customer-42"}))
            .json(201, "The link; its token is shown this once", schema("LinkToken"))
            .errors(&[400, 404, 413, 500]),
        Operation::new("get", "/token", "list_token", tokens)
            .tag("tokens")
            .summary("List the tokens, without the tokens themselves")
            .json(200, "All tokens, on one page", schema("TokenPage"))
            .errors(&[500]),
        Operation::new("post", "/token", "create_token", tokens)
            .tag("tokens")
            .summary("Make a token")
            .description("A token with scopes makes tokens with some of these scopes only")
            .body("TokenCreate", true, json!({"kind": "account", "integrated_account_id": "…", "expires_in": 3600}))
            .json(201, "The token; its text is shown this once", schema("CreatedToken"))
            .errors(&[400, 404, 413, 500]),
        Operation::new("delete", "/token/{id}", "delete_token", tokens)
            .tag("tokens")
            .summary("Revoke a token")
            .parameters(vec![path("id", "The token's id, which is not its text")])
            .answer(204, "It opens nothing any more", &[], Value::Null)
            .errors(&[404, 500]),
        Operation::new("get", "/audit-log", "list_audit_log", Access::Scope("audit:read"))
            .tag("tokens")
            .summary("Who did what, the newest first")
            .parameters(vec![page("limit"), page("next_cursor")])
            .json(200, "A page of entries", schema("AuditPage"))
            .errors(&[400, 500]),
    ]
}

/// Schemas of tokens and the audit log.
pub fn schemas() -> Map<String, Value> {
    let nullable = |words: &str| json!({"type": ["string", "null"], "description": words});
    let time = |words: &str| json!({"type": "string", "format": "date-time", "description": words});
    let maybe_time = |words: &str| json!({"type": ["string", "null"], "format": "date-time", "description": words});
    let seconds = |words: &str| json!({"type": ["integer", "null"], "minimum": 0, "description": words});
    let scopes: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    let meanings: Map<String, Value> =
        SCOPES.iter().map(|(name, words)| ((*name).to_owned(), Value::from(*words))).collect();
    let scopes = json!({
        "type": "array",
        "items": {"type": "string", "enum": scopes, "x-enumDescriptions": meanings},
        "description": "What it may do; everything that its kind can when empty",
    });
    let token = json!({
        "type": "object",
        "description": "A token, without its text",
        "properties": {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": ["environment", "account", "link"]},
            "integrated_account_id": nullable("The account of an account token"),
            "label": nullable("A name for people"),
            "scopes": scopes,
            "created_at": time("When it was made"),
            "expires_at": maybe_time("When it ends"),
            "revoked_at": maybe_time("When it was revoked"),
        },
        "required": ["id", "kind", "scopes", "created_at"],
    });
    let mut created = token.clone();
    created["properties"]["token"] =
        json!({"type": "string", "description": "What goes into `Authorization: Bearer`; it cannot be had again"});
    created["required"] = json!(["id", "kind", "scopes", "created_at", "token"]);
    let all = json!({
        "Token": token,
        "CreatedToken": created,
        "TokenPage": plain_envelope("All tokens", json!({"type": "array", "items": schema("Token")})),
        "TokenCreate": {
            "type": "object",
            "properties": {
                "kind": {"type": "string", "enum": ["environment", "account"], "default": "environment"},
                "integrated_account_id": nullable("For an account token"),
                "label": nullable("A name for people"),
                "scopes": scopes,
                "expires_in": seconds("Seconds that it lasts: for ever when not given; an account token an hour, and a day at most"),
            },
            "additionalProperties": false,
        },
        "LinkTokenCreate": {
            "type": "object",
            "properties": {
                "integrations": {"type": "array", "items": {"type": "string"}, "description": "What may be connected; everything when empty"},
                "tenant_id": nullable("Your own name for whose account this will be"),
                "label": nullable("A name for people"),
                "expires_in": seconds("Seconds that it can be used: a day when not given, thirty days at most"),
                "redirect_uri": nullable("Where the browser goes afterwards"),
                "integrated_account_id": nullable("An account to connect anew"),
            },
            "additionalProperties": false,
        },
        "LinkToken": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "link_token": {"type": "string", "description": "For one attempt to connect"},
                "url": {"type": "string", "format": "uri", "description": "The page to send somebody to"},
                "expires_at": time("When it ends"),
            },
            "required": ["id", "link_token", "url", "expires_at"],
        },
        "AuditEntry": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "actor": {"type": "string", "description": "Who did it"},
                "action": {"type": "string", "description": "What was done, such as `account.created`"},
                "target": nullable("What it was done to"),
                "request_id": nullable("The request by which it was done"),
                "details": {"type": "object"},
                "created_at": time("When it was done"),
            },
            "required": ["id", "actor", "action", "created_at"],
        },
        "AuditPage": plain_envelope("A page of the audit log", json!({"type": "array", "items": schema("AuditEntry")})),
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
