//! How pages chain, and when the last one was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Map;

/// The kind of paging; one member.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// One answer holds all.
    None(PageOnly),
    /// The `Link` header (RFC 8288).
    Link(PageLink),
    /// The next URL stands in the answer.
    NextUrl(PageNextUrl),
    /// A cursor in the answer goes into the next request.
    Cursor(PageCursor),
    /// A page number.
    Page(PageNumber),
    /// An offset.
    Offset(PageOffset),
    /// SCIM 2.0 `startIndex` and `count` (RFC 7644 section 3.4.2.4).
    Scim(PageOnly),
    /// `Range` and `Next-Range` headers.
    Range(PageOnly),
    /// An object in the answer is merged into the next query.
    Continue(PageContinue),
    /// The last record's value asks for what follows.
    Last(PageLast),
}

/// Where something is put into a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Query,
    /// A member of the JSON body, by a dotted name.
    Json,
    Form,
    Header,
    /// A GraphQL variable.
    Variable,
    /// A template name in the path: `{cursor}`.
    Path,
}

/// The page size that is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// The parameter's name.
    pub param: String,
    /// The provider's documented maximum: what is asked for.
    pub max: u32,
    /// Where it goes.
    #[serde(default, rename = "in")]
    pub place: Place,
}

/// A place in the answer: a path in the body, or a header.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum At {
    Path(String),
    Header(AtHeader),
}

/// A response header.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtHeader {
    pub header: String,
}

/// Only the page size.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageOnly {
    #[serde(default)]
    pub size: Option<Size>,
}

/// `Link: <…>; rel="next"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageLink {
    /// The relation that leads on.
    #[serde(default = "rel_next")]
    pub rel: String,
    /// Attributes of the link that must have these values for it to lead on.
    #[serde(default, rename = "while")]
    pub while_: Map<String>,
    #[serde(default)]
    pub size: Option<Size>,
}

fn rel_next() -> String {
    "next".to_owned()
}

/// A URL in the answer, absolute or relative.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageNextUrl {
    pub at: At,
    /// The walk goes on only while this is true.
    #[serde(default)]
    pub more: Option<At>,
    #[serde(default)]
    pub size: Option<Size>,
}

/// A cursor.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageCursor {
    pub at: At,
    pub param: String,
    #[serde(default, rename = "in")]
    pub place: Place,
    /// The walk goes on only while this is true.
    #[serde(default)]
    pub more: Option<At>,
    #[serde(default)]
    pub size: Option<Size>,
}

/// A page number.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageNumber {
    pub param: String,
    #[serde(default, rename = "in")]
    pub place: Place,
    #[serde(default = "one")]
    pub start: u32,
    /// The number of pages.
    #[serde(default)]
    pub last: Option<At>,
    /// The number of records.
    #[serde(default)]
    pub total: Option<At>,
    /// Whether there is more.
    #[serde(default)]
    pub more: Option<At>,
    #[serde(default)]
    pub until: Option<Until>,
    #[serde(default)]
    pub size: Option<Size>,
}

fn one() -> u32 {
    1
}

/// An offset.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageOffset {
    pub param: String,
    #[serde(default, rename = "in")]
    pub place: Place,
    #[serde(default)]
    pub start: u32,
    /// What the offset grows by.
    #[serde(default)]
    pub step: Step,
    #[serde(default)]
    pub total: Option<At>,
    #[serde(default)]
    pub more: Option<At>,
    #[serde(default)]
    pub until: Option<Until>,
    #[serde(default)]
    pub size: Option<Size>,
}

/// What an offset grows by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The number of records received.
    #[default]
    Received,
    /// The page size asked for.
    Size,
}

/// The stop rule when the provider says neither how many there are nor whether there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Walk to an empty page.
    Empty,
    /// A page shorter than asked for is the last: only where the provider documents it.
    Short,
}

/// An object whose members go into the next query.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageContinue {
    pub at: String,
    #[serde(default)]
    pub size: Option<Size>,
}

/// Paging by the last record.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageLast {
    pub param: String,
    #[serde(default, rename = "in")]
    pub place: Place,
    /// Path in the record.
    pub of: String,
    #[serde(default)]
    pub until: Option<Until>,
    #[serde(default)]
    pub more: Option<At>,
    #[serde(default)]
    pub size: Option<Size>,
    /// The value of the first request, where one is needed.
    #[serde(default)]
    pub first: Option<Value>,
}
