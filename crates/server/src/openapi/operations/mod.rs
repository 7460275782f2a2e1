//! Every operation, a file for what belongs together.

mod accounts;
mod catalogue;
mod connect;
mod descriptions;
mod environment;
mod proxy;
mod unified;
mod upkeep;

use serde_json::{Map, Value, json};

use super::counts::Counts;
use super::operation::Operation;

/// The headings, in the order of the documentation.
const TAGS: [(&str, &str); 8] = [
    ("unified", "The people of a product and what belongs to them, in one schema"),
    ("proxy", "The provider's own resources, with our sign-in, paging and errors"),
    ("accounts", "Integrated accounts: one connection to one product each"),
    ("catalogue", "The products that can be connected, and what each gives"),
    ("links", "Letting somebody else connect an account"),
    ("tokens", "The tokens of an environment, and its audit log"),
    ("descriptions", "This document, the schemas of each connector, and pages for people"),
    ("operations", "Whether the server is there, and what it does"),
];

/// All operations.
#[must_use]
pub fn all(counts: &Counts) -> Vec<Operation> {
    let mut all = unified::operations(counts);
    all.extend(proxy::operations());
    all.extend(accounts::operations());
    all.extend(catalogue::operations());
    all.extend(environment::operations());
    all.extend(connect::operations());
    all.extend(descriptions::operations());
    all.extend(upkeep::operations());
    all
}

/// The headings as they stand in the document.
#[must_use]
pub fn tags() -> Value {
    TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect()
}

/// Schemas of bodies and answers that belong to one group of operations.
#[must_use]
pub fn schemas() -> Map<String, Value> {
    let mut all = accounts::schemas();
    all.extend(catalogue::schemas());
    all.extend(environment::schemas());
    all.extend(connect::schemas());
    all.extend(descriptions::schemas());
    all.extend(upkeep::schemas());
    all
}
