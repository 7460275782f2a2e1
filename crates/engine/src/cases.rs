//! Runs a connector's cases: the written exchanges must give exactly the written records.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use rollcall_connector::account::inputs;
use rollcall_connector::definition::{FieldKind, Grant};
use rollcall_connector::request::text;
use rollcall_connector::{Account, Catalog, Connector, MethodName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::fault::{Fault, kind_name};
use crate::get;
use crate::limits::Limits;
use crate::list::Listing;
use crate::query::{self, ListRequest};
use crate::session::{Session, SessionParts};
use crate::transport::script::{ScriptTransport, Scripted};

/// `case.yaml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default = "users")]
    pub resource: String,
    #[serde(default = "list")]
    pub method: String,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub settings: Map<String, Value>,
    #[serde(default)]
    pub auth: Option<String>,
    #[serde(default)]
    pub query: Map<String, Value>,
    pub exchanges: Vec<CaseExchange>,
    #[serde(default)]
    pub expect: Option<Value>,
    #[serde(default)]
    pub fault: Option<String>,
    #[serde(default)]
    pub partial: bool,
    #[serde(default)]
    pub notes: Option<String>,
}

fn users() -> String {
    "users".to_owned()
}

fn list() -> String {
    "list".to_owned()
}

/// One exchange of a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseExchange {
    pub request: CaseRequest,
    pub response: CaseResponse,
}

/// What is expected.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRequest {
    #[serde(default = "get_verb")]
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub query: Map<String, Value>,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Option<Value>,
}

fn get_verb() -> String {
    "GET".to_owned()
}

/// What is answered: `body` is a file of the case's folder, or the value itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResponse {
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub body: Value,
}

fn ok() -> u16 {
    200
}

/// How a case went.
#[derive(Clone, Debug, Serialize)]
pub struct CaseResult {
    pub case: String,
    pub passed: bool,
    pub differences: Vec<String>,
    pub records: usize,
}

/// A case with the bodies of its files.
#[derive(Clone, Debug)]
pub struct LoadedCase {
    pub name: String,
    pub case: Case,
    pub exchanges: Vec<Scripted>,
    pub expected: Option<Vec<Value>>,
}

/// Reads a case.
///
/// # Errors
/// What cannot be read, as a message with the file.
pub fn load(catalog: &Catalog, id: &str, name: &str) -> Result<LoadedCase, String> {
    let file = format!("cases/{name}/case.yaml");
    let text_of = |path: &str| catalog.file(id, path).ok_or_else(|| format!("{id}/{path}: no such file"));
    let document = rollcall_yaml::parse(&text_of(&file)?)
        .map_err(|fault| format!("{id}/{file}:{}:{}: {fault}", fault.place.line, fault.place.column))?;
    let case: Case = serde_json::from_value(document.to_json()).map_err(|fault| format!("{id}/{file}: {fault}"))?;
    let mut exchanges = Vec::new();
    for exchange in &case.exchanges {
        let body = match &exchange.response.body {
            Value::String(path) if catalog.file(id, &format!("cases/{name}/{path}")).is_some() => {
                Bytes::from(text_of(&format!("cases/{name}/{path}"))?.into_owned())
            }
            Value::String(path) if path.ends_with(".json") || path.ends_with(".xml") => {
                return Err(format!("{id}/cases/{name}/{path}: no such file"));
            }
            Value::String(words) => Bytes::from(words.clone()),
            Value::Null => Bytes::new(),
            value => Bytes::from(value.to_string()),
        };
        let pairs = |members: &Map<String, Value>| -> Vec<(String, String)> {
            members
                .iter()
                .flat_map(|(name, value)| match value {
                    Value::Array(items) => items.iter().map(|item| (name.clone(), text(item))).collect(),
                    other => vec![(name.clone(), text(other))],
                })
                .collect()
        };
        let (url, own_query) = exchange
            .request
            .url
            .split_once('?')
            .map_or((exchange.request.url.clone(), None), |(url, query)| (url.to_owned(), Some(query)));
        let mut query = pairs(&exchange.request.query);
        query.extend(
            own_query
                .into_iter()
                .flat_map(|q| url::form_urlencoded::parse(q.as_bytes()).into_owned().collect::<Vec<_>>()),
        );
        exchanges.push(Scripted {
            method: exchange.request.method.clone(),
            url,
            query,
            headers: pairs(&exchange.request.headers).into_iter().map(|(n, v)| (n.to_lowercase(), v)).collect(),
            body: exchange.request.body.clone(),
            status: exchange.response.status,
            response_headers: pairs(&exchange.response.headers),
            response_body: body,
        });
    }
    let expected = match &case.expect {
        None => None,
        Some(Value::String(path)) => Some(records(
            serde_json::from_str(&text_of(&format!("cases/{name}/{path}"))?)
                .map_err(|fault| format!("{id}/cases/{name}/{path}: {fault}"))?,
        )),
        Some(value) => Some(records(value.clone())),
    };
    Ok(LoadedCase { name: name.to_owned(), case, exchanges, expected })
}

