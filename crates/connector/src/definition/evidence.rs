//! `evidence.yaml`: where the facts of a connector come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Map;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// By resource.
    pub resources: Map<ResourceEvidence>,
    /// Where the connector differs from the vendor's description on purpose.
    #[serde(default)]
    pub deviations: Vec<Deviation>,
    #[serde(default)]
    pub notes: Option<String>,
}

/// The evidence of one resource.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceEvidence {
    pub sources: Vec<Source>,
    #[serde(default)]
    pub notes: Option<String>,
}

/// One source.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// The vendor's machine-readable description.
    Spec {
        #[serde(rename = "ref")]
        reference: String,
        #[serde(default)]
        operation: Option<Value>,
        on: String,
        #[serde(default)]
        notes: Option<String>,
    },
    /// Recorded exchanges.
    Recording {
        #[serde(rename = "ref")]
        reference: String,
        #[serde(default)]
        from: Option<Value>,
        on: String,
        #[serde(default)]
        notes: Option<String>,
    },
    /// The vendor's documentation.
    Documentation {
        url: String,
        on: String,
        #[serde(default)]
        notes: Option<String>,
    },
    /// Another project's code, read for facts.
    Code {
        repo: String,
        path: Value,
        on: String,
        #[serde(default)]
        notes: Option<String>,
    },
    /// A run against the real product.
    Live {
        product: String,
        on: String,
        #[serde(default)]
        notes: Option<String>,
    },
}

/// A difference on purpose.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    pub what: String,
    pub why: String,
    /// The source paths or parameters that the vendor's description lacks.
    #[serde(default)]
    pub paths: Vec<String>,
}
