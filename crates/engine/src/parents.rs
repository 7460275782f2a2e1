//! The parents of a fan-out: organizations, workspaces, groups, projects, ….

use std::future::Future;
use std::pin::Pin;

use rollcall_connector::plan::{EachPlan, ParentsPlan};
use rollcall_connector::template::Position;
use serde_json::{Map, Value};

use crate::fault::{Fault, FaultKind};
use crate::list;
use crate::query::ListRequest;
use crate::session::{Extra, Session};
use crate::tables::{holds, keep};
use crate::values::scalar_text;
use crate::{errors, walk};

/// One parent: its name in the connector, and what is kept of it.
#[derive(Clone, Debug)]
pub struct Parent {
    name: String,
    pub members: Map<String, Value>,
}

impl Parent {
    /// A parent.
    #[must_use]
    pub fn new(name: &str, members: Map<String, Value>) -> Self {
        Self { name: name.to_owned(), members }
    }

    /// The value of `name.member` for templates.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        scalar_text(&self.json(name)?)
    }

    /// The value of `name.member` as JSON.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<Value> {
        let (own, member) = name.split_once('.')?;
        if own != self.name {
            return None;
        }
        let members = Value::Object(self.members.clone());
        errors::at(&members, &format!(".{member}")).cloned()
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        self.members.get("id").and_then(scalar_text).unwrap_or_default()
    }

    /// What people call it.
    #[must_use]
    pub fn label(&self) -> String {
        ["name", "id"].iter().find_map(|key| self.members.get(*key).and_then(scalar_text)).unwrap_or_default()
    }

    /// As JSON, for the mapping.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        Value::Object(self.members.clone()).to_string().into_bytes()
    }
}

type Listing<'a> = Pin<Box<dyn Future<Output = Result<Vec<Parent>, Fault>> + Send + 'a>>;

/// The parents to walk: the given one, or all.
///
/// # Errors
/// Faults of the calls; more parents than the limit.
pub fn list<'a>(session: &'a Session, each: &'a EachPlan, extra: Extra<'a>) -> Listing<'a> {
    Box::pin(async move {
        let name = each.source.name.as_str();
        if let Some(id) = given(session, each, extra) {
            let mut members = Map::new();
            members.insert("id".to_owned(), Value::from(id));
            return Ok(vec![Parent::new(name, members)]);
        }
        let max = session.limits().parents_max;
        let parents: Vec<Parent> = match &each.parents {
            ParentsPlan::Values(values) => values
                .iter()
                .map(|value| match value {
                    Value::Object(members) => Parent::new(name, members.clone()),
                    id => Parent::new(name, Map::from_iter([("id".to_owned(), id.clone())])),
                })
                .collect(),
            ParentsPlan::Walk { walk, keep: members, condition } => {
                let what = format!("reading the `{name}`s to walk");
                let items = walk::collect(session, walk, &what, extra, max).await?;
                let kept = items.iter().filter(|item| holds(condition.as_ref(), item));
                kept.map(|item| Parent::new(name, keep(members.iter().map(|(n, p)| (n.as_str(), p)), item, None)))
                    .collect()
            }
            ParentsPlan::Resource(resource) => {
                let request = ListRequest { resource: resource.clone(), ..ListRequest::default() };
                let records = list::all(session, request, extra, max).await?;
                records.into_iter().map(|members| Parent::new(name, members)).collect()
            }
        };
        if parents.len() > max {
            return Err(Fault::new(FaultKind::LimitReached, format!("more than {max} `{name}`s to walk")));
        }
        if let Some(parent) = parents.iter().find(|parent| parent.members.get("id").and_then(scalar_text).is_none()) {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                format!("{}: a `{name}` without an id: {}", session.connector().id(), parent.label()),
            ));
        }
        Ok(parents)
    })
}

fn given(session: &Session, each: &EachPlan, extra: Extra<'_>) -> Option<String> {
    let template = each.given.as_ref()?;
    template
        .render(Position::Plain, &|name| extra(name).or_else(|| session.value(name)))
        .ok()
        .filter(|text| !text.is_empty())
}
