//! A connector that passed its checks.

use std::sync::Arc;

use crate::definition::{Auth, Definition, Method, Methods};
use crate::load::Source;

/// A connector, ready to be planned with.
#[derive(Clone, Debug)]
pub struct Connector {
    source: Arc<Source>,
}

/// Which method of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodName {
    List,
    Get,
}

impl MethodName {
    /// `list` or `get`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
        }
    }
}

impl Connector {
    pub(crate) fn new(source: Source) -> Self {
        Self { source: Arc::new(source) }
    }

    /// The connector's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.definition().id
    }

    /// What the file says.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.source.definition
    }

    /// The file with its places.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The methods of a resource.
    #[must_use]
    pub fn methods(&self, resource: &str) -> Option<&Methods> {
        self.definition().resources.get(resource)
    }

    /// A method as written; `None` when the connector does not have it.
    #[must_use]
    pub fn method(&self, resource: &str, name: MethodName) -> Option<&Method> {
        let methods = self.methods(resource)?;
        match name {
            MethodName::List => methods.list.as_ref(),
            MethodName::Get => methods.get.as_ref(),
        }
    }

    /// Every resource with its methods, in the file's order.
    pub fn methods_by_resource(&self) -> impl Iterator<Item = (&str, MethodName, &Method)> {
        self.definition().resources.iter().flat_map(|(resource, methods)| {
            let list = methods.list.as_ref().map(|m| (resource, MethodName::List, m));
            let get = methods.get.as_ref().map(|m| (resource, MethodName::Get, m));
            list.into_iter().chain(get)
        })
    }

    /// An auth entry.
    #[must_use]
    pub fn auth(&self, name: &str) -> Option<&Auth> {
        self.definition().auth.get(name)
    }
}
