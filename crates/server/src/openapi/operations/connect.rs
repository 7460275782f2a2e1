//! Connecting an account by a link, signing in at the provider, and the OAuth apps for that.

use serde_json::{Map, Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::parameters::{path, query};

const APP: &str = "/integration/{slug}/app";

/// What the page asks for, the page, and OAuth apps.
pub fn operations() -> Vec<Operation> {
    let slug = || path("slug", "The connector's slug, or another name of it");
    let html = || json!({"text/html": {"schema": {"type": "string"}}});
    vec![
        Operation::new("get", "/link", "get_link", Access::Link)
            .tag("links")
            .summary("What the link is for")
            .description("A link that was used, revoked or has expired answers 401 with `details.reason`")
            .json(200, "What may be connected with it", schema("Link"))
            .errors(&[404, 500]),
        Operation::new("get", "/link/integration/{slug}", "get_link_integration", Access::Link)
            .tag("links")
            .summary("The form of a product, and its guide")
            .parameters(vec![slug()])
            .json(200, "What there is to fill in", schema("LinkForm"))
            .errors(&[404, 500]),
        Operation::new("post", "/link/integrated-account", "create_link_integrated_account", Access::Link)
            .tag("links")
            .summary("Connect the account of the link")
            .description("What was filled in is tried by a real call first. Of several tries one connects the account; the others answer 409. Where somebody has to sign in at the provider, nothing is saved yet: the answer says where")
            .body("LinkFilled", true, json!({"integration": "acme-directory", "settings": {"domain": "acme.example.com"}, "credential": {"token": "…"}}))
            .json(200, "Where somebody signs in, within ten minutes", schema("LinkSignIn"))
            .json(201, "The account", schema("LinkConnected"))
            .errors(&[400, 404, 409, 413, 422, 500, 502, 504])
            .provider_errors(),
        Operation::new("get", "/connect", "get_connect", Access::Anyone)
            .tag("links")
            .summary("The page that a link leads to")
            .answer(200, "The page; the link token stays in the browser", &[], html()),
        Operation::new("get", "/connect/files/{name}", "get_connect_file", Access::Anyone)
            .tag("links")
            .summary("The style and the scripts of that page")
            .parameters(vec![path("name", "The file's name")])
            .answer(200, "The file", &[], json!({
                "text/css": {"schema": {"type": "string"}},
                "text/javascript": {"schema": {"type": "string"}},
            }))
            .errors(&[404]),
        Operation::new("get", "/connect/callback", "get_connect_callback", Access::Anyone)
            .tag("links")
            .summary("Where providers send browsers back to")
            .description("The redirect address to register with an OAuth app. Errors are pages for people")
            .parameters(
                [("code", "The provider's code"), ("state", "What the sign-in began with; taken once"),
                 ("error", "Why there is no code"), ("error_description", "The provider's words for it")]
                    .map(|(name, words)| query(name, words, json!({"type": "string"})))
                    .into(),
            )
            .answer(200, "The account is connected", &[], html())
            .answer(303, "The account is connected: on to the `redirect_uri`, with `integrated_account_id`", &[], Value::Null)
            .answer(400, "The sign-in is not known, or there is no code", &[], html())
            .answer(401, "The provider refused the code", &[], html())
            .answer(403, "Access was not allowed at the provider", &[], html())
            .answer(409, "The link was used meanwhile", &[], html())
            .answer(502, "The provider gave no clean answer", &[], html()),
        Operation::new("put", APP, "put_integration_app", Access::Scope("accounts:write"))
            .tag("catalogue")
            .summary("Set the OAuth app with which people sign in")
            .description("Accounts without a client of their own use it, also those that there are. The secret is sealed, and no answer ever shows it. Settings that decide which host it is sent to must come with it")
            .parameters(vec![slug()])
            .body("OAuthAppPut", true, json!({"client_id": "…", "client_secret": "…", "settings": {"domain": "acme.example.com"}}))
            .json(200, "The app", schema("OAuthApp"))
            .errors(&[400, 404, 413, 500]),
        Operation::new("get", APP, "get_integration_app", Access::EnvironmentScope("accounts:read"))
            .tag("catalogue")
            .summary("Get the OAuth app, without its secret")
            .parameters(vec![slug()])
            .json(200, "The app", schema("OAuthApp"))
            .errors(&[404, 500]),
        Operation::new("delete", APP, "delete_integration_app", Access::Scope("accounts:write"))
            .tag("catalogue")
            .summary("Remove the OAuth app")
            .description("Accounts that use it can renew no token any more")
            .parameters(vec![slug()])
            .answer(204, "It is gone", &[], Value::Null)
            .errors(&[404, 500]),
    ]
}

/// Schemas of these bodies and answers.
pub fn schemas() -> Map<String, Value> {
    let nullable = |words: &str| json!({"type": ["string", "null"], "description": words});
    let texts =
        |words: &str| json!({"type": "object", "additionalProperties": {"type": "string"}, "description": words});
    let values = |words: &str| json!({"type": "object", "additionalProperties": true, "description": words});
    let time = json!({"type": "string", "format": "date-time"});
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let product = json!({
        "name": {"type": "string", "description": "The slug"},
        "label": {"type": "string", "description": "The product's name as people write it"},
        "aliases": strings,
        "category": {"type": "string"},
    });
    let mut form = product.clone();
    form["docs"] = json!({"type": "string", "format": "uri"});
    form["settings"] = json!({"type": "array", "items": schema("LinkInput")});
    form["credentials"] = json!({"type": "array", "items": schema("LinkCredential")});
    form["guide"] = json!({
        "type": "object",
        "description": "Parts of the connector's guide, as Markdown",
        "properties": {"steps": {"type": "string"}, "permissions": {"type": "string"}},
    });
    let all = json!({
        "Link": {
            "type": "object",
            "properties": {
                "integrations": {"type": "array", "items": {"type": "object", "properties": product, "required": ["name", "label", "aliases", "category"]}},
                "connects_anew": {
                    "type": ["object", "null"],
                    "description": "The account that gets a new credential",
                    "properties": {
                        "integrated_account_id": {"type": "string"},
                        "integration": {"type": "string"},
                        "label": nullable("A name for people"),
                        "auth": {"type": "string"},
                        "settings": texts("They stay as they are"),
                    },
                    "required": ["integrated_account_id", "integration", "auth", "settings"],
                },
                "returns_to": nullable("The host that the browser goes to afterwards"),
                "expires_at": {"type": ["string", "null"], "format": "date-time"},
            },
            "required": ["integrations"],
        },
        "LinkForm": {
            "type": "object",
            "properties": form,
            "required": ["name", "label", "settings", "credentials", "guide"],
        },
        "LinkInput": {
            "type": "object",
            "description": "Something to fill in",
            "properties": {
                "name": {"type": "string"},
                "label": {"type": "string"},
                "help": nullable("Where to find it"),
                "example": nullable("An invented one"),
                "kind": {"type": "string", "enum": ["text", "url", "integer", "boolean", "choice"]},
                "choices": strings,
                "secret": {"type": "boolean"},
                "required": {"type": "boolean"},
                "default": {},
            },
            "required": ["name", "label", "kind", "choices", "secret", "required"],
        },
        "LinkCredential": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "label": {"type": "string"},
                "docs": nullable("The provider's documentation"),
                "permissions": strings,
                "fields": {"type": "array", "items": schema("LinkInput")},
                "sign_in": {
                    "type": ["object", "null"],
                    "description": "Somebody signs in at the provider",
                    "properties": {
                        "ready": {"type": "boolean", "description": "Whether there is an OAuth app already"},
                        "redirect_uri": nullable("The address to register with an OAuth app of one's own"),
                        "settings": texts("Settings that come with the OAuth app"),
                    },
                    "required": ["ready", "settings"],
                },
            },
            "required": ["name", "label", "permissions", "fields"],
        },
        "LinkFilled": {
            "type": "object",
            "properties": {
                "integration": {"type": "string", "description": "The connector's slug"},
                "auth": nullable("The kind of credential; the one that the values fit when not given"),
                "settings": values("What the connector asks for, beside the credential"),
                "credential": values("The fields of the credential; kept sealed, never shown"),
            },
            "required": ["integration"],
            "additionalProperties": false,
        },
        "LinkSignIn": {
            "type": "object",
            "properties": {"authorize_url": {"type": "string", "format": "uri", "description": "Where the browser is sent"}},
            "required": ["authorize_url"],
        },
        "LinkConnected": {
            "type": "object",
            "properties": {
                "integrated_account_id": {"type": "string"},
                "redirect_to": nullable("Where the browser goes"),
                "validation": schema("Validation"),
            },
            "required": ["integrated_account_id", "validation"],
        },
        "OAuthApp": {
            "type": "object",
            "description": "How the environment is known to a provider, without the secret",
            "properties": {
                "integration": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
                "auth": {"type": "string", "description": "The kind of credential"},
                "client_id": {"type": "string"},
                "has_client_secret": {"type": "boolean"},
                "settings": texts("Settings that all accounts with it have"),
                "base_url": nullable("Replaces scheme, host and port of every call"),
                "redirect_uri": {"type": "string", "format": "uri", "description": "The address to register at the provider"},
                "created_at": time,
                "updated_at": time,
            },
            "required": ["integration", "auth", "client_id", "has_client_secret", "settings", "redirect_uri", "created_at", "updated_at"],
        },
        "OAuthAppPut": {
            "type": "object",
            "properties": {
                "auth": nullable("The kind of credential; may be left out when there is one"),
                "client_id": {"type": "string"},
                "client_secret": nullable("None for a public client"),
                "settings": values("Settings that all accounts with it have"),
                "base_url": nullable("Replaces scheme, host and port of every call"),
            },
            "required": ["client_id"],
            "additionalProperties": false,
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
