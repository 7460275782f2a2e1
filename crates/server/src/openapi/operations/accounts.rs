//! Integrated accounts.

use rollcall_store::AccountStatus;
use serde_json::{Map, Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::page::plain_envelope;
use crate::openapi::parameters::{path, query};

const ACCOUNTS: &str = "/integrated-account";
const ACCOUNT: &str = "/integrated-account/{id}";

/// Connect, look at, change, remove.
pub fn operations() -> Vec<Operation> {
    let (read, write) = (Access::Scope("accounts:read"), Access::Scope("accounts:write"));
    let id = || path("id", "The account's id");
    vec![
        Operation::new("get", ACCOUNTS, "list_integrated_account", read)
            .tag("accounts")
            .summary("List the accounts of the environment")
            .description("An account token sees its own")
            .parameters(filters())
            .json(200, "A page of accounts", schema("IntegratedAccountPage"))
            .errors(&[400, 500]),
        Operation::new("post", ACCOUNTS, "create_integrated_account", write)
            .tag("accounts")
            .summary("Connect an account")
            .description("What was filled in is tried by a real call before it is saved, unless `validate` is `false`. The credential is sealed, and no answer ever shows it. With a kind of credential that is given by signing in at the provider, and without tokens, the account waits as `connecting`, and `authorize_url` says where a browser is sent")
            .body("IntegratedAccountCreate", true, json!({
                "integration": "acme-directory",
                "settings": {"domain": "acme.example.com"},
                "credential": {"token": "…"},
                "label": "Acme, production",
                "tenant_id": "customer-42",
            }))
            .json(201, "The account", schema("ConnectedAccount"))
            .errors(&[400, 404, 413, 422, 500, 502, 504])
            .provider_errors(),
        Operation::new("get", ACCOUNT, "get_integrated_account", read)
            .tag("accounts")
            .summary("Get one account")
            .parameters(vec![id()])
            .json(200, "The account", schema("IntegratedAccount"))
            .errors(&[404, 500]),
        Operation::new("patch", ACCOUNT, "update_integrated_account", write)
            .tag("accounts")
            .summary("Change an account, or give it a new credential")
            .description("What is not given stays; `null` clears `base_url`, `label` and `tenant_id`. Settings and the credential are merged with those that there are, and tried as when connecting")
            .parameters(vec![id()])
            .body("IntegratedAccountChange", true, json!({"credential": {"token": "…"}}))
            .json(200, "The account", schema("ConnectedAccount"))
            .errors(&[400, 404, 413, 422, 500, 502, 504])
            .provider_errors(),
        Operation::new("delete", ACCOUNT, "delete_integrated_account", write)
            .tag("accounts")
            .summary("Remove an account with its credential and tokens")
            .parameters(vec![id()])
            .answer(204, "It is gone", &[], Value::Null)
            .errors(&[404, 500]),
    ]
}

fn filters() -> Vec<Value> {
    let text = || json!({"type": "string"});
    vec![
        query("integration", "Only accounts of this connector", text()),
        query("tenant_id", "Only accounts of this tenant of yours", text()),
        query("status", "Only accounts in this state", statuses()),
        json!({"$ref": "#/components/parameters/limit"}),
        json!({"$ref": "#/components/parameters/next_cursor"}),
    ]
}

fn statuses() -> Value {
    let all = [AccountStatus::Connecting, AccountStatus::Active, AccountStatus::NeedsReauth];
    let words = all.map(AccountStatus::word);
    json!({"type": "string", "enum": words})
}

/// Schemas of accounts.
pub fn schemas() -> Map<String, Value> {
    let nullable = |words: &str| json!({"type": ["string", "null"], "description": words});
    let values = |words: &str| json!({"type": "object", "additionalProperties": true, "description": words});
    let label = "A name for people";
    let tenant = "Your own name for whose account this is";
    let base = "Replaces scheme, host and port of every call";
    let validate = json!({"type": "boolean", "default": true, "description": "Whether a real call must succeed first"});
    let account = json!({
        "type": "object",
        "description": "One connection to one product, without its credential",
        "properties": {
            "id": {"type": "string"},
            "integration": {"type": "object", "properties": {"name": {"type": "string", "description": "The connector's slug"}}, "required": ["name"]},
            "label": nullable(label),
            "tenant_id": nullable(tenant),
            "auth": {"type": "string", "description": "The kind of credential"},
            "settings": {"type": "object", "additionalProperties": {"type": "string"}},
            "base_url": nullable(base),
            "status": statuses(),
            "last_error": {"anyOf": [schema("AccountError"), {"type": "null"}]},
            "created_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
        },
        "required": ["id", "integration", "auth", "settings", "status", "created_at", "updated_at"],
    });
    let mut connected = account.clone();
    connected["properties"]["validation"] = schema("Validation");
    connected["properties"]["authorize_url"] = json!({"type": "string", "format": "uri", "description": "For an account that waits as `connecting`: where somebody signs in at the provider, within ten minutes"});
    connected["description"] = Value::from("An account, and the call by which it was tried");
    let all = json!({
        "IntegratedAccount": account,
        "ConnectedAccount": connected,
        "IntegratedAccountPage": plain_envelope("A page of accounts", json!({"type": "array", "items": schema("IntegratedAccount")})),
        "AccountError": {
            "type": "object",
            "description": "Why the provider refused the credential the last time",
            "properties": {
                "kind": {"type": "string"},
                "message": {"type": "string"},
                "provider_said": nullable("The provider's words"),
                "code": nullable("The provider's own code"),
                "hint": nullable("What to do"),
            },
            "required": ["kind", "message"],
        },
        "Validation": {
            "type": "object",
            "properties": {
                "validated": {"type": "boolean"},
                "call": nullable("The call that succeeded"),
                "note": nullable("Why there was none"),
            },
            "required": ["validated"],
        },
        "IntegratedAccountCreate": {
            "type": "object",
            "properties": {
                "integration": {"type": "string", "description": "The connector's slug; `GET /integration` lists all"},
                "auth": {"type": ["string", "null"], "description": "The kind of credential; the one that the values fit when not given"},
                "settings": values("What the connector asks for, beside the credential"),
                "credential": values("The fields of the credential; kept sealed, never shown"),
                "base_url": nullable(base),
                "label": nullable(label),
                "tenant_id": nullable(tenant),
                "validate": validate,
                "redirect_uri": nullable("Where the browser goes after somebody has signed in at the provider, with `integrated_account_id`"),
            },
            "required": ["integration"],
            "additionalProperties": false,
        },
        "IntegratedAccountChange": {
            "type": "object",
            "properties": {
                "auth": {"type": ["string", "null"], "description": "Another kind of credential"},
                "settings": values("Settings to change"),
                "credential": values("The new credential"),
                "base_url": nullable(base),
                "label": nullable(label),
                "tenant_id": nullable(tenant),
                "validate": validate,
            },
            "additionalProperties": false,
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
