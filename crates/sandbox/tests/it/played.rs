//! A listing from a sandbox, without a network and without waiting.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use rollcall_connector::definition::FieldKind;
use rollcall_connector::{Account, Catalog, Connector};
use rollcall_engine::clock::Clock;
use rollcall_engine::transport::Transport;
use rollcall_engine::{Completeness, Fault, Limits, ListRequest, Listing, Session, SessionParts, cases};
use rollcall_sandbox::{Sandbox, SandboxTransport};
use serde_json::{Map, Value};

/// Every connector that lists a resource and has cases to play.
pub fn played(catalog: &Catalog, resource: &str) -> Vec<String> {
    let mut ids = catalog.ids();
    ids.retain(|id| {
        let lists = catalog
            .connector(id)
            .is_ok_and(|connector| connector.methods(resource).is_some_and(|methods| methods.list.is_some()));
        lists && cases::load(catalog, id, "basic").is_ok()
    });
    ids
}

/// A clock whose waiting costs nothing, and is seen.
pub struct TestClock {
    start: Instant,
    slept: Mutex<Duration>,
}

impl TestClock {
    pub fn new() -> Self {
        Self { start: Instant::now(), slept: Mutex::default() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000) + *self.slept.lock().unwrap()
    }

    fn instant(&self) -> Instant {
        self.start + *self.slept.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.slept.lock().unwrap() += duration;
        Box::pin(std::future::ready(()))
    }
}

/// What came of a listing.
pub struct Played {
    pub ids: Vec<String>,
    pub outcome: Result<Completeness, Fault>,
}

impl Played {
    /// The ids, each once.
    pub fn distinct(&self) -> BTreeSet<&str> {
        self.ids.iter().map(String::as_str).collect()
    }
}

/// How a connector's `basic` case signs in, and what it asks for.
pub struct Caller {
    connector: Arc<Connector>,
    account: Arc<Account>,
    request: ListRequest,
}

impl Caller {
    pub fn new(catalog: &Catalog, slug: &str, resource: &str) -> Self {
        let connector = catalog.connector(slug).unwrap();
        let case = cases::load(catalog, connector.id(), "basic").unwrap().case;
        // Switches stay at their defaults: a case may have turned off what it is not about.
        let is_switch = |name: &str| {
            connector
                .definition()
                .settings
                .get(name)
                .is_some_and(|field| field.is == FieldKind::Boolean && field.default.is_some())
        };
        let settings = case.settings.into_iter().filter(|(name, _)| !is_switch(name)).collect();
        let auth = case.auth.as_deref();
        let account =
            Account::new(connector.definition(), auth, &cases::values(&connector, &settings, auth), None).unwrap();
        let method = connector.methods(resource).and_then(|methods| methods.list.as_ref());
        let declared = |name: &str| {
            method.is_some_and(|m| {
                m.parameters.get(name).is_some() || m.choose.as_ref().is_some_and(|c| c.parameter == name)
            })
        };
        let query = if case.resource == resource { case.query } else { Map::new() };
        let parameters = query
            .iter()
            .filter(|(name, _)| declared(name))
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        let request = ListRequest { resource: resource.to_owned(), parameters, ..ListRequest::default() };
        Self { connector, account: Arc::new(account), request }
    }

    /// Lists from a sandbox, without a network.
    pub fn list(&self, sandbox: Sandbox) -> Played {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.through(Arc::new(SandboxTransport::new(Arc::new(sandbox))), None))
    }

    /// Lists by another way to the sandbox.
    pub async fn through(&self, transport: Arc<dyn Transport>, base_url: Option<url::Url>) -> Played {
        // Small enough that a body without end is soon too large.
        let limits = Limits { page_bytes_max: 8 * 1024 * 1024, ..Limits::default() };
        let parts = SessionParts {
            connector: Arc::clone(&self.connector),
            account: Arc::clone(&self.account),
            transport,
            clock: Arc::new(TestClock::new()),
            limits,
            base_url,
            keeper: None,
        };
        let mut ids = Vec::new();
        let mut listing = match Listing::start(Session::new(parts).unwrap(), self.request.clone()).await {
            Ok(listing) => listing,
            Err(fault) => return Played { ids, outcome: Err(fault) },
        };
        loop {
            match listing.next().await {
                Ok(Some(batch)) => {
                    for record in batch.records() {
                        let record: Value = serde_json::from_slice(record).unwrap();
                        ids.push(record.get("id").and_then(Value::as_str).unwrap_or_default().to_owned());
                    }
                }
                Ok(None) => return Played { ids, outcome: Ok(listing.completeness().clone()) },
                Err(fault) => return Played { ids, outcome: Err(fault) },
            }
        }
    }
}
