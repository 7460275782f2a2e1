//! Which source paths the recorded records have.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_connector::calls::{Call, Role};
use rollcall_connector::paths;
use rollcall_connector::plan::Plan;
use serde_json::Value;

/// By resource and context: the paths that were not met yet.
pub struct Seen<'a> {
    plans: &'a [Plan],
    met: BTreeSet<(String, Option<String>, String)>,
    /// Contexts of resources of which there was a record at all.
    looked: BTreeSet<(String, Option<String>)>,
}

impl<'a> Seen<'a> {
    pub fn new(plans: &'a [Plan]) -> Self {
        Self { plans, met: BTreeSet::new(), looked: BTreeSet::new() }
    }

    /// Takes note of the records of a call.
    pub fn add(&mut self, call: &Call<'_>, items: &[Value]) {
        let context = match call.role {
            Role::Records => None,
            Role::Enrich => Some(call.name.clone()),
            _ => return,
        };
        if items.is_empty() {
            return;
        }
        self.looked.insert((call.resource.to_owned(), context.clone()));
        for plan in self.plans.iter().filter(|plan| plan.resource == call.resource) {
            for source in plan
                .mapping
                .sources()
                .iter()
                .flat_map(|origin| &origin.paths)
                .filter(|source| source.context == context)
            {
                let mut steps = paths::steps(&source.path);
                if context.is_some() && steps.first().is_some_and(|first| first == paths::ELEMENT) {
                    steps.remove(0);
                }
                let there = items.iter().any(|item| {
                    let mut found = Vec::new();
                    paths::values(item, &steps, &mut found);
                    !found.is_empty()
                });
                if there {
                    self.met.insert((call.resource.to_owned(), context.clone(), source.path.clone()));
                }
            }
        }
    }

    /// The paths that no record had, of what there were records of.
    pub fn never(&self) -> BTreeMap<String, Vec<String>> {
        let mut never: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for plan in self.plans {
            for source in plan.mapping.sources().iter().flat_map(|origin| &origin.paths) {
                let place = (plan.resource.clone(), source.context.clone());
                if self.looked.contains(&place)
                    && !self.met.contains(&(plan.resource.clone(), source.context.clone(), source.path.clone()))
                {
                    let context = source.context.as_ref().map(|context| format!("${context}")).unwrap_or_default();
                    never.entry(plan.resource.clone()).or_default().insert(format!("{context}{}", source.path));
                }
            }
        }
        never.into_iter().map(|(resource, paths)| (resource, paths.into_iter().collect())).collect()
    }
}
