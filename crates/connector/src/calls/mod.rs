//! Every call that a connector makes, by what it is for: what specifications and recorded exchanges are held against.

mod graphql;
mod pattern;

use serde_json::Value;

use crate::connector::{Connector, MethodName};
use crate::definition::{Items, Map};
use crate::plan::{EachPlan, Options, ParentsPlan, Plan, Walk};
use crate::request::{BodyTemplate, Leaf, RequestParts, RequestTemplate};
use crate::template::Template;

pub use graphql::root_fields;
pub use pattern::PathShape;

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The records themselves.
    Records,
    /// The parents of a fan-out.
    Parents,
    Lookup,
    Enrich,
    /// Signing in.
    SignIn,
    /// A value found once per account.
    Discover,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Empty for calls that belong to no resource.
    pub resource: &'a str,
    pub method: MethodName,
    pub role: Role,
    /// Of the pass, lookup, enrichment, …
    pub name: String,
    pub request: RequestTemplate,
    /// `None` for sign-in and discovery, which hold no records.
    pub walk: Option<&'a Walk>,
    /// The plan it belongs to.
    pub plan: Option<&'a Plan>,
    /// The name of the fan-out around it.
    pub each: Option<&'a EachPlan>,
}

impl Call<'_> {
    /// `users list`, `users list lookup roles`, `sign-in token`.
    #[must_use]
    pub fn label(&self) -> String {
        let place = format!("{} {}", self.resource, self.method.as_str());
        match self.role {
            Role::Records if self.name == "all" => place,
            Role::Records => format!("{place} ({})", self.name),
            Role::Parents => format!("{place} parents"),
            Role::Lookup => format!("{place} lookup {}", self.name),
            Role::Enrich => format!("{place} enrich {}", self.name),
            Role::SignIn => format!("sign-in {}", self.name),
            Role::Discover => format!("discover {}", self.name),
        }
    }

    /// Query, form and top-level JSON members whose value is written in the connector.
    #[must_use]
    pub fn constants(&self) -> Vec<(String, String)> {
        let mut constants = Vec::new();
        for (name, leaf) in &self.request.query {
            constants.extend(constant(leaf).map(|value| (name.clone(), value)));
        }
        constants.extend(self.own_query().into_iter().filter(|(_, value)| !value.is_empty()));
        match &self.request.body {
            BodyTemplate::Form(members) | BodyTemplate::Json { tree: Leaf::Object(members), .. } => {
                constants.extend(members.iter().filter_map(|(name, leaf)| Some((name.clone(), constant(leaf)?))));
            }
            _ => {}
        }
        constants
    }

    /// A query that stands in the path itself: `/api.php?action=query`.
    fn own_query(&self) -> Vec<(String, String)> {
        let text: String = self.request.target.skeleton().into_iter().map(|part| part.unwrap_or("")).collect();
        text.split_once('?')
            .map(|(_, query)| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default()
    }

    /// Names of all query parameters that it may send; paging and filters not counted.
    #[must_use]
    pub fn query_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.request.query.iter().map(|(name, _)| name.clone()).collect();
        names.extend(self.own_query().into_iter().map(|(name, _)| name));
        names
    }

    /// Names of the top-level members of its form or JSON body.
    #[must_use]
    pub fn body_names(&self) -> Vec<String> {
        match &self.request.body {
            BodyTemplate::Form(members) | BodyTemplate::Json { tree: Leaf::Object(members), .. } => {
                members.iter().map(|(name, _)| name.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The root fields of its GraphQL document; empty when it has none.
    #[must_use]
    pub fn graphql_fields(&self) -> Vec<String> {
        match &self.request.body {
            BodyTemplate::Graphql { query, .. } => root_fields(query),
            _ => Vec::new(),
        }
    }

    /// A header whose value is written in the connector.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.request
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, template)| literal(template))
    }
}

fn constant(leaf: &Leaf) -> Option<String> {
    match leaf {
        Leaf::Text(template) => literal(template),
        Leaf::Constant(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
            Some(crate::request::text(value))
        }
        _ => None,
    }
}

fn literal(template: &Template) -> Option<String> {
    match template.skeleton().as_slice() {
        [] => Some(String::new()),
        [Some(text)] => Some((*text).to_owned()),
        _ => None,
    }
}

