//! One connector with its files, as rules see it.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use rollcall_yaml::Place;
use serde_json::Value;

use super::Evidence;
use crate::catalog::Catalog;
use crate::connector::Connector;
use crate::definition;
use crate::load::{self, Text};
use crate::spec::Spec;
use crate::{Finding, finding};

/// One connector.
pub struct Subject<'a> {
    pub catalog: &'a Catalog,
    pub connector: Arc<Connector>,
    pub readme: Option<Cow<'static, str>>,
    /// `evidence.yaml`, or what is wrong with it.
    pub evidence: Option<Result<definition::Evidence, Vec<Finding>>>,
    pub cases: Vec<CaseFile>,
    /// The vendor's descriptions that are about this connector.
    pub specs: Vec<Spec>,
    pub has_specs: bool,
    pub recordings: Option<&'a Path>,
}

/// A `case.yaml`, as far as rules need it.
pub struct CaseFile {
    pub name: String,
    pub text: Text,
    pub json: Value,
    /// The bodies of its answers.
    pub bodies: Vec<Body>,
}

/// The body of one answer.
pub struct Body {
    pub text: String,
    pub json: Option<Value>,
}

impl<'a> Subject<'a> {
    /// Reads a connector's files.
    #[must_use]
    pub fn new(catalog: &'a Catalog, connector: Arc<Connector>, evidence: &Evidence<'a>) -> Self {
        let id = connector.id().to_owned();
        let written = catalog.file(&id, "evidence.yaml").map(|text| load::read_evidence(&id, &text));
        let cases = catalog.cases(&id).into_iter().filter_map(|name| case(catalog, &id, name)).collect();
        let specs = evidence
            .specs
            .map(|folder| crate::spec::of(folder, &connector, written.as_ref().and_then(|w| w.as_ref().ok())))
            .unwrap_or_default();
        Self {
            catalog,
            readme: catalog.file(&id, "README.md"),
            evidence: written,
            cases,
            specs,
            has_specs: evidence.specs.is_some(),
            recordings: evidence.recordings,
            connector,
        }
    }

    /// The connector's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.connector.id()
    }

    /// A finding at the value of a pointer into `connector.yaml`.
    #[must_use]
    pub fn at(&self, rule: &str, pointer: &str, message: impl Into<String>) -> Finding {
        self.connector.source().text.finding(rule, pointer, message)
    }

    /// A finding about a file as a whole, or one of its lines.
    #[must_use]
    pub fn in_file(&self, rule: &str, path: &str, line: usize, message: impl Into<String>) -> Finding {
        let place = Place { line, column: 1, ..Place::default() };
        finding::Finding::new(rule, &format!("{}/{path}", self.id()), place, message)
    }

    /// Every text file of the folder, with its path.
    pub fn texts(&self) -> impl Iterator<Item = (String, Cow<'static, str>)> + '_ {
        let id = self.id().to_owned();
        self.catalog
            .files(&id)
            .into_iter()
            .filter_map(move |path| self.catalog.file(&id, &path).map(|text| (path, text)))
    }
}

fn case(catalog: &Catalog, id: &str, name: String) -> Option<CaseFile> {
    let path = format!("cases/{name}/case.yaml");
    let text = Text::parse(&format!("{id}/{path}"), &catalog.file(id, &path)?).ok()?;
    let json = text.document.to_json();
    let exchanges = json.get("exchanges").and_then(Value::as_array).cloned().unwrap_or_default();
    let bodies = exchanges
        .iter()
        .filter_map(|exchange| exchange.pointer("/response/body"))
        .map(|body| {
            let text = match body {
                Value::String(words) => {
                    catalog.file(id, &format!("cases/{name}/{words}")).map_or_else(|| words.clone(), Cow::into_owned)
                }
                other => other.to_string(),
            };
            Body { json: serde_json::from_str(&text).ok(), text }
        })
        .collect();
    Some(CaseFile { name, text, json, bodies })
}
