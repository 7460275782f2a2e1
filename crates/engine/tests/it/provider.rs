//! A made-up provider: a connector from a text, answers from a closure, a clock that does not wait.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rollcall_connector::{Account, Catalog, Connector};
use rollcall_engine::clock::Clock;
use rollcall_engine::transport::{Answer, Sending, Transport, TransportError, Wire};
use rollcall_engine::{Completeness, Fault, Limits, ListRequest, Listing, Session, SessionParts};
use serde_json::Value;

/// The head of every connector here; `resources` and the rest follow.
pub const HEAD: &str = "
schema: 1
id: acme
name: Acme
category: test
docs: https://acme.example/docs
auth:
  api_token: {fields: {token: {label: Token, secret: true}}, header: {Authorization: 'Bearer {token}'}}
http:
  base: https://api.acme.example/v1
";

/// A list of users at `/users` with an id and a name, paged as told.
pub fn users(page: &str) -> String {
    format!(
        "{HEAD}\nresources:\n  users:\n    list:\n      get: /users\n      items: .users\n      page: {page}\nunified:\n  users:\n    fields: {{id: .id, name: .name, status: .status}}\n"
    )
}

type Answering = dyn Fn(&Wire, u32) -> Result<Answer, TransportError> + Send + Sync;

/// Answers by a closure; keeps every URL that was asked for.
pub struct Provider {
    answer: Box<Answering>,
    calls: AtomicU32,
    pub asked: Mutex<Vec<String>>,
}

impl Transport for Provider {
    fn send(&self, wire: Wire) -> Sending<'_> {
        self.asked.lock().expect("asked").push(wire.url.to_string());
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = (self.answer)(&wire, call);
        Box::pin(std::future::ready(answer))
    }
}

/// A clock on which waiting takes no time, but is noted.
#[derive(Default)]
pub struct TestClock {
    pub waits: Mutex<Vec<Duration>>,
    offset: Mutex<Duration>,
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000) + *self.offset.lock().expect("offset")
    }

    fn instant(&self) -> Instant {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        *START + *self.offset.lock().expect("offset")
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.lock().expect("waits").push(duration);
        *self.offset.lock().expect("offset") += duration;
        Box::pin(std::future::ready(()))
    }
}

/// A connector from its text.
pub fn connector(text: &str) -> Arc<Connector> {
    let folder = std::env::temp_dir().join(format!("rollcall-engine-{}-{:x}", std::process::id(), unique()));
    std::fs::create_dir_all(folder.join("acme")).expect("a folder");
    std::fs::write(folder.join("acme/connector.yaml"), text).expect("a file");
    let loaded = Catalog::of_folder(folder.clone()).connector("acme");
    let _ = std::fs::remove_dir_all(folder);
    match loaded {
        Ok(connector) => connector,
        Err(rollcall_connector::catalog::CatalogError::Broken { findings, .. }) => panic!("{findings:#?}"),
        Err(fault) => panic!("{fault}"),
    }
}

fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A listing of a made-up provider.
pub struct World {
    pub provider: Arc<Provider>,
    pub clock: Arc<TestClock>,
    pub session: Arc<Session>,
}

impl World {
    pub fn new(
        yaml: &str,
        answer: impl Fn(&Wire, u32) -> Result<Answer, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self::with_limits(yaml, Limits::default(), answer)
    }

    pub fn with_limits(
        yaml: &str,
        limits: Limits,
        answer: impl Fn(&Wire, u32) -> Result<Answer, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self::made(yaml, limits, None, &[("token", "canary-secret-1")], answer)
    }

    pub fn with_account(
        yaml: &str,
        auth: &str,
        given: &[(&str, &str)],
        answer: impl Fn(&Wire, u32) -> Result<Answer, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self::made(yaml, Limits::default(), Some(auth), given, answer)
    }

    fn made(
        yaml: &str,
        limits: Limits,
        auth: Option<&str>,
        given: &[(&str, &str)],
        answer: impl Fn(&Wire, u32) -> Result<Answer, TransportError> + Send + Sync + 'static,
    ) -> Self {
        let connector = connector(yaml);
        let given: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let account = Account::new(connector.definition(), auth, &given, None).expect("an account");
        let provider =
            Arc::new(Provider { answer: Box::new(answer), calls: AtomicU32::new(0), asked: Mutex::default() });
        let clock = Arc::new(TestClock::default());
        let parts = SessionParts {
            connector,
            account: Arc::new(account),
            transport: Arc::clone(&provider) as Arc<dyn Transport>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            limits,
            base_url: None,
            keeper: None,
        };
        Self { provider, clock, session: Session::new(parts).expect("a session") }
    }

    /// Lists everything; what came before a fault is not given back, as nobody may take it for the list.
    pub fn list(&self, request: ListRequest) -> Result<(Vec<Value>, Completeness), Fault> {
        block_on(async {
            let mut listing = Listing::start(Arc::clone(&self.session), request).await?;
            let mut records = Vec::new();
            while let Some(batch) = listing.next().await? {
                records.extend(
                    batch.records().map(|record| serde_json::from_slice::<Value>(record).expect("a record is JSON")),
                );
            }
            Ok((records, listing.completeness().clone()))
        })
    }

    pub fn users(&self) -> Result<(Vec<Value>, Completeness), Fault> {
        self.list(ListRequest { resource: "users".to_owned(), ..ListRequest::default() })
    }

    pub fn asked(&self) -> Vec<String> {
        self.provider.asked.lock().expect("asked").clone()
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// An answer with headers.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Result<Answer, TransportError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).expect("a name"), HeaderValue::try_from(*value).expect("a value"));
    }
    Ok(Answer { status: StatusCode::from_u16(status).expect("a status"), headers: map, body: body.into() })
}

pub fn ok(body: Value) -> Result<Answer, TransportError> {
    answer(200, &[("content-type", "application/json")], body.to_string())
}

/// The query parameter of a request.
pub fn param(wire: &Wire, name: &str) -> Option<String> {
    wire.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

pub fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().filter_map(|record| record.get("id")?.as_str()).collect()
}