fn records(value: Value) -> Vec<Value> {
    match value {
        Value::Array(records) => records,
        one => vec![one],
    }
}

/// The values that a case gives an account: its settings, and `sandbox` (or something of its kind) for the rest.
#[must_use]
pub fn values(connector: &Connector, settings: &Map<String, Value>, auth: Option<&str>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let definition = connector.definition();
    let auth = auth.or_else(|| definition.auth.keys().next()).unwrap_or_default();
    for (name, field) in inputs(definition, auth) {
        if values.contains_key(&name) || field.optional || field.default.is_some() {
            continue;
        }
        let value = match field.is {
            FieldKind::Text => "sandbox".to_owned(),
            FieldKind::Integer => "1".to_owned(),
            FieldKind::Boolean => "false".to_owned(),
            FieldKind::Choice => field.values.keys().next().unwrap_or_default().to_owned(),
            FieldKind::Host | FieldKind::Url => {
                field.example.clone().unwrap_or_else(|| "sandbox.example.com".to_owned())
            }
        };
        values.insert(name, value);
    }
    // A sign-in by browser has happened: the case begins with its token.
    let signed_in = definition
        .auth
        .get(auth)
        .and_then(|entry| entry.oauth2.as_ref())
        .is_some_and(|oauth2| oauth2.grant == Grant::AuthorizationCode);
    if signed_in && !values.contains_key("refresh_token") {
        values.entry("access_token".to_owned()).or_insert_with(|| "sandbox".to_owned());
    }
    values
}

/// Runs one case.
pub async fn run(connector: &Arc<Connector>, loaded: &LoadedCase) -> CaseResult {
    let case = &loaded.case;
    let mut differences = Vec::new();
    let transport = Arc::new(ScriptTransport::new(loaded.exchanges.clone()));
    let outcome = attempt(connector, case, Arc::clone(&transport)).await;
    let mut count = 0;
    match (&outcome, &case.fault) {
        (Err(fault), Some(expected)) => {
            if kind_name(fault.kind) != expected {
                differences.push(format!("the fault is `{}`, not `{expected}`: {fault}", kind_name(fault.kind)));
            }
        }
        (Err(fault), None) => differences.push(format!(
            "ended with the fault `{}`: {fault}{}",
            kind_name(fault.kind),
            fault.provider_said.as_ref().map(|s| format!(" ({s})")).unwrap_or_default()
        )),
        (Ok(_), Some(expected)) => differences.push(format!("ended well where the fault `{expected}` was expected")),
        (Ok((records, complete)), None) => {
            count = records.len();
            if *complete == case.partial {
                differences.push(if case.partial {
                    "is called complete, where it should be partial".to_owned()
                } else {
                    "is called partial".to_owned()
                });
            }
            if let Some(expected) = &loaded.expected {
                compare(expected, records, &mut differences);
            }
        }
    }
    // Also where a fault is expected: an exchange that is never asked for shows nothing.
    differences.extend(transport.complaints());
    CaseResult { case: loaded.name.clone(), passed: differences.is_empty(), differences, records: count }
}

