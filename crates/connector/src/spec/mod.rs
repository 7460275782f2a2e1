//! A connector held against the vendor's own description of its API: every request, parameter and source path must be in it.
//! Read are extracts: one JSON file per product with its operations, the schema of a record, and where the records are.

mod check;
mod matching;
mod schema;

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::calls::PathShape;
use crate::connector::Connector;
use crate::definition::{Evidence, Source};

pub use check::{Difference, Report, ResourceReport, check};

/// A description.
#[derive(Clone, Debug, Deserialize)]
pub struct Spec {
    pub slug: String,
    #[serde(default)]
    provenance: Vec<Provenance>,
    #[serde(default)]
    servers: Vec<String>,
    pub operations: Vec<Operation>,
}

#[derive(Clone, Debug, Deserialize)]
struct Provenance {
    #[serde(default)]
    authority: String,
}

/// One operation.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
    /// `users.list`.
    pub op: String,
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub params: Vec<Param>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    items_path: Option<String>,
    #[serde(default)]
    pub item_schema: Value,
    /// What tells operations apart that share a path.
    #[serde(default)]
    wire: Option<Value>,
}

/// One parameter.
#[derive(Clone, Debug, Deserialize)]
pub struct Param {
    pub name: String,
    #[serde(default, rename = "in")]
    pub place: String,
}

impl Spec {
    /// Reads a description.
    ///
    /// # Errors
    /// What is not as an extract should be.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|fault| fault.to_string())
    }

    /// Whether the vendor stands behind it.
    #[must_use]
    pub fn is_vendors(&self) -> bool {
        !self.provenance.is_empty()
            && self.provenance.iter().all(|p| p.authority == "vendor" || p.authority == "mirror-of-vendor")
    }

    /// The paths of its servers.
    fn servers(&self) -> Vec<PathShape> {
        let path = |server: &String| match server.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().to_owned(),
            None => server.clone(),
        };
        self.servers.iter().map(|server| PathShape::of_spec(&path(server))).collect()
    }

    /// The values that the description lists for a path of the records of a resource.
    #[must_use]
    pub fn enum_values(&self, resource: &str, path: &str) -> Vec<String> {
        let wanted = format!("{resource}.list");
        let Some(operation) = self.operations.iter().find(|operation| operation.op == wanted) else {
            return Vec::new();
        };
        schema::values(&operation.item_schema, &crate::paths::steps(path))
    }
}

/// The descriptions of a folder that are about a connector: by its id, its aliases, and what its evidence names.
#[must_use]
pub fn of(folder: &Path, connector: &Connector, evidence: Option<&Evidence>) -> Vec<Spec> {
    let definition = connector.definition();
    let mut names: Vec<String> = vec![definition.id.clone(), definition.id.replace('-', "")];
    names.extend(definition.aliases.iter().cloned());
    for source in evidence.into_iter().flat_map(|e| e.resources.iter()).flat_map(|(_, resource)| &resource.sources) {
        if let Source::Spec { reference, .. } = source {
            let file = reference.rsplit('/').next().unwrap_or_default();
            names.push(file.strip_suffix(".json").unwrap_or(file).to_owned());
        }
    }
    let mut seen = Vec::new();
    let mut specs = Vec::new();
    for name in names {
        if !name.is_empty() && !name.contains(['/', '\\']) && !seen.contains(&name) {
            let read = std::fs::read_to_string(folder.join(format!("{name}.json"))).ok();
            specs.extend(read.and_then(|text| Spec::read(&text).ok()));
            seen.push(name);
        }
    }
    specs
}
