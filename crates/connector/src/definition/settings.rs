//! What an operator fills in: settings and the fields of credentials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Map;

/// One thing to fill in.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What the operator sees.
    pub label: String,
    /// Where to find it, in a sentence or two.
    #[serde(default)]
    pub help: Option<String>,
    /// An invented example.
    #[serde(default)]
    pub example: Option<String>,
    /// What it must be; `text` when not given.
    #[serde(default)]
    pub is: FieldKind,
    /// Host patterns that a `host` or `url` may have: `*.okta.com`; `*` for self-hosted products.
    #[serde(default)]
    pub allow: Vec<String>,
    /// For `choice`: what the operator picks → what templates see.
    #[serde(default)]
    pub values: Map<String>,
    /// Used when the operator gives nothing.
    #[serde(default)]
    pub default: Option<Value>,
    /// May be left out.
    #[serde(default)]
    pub optional: bool,
    /// Must never be shown, logged or sent anywhere but to the provider.
    #[serde(default)]
    pub secret: bool,
}

/// What a field must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    #[default]
    Text,
    /// A DNS name, with a port at most.
    Host,
    /// An http(s) URL without query or fragment.
    Url,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of `values`.
    Choice,
}
