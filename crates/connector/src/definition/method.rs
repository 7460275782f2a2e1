//! One method of a resource: the request, its paging and passes, what it unites and what it can filter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Body, Format, Items, Map, Page};

/// A method: list or get.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Path (under the base) or URL of a GET.
    #[serde(default)]
    pub get: Option<String>,
    /// Path or URL of a POST that only reads.
    #[serde(default)]
    pub post: Option<String>,
    /// `get` without an endpoint: the list is walked for the id.
    #[serde(default)]
    pub find_in_list: bool,
    /// The provider's page about this call.
    #[serde(default)]
    pub docs: Option<String>,
    /// Auth entries that may be used; all when empty.
    #[serde(default)]
    pub auth: Vec<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub items: Option<Items>,
    /// The provider drops the array when it is empty.
    #[serde(default)]
    pub items_optional: bool,
    #[serde(default)]
    pub page: Option<Page>,
    #[serde(default)]
    pub passes: Vec<Pass>,
    #[serde(default)]
    pub each: Option<Each>,
    #[serde(default)]
    pub filter: Map<Filter>,
    /// How several filters share one parameter.
    #[serde(default)]
    pub filter_join: Option<String>,
    #[serde(default)]
    pub sort: Option<Sort>,
    #[serde(default)]
    pub parameters: Map<Parameter>,
    #[serde(default)]
    pub enrich: Map<Enrich>,
    #[serde(default)]
    pub tables: Map<TableInPage>,
    /// Least permissions, as the provider names them.
    #[serde(default)]
    pub permissions: Vec<String>,
    #[serde(default)]
    pub empty: EmptyMeans,
    /// The provider's documented ceiling: reaching it makes the answer partial.
    #[serde(default)]
    pub cap: Option<u64>,
    /// Another method by a parameter.
    #[serde(default)]
    pub choose: Option<Choose>,
}

/// What an empty list means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyMeans {
    /// There are none.
    #[default]
    Ok,
    /// The credential may not read them: reported so.
    Permission,
}

/// One walk of the endpoint.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub items: Option<Items>,
    #[serde(default)]
    pub page: Option<Page>,
    /// Unified statuses that can come from this pass; any when empty.
    #[serde(default)]
    pub status: Vec<String>,
    /// Values for `$pass.<name>`.
    #[serde(default)]
    pub set: serde_json::Map<String, Value>,
    /// A permission fault leaves the pass out and makes the answer partial.
    #[serde(default)]
    pub optional: bool,
    /// Runs only when this renders to `true`.
    #[serde(default)]
    pub when: Option<String>,
}

/// A call per parent.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// The name of a parent in templates and mappings.
    #[serde(rename = "as")]
    pub name: String,
    #[serde(default)]
    pub from: Option<ParentList>,
    /// A fixed list of parents' ids instead of `from`.
    #[serde(default)]
    pub values: Vec<Value>,
    /// When this renders, only the parent with this id is walked.
    #[serde(default)]
    pub given: Option<String>,
    /// List fields that are joined when one person has several parents.
    #[serde(default)]
    pub unite: Vec<String>,
}

/// Where parents come from.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParentList {
    /// That resource's own list.
    #[serde(default)]
    pub resource: Option<String>,
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub items: Option<Items>,
    #[serde(default)]
    pub items_optional: bool,
    #[serde(default)]
    pub page: Option<Page>,
    /// Members of a parent: name → path. `id` is needed.
    #[serde(default)]
    pub keep: Map<String>,
    /// Conditions a parent must meet.
    #[serde(default, rename = "where")]
    pub where_: Option<Value>,
}

/// A table that is fetched once per listing, or a constant one.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub docs: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub items: Option<Items>,
    #[serde(default)]
    pub items_optional: bool,
    #[serde(default)]
    pub page: Option<Page>,
    #[serde(default)]
    pub each: Option<Each>,
    /// Path of the key in an item.
    #[serde(default)]
    pub key: Option<String>,
    /// Conditions an item must meet.
    #[serde(default, rename = "where")]
    pub where_: Option<Value>,
    /// Kept members: name → path.
    #[serde(default)]
    pub keep: Map<String>,
    /// Several items per key.
    #[serde(default)]
    pub many: bool,
    /// A permission fault leaves the fields that need it out.
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub permissions: Vec<String>,
    /// A constant table: key → members.
    #[serde(default)]
    pub table: Option<KeepTable>,
}

/// Key → kept members.
pub type KeepTable = serde_json::Map<String, Value>;

/// A table made of the page itself.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableInPage {
    pub items: String,
    pub key: String,
    #[serde(default, rename = "where")]
    pub where_: Option<Value>,
    pub keep: Map<String>,
}

/// A second call per record.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrich {
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub docs: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub format: Format,
    /// What of the answer is `$<name>`; the root when not given.
    #[serde(default)]
    pub items: Option<String>,
    /// All items, as an array.
    #[serde(default)]
    pub many: bool,
    #[serde(default)]
    pub page: Option<Page>,
    /// A fault of this call is a fault of the list.
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Runs only when this renders to `true`.
    #[serde(default)]
    pub when: Option<String>,
    /// One call for many records.
    #[serde(default)]
    pub batch: Option<Batch>,
}

/// One call for many records.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub size: u32,
    /// The parameter that takes the ids, joined by commas.
    pub param: String,
    /// Path of the id in an item of the answer.
    pub key: String,
}

/// A filter that the provider can apply.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    #[serde(default)]
    pub param: Option<String>,
    #[serde(default)]
    pub template: Option<String>,
    /// Unified value → provider's value.
    #[serde(default)]
    pub values: Map<Value>,
    #[serde(default)]
    pub gt: Option<FilterTarget>,
    #[serde(default)]
    pub gte: Option<FilterTarget>,
    #[serde(default)]
    pub lt: Option<FilterTarget>,
    #[serde(default)]
    pub lte: Option<FilterTarget>,
}

/// Where one operator of a filter goes.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterTarget {
    pub param: String,
    #[serde(default)]
    pub template: Option<String>,
}

/// Sorting by the provider.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    pub param: String,
    /// Unified field → provider's field.
    pub fields: Map<String>,
    #[serde(default)]
    pub asc: Option<String>,
    #[serde(default)]
    pub desc: Option<String>,
    /// A second parameter for the direction, with its two values.
    #[serde(default)]
    pub direction: Option<Direction>,
}

/// A parameter for the direction.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Direction {
    pub param: String,
    pub asc: String,
    pub desc: String,
}

/// A unified query parameter that the provider needs or understands.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    #[serde(default)]
    pub required: bool,
    /// Needed unless one of these is given.
    #[serde(default)]
    pub required_unless: Vec<String>,
    #[serde(default)]
    pub help: Option<String>,
    /// The values it may have, where they are few.
    #[serde(default)]
    pub values: Vec<String>,
    #[serde(default)]
    pub default: Option<Value>,
}

/// A method chosen by a parameter.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    pub parameter: String,
    pub of: Map<Method>,
    /// The value when the parameter is not given.
    #[serde(default)]
    pub default: Option<String>,
}
