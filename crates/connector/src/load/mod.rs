//! From text to a checked definition: all mistakes at once, each at its place.

mod merge;
mod schema;

use rollcall_yaml::{Document, Place};
use serde_json::Value;

use crate::Finding;
use crate::definition::{Definition, Evidence};

pub use schema::{connector_schema, connector_schema_text, evidence_schema};

/// A file that was read: its text, its tree and its name.
#[derive(Clone, Debug)]
pub struct Text {
    /// `okta/connector.yaml`.
    pub file: String,
    pub document: Document,
}

impl Text {
    /// Parses a YAML file.
    ///
    /// # Errors
    /// One finding: what is not YAML.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Finding>> {
        match rollcall_yaml::parse(text) {
            Ok(document) => Ok(Self { file: file.to_owned(), document }),
            Err(fault) => {
                let mut finding = Finding::new("yaml", file, fault.place, fault.message);
                finding.hint = fault.hint;
                Err(vec![finding])
            }
        }
    }

    /// A finding at the value of a JSON pointer.
    #[must_use]
    pub fn finding(&self, rule: &str, pointer: &str, message: impl Into<String>) -> Finding {
        Finding::new(rule, &self.file, self.document.place(pointer), message)
    }

    /// A finding at the key of a JSON pointer.
    #[must_use]
    pub fn key_finding(&self, rule: &str, pointer: &str, message: impl Into<String>) -> Finding {
        Finding::new(rule, &self.file, self.document.key_place(pointer), message)
    }
}

/// A definition with the file it came from.
#[derive(Clone, Debug)]
pub struct Source {
    pub text: Text,
    /// After `extends`.
    pub json: Value,
    pub definition: Definition,
}

/// Reads `connector.yaml`; `base` gives the text of another connector for `extends`.
///
/// # Errors
/// Everything that is wrong with the shape of the file.
pub fn read_definition(id: &str, text: &str, base: &dyn Fn(&str) -> Option<String>) -> Result<Source, Vec<Finding>> {
    let file = format!("{id}/connector.yaml");
    let text = Text::parse(&file, text)?;
    let own = text.document.to_json();
    let json = match own.get("extends").and_then(Value::as_str) {
        None => own,
        Some(parent) => extended(&text, parent, own.clone(), base)?,
    };
    let findings = schema::check(&text, &json, connector_schema());
    if !findings.is_empty() {
        return Err(findings);
    }
    match serde_json::from_value::<Definition>(json.clone()) {
        Ok(definition) => Ok(Source { text, json, definition }),
        Err(fault) => Err(vec![Finding::new("shape", &file, Place::default(), fault.to_string())]),
    }
}

fn extended(
    text: &Text,
    parent: &str,
    own: Value,
    base: &dyn Fn(&str) -> Option<String>,
) -> Result<Value, Vec<Finding>> {
    let at = |message: String, hint: &str| vec![text.finding("extends", "/extends", message).hint(hint)];
    let Some(parent_text) = base(parent) else {
        return Err(at(format!("there is no connector `{parent}` to extend"), "name another connector's id"));
    };
    let parent_json = Text::parse(&format!("{parent}/connector.yaml"), &parent_text)?.document.to_json();
    if parent_json.get("extends").is_some() {
        return Err(at(
            format!("`{parent}` extends another connector itself"),
            "only one level of `extends` is allowed",
        ));
    }
    Ok(merge::merge(parent_json, own))
}

/// Reads `evidence.yaml`.
///
/// # Errors
/// Everything that is wrong with the shape of the file.
pub fn read_evidence(id: &str, text: &str) -> Result<Evidence, Vec<Finding>> {
    let file = format!("{id}/evidence.yaml");
    let text = Text::parse(&file, text)?;
    let json = text.document.to_json();
    let findings = schema::check(&text, &json, evidence_schema());
    if !findings.is_empty() {
        return Err(findings);
    }
    serde_json::from_value(json)
        .map_err(|fault| vec![Finding::new("shape", &file, Place::default(), fault.to_string())])
}