async fn attempt(
    connector: &Arc<Connector>,
    case: &Case,
    transport: Arc<ScriptTransport>,
) -> Result<(Vec<Value>, bool), Fault> {
    let given = values(connector, &case.settings, case.auth.as_deref());
    let account = Account::new(connector.definition(), case.auth.as_deref(), &given, None).map_err(|problems| {
        let text = problems.into_iter().map(|p| p.message).collect::<Vec<_>>().join("; ");
        Fault::new(crate::fault::FaultKind::BadRequest, text)
    })?;
    let limits = Limits { attempts_max: 1, ..Limits::default() };
    let session = Session::new(SessionParts {
        connector: Arc::clone(connector),
        account: Arc::new(account),
        transport,
        clock: Arc::new(CaseClock(Instant::now())),
        limits,
        base_url: None,
        keeper: None,
    })?;
    let method = if case.method == "get" { MethodName::Get } else { MethodName::List };
    let resource = query::resource(connector, &case.resource, method)?;
    let mut request = ListRequest { resource: case.resource.clone(), ..ListRequest::default() };
    let written = connector.method(&case.resource, method);
    for (name, value) in &case.query {
        let value = text(value);
        let base = name.split('.').next().unwrap_or_default();
        let declared = written.is_some_and(|m| {
            m.parameters.get(base).is_some() || m.choose.as_ref().is_some_and(|c| c.parameter == base)
        });
        if name == "sort_by" {
            request.sort = Some(query::sort(resource, &value)?);
        } else if name == "limit" {
            request.limit = value.parse().ok();
        } else if declared {
            request.parameters.insert(name.clone(), value);
        } else {
            request.filters.push(query::filter(resource, name, &value)?);
        }
    }
    if method == MethodName::Get {
        let got = get::get(session, request, case.id.as_deref().unwrap_or_default()).await?;
        let record = serde_json::from_slice(&got.record).unwrap_or_default();
        return Ok((vec![record], got.completeness.missing.is_empty()));
    }
    let mut listing = Listing::start(session, request).await?;
    let mut records = Vec::new();
    while let Some(batch) = listing.next().await? {
        records.extend(batch.records().map(|record| serde_json::from_slice::<Value>(record).unwrap_or_default()));
    }
    let completeness = listing.completeness();
    Ok((records, completeness.complete && completeness.missing.is_empty()))
}

fn compare(expected: &[Value], records: &[Value], differences: &mut Vec<String>) {
    if expected.len() != records.len() {
        differences.push(format!("{} records where {} are expected", records.len(), expected.len()));
    }
    for wanted in expected {
        let id = wanted.get("id").cloned().unwrap_or_default();
        match records.iter().find(|record| record.get("id") == Some(&id)) {
            None => differences.push(format!("no record with the id {id}")),
            Some(record) => fields(&id, wanted, record, differences),
        }
    }
    for record in records {
        if !expected.iter().any(|wanted| wanted.get("id") == record.get("id")) {
            differences.push(format!("an unexpected record: {record}"));
        }
    }
    let order = |list: &[Value]| list.iter().filter_map(|r| r.get("id").cloned()).collect::<Vec<_>>();
    if differences.is_empty() && order(expected) != order(records) {
        differences.push(format!("the order is {:?}", order(records).iter().map(text).collect::<Vec<_>>()));
    }
}

fn fields(id: &Value, wanted: &Value, record: &Value, differences: &mut Vec<String>) {
    let empty = Map::new();
    let (wanted, record) = (wanted.as_object().unwrap_or(&empty), record.as_object().unwrap_or(&empty));
    for (name, value) in wanted {
        match record.get(name) {
            Some(found) if found == value => {}
            Some(found) => differences.push(format!("{id}: `{name}` is {found}, not {value}")),
            None => differences.push(format!("{id}: `{name}` is absent, not {value}")),
        }
    }
    for (name, found) in record {
        if !wanted.contains_key(name) {
            differences.push(format!("{id}: `{name}` is {found}, and should be absent"));
        }
    }
}

/// A fixed day, and no waiting.
struct CaseClock(Instant);

impl Clock for CaseClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000)
    }

    fn instant(&self) -> Instant {
        self.0
    }

    fn sleep(&self, _: Duration) -> std::pin::Pin<Box<dyn std::future::Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}
