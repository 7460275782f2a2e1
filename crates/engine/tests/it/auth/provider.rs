//! A provider that answers token and login requests from a list, and accounts to sign in with.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use rollcall_connector::Account;
use rollcall_connector::definition::Definition;
use rollcall_connector::request::{Request, RequestBody, Verb};
use rollcall_engine::auth::{Authenticator, Caller, Calling};
use rollcall_engine::fault::{Fault, FaultKind};
use rollcall_engine::transport::{Answer, Wire};
use serde_json::{Value, json};

/// The first moment of a test.
pub const START: u64 = 1_800_000_000;

pub struct Provider {
    answers: Mutex<VecDeque<Result<Answer, Fault>>>,
    seen: Mutex<Vec<Request>>,
    clock: AtomicU64,
}

impl Provider {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().map(Ok).collect()),
            seen: Mutex::default(),
            clock: AtomicU64::new(START),
        }
    }

    pub fn add(&self, answer: Result<Answer, Fault>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The requests so far; they are forgotten.
    pub fn seen(&self) -> Vec<Request> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// The only request so far.
    pub fn one(&self) -> Request {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

impl Caller for Provider {
    fn call(&self, request: Request) -> Calling<'_> {
        Box::pin(async move {
            self.seen.lock().unwrap().push(request);
            // Others get their turn, so that what must wait is seen to wait.
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            let next = self.answers.lock().unwrap().pop_front();
            next.unwrap_or_else(|| Err(Fault::new(FaultKind::ProviderDown, "nothing more is to be answered")))
        })
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.clock.load(Ordering::SeqCst))
    }
}

pub fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: Bytes::from(body.into()) }
}

pub fn ok(body: Value) -> Answer {
    answer(200, body.to_string())
}

pub fn with_headers(mut answer: Answer, headers: &[(&str, &str)]) -> Answer {
    for (name, value) in headers {
        answer.headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    answer
}

/// An account whose values are all secret fields of the entry.
pub fn account(mut entry: Value, given: &[(&str, &str)]) -> (Definition, Arc<Account>) {
    for (name, _) in given {
        entry["fields"][*name] = json!({"label": name, "secret": true, "optional": true});
    }
    let definition: Definition = serde_json::from_value(json!({
        "schema": 1,
        "id": "sample",
        "name": "Sample",
        "category": "identity",
        "docs": "https://docs.example.com/",
        "auth": {"entry": entry},
        "http": {"base": "https://api.example.com/v1"},
        "resources": {},
        "unified": {},
    }))
    .unwrap();
    let given: BTreeMap<String, String> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let account = Account::new(&definition, Some("entry"), &given, None).unwrap();
    (definition, Arc::new(account))
}

pub fn try_sign_in(entry: Value, given: &[(&str, &str)]) -> Result<Authenticator, Fault> {
    let (definition, account) = account(entry, given);
    Authenticator::new(definition.auth.get("entry").unwrap(), &definition.http.base, account)
}

pub fn sign_in(entry: Value, given: &[(&str, &str)]) -> Authenticator {
    try_sign_in(entry, given).unwrap()
}

pub fn get(url: &str) -> Request {
    Request { verb: Verb::Get, url: url.to_owned(), query: Vec::new(), headers: Vec::new(), body: RequestBody::None }
}

/// A request of the listing with its credentials.
pub fn applied(auth: &Authenticator, mut request: Request) -> Request {
    let _generation = auth.apply(&mut request).unwrap();
    request
}

pub fn header(request: &Request, name: &str) -> Option<String> {
    let mut found = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = found.next().map(|(_, value)| value.clone());
    assert!(found.next().is_none(), "`{name}` twice");
    value
}

pub fn form(request: &Request) -> BTreeMap<String, String> {
    match &request.body {
        RequestBody::Form(members) => {
            let map: BTreeMap<String, String> = members.iter().cloned().collect();
            assert_eq!(map.len(), members.len(), "a member stands twice");
            map
        }
        other => panic!("not a form: {other:?}"),
    }
}

pub fn members(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn wire(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Wire {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
    }
    Wire {
        method,
        url: url.parse().unwrap(),
        headers: map,
        body: Bytes::from(body.to_owned()),
        timeout: Duration::from_secs(1),
        max_bytes: 1,
    }
}

pub fn wire_header(wire: &Wire, name: &str) -> Option<String> {
    wire.headers.get(name).map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
}
