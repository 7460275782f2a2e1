//! How a provider is called, and what its errors mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Map, OneOrMany};

/// How to call the provider.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// What paths are appended to.
    pub base: String,
    /// Further hosts that may be called.
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub headers: Map<String>,
    /// Values found by a call, once per account.
    #[serde(default)]
    pub discover: Map<Discover>,
    #[serde(default)]
    pub rate: Option<Rate>,
    #[serde(default)]
    pub requests_per_second: Option<f64>,
    /// Calls under way at once.
    #[serde(default)]
    pub concurrency: Option<u32>,
    #[serde(default)]
    pub timeout_seconds: Option<u32>,
    #[serde(default)]
    pub errors: Errors,
}

/// A value found by a call.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Discover {
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    /// Path of the value in the answer.
    pub find: String,
    /// Auth entries that need it; all when empty.
    #[serde(default)]
    pub auth: Vec<String>,
}

/// Headers in which the provider tells its rate limit.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    #[serde(default)]
    pub limit: Option<String>,
    #[serde(default)]
    pub remaining: Option<String>,
    #[serde(default)]
    pub reset: Option<Reset>,
}

/// When the limit is lifted.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    pub header: String,
    pub unit: ResetUnit,
}

/// The unit of a reset header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetUnit {
    /// From now.
    Seconds,
    EpochSeconds,
    EpochMs,
    HttpDate,
    Iso8601,
}

/// What the provider's errors look like and mean.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Paths of the message; the first that is present.
    #[serde(default)]
    pub message: Option<OneOrMany>,
    /// Paths of the code; the first that is present.
    #[serde(default)]
    pub code: Option<OneOrMany>,
    /// Conditions under which a 2xx answer is an error.
    #[serde(default)]
    pub failed_when: Option<Value>,
    /// Code → kind.
    #[serde(default)]
    pub codes: Map<FaultKind>,
    /// The first that fits wins.
    #[serde(default)]
    pub rules: Vec<ErrorRule>,
}

/// One rule; every condition that is given must hold.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    #[serde(default)]
    pub status: Option<u16>,
    #[serde(default)]
    pub code: Option<String>,
    /// A text in the body, letter case ignored.
    #[serde(default)]
    pub body_contains: Option<String>,
    /// Headers with their values.
    #[serde(default)]
    pub header: Map<String>,
    pub kind: FaultKind,
    /// How long to wait before a retry when the provider does not say.
    #[serde(default)]
    pub wait_seconds: Option<u32>,
}

/// What went wrong, and so who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The credential is refused: the operator renews it.
    Credential,
    /// Scope, plan or feature is missing: the operator grants it.
    Permission,
    /// Too many calls: wait.
    Throttled,
    /// It is not there (any more).
    Gone,
    /// The provider refuses our request: a wrong parameter or setting.
    BadRequest,
    /// The provider fails or cannot be reached: try later.
    ProviderDown,
    /// The answer is not what the connector describes.
    UnexpectedShape,
    /// One of our own limits: size, depth, pages, time.
    LimitReached,
}
