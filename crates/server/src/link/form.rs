//! What the page shows of a product: the fields of its form, and the operator's guide.

use rollcall_connector::definition::{Field, FieldKind, Grant};
use rollcall_connector::{Connector, account};
use serde_json::{Map, Value, json};

use crate::accounts::Given;
use crate::link::app::browser;
use crate::link::sign_in;
use crate::state::App;

/// A product in the list.
pub fn product(connector: &Connector) -> Value {
    let definition = connector.definition();
    json!({
        "name": definition.id,
        "label": definition.name,
        "aliases": definition.aliases,
        "category": definition.category,
    })
}

/// What is there already for signing in at the provider.
pub struct Ready {
    /// The kind of credential that it is for.
    pub auth: String,
    /// Settings that come with it.
    pub settings: Given,
    /// Whether the fields of this kind are all filled in, as they are when an account is connected anew.
    pub whole: bool,
}

/// The form of a product.
pub fn form(app: &App, connector: &Connector, ready: Option<&Ready>) -> Value {
    let definition = connector.definition();
    let kinds: Vec<Value> = definition
        .auth
        .keys()
        .filter_map(|name| {
            let auth = definition.auth.get(name)?;
            let in_browser = browser(definition, name).is_some();
            let ready = ready.filter(|ready| in_browser && ready.auth == name);
            let inputs = account::inputs(definition, name);
            let fields: Vec<Value> = inputs
                .iter()
                .filter(|(name, _)| definition.settings.get(name).is_none())
                .filter(|(name, _)| !is_machines(auth.oauth2.as_ref().map(|o| o.grant), in_browser, name))
                .filter(|(name, _)| !ready.is_some_and(|ready| ready.whole || is_client(name)))
                // A client of one's own is needed where the environment has none.
                .map(|(name, field)| input(name, field, in_browser && name == "client_id"))
                .collect();
            let sign_in = in_browser.then(|| {
                json!({
                    "ready": ready.is_some(),
                    "redirect_uri": ready.is_none().then(|| sign_in::redirect_uri(app)),
                    "settings": ready.map(|ready| ready.settings.clone()).unwrap_or_default(),
                })
            });
            Some(json!({
                "name": name,
                "label": auth.label.clone().unwrap_or_else(|| name.replace('_', " ")),
                "docs": auth.docs,
                "permissions": auth.permissions,
                "fields": fields,
                "sign_in": sign_in,
            }))
        })
        .collect();
    let mut shown = product(connector);
    shown["docs"] = json!(definition.docs);
    shown["settings"] = definition.settings.iter().map(|(name, field)| input(name, field, false)).collect();
    shown["credentials"] = Value::Array(kinds);
    let readme = app.catalog.file(connector.id(), "README.md").unwrap_or_default();
    let guide: Map<String, Value> = [("steps", "Credential, step by step"), ("permissions", "Least permissions")]
        .into_iter()
        .filter_map(|(name, heading)| Some((name.to_owned(), Value::from(section(&readme, heading)?))))
        .collect();
    shown["guide"] = Value::Object(guide);
    shown
}

/// Tokens that a machine obtains: nobody types them where there is another way.
fn is_machines(grant: Option<Grant>, in_browser: bool, name: &str) -> bool {
    let obtained = in_browser || grant.is_some_and(|grant| grant != Grant::AuthorizationCode);
    obtained && matches!(name, "access_token" | "refresh_token")
}

fn is_client(name: &str) -> bool {
    matches!(name, "client_id" | "client_secret")
}

fn input(name: &str, field: &Field, needed: bool) -> Value {
    let kind = match field.is {
        FieldKind::Boolean => "boolean",
        FieldKind::Choice => "choice",
        FieldKind::Integer => "integer",
        FieldKind::Url => "url",
        FieldKind::Text | FieldKind::Host => "text",
    };
    json!({
        "name": name,
        "label": field.label,
        "help": field.help,
        "example": field.example,
        "kind": kind,
        "choices": field.values.keys().collect::<Vec<_>>(),
        "secret": field.secret,
        "required": needed || (!field.optional && field.default.is_none()),
        "default": field.default,
    })
}

/// The text under a heading of the operator's guide.
fn section(readme: &str, heading: &str) -> Option<String> {
    let (_, rest) = readme.split_once(&format!("\n## {heading}\n"))?;
    let text = rest.split("\n## ").next().unwrap_or_default().trim();
    (!text.is_empty()).then(|| text.to_owned())
}
