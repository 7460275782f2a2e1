//! What a connector's plans and cases together say about its provider: every request that can come, and what the cases answer to it.

mod builder;
mod context;
mod learnt;
mod lists;

use std::collections::{BTreeSet, HashMap};

use rollcall_connector::request::text;
use rollcall_connector::{Catalog, Connector};
use rollcall_engine::transport::script::Scripted;
use rollcall_mapping::Scratch;
use rollcall_mapping::condition::Condition;
use serde_json::Value;

use self::builder::Builder;
use self::learnt::load;
use self::lists::Making;
pub use self::lists::distinct;
use crate::endpoint::Endpoint;
use crate::incoming::Incoming;
use crate::options::SandboxOptions;
use crate::pattern::Captures;
use crate::people::List;
use crate::reply::Reply;
use crate::sign_in::SignIn;

/// Everything that can be asked, and what is known of the answers.
#[derive(Debug)]
pub struct World {
    pub endpoints: Vec<Known>,
    pub lists: Vec<List>,
    /// The list of each resource, for reading one: resource and index.
    pub of_resource: Vec<(String, usize)>,
    pub sign_in: Vec<SignIn>,
    pub refused: Option<Reply>,
    pub forbidden: Option<Reply>,
    pub gone: Option<Reply>,
    /// Values that cases give their accounts, by setting.
    pub given: HashMap<String, Vec<String>>,
}

/// One kind of request with the cases' exchanges.
#[derive(Debug)]
pub struct Known {
    pub endpoint: Endpoint,
    pub exchanges: Vec<Exchange>,
}

/// An exchange of a case.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What the request named, without the operator's own values.
    pub key: Captures,
    pub body: bytes::Bytes,
    pub items: Vec<Value>,
    pub keys: Vec<Option<String>>,
}

impl World {
    /// Reads plans and cases.
    pub fn new(catalog: &Catalog, connector: &Connector, options: &SandboxOptions) -> Self {
        let mut builder = Builder::new(connector);
        builder.plans();
        let cases = load(catalog, connector.id());
        let mut world = Self {
            endpoints: std::mem::take(&mut builder.endpoints)
                .into_iter()
                .map(|endpoint| Known { endpoint, exchanges: Vec::new() })
                .collect(),
            lists: Vec::new(),
            of_resource: Vec::new(),
            sign_in: std::mem::take(&mut builder.sign_in),
            refused: None,
            forbidden: None,
            gone: None,
            given: HashMap::new(),
        };
        let failed_when = connector
            .definition()
            .http
            .errors
            .failed_when
            .as_ref()
            .and_then(|written| Condition::compile(written, &[]).ok());
        let failed = |body: &[u8]| {
            failed_when
                .as_ref()
                .is_some_and(|condition| condition.holds(body, &[], &mut Scratch::new()).unwrap_or(false))
        };
        let is_error = |exchange: &Scripted| !(200..300).contains(&exchange.status) || failed(&exchange.response_body);
        for case in &cases {
            for (name, value) in &case.case.settings {
                world.given.entry(name.clone()).or_default().push(text(value));
            }
            world.learn(case, &|name| builder.is_own(name), &is_error);
        }
        let mut making = Making {
            world: &world,
            connector,
            plans: &builder.lists,
            made: builder.lists.iter().map(|_| None).collect(),
            options,
            under_way: BTreeSet::new(),
        };
        for index in 0..builder.lists.len() {
            making.list(index);
        }
        for (list, made) in builder.lists.iter().zip(making.made) {
            if !world.of_resource.iter().any(|(resource, _)| *resource == list.resource) {
                world.of_resource.push((list.resource.clone(), world.lists.len()));
            }
            world.lists.push(made.unwrap_or_default());
        }
        world
    }

    /// The kind of request that this is, and what it names.
    pub fn find(&self, request: &Incoming) -> Option<(usize, Captures)> {
        [true, false].into_iter().find_map(|strict| {
            let mut best: Option<(usize, usize, Captures)> = None;
            for (index, known) in self.endpoints.iter().enumerate() {
                if let Some((score, captures)) = known.endpoint.shape.matches(request, strict)
                    && best.as_ref().is_none_or(|(_, most, _)| score > *most)
                {
                    best = Some((index, score, captures));
                }
            }
            best.map(|(index, _, captures)| (index, captures))
        })
    }
}