/// Every method of every resource, compiled; each branch of a choice on its own.
#[must_use]
pub fn plans(connector: &Connector) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (resource, name, method) in connector.methods_by_resource() {
        let choices: Vec<Option<String>> = match &method.choose {
            Some(choose) => choose.of.keys().map(|choice| Some(choice.to_owned())).collect(),
            None => vec![None],
        };
        for choice in choices {
            let options = Options { choice, ..Options::default() };
            plans.extend(Plan::compile(connector, resource, name, &options));
        }
    }
    plans
}

/// Every call of compiled methods, and those that come before them.
#[must_use]
pub fn calls<'a>(connector: &'a Connector, plans: &'a [Plan]) -> Vec<Call<'a>> {
    let mut calls = Vec::new();
    for plan in plans {
        let add = |role: Role, walk: &'a Walk, each: Option<&'a EachPlan>, calls: &mut Vec<Call<'a>>| {
            calls.push(Call {
                resource: &plan.resource,
                method: plan.method,
                role,
                name: walk.name.clone(),
                request: walk.request.clone(),
                walk: Some(walk),
                plan: Some(plan),
                each,
            });
        };
        for walk in &plan.walks {
            add(Role::Records, walk, plan.each.as_ref(), &mut calls);
        }
        if let Some(EachPlan { parents: ParentsPlan::Walk { walk, .. }, .. }) = &plan.each {
            add(Role::Parents, walk, plan.each.as_ref(), &mut calls);
        }
        for enrich in &plan.enrich {
            add(Role::Enrich, &enrich.walk, plan.each.as_ref(), &mut calls);
        }
        for lookup in &plan.lookups {
            if let Some(walk) = &lookup.walk {
                add(Role::Lookup, walk, lookup.each.as_ref(), &mut calls);
            }
            if let Some(EachPlan { parents: ParentsPlan::Walk { walk, .. }, .. }) = &lookup.each {
                add(Role::Parents, walk, lookup.each.as_ref(), &mut calls);
            }
        }
    }
    calls.extend(before(connector));
    calls
}

/// Sign-in and discovery.
fn before(connector: &Connector) -> Vec<Call<'_>> {
    let definition = connector.definition();
    let mut calls = Vec::new();
    let empty = Map::default();
    let none = Map::default();
    let mut add = |role: Role, name: String, parts: RequestParts<'_>| {
        if let Ok(request) = RequestTemplate::compile(&parts, &none) {
            calls.push(Call {
                resource: "",
                method: MethodName::List,
                role,
                name,
                request,
                walk: None,
                plan: None,
                each: None,
            });
        }
    };
    for (name, auth) in definition.auth.iter() {
        let tokens = auth
            .oauth2
            .iter()
            .map(|o| &o.token)
            .chain(auth.jwt.iter().filter_map(|j| j.exchange.as_ref().map(|e| &e.token)));
        for token in tokens {
            add(
                Role::SignIn,
                name.to_owned(),
                RequestParts { get: None, post: Some(token), query: &empty, headers: &none, body: None, auth: &[] },
            );
        }
        for login in auth.session.iter().flat_map(|s| std::iter::once(&s.login).chain(&s.then)) {
            add(
                Role::SignIn,
                name.to_owned(),
                RequestParts {
                    get: login.get.as_deref(),
                    post: login.post.as_deref(),
                    query: &login.query,
                    headers: &login.headers,
                    body: login.body.as_ref(),
                    auth: &[],
                },
            );
        }
    }
    for (name, discover) in definition.http.discover.iter() {
        add(
            Role::Discover,
            name.to_owned(),
            RequestParts {
                get: discover.get.as_deref(),
                post: discover.post.as_deref(),
                query: &discover.query,
                headers: &discover.headers,
                body: None,
                auth: &[],
            },
        );
    }
    calls
}

/// The bases that paths of the connector may be under: its own, and those that a credential brings.
#[must_use]
pub fn bases(connector: &Connector) -> Vec<String> {
    let definition = connector.definition();
    let mut bases = vec![definition.http.base.clone()];
    for (_, auth) in definition.auth.iter() {
        if let Some(base) = auth.base.as_ref().filter(|base| !bases.contains(base)) {
            bases.push(base.clone());
        }
    }
    bases
}

/// The place of the records as a path; rows have none.
#[must_use]
pub fn items_path(items: &Items) -> Option<&str> {
    match items {
        Items::Path(path) => Some(path),
        Items::ValuesOf(values) => Some(&values.values_of),
        Items::One(one) => Some(&one.one),
        Items::Rows(_) => None,
    }
}
