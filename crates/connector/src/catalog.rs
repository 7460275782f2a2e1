//! Where connectors come from: those embedded in the binary, and a folder that adds or replaces some.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::connector::Connector;
use crate::finding::nearest;
use crate::{Finding, check, load};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// All connectors; each is read and checked when it is first asked for.
#[derive(Debug, Default)]
pub struct Catalog {
    folder: Option<PathBuf>,
    embedded: bool,
    loaded: Mutex<BTreeMap<String, Arc<Connector>>>,
}

/// A connector that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// No such name.
    #[error("there is no connector `{name}`")]
    Unknown {
        name: String,
        /// Names that are near.
        near: Vec<String>,
    },
    /// The files have mistakes.
    #[error("connector `{id}` has {} mistake(s)", findings.len())]
    Broken { id: String, findings: Vec<Finding> },
}

impl Catalog {
    /// The connectors in the binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self { embedded: true, ..Self::default() }
    }

    /// The connectors in the binary, and those of a folder over them.
    #[must_use]
    pub fn with_folder(folder: PathBuf) -> Self {
        Self { embedded: true, folder: Some(folder), ..Self::default() }
    }

    /// Only the connectors of a folder.
    #[must_use]
    pub fn of_folder(folder: PathBuf) -> Self {
        Self { embedded: false, folder: Some(folder), ..Self::default() }
    }

    /// All ids, sorted.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let mut ids = BTreeSet::new();
        if self.embedded {
            ids.extend(
                embedded::FILES.iter().filter_map(|(name, _)| name.strip_suffix("/connector.yaml")).map(str::to_owned),
            );
        }
        for entry in self.folder.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten() {
            if entry.path().join("connector.yaml").is_file() {
                ids.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        ids.into_iter().collect()
    }

    /// A file of a connector, by its path below the connector's folder.
    #[must_use]
    pub fn file(&self, id: &str, path: &str) -> Option<Cow<'static, str>> {
        if let Some(folder) = &self.folder
            && folder.join(id).join("connector.yaml").is_file()
        {
            return std::fs::read_to_string(folder.join(id).join(path)).ok().map(Cow::Owned);
        }
        let name = format!("{id}/{path}");
        let index =
            embedded::FILES.binary_search_by(|(known, _)| (*known).cmp(&name)).ok().filter(|_| self.embedded)?;
        embedded::FILES.get(index).map(|(_, text)| Cow::Borrowed(*text))
    }

    /// Paths of a connector's files below its folder, sorted.
    #[must_use]
    pub fn files(&self, id: &str) -> Vec<String> {
        if let Some(folder) = &self.folder
            && folder.join(id).join("connector.yaml").is_file()
        {
            let root = folder.join(id);
            let mut files = Vec::new();
            let mut folders = vec![root.clone()];
            while let Some(next) = folders.pop() {
                for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
                    let path = entry.path();
                    if path.is_dir() {
                        folders.push(path);
                    } else if let Ok(relative) = path.strip_prefix(&root) {
                        files.push(relative.to_string_lossy().replace('\\', "/"));
                    }
                }
            }
            files.sort();
            return files;
        }
        let prefix = format!("{id}/");
        embedded::FILES
            .iter()
            .filter(|_| self.embedded)
            .filter_map(|(name, _)| name.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect()
    }

    /// A file beside the connectors: `proofs.json`, `exceptions.txt`.
    #[must_use]
    pub fn ledger(&self, name: &str) -> Option<Cow<'static, str>> {
        if let Some(text) = self.folder.as_ref().and_then(|folder| std::fs::read_to_string(folder.join(name)).ok()) {
            return Some(Cow::Owned(text));
        }
        let index = embedded::FILES.binary_search_by(|(known, _)| (*known).cmp(name)).ok().filter(|_| self.embedded)?;
        embedded::FILES.get(index).map(|(_, text)| Cow::Borrowed(*text))
    }

    /// Names of a connector's cases.
    #[must_use]
    pub fn cases(&self, id: &str) -> Vec<String> {
        self.files(id)
            .iter()
            .filter_map(|path| path.strip_prefix("cases/")?.strip_suffix("/case.yaml"))
            .map(str::to_owned)
            .collect()
    }

    /// The id that a name means: itself, or the connector that has it as an alias.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<String> {
        let ids = self.ids();
        if ids.iter().any(|id| id == name) {
            return Some(name.to_owned());
        }
        // Aliases are rare: only files that contain the word at all are read.
        ids.into_iter().find(|id| {
            self.file(id, "connector.yaml")
                .is_some_and(|text| text.contains(name) && aliases(&text).iter().any(|alias| alias == name))
        })
    }

    /// A connector by id or alias, read and checked.
    ///
    /// # Errors
    /// `Unknown` with near names, or `Broken` with every mistake.
    pub fn connector(&self, name: &str) -> Result<Arc<Connector>, CatalogError> {
        let Some(id) = self.resolve(name) else {
            return Err(self.unknown(name));
        };
        if let Some(known) = self.loaded.lock().ok().and_then(|loaded| loaded.get(&id).cloned()) {
            return Ok(known);
        }
        let connector = Arc::new(self.read(&id).map_err(|findings| CatalogError::Broken { id: id.clone(), findings })?);
        if let Ok(mut loaded) = self.loaded.lock() {
            loaded.insert(id, Arc::clone(&connector));
        }
        Ok(connector)
    }

    fn read(&self, id: &str) -> Result<Connector, Vec<Finding>> {
        let text = self.file(id, "connector.yaml").unwrap_or_default();
        let source = load::read_definition(id, &text, &|base| self.file(base, "connector.yaml").map(Cow::into_owned))?;
        check::check(Connector::new(source))
    }

    fn unknown(&self, name: &str) -> CatalogError {
        let ids = self.ids();
        let mut near: Vec<String> =
            nearest(name, ids.iter().map(String::as_str)).map(str::to_owned).into_iter().collect();
        let wanted = name.to_lowercase();
        for id in &ids {
            let squeezed = id.replace('-', "");
            if near.len() < 5
                && !near.contains(id)
                && wanted.len() > 2
                && (squeezed.contains(&wanted.replace(['-', '_', ' '], "")) || wanted.contains(&squeezed))
            {
                near.push(id.clone());
            }
        }
        CatalogError::Unknown { name: name.to_owned(), near }
    }
}

fn aliases(text: &str) -> Vec<String> {
    let Ok(document) = rollcall_yaml::parse(text) else { return Vec::new() };
    let json = document.to_json();
    let names = json.get("aliases").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    names.iter().filter_map(serde_json::Value::as_str).map(str::to_owned).collect()
}
