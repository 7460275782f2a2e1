//! Which filters and sorts the provider applies. Every filter is applied again on the mapped records, so pushing one down can only save calls.

use std::collections::BTreeMap;

use rollcall_connector::definition::{self, FilterTarget, Method};
use rollcall_connector::plan::Walk;
use rollcall_connector::request::{Request, text};
use rollcall_connector::template::{Position, Template};
use rollcall_model::Resource;

use crate::query::{Comparison, Filter, SortBy};

/// What goes to the provider.
#[derive(Clone, Debug, Default)]
pub struct Pushdown {
    params: Vec<(String, String)>,
    join: Option<String>,
    sort: Vec<(String, String)>,
    /// Filter name → `provider` or `local`.
    pub filters: BTreeMap<String, String>,
    pub sorted: bool,
}

impl Pushdown {
    /// Decides for a method. `single_walk`: the list is one walk, so that the provider's order is the list's.
    #[must_use]
    pub fn new(
        resource: &Resource,
        method: &Method,
        filters: &[Filter],
        sort: Option<&SortBy>,
        single_walk: bool,
    ) -> Self {
        let mut pushdown = Self { join: method.filter_join.clone(), ..Self::default() };
        for filter in filters {
            let pushed = entry(resource, method, filter)
                .and_then(|entry| params(entry, filter))
                .is_some_and(|pair| pushdown.add(pair));
            pushdown.filters.insert(filter.name.clone(), if pushed { "provider" } else { "local" }.to_owned());
        }
        if let (Some(by), Some(declared), true) = (sort, &method.sort, single_walk)
            && let Some(field) = declared.fields.get(&by.field)
        {
            pushdown.sort = sort_params(declared, field, by.descending);
            pushdown.sorted = !pushdown.sort.is_empty();
        }
        pushdown
    }

    fn add(&mut self, (param, value): (String, String)) -> bool {
        match (self.params.iter_mut().find(|(known, _)| *known == param), &self.join) {
            (Some((_, known)), Some(join)) => known.push_str(&format!("{join}{value}")),
            (Some(_), None) => return false,
            (None, _) => self.params.push((param, value)),
        }
        true
    }

    /// Puts everything into a request of a walk.
    pub fn decorate(&self, request: &mut Request) {
        for (param, value) in &self.params {
            match (request.query.iter_mut().find(|(name, _)| name == param), &self.join) {
                (Some((_, own)), Some(join)) => own.push_str(&format!("{join}{value}")),
                // The walk needs the parameter for itself: this filter stays local there.
                (Some(_), None) => {}
                (None, _) => request.query.push((param.clone(), value.clone())),
            }
        }
        request.query.extend(self.sort.iter().cloned());
    }
}

/// Whether a walk can hold records that meet the filters on `status`.
#[must_use]
pub fn walk_matters(walk: &Walk, filters: &[Filter]) -> bool {
    walk.status.is_empty()
        || filters.iter().filter(|f| f.path == "status").all(|f| match &f.comparison {
            Comparison::OneOf(wanted) => wanted.iter().any(|status| walk.status.contains(status)),
            _ => true,
        })
}

/// The connector's entry for a filter: by the name the caller used, or by another name for the same field.
fn entry<'a>(resource: &Resource, method: &'a Method, filter: &Filter) -> Option<&'a definition::Filter> {
    method
        .filter
        .iter()
        .find(|(key, _)| {
            let base = filter.name.split('.').next().unwrap_or_default();
            *key == filter.name
                || (*key == base && filter.path == base)
                || resource.parameter(key).and_then(|p| p.of.as_deref()) == Some(&filter.path)
        })
        .map(|(_, entry)| entry)
}

fn params(entry: &definition::Filter, filter: &Filter) -> Option<(String, String)> {
    let ranged = |first: &Option<FilterTarget>, second: &Option<FilterTarget>, bound: &str| {
        let target = first.as_ref().or(second.as_ref())?;
        Some((target.param.clone(), render(target.template.as_deref(), bound)?))
    };
    match &filter.comparison {
        Comparison::OneOf(values) => {
            let [value] = values.as_slice() else { return None };
            let value = if entry.values.is_empty() { value.clone() } else { entry.values.get(value).map(text)? };
            Some((entry.param.clone()?, render(entry.template.as_deref(), &value)?))
        }
        // "At or after" holds everything that "after" wants; the rest is sifted out here.
        Comparison::Gt(bound) => ranged(&entry.gt, &entry.gte, bound),
        Comparison::Gte(bound) => ranged(&entry.gte, &None, bound),
        Comparison::Lt(bound) => ranged(&entry.lt, &entry.lte, bound),
        Comparison::Lte(bound) => ranged(&entry.lte, &None, bound),
    }
}

fn render(template: Option<&str>, value: &str) -> Option<String> {
    let Some(template) = template else { return Some(value.to_owned()) };
    Template::parse(template).ok()?.render(Position::Plain, &|name| (name == "value").then(|| value.to_owned())).ok()
}

fn sort_params(declared: &definition::Sort, field: &str, descending: bool) -> Vec<(String, String)> {
    let template = if descending { &declared.desc } else { &declared.asc };
    if let Some(direction) = &declared.direction {
        let word = if descending { &direction.desc } else { &direction.asc };
        return vec![(declared.param.clone(), field.to_owned()), (direction.param.clone(), word.clone())];
    }
    match (template, descending) {
        (Some(template), _) => Template::parse(template)
            .ok()
            .and_then(|t| t.render(Position::Plain, &|name| (name == "field").then(|| field.to_owned())).ok())
            .map(|value| vec![(declared.param.clone(), value)])
            .unwrap_or_default(),
        (None, false) => vec![(declared.param.clone(), field.to_owned())],
        // The connector does not say how to sort downwards: it is done here.
        (None, true) => Vec::new(),
    }
}
