//! What is sent and in which form the answer comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Map;

/// One value or several.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// The values in order.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A request's body.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// A JSON document; its texts are templates.
    #[serde(default)]
    pub json: Option<Value>,
    /// `application/x-www-form-urlencoded` members.
    #[serde(default)]
    pub form: Option<Map<Value>>,
    /// Any text, for example XML.
    #[serde(default)]
    pub text: Option<String>,
    /// The `Content-Type` of `text` or `json`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// A GraphQL document.
    #[serde(default)]
    pub graphql: Option<Graphql>,
}

/// A GraphQL request.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Graphql {
    /// The document. Not a template: braces are GraphQL's own.
    pub query: String,
    /// Variables; their texts are templates.
    #[serde(default)]
    pub variables: Map<Value>,
}

/// The form of an answer.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON, whatever the content type says.
    #[default]
    Json,
    /// One JSON document a line.
    Ndjson,
    /// Comma-separated values with a header row.
    Csv,
    /// XML, read as JSON (see the format document).
    Xml(XmlFormat),
}

/// How XML is read: which elements are lists even when there is one.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XmlFormat {
    #[serde(default)]
    pub arrays: Vec<String>,
}

/// Where the records are in an answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Items {
    /// An array at a path; `[]` walks into arrays.
    Path(String),
    /// An object keyed by id.
    ValuesOf(ItemsValues),
    /// Arrays of arrays with their headers.
    Rows(ItemsRows),
    /// One record.
    One(ItemsOne),
}

/// One record: a list that is a single object.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemsOne {
    pub one: String,
}

/// An object keyed by id: each member's value is a record.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemsValues {
    pub values_of: String,
}

/// Rows and their column names.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemsRows {
    pub rows: String,
    pub columns: Columns,
}

/// Where the names of columns are.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Columns {
    /// A path that leads to all names.
    Path(String),
    /// The first row holds them.
    Header(ColumnsHeader),
}

/// The first row holds the names.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsHeader {
    pub header: bool,
}
