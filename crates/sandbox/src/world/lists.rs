//! The lists with their people, made of what the cases show.

use std::collections::{BTreeSet, HashMap};

use rollcall_connector::Connector;
use rollcall_connector::definition::{Items, Page};
use rollcall_connector::plan::{EachPlan, ParentsPlan};
use rollcall_connector::request::text;
use rollcall_mapping::Scratch;
use rollcall_mapping::condition::Condition;
use serde_json::Value;

use super::builder::ListPlan;
use super::context::{CaseTables, Context, copied};
use super::{Exchange, World};
use crate::document::Document;
use crate::endpoint::Role;
use crate::mark::Template;
use crate::options::SandboxOptions;
use crate::pattern::Captures;
use crate::people::{Found, List, Parents};
use crate::place;

/// Lists under way: one may need another for its parents.
pub(super) struct Making<'a> {
    pub(super) world: &'a World,
    pub(super) connector: &'a Connector,
    pub(super) plans: &'a [ListPlan],
    pub(super) made: Vec<Option<List>>,
    pub(super) options: &'a SandboxOptions,
    pub(super) under_way: BTreeSet<usize>,
}

impl Making<'_> {
    /// Makes a list, and before it those that its parents come from.
    pub(super) fn list(&mut self, index: usize) {
        let Some(plan) = self.plans.get(index) else { return };
        if self.made.get(index).is_none_or(Option::is_some) || !self.under_way.insert(index) {
            return;
        }
        let parents = plan.plan.each.as_ref().map(|each| self.parents(plan, each));
        let paths = self.identity_paths(plan);
        let tables = CaseTables::new(self.world, plan);
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut walks = Vec::new();
        for (position, walk) in plan.plan.walks.iter().enumerate() {
            let known = plan.endpoints.get(position).and_then(|endpoint| self.world.endpoints.get(*endpoint));
            // Where another list's walk looks the same, that one answers.
            let is_own = known.is_some_and(|known| known.endpoint.role == Role::List { list: index, walk: position });
            let exchanges: &[Exchange] = known.filter(|_| is_own).map_or(&[], |known| &known.exchanges);
            let mut found = Vec::new();
            for exchange in exchanges {
                let share = match &parents {
                    Some(parents) => {
                        parents.members.iter().position(|members| names(&parents.name, members, &exchange.key))
                    }
                    None => Some(0),
                };
                let Some(share) = share else { continue };
                for (record, key) in exchange.items.iter().zip(&exchange.keys) {
                    let context = Context {
                        plan: &plan.plan,
                        walk,
                        parent: parents.as_ref().and_then(|parents| parents.members.get(share)),
                        key: key.as_deref(),
                        tables: &tables,
                    };
                    let Some(id) = context.id(record) else { continue };
                    if !ids.insert(id.clone()) {
                        continue;
                    }
                    let template = Template::new(record.clone(), key.clone(), &paths, &id);
                    let copies = copied(&context, &template);
                    found.push(Found { share, template, copies });
                }
            }
            if matches!(walk.items, Items::One(_)) {
                found.truncate(1);
                found.iter_mut().for_each(|found| found.copies = false);
            }
            let first = exchanges.iter().find(|exchange| !exchange.items.is_empty()).or(exchanges.first());
            let records = first.map(|exchange| exchange.items.clone()).unwrap_or_default();
            let mut document = Document::new(
                &walk.format,
                &walk.items,
                first.map_or(b"", |exchange| exchange.body.as_ref()),
                &records,
            );
            for table in &plan.plan.tables {
                merge(document.envelope_mut(), &table.source.items, exchanges);
            }
            let is_off = walk.when.as_ref().is_some_and(|when| !self.is_on(when));
            walks.push((document, parents.clone(), found, is_off));
        }
        let count = if plan.resource == "users" { Some(self.options.users) } else { self.options.others };
        if let Some(slot) = self.made.get_mut(index) {
            *slot = Some(List::new(walks, count));
        }
        self.under_way.remove(&index);
    }

    /// Whether a pass runs with every setting at its default.
    fn is_on(&self, when: &rollcall_connector::template::Template) -> bool {
        let settings = &self.connector.definition().settings;
        let value = |name: &str| settings.get(name)?.default.as_ref().map(text);
        when.render(rollcall_connector::template::Position::Plain, &value).is_ok_and(|text| text == "true")
    }

    /// The parents of a list's fan-out, as the engine would see them.
    fn parents(&mut self, plan: &ListPlan, each: &EachPlan) -> Parents {
        let name = each.source.name.clone();
        let flat = |value: &Value| -> HashMap<String, String> {
            value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
        };
        let members = match &each.parents {
            ParentsPlan::Values(values) => values
                .iter()
                .map(
                    |value| {
                        if value.is_object() { flat(value) } else { HashMap::from([("id".to_owned(), text(value))]) }
                    },
                )
                .collect(),
            ParentsPlan::Resource(resource) => {
                let Some(index) = self.plans.iter().position(|plan| plan.resource == *resource) else {
                    return Parents { name, members: Vec::new() };
                };
                self.list(index);
                let (Some(Some(list)), Some(of)) = (self.made.get(index), self.plans.get(index)) else {
                    return Parents { name, members: Vec::new() };
                };
                let unified = |(record, walk): (Value, usize)| {
                    Context {
                        plan: &of.plan,
                        walk: of.plan.walks.get(walk)?,
                        parent: None,
                        key: None,
                        tables: &CaseTables::default(),
                    }
                    .unified(&record)
                    .as_ref()
                    .map(flat)
                };
                list.all().filter_map(unified).collect()
            }
            ParentsPlan::Walk { keep, condition, .. } => {
                let endpoint = plan.parents.and_then(|index| self.world.endpoints.get(index));
                // The same call may be another list of ours, which then has more than the cases.
                let items: Vec<Value> = match endpoint.map(|known| &known.endpoint.role) {
                    Some(Role::List { list, .. }) => {
                        self.list(*list);
                        self.made
                            .get(*list)
                            .and_then(Option::as_ref)
                            .map(|list| list.all().map(|(record, _)| record).collect())
                            .unwrap_or_default()
                    }
                    _ => distinct(
                        endpoint
                            .into_iter()
                            .flat_map(|known| known.exchanges.iter())
                            .flat_map(|exchange| exchange.items.iter()),
                    ),
                };
                let holds = |condition: &Option<Condition>, item: &Value| {
                    condition.as_ref().is_none_or(|condition| {
                        condition.holds(item.to_string().as_bytes(), &[], &mut Scratch::new()).unwrap_or(false)
                    })
                };
                let kept = |item: &Value| {
                    keep.iter()
                        .filter_map(|(name, path)| {
                            Some((
                                name.clone(),
                                if path.starts_with('.') { text(place::at(item, path)?) } else { path.clone() },
                            ))
                        })
                        .collect()
                };
                items.iter().filter(|item| holds(condition, item)).map(kept).collect()
            }
        };
        Parents { name, members }
    }

    /// The paths whose values tell people apart: those of the id and the login, and the one that paging goes by.
    fn identity_paths(&self, plan: &ListPlan) -> Vec<String> {
        let mut paths = Vec::new();
        if let Some(unified) = self.connector.definition().unified.get(&plan.resource) {
            ["id", "username"]
                .iter()
                .filter_map(|field| unified.fields.get(*field))
                .for_each(|expression| collect(expression, &mut paths));
        }
        for walk in &plan.plan.walks {
            if let Page::Last(last) = &walk.page {
                paths.push(last.of.clone());
            }
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

/// Whether a request named this parent.
fn names(each: &str, members: &HashMap<String, String>, key: &Captures) -> bool {
    let mut given =
        key.iter().filter_map(|(name, value)| Some((name.strip_prefix(each)?.strip_prefix('.')?, value))).peekable();
    given.peek().is_some() && given.all(|(name, value)| members.get(name) == Some(value))
}

/// Items without repetitions.
pub fn distinct<'a>(items: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.to_string())).cloned().collect()
}

/// Puts together what stands beside the records in several answers of the cases.
fn merge(envelope: &mut Value, path: &str, exchanges: &[Exchange]) {
    if place::steps(path).is_empty() || place::at(envelope, path).is_none() {
        return;
    }
    let documents: Vec<Value> =
        exchanges.iter().filter_map(|exchange| serde_json::from_slice(&exchange.body).ok()).collect();
    let all: Vec<Value> =
        documents.iter().filter_map(|document| place::at(document, path)?.as_array().cloned()).flatten().collect();
    place::put(envelope, path, Value::Array(distinct(all.iter())));
}

/// Paths of values in an expression.
fn collect(expression: &Value, paths: &mut Vec<String>) {
    match expression {
        Value::String(text) if text.starts_with('.') && text != "." => paths.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, paths)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("when" | "where" | "map" | "with" | "on" | "literal" | "find", _) => {}
                    ("template", Value::String(text)) => {
                        paths.extend(
                            text.split('{')
                                .skip(1)
                                .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
                                .filter(|path| path.starts_with('.')),
                        );
                    }
                    (_, member) => collect(member, paths),
                }
            }
        }
        _ => {}
    }
}
