//! Every request that a connector's plans can lead to.

use std::collections::BTreeSet;

use rollcall_connector::definition::{Format, Items, Method, Page, Place};
use rollcall_connector::plan::{EachPlan, Options, ParentsPlan, Plan, Walk};
use rollcall_connector::request::{RequestParts, RequestTemplate};
use rollcall_connector::{Connector, MethodName};

use crate::endpoint::{Endpoint, Role, Shape};
use crate::sign_in::{self, SignIn};

/// What a list is made of before its people are there.
pub(super) struct ListPlan {
    pub(super) resource: String,
    pub(super) plan: Plan,
    /// By walk: its endpoint.
    pub(super) endpoints: Vec<usize>,
    /// The parents' endpoint, when a call of its own lists them.
    pub(super) parents: Option<usize>,
    /// By lookup: its endpoint.
    pub(super) lookups: Vec<Option<usize>>,
}

pub(super) struct Builder<'a> {
    pub(super) connector: &'a Connector,
    pub(super) bases: Vec<String>,
    /// Names that the operator gives, or that signing in and discovery find.
    pub(super) own: BTreeSet<String>,
    pub(super) fan_outs: BTreeSet<String>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) lists: Vec<ListPlan>,
    pub(super) sign_in: Vec<SignIn>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(connector: &'a Connector) -> Self {
        let definition = connector.definition();
        let mut bases = vec![definition.http.base.clone()];
        let mut own: BTreeSet<String> =
            ["now", "today", "access_token", "instance_url", "cursor", "value", "query", "object"]
                .map(str::to_owned)
                .into();
        own.extend(definition.http.discover.keys().map(str::to_owned));
        for (name, auth) in definition.auth.iter() {
            bases.extend(auth.base.clone());
            own.extend(rollcall_connector::account::inputs(definition, name).into_iter().map(|(name, _)| name));
        }
        bases.dedup();
        let mut builder = Self {
            connector,
            bases,
            own,
            fan_outs: BTreeSet::new(),
            endpoints: Vec::new(),
            lists: Vec::new(),
            sign_in: Vec::new(),
        };
        for call in sign_in::calls(definition, &builder.bases) {
            let role = Role::SignIn(builder.sign_in.len());
            builder.add(Endpoint {
                shape: call.shape.clone(),
                items: Items::Path(".".to_owned()),
                format: Format::Json,
                page: Page::None(Default::default()),
                role,
            });
            builder.sign_in.push(call);
        }
        for (_, discover) in definition.http.discover.iter() {
            let parts = RequestParts {
                get: discover.get.as_deref(),
                post: discover.post.as_deref(),
                query: &discover.query,
                headers: &discover.headers,
                body: None,
                auth: &[],
            };
            if let Ok(template) = RequestTemplate::compile(&parts, &definition.http.headers) {
                let shape = Shape::new(&template, &builder.bases);
                builder.add(Endpoint {
                    shape,
                    items: Items::Path(".".to_owned()),
                    format: Format::Json,
                    page: Page::None(Default::default()),
                    role: Role::Discover { find: discover.find.clone() },
                });
            }
        }
        builder
    }

    /// The place of an endpoint; one that looks the same is there already and stays.
    fn add(&mut self, endpoint: Endpoint) -> usize {
        if let Some(index) = self.endpoints.iter().position(|known| known.shape.is_same(&endpoint.shape)) {
            return index;
        }
        self.endpoints.push(endpoint);
        self.endpoints.len() - 1
    }

    fn walk(&mut self, walk: &Walk, role: Role, free: Vec<(Place, String)>) -> usize {
        let endpoint = Endpoint::of_walk(walk, &self.bases, role, free);
        self.add(endpoint)
    }

    pub(super) fn plans(&mut self) {
        let mut plans: Vec<(String, MethodName, Plan)> = Vec::new();
        for (resource, name, method) in self.connector.methods_by_resource() {
            let choices: Vec<Option<String>> = match &method.choose {
                Some(choose) => choose.of.keys().map(|key| Some(key.to_owned())).collect(),
                None => vec![None],
            };
            for choice in choices {
                let options = Options { remote_data: true, choice, ..Options::default() };
                if let Ok(plan) = Plan::compile(self.connector, resource, name, &options) {
                    plans.push((resource.to_owned(), name, plan));
                }
            }
        }
        // Users first: where two kinds of request look the same, theirs counts.
        plans.sort_by_key(|(resource, name, _)| (*name != MethodName::List, resource != "users"));
        let mut lists = Vec::new();
        for (resource, name, plan) in &plans {
            let free = free_places(&plan.source);
            let mut endpoints = Vec::new();
            for (index, walk) in plan.walks.iter().enumerate() {
                let role = match name {
                    MethodName::List => Role::List { list: lists.len(), walk: index },
                    MethodName::Get => Role::Get { resource: resource.clone() },
                };
                endpoints.push(self.walk(walk, role, free.clone()));
            }
            if *name == MethodName::List {
                lists.push(endpoints);
            }
        }
        let mut others = Vec::new();
        for (_, _, plan) in &plans {
            let parents = plan.each.as_ref().and_then(|each| self.each(each));
            let mut lookups = Vec::new();
            for lookup in &plan.lookups {
                lookup.each.as_ref().map(|each| self.each(each));
                lookups.push(lookup.walk.as_ref().map(|walk| self.walk(walk, Role::Items, Vec::new())));
            }
            others.push((parents, lookups));
            for enrich in &plan.enrich {
                let role = match &enrich.source.batch {
                    Some(batch) => Role::Batch { param: batch.param.clone(), key: batch.key.clone() },
                    None if enrich.source.many => Role::Items,
                    None => Role::One,
                };
                self.walk(&enrich.walk, role, Vec::new());
            }
        }
        let mut lists = lists.into_iter();
        for ((resource, name, plan), (parents, lookups)) in plans.into_iter().zip(others) {
            if name == MethodName::List {
                self.lists.push(ListPlan {
                    resource,
                    plan,
                    endpoints: lists.next().unwrap_or_default(),
                    parents,
                    lookups,
                });
            }
        }
    }

    /// Whether a name stands for something of the operator's own, which may be anything.
    pub(super) fn is_own(&self, name: &str) -> bool {
        match name.split_once('.') {
            Some((outer, _)) => outer == "query" || (self.own.contains(outer) && !self.fan_outs.contains(outer)),
            None => self.own.contains(name),
        }
    }

    fn each(&mut self, each: &EachPlan) -> Option<usize> {
        self.fan_outs.insert(each.source.name.clone());
        match &each.parents {
            ParentsPlan::Walk { walk, .. } => Some(self.walk(walk, Role::Items, Vec::new())),
            _ => None,
        }
    }
}

/// Where filters and sorting write.
fn free_places(method: &Method) -> Vec<(Place, String)> {
    let mut names: Vec<String> = Vec::new();
    for (_, filter) in method.filter.iter() {
        names.extend(filter.param.clone());
        names.extend(
            [&filter.gt, &filter.gte, &filter.lt, &filter.lte].into_iter().flatten().map(|target| target.param.clone()),
        );
    }
    if let Some(sort) = &method.sort {
        names.push(sort.param.clone());
        names.extend(sort.direction.iter().map(|direction| direction.param.clone()));
    }
    let places = [Place::Query, Place::Json, Place::Form, Place::Variable];
    names.iter().flat_map(|name| places.map(|place| (place, name.clone()))).collect()
}
