//! Rules that hold for every connector of the catalogue: one per file, each with its reason and its remedy.
//! `exceptions.txt` beside the connectors excuses a connector from a rule; an excuse that is not needed is a finding itself.

mod email_used_as_id;
mod evidence_without_two_sources;
mod exceptions;
mod filter_narrower_than_mapping;
mod loader;
mod missing_case;
mod missing_docs_url;
mod missing_evidence;
mod not_https;
mod provider_not_paged;
mod readme_heading_missing;
mod real_personal_data;
mod secret_not_marked;
mod source_path_not_in_samples;
mod spec_mismatch;
mod status_not_exhaustive;
mod subject;
mod token_like_string;
mod unused_setting;

use std::path::Path;

use crate::Finding;
use crate::catalog::{Catalog, CatalogError};

pub use subject::Subject;

/// What the connectors can be held against, beside themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// A folder with vendors' machine-readable descriptions.
    pub specs: Option<&'a Path>,
    /// A folder with recorded exchanges.
    pub recordings: Option<&'a Path>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The file itself, while it is read.
    File,
    /// One connector with all its files.
    Connector,
    /// What stands beside the connectors.
    Catalogue,
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub description: &'static str,
    pub why: &'static str,
    pub fix: &'static str,
    pub scope: Scope,
    /// Needs something that is not always at hand: without it the rule finds nothing.
    pub needs: Needs,
    check: Check,
}

/// Finds what breaks a rule.
type Check = fn(&Subject<'_>) -> Vec<Finding>;

/// What a rule needs beside the connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Specs,
    Recordings,
}

static RULES: &[&Rule] = &[
    &email_used_as_id::RULE,
    &evidence_without_two_sources::RULE,
    &filter_narrower_than_mapping::RULE,
    &missing_case::RULE,
    &missing_docs_url::RULE,
    &missing_evidence::RULE,
    &not_https::RULE,
    &provider_not_paged::RULE,
    &readme_heading_missing::RULE,
    &real_personal_data::RULE,
    &secret_not_marked::RULE,
    &source_path_not_in_samples::RULE,
    &spec_mismatch::RULE,
    &status_not_exhaustive::RULE,
    &token_like_string::RULE,
    &unused_setting::RULE,
    &exceptions::RULE,
    &exceptions::REPLAY,
];

/// Every rule that a finding can name, those of the loader included.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain(loader::RULES)
}

/// A rule by its name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.name == name)
}

/// Everything that is wrong with the named connectors. What the loader finds comes first: a connector that cannot be read is not looked at further.
#[must_use]
pub fn check(catalog: &Catalog, ids: &[String], evidence: &Evidence<'_>) -> Vec<Finding> {
    check_with(catalog, ids, evidence, Vec::new())
}

/// The same; `further` are findings of other checks, to which the exceptions apply too.
#[must_use]
pub fn check_with(catalog: &Catalog, ids: &[String], evidence: &Evidence<'_>, further: Vec<Finding>) -> Vec<Finding> {
    let mut findings = further;
    for id in ids {
        match catalog.connector(id) {
            Ok(connector) => {
                let subject = Subject::new(catalog, connector, evidence);
                for rule in RULES {
                    findings.extend((rule.check)(&subject));
                }
            }
            Err(CatalogError::Broken { findings: own, .. }) => findings.extend(own),
            Err(CatalogError::Unknown { .. }) => {}
        }
    }
    let mut findings = exceptions::apply(catalog, ids, evidence, findings);
    findings.sort_by(|a, b| {
        (&a.file, a.line, a.column, &a.rule, &a.message).cmp(&(&b.file, b.line, b.column, &b.rule, &b.message))
    });
    findings.dedup();
    findings
}

/// For rules whose findings come from elsewhere.
fn elsewhere(_: &Subject<'_>) -> Vec<Finding> {
    Vec::new()
}
