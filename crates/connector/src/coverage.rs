//! How many connectors give each field, filter, parameter and order, beside the figures to beat.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_model::{Model, Resource};
use serde::Serialize;

use crate::calls;
use crate::catalog::Catalog;
use crate::connector::{Connector, MethodName};

/// Integrations on the page whose figures the targets are.
pub const PAGE_CONNECTORS: u64 = 348;

/// The figures to beat, as they are kept in `model/targets.csv`.
const TARGETS: &str = include_str!("../../../model/targets.csv");

/// A figure to beat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `field` or `query`.
    pub kind: String,
    pub name: String,
    pub integrations: u64,
}

/// What the catalogue gives.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    pub connectors: u64,
    /// Connectors with mistakes: they are not counted.
    pub broken: Vec<String>,
    pub entries: Vec<Entry>,
}

/// One field, filter, parameter or order of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub resource: String,
    /// `field`, `filter`, `parameter` or `sort`.
    pub kind: String,
    pub name: String,
    /// Connectors that support it. A filter on a field that a connector gives works everywhere: here or at the provider.
    pub connectors: u64,
    /// Those where the provider itself does it.
    pub by_provider: u64,
    /// Connectors that have the resource.
    pub of: u64,
    pub target: Option<u64>,
}

/// Reads a table of targets: columns `kind`, `name` and `integrations` (or `integrations_on_the_page`), others are passed over.
#[must_use]
pub fn read_targets(csv: &str) -> Vec<Target> {
    let mut lines = csv.lines().map(cells);
    let Some(header) = lines.next() else { return Vec::new() };
    let column = |names: &[&str]| header.iter().position(|cell| names.contains(&cell.as_str()));
    let (Some(kind), Some(name), Some(count)) =
        (column(&["kind"]), column(&["name"]), column(&["integrations", "integrations_on_the_page"]))
    else {
        return Vec::new();
    };
    lines
        .filter_map(|cells| {
            let integrations = cells.get(count)?.trim().parse().ok()?;
            // `group (group_id)`: the name in the query stands in brackets.
            let written = cells.get(name)?;
            let name = written
                .split_once('(')
                .map_or(written.as_str(), |(_, inner)| inner.trim_end_matches(')'))
                .trim()
                .replace(' ', "_");
            Some(Target { kind: cells.get(kind)?.clone(), name, integrations })
        })
        .collect()
}

/// The targets that are built in.
#[must_use]
pub fn targets() -> Vec<Target> {
    read_targets(TARGETS)
}

/// Counts over all connectors that can be read. Without targets those that are built in are used.
#[must_use]
pub fn count(catalog: &Catalog, wanted: &[Target]) -> Coverage {
    let built_in = if wanted.is_empty() { targets() } else { Vec::new() };
    let wanted = if wanted.is_empty() { &built_in } else { wanted };
    let mut counts: BTreeMap<(String, &'static str, String), (u64, u64)> = BTreeMap::new();
    let mut having: BTreeMap<String, u64> = BTreeMap::new();
    let mut broken = Vec::new();
    let mut connectors = 0;
    for id in catalog.ids() {
        match catalog.connector(&id) {
            Ok(connector) => {
                connectors += 1;
                for resource in connector.definition().resources.keys() {
                    *having.entry(resource.to_owned()).or_default() += 1;
                }
                for ((resource, kind, name), provider) in given(&connector) {
                    let count = counts.entry((resource, kind, name)).or_default();
                    count.0 += 1;
                    count.1 += u64::from(provider);
                }
            }
            Err(_) => broken.push(id),
        }
    }
    for (resource, kind, name) in modelled(&having) {
        counts.entry((resource, kind, name)).or_default();
    }
    let entries = counts
        .into_iter()
        .map(|((resource, kind, name), (connectors, by_provider))| {
            let of = having.get(&resource).copied().unwrap_or_default();
            let target = (resource == "users").then(|| target(wanted, kind, &name)).flatten();
            Entry { kind: kind.to_owned(), connectors, by_provider, of, target, resource, name }
        })
        .collect();
    Coverage { connectors, broken, entries }
}

/// Sorting is one figure on the page: that of `sort_by`, a parameter.
fn target(wanted: &[Target], kind: &str, name: &str) -> Option<u64> {
    let (column, name) = match kind {
        "field" => ("field", name),
        "sort" => return None,
        _ => ("query", name),
    };
    wanted.iter().find(|target| target.kind == column && target.name == name).map(|target| target.integrations)
}

/// What the model has, so that what no connector gives is seen as such.
fn modelled(having: &BTreeMap<String, u64>) -> Vec<(String, &'static str, String)> {
    let mut all = Vec::new();
    for resource in Model::user_directory().resources.iter().filter(|resource| having.contains_key(&resource.name)) {
        all.extend(
            resource
                .fields
                .iter()
                .filter(|field| field.name != "remote_data")
                .map(|field| (resource.name.clone(), "field", field.name.clone())),
        );
        all.extend(
            resource
                .parameters
                .iter()
                .map(|parameter| (resource.name.clone(), kind_of(resource, &parameter.name), parameter.name.clone())),
        );
    }
    all
}

type Given = BTreeMap<(String, &'static str, String), bool>;

/// What one connector gives; the value says whether the provider does it.
fn given(connector: &Connector) -> Given {
    let mut given = Given::new();
    let mut add = |resource: &str, kind: &'static str, name: &str, provider: bool| {
        let entry = given.entry((resource.to_owned(), kind, name.to_owned())).or_default();
        *entry |= provider;
    };
    for plan in calls::plans(connector) {
        let resource = plan.resource.as_str();
        let claimed: BTreeSet<&str> = plan.mapping.fields().iter().map(String::as_str).collect();
        for field in &claimed {
            add(resource, "field", field, true);
        }
        if plan.method != MethodName::List {
            continue;
        }
        let Some(model) = Model::user_directory().resource(resource) else { continue };
        let pushed: BTreeSet<&str> = plan.source.filter.keys().collect();
        for parameter in &model.parameters {
            let name = parameter.name.as_str();
            // Filters test mapped records, so that whatever is claimed can be filtered on.
            if parameter.of.as_deref().is_some_and(|of| claimed.contains(top(of))) {
                add(resource, "filter", name, pushed.contains(name));
            }
        }
        for name in pushed {
            add(resource, kind_of(model, name), name, true);
        }
        for name in plan.source.parameters.keys() {
            add(resource, kind_of(model, name), name, true);
        }
        if let Some(choose) = connector.method(resource, plan.method).and_then(|method| method.choose.as_ref()) {
            add(resource, kind_of(model, &choose.parameter), &choose.parameter, true);
        }
        let sorted: BTreeSet<&str> = plan.source.sort.iter().flat_map(|sort| sort.fields.keys()).collect();
        if model.sortable.iter().any(|field| claimed.contains(field.as_str())) {
            add(resource, "parameter", "sort_by", !sorted.is_empty());
        }
        for field in model.sortable.iter().filter(|field| claimed.contains(field.as_str())) {
            add(resource, "sort", field, sorted.contains(field.as_str()));
        }
    }
    given
}

/// A parameter that compares a field is a filter; the others are for the provider.
fn kind_of(model: &Resource, name: &str) -> &'static str {
    if model.parameters.iter().any(|parameter| parameter.name == name && parameter.of.is_some()) {
        "filter"
    } else {
        "parameter"
    }
}

fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// The cells of a line; quoted ones may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().into_iter().for_each(|cell| cell.push(c)),
        }
    }
    cells
}
