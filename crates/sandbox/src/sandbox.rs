//! One product, played.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use rollcall_connector::catalog::CatalogError;
use rollcall_connector::definition::Format;
use rollcall_connector::{Catalog, Connector};
use serde_json::{Value, json};

use crate::Fault;
use crate::credential::{self, Secrets};
use crate::detour;
use crate::document::Document;
use crate::endpoint::{Endpoint, Role};
use crate::incoming::Incoming;
use crate::mark::{self, PEOPLE_MAX};
use crate::options::SandboxOptions;
use crate::pages::{self, Onward, Standing};
use crate::pattern::Captures;
use crate::people::{List, Person};
use crate::place;
use crate::reply::Reply;
use crate::world::{Exchange, Known, World, distinct};

/// One product, played.
#[derive(Debug)]
pub struct Sandbox {
    connector: Arc<Connector>,
    options: SandboxOptions,
    world: Arc<World>,
    secrets: Secrets,
    /// Faults shown so far.
    shown: AtomicU32,
}

/// Why a product cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("`{0}` has no cases to play")]
    NoCases(String),
    #[error("{0} users are too many: at most {PEOPLE_MAX} can be told apart")]
    TooMany(u64),
}

impl Sandbox {
    /// Reads a connector's plans and cases.
    ///
    /// # Errors
    /// There is no such connector, it has mistakes, or it has no case.
    pub fn new(catalog: &Catalog, slug: &str, options: SandboxOptions) -> Result<Self, SandboxError> {
        let connector = catalog.connector(slug)?;
        if catalog.cases(connector.id()).is_empty() {
            return Err(SandboxError::NoCases(connector.id().to_owned()));
        }
        if options.users.max(options.others.unwrap_or(0)) > PEOPLE_MAX {
            return Err(SandboxError::TooMany(options.users));
        }
        let world = World::new(catalog, &connector, &options);
        let world = Arc::new(world);
        let issued = world.sign_in.iter().filter_map(|call| call.token()).collect();
        let secrets = Secrets::new(connector.definition(), &world.given, issued);
        Ok(Self { connector, options, world, secrets, shown: AtomicU32::new(0) })
    }

    /// The same product with something else going wrong: at `page`, `times` times.
    #[must_use]
    pub fn with_fault(&self, fault: Option<Fault>, page: Option<u64>, times: Option<u32>) -> Self {
        let options = SandboxOptions { fault, page, times, ..self.options.clone() };
        Self {
            connector: Arc::clone(&self.connector),
            options,
            world: Arc::clone(&self.world),
            secrets: self.secrets.clone(),
            shown: AtomicU32::new(0),
        }
    }

    /// The connector whose product this is.
    #[must_use]
    pub fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// How many people the first list of a resource has, whatever has to be turned on to see them all.
    #[must_use]
    pub fn count(&self, resource: &str) -> Option<u64> {
        let (_, index) = self.world.of_resource.iter().find(|(known, _)| known == resource)?;
        self.world.lists.get(*index).map(List::count)
    }

    /// Answers a request.
    #[must_use]
    pub fn handle(&self, method: http::Method, url: url::Url, headers: http::HeaderMap, body: &[u8]) -> Reply {
        let request = Incoming::new(method, url, headers, body);
        let Some((index, captures)) = self.world.find(&request) else { return Reply::not_found() };
        let Some(known) = self.world.endpoints.get(index) else { return Reply::not_found() };
        if let Role::SignIn(call) = known.endpoint.role {
            return self
                .world
                .sign_in
                .get(call)
                .map_or_else(Reply::not_found, |call| call.answer(&request, &captures, &self.secrets));
        }
        if !credential::is_signed(self.connector.definition(), &self.secrets, &request) {
            return self.refused();
        }
        if let Some(fault) = self.options.fault.filter(|fault| fault.is_refusal() && self.is_due()) {
            return match fault {
                Fault::Unauthorized => self.refused(),
                _ => self
                    .world
                    .forbidden
                    .clone()
                    .unwrap_or_else(|| Reply::json(403, &json!({"message": "you may not do this"}))),
            };
        }
        match &known.endpoint.role {
            Role::List { list, walk } => self.page(known, *list, *walk, &request, &captures),
            Role::Get { resource } => self.one(known, resource, &captures),
            Role::Items => self.items(known, &request, &captures),
            Role::One => self.belonging(known, &captures),
            Role::Batch { param, key } => batch(known, &request, param, key),
            Role::Discover { find } => match known.exchanges.first() {
                Some(exchange) => reply(&known.endpoint, 200, exchange.body.clone()),
                None => {
                    let mut body = Value::Null;
                    place::put(&mut body, find, Value::from("sandbox"));
                    Reply::json(200, &body)
                }
            },
            Role::SignIn(_) => Reply::not_found(),
        }
    }

    fn refused(&self) -> Reply {
        let refused = self
            .world
            .refused
            .clone()
            .unwrap_or_else(|| Reply::json(401, &json!({"message": "the sandbox accepts the secret `sandbox`"})));
        if credential::wants_challenge(self.connector.definition()) {
            return refused.with(
                "www-authenticate",
                "Digest realm=\"sandbox\", nonce=\"73616e64626f78\", qop=\"auth\", algorithm=SHA-256",
            );
        }
        refused
    }

    /// Whether a fault is to be shown once more.
    fn is_due(&self) -> bool {
        self.options.times.is_none_or(|times| self.shown.fetch_add(1, Ordering::Relaxed) < times)
    }

    /// A page of a list.
    fn page(&self, known: &Known, list: usize, walk: usize, request: &Incoming, captures: &Captures) -> Reply {
        let Some(people) = self.world.lists.get(list) else { return Reply::not_found() };
        let Some(document) = people.walks.get(walk).map(|walk| &walk.document) else { return Reply::not_found() };
        let view = people.view(walk, captures);
        let total = people.len(view);
        let page = &known.endpoint.page;
        let asked =
            pages::window(page, request, captures, self.options.page_size_max, &|text| people.position(view, text));
        // An empty page in the middle moves what follows by one page, or by one request.
        let number = asked.start / asked.size;
        let at = self.options.page.unwrap_or_else(|| u64::from(total > asked.size));
        let fault = self.options.fault.filter(|fault| !fault.is_refusal());
        let is_here = number == at && asked.start.is_multiple_of(asked.size);
        let mut standing = Standing {
            window: asked,
            given: asked.size.min(total.saturating_sub(asked.start)),
            total,
            next: None,
            more_pages: 0,
        };
        let mut from = asked.start;
        let more = asked.start.saturating_add(asked.size) < total;
        standing.next = more.then(|| asked.start + asked.size);
        match fault {
            Some(Fault::EmptyPage) => detour::empty_page(page, &mut standing, &mut from, at),
            Some(Fault::RepeatedCursor) if is_here && number > 0 && self.is_due() => {
                if pages::is_counted(page) {
                    from = asked.start - asked.size;
                    standing.given = asked.size;
                } else {
                    standing.next = Some(asked.start);
                }
            }
            Some(fault) if is_here && !fault.is_of_paging() && self.is_due() => {
                return self.broken(fault, known, people, view, document, &standing, from, request);
            }
            _ => {}
        }
        let onward = pages::onward(page, &standing, request);
        let body = document.page(&onward, &mut |out| people.write(view, from, standing.given, out));
        finished(&known.endpoint, &onward, body)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one page")]
    fn broken(
        &self,
        fault: Fault,
        known: &Known,
        people: &List,
        view: crate::people::View,
        document: &Document,
        standing: &Standing,
        from: u64,
        request: &Incoming,
    ) -> Reply {
        let whole = || {
            let onward = pages::onward(&known.endpoint.page, standing, request);
            let body = document.page(&onward, &mut |out| people.write(view, from, standing.given, out));
            (finished(&known.endpoint, &onward, body.clone()), body)
        };
        match fault {
            Fault::Throttled => Reply::json(429, &json!({"message": "slow down"})).with("retry-after", "1"),
            Fault::ThrottledNoHint => Reply::json(429, &json!({"message": "slow down"})),
            Fault::ServerError => Reply::of(500, "text/plain", "internal error"),
            Fault::Timeout => Reply::Silence,
            Fault::Html => Reply::of(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n",
            ),
            Fault::HugePage => Reply::Huge,
            Fault::Truncated => {
                let (reply, body) = whole();
                match reply {
                    Reply::Answer { status, headers, .. } => {
                        Reply::Answer { status, headers, body: body.slice(..body.len() / 2) }
                    }
                    other => other,
                }
            }
            _ => match whole().0 {
                Reply::Answer { status, headers, body } => Reply::Cut { status, headers, body },
                other => other,
            },
        }
    }

    /// One record.
    fn one(&self, known: &Known, resource: &str, captures: &Captures) -> Reply {
        let id = captures.iter().find(|(name, _)| name == "id").map(|(_, value)| value.as_str()).unwrap_or_default();
        if let Some(exchange) =
            known.exchanges.iter().find(|exchange| exchange.key.iter().any(|(name, value)| name == "id" && value == id))
        {
            return reply(&known.endpoint, 200, exchange.body.clone());
        }
        let person = self
            .world
            .of_resource
            .iter()
            .find(|(name, _)| name == resource)
            .and_then(|(_, list)| self.world.lists.get(*list)?.find(id));
        let Some(person) = person else { return self.gone() };
        let source = person.number.and_then(|number| person.template.source_of(id, number)).unwrap_or(id);
        let sample = known
            .exchanges
            .iter()
            .find(|exchange| exchange.key.iter().any(|(name, value)| name == "id" && value == source))
            .or(known.exchanges.iter().find(|exchange| !exchange.items.is_empty()));
        let listed = match person.number {
            Some(number) => person.template.value(number),
            None => person.template.original.clone(),
        };
        let (mut record, document) = match sample {
            Some(exchange) => (
                exchange.items.first().cloned().unwrap_or_default(),
                Document::new(&known.endpoint.format, &known.endpoint.items, &exchange.body, &exchange.items),
            ),
            None => (Value::Null, Document::new(&known.endpoint.format, &known.endpoint.items, b"{}", &[])),
        };
        overlay(&mut record, listed);
        reply(&known.endpoint, 200, document.single(&record))
    }

    fn gone(&self) -> Reply {
        self.world.gone.clone().unwrap_or_else(|| Reply::json(404, &json!({"message": "not found"})))
    }

    /// Items that belong to what the request names.
    fn items(&self, known: &Known, request: &Incoming, captures: &Captures) -> Reply {
        let exchanges = self.about(known, captures).exchanges;
        let items = distinct(exchanges.iter().flat_map(|exchange| exchange.items.iter()));
        let sample = exchanges.first().copied().or(known.exchanges.first());
        let keys: Vec<Option<String>> = exchanges.iter().flat_map(|exchange| exchange.keys.iter().cloned()).collect();
        let document = Document::new(
            &known.endpoint.format,
            &known.endpoint.items,
            sample.map_or(b"", |exchange| exchange.body.as_ref()),
            sample.map_or(&[], |exchange| &exchange.items),
        );
        let page = &known.endpoint.page;
        let window = pages::window(page, request, captures, None, &|text| {
            items.iter().position(|item| item.to_string().contains(text)).map(|at| at as u64)
        });
        let total = items.len() as u64;
        let start = usize::try_from(window.start).unwrap_or(usize::MAX);
        let size = usize::try_from(window.size).unwrap_or(usize::MAX);
        let standing = Standing {
            window,
            given: window.size.min(total.saturating_sub(window.start)),
            total,
            next: (window.start.saturating_add(window.size) < total).then(|| window.start + window.size),
            more_pages: 0,
        };
        let onward = pages::onward(page, &standing, request);
        let body = document.page(&onward, &mut |out| {
            for (position, item) in items.iter().enumerate().skip(start).take(size) {
                if position > start {
                    out.extend_from_slice(document.separator());
                }
                out.extend_from_slice(document.record(item, keys.get(position).and_then(Option::as_deref)).as_bytes());
            }
        });
        finished(&known.endpoint, &onward, body)
    }

    /// One thing that belongs to what the request names.
    fn belonging(&self, known: &Known, captures: &Captures) -> Reply {
        let about = self.about(known, captures);
        match (about.exchanges.first(), about.person) {
            (Some(exchange), None) => reply(&known.endpoint, 200, exchange.body.clone()),
            (Some(exchange), Some((template, number))) => {
                translated(known, exchange, |body| template.translate(body, number))
            }
            // The cases ask this of someone else: what it says of them has to do.
            (None, _) => match known.exchanges.iter().find(|exchange| !exchange.body.is_empty()) {
                Some(exchange) => translated(known, exchange, |body| {
                    for (name, value) in &exchange.key {
                        if let Some((_, wanted)) = captures.iter().find(|(known, _)| known == name) {
                            replace(body, value, wanted);
                        }
                    }
                }),
                None => self.gone(),
            },
        }
    }

    /// The exchanges about what a request names; for a generated person those about the one she was made of.
    fn about<'a>(&'a self, known: &'a Known, captures: &Captures) -> About<'a> {
        let value = |name: &str| captures.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let with = |key: &dyn Fn(&str) -> Option<String>| -> Vec<&'a Exchange> {
            known
                .exchanges
                .iter()
                .filter(|exchange| exchange.key.iter().all(|(name, value)| key(name).as_deref() == Some(value)))
                .collect()
        };
        let exact = with(&|name| value(name).map(str::to_owned));
        if !exact.is_empty() {
            return About { exchanges: exact, person: None };
        }
        let person = |text: &str| {
            self.world.lists.iter().find_map(|list| list.find(text).filter(|person| person.number.is_some()))
        };
        let source = |name: &str| {
            let text = value(name)?;
            let origin = person(text)
                .and_then(|Person { template, number }| template.source_of(text, number?).map(str::to_owned));
            Some(origin.unwrap_or_else(|| text.to_owned()))
        };
        let named =
            captures.iter().filter(|(name, _)| name == "id" || name.contains('.')).find_map(|(_, text)| person(text));
        About {
            exchanges: with(&source),
            person: named.and_then(|person| Some((person.template.clone(), person.number?))),
        }
    }
}

/// What the cases say of something.
struct About<'a> {
    exchanges: Vec<&'a Exchange>,
    /// Whom it has to be made to say it of.
    person: Option<(mark::Template, u64)>,
}

/// An answer about someone of the cases, as one about someone else.
fn translated(known: &Known, exchange: &Exchange, translate: impl Fn(&mut Value)) -> Reply {
    let Ok(mut body) = serde_json::from_slice::<Value>(&exchange.body) else {
        return reply(&known.endpoint, 200, exchange.body.clone());
    };
    translate(&mut body);
    Reply::json(200, &body)
}

/// Items for many ids at once.
fn batch(known: &Known, request: &Incoming, param: &str, key: &str) -> Reply {
    let ids = request
        .query(param)
        .map(str::to_owned)
        .or_else(|| request.form.iter().find(|(name, _)| name == param).map(|(_, value)| value.clone()))
        .unwrap_or_default();
    let all: Vec<&Value> = known.exchanges.iter().flat_map(|exchange| exchange.items.iter()).collect();
    let items: Vec<Value> = ids
        .split(',')
        .filter(|id| !id.is_empty())
        .filter_map(|id| {
            let same =
                |item: &&&Value| place::at(item, key).map(rollcall_connector::request::text).as_deref() == Some(id);
            let mut item = (*all.iter().find(same).or(all.first())?).clone();
            place::put(&mut item, key, Value::from(id));
            Some(item)
        })
        .collect();
    let sample = known.exchanges.first();
    let document = Document::new(
        &known.endpoint.format,
        &known.endpoint.items,
        sample.map_or(b"", |exchange| exchange.body.as_ref()),
        &items,
    );
    let body = document.page(&Onward::default(), &mut |out| {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                out.extend_from_slice(document.separator());
            }
            out.extend_from_slice(document.record(item, None).as_bytes());
        }
    });
    reply(&known.endpoint, 200, body)
}

/// What the list says of a person, over an answer about another: members of another kind stay.
fn overlay(record: &mut Value, listed: Value) {
    match (record, listed) {
        (Value::Object(record), Value::Object(listed)) => {
            for (name, value) in listed {
                match record.get_mut(&name) {
                    Some(found) => overlay(found, value),
                    None => drop(record.insert(name, value)),
                }
            }
        }
        (record, listed)
            if record.is_null()
                || (record.is_array() == listed.is_array() && record.is_object() == listed.is_object()) =>
        {
            *record = listed
        }
        _ => {}
    }
}

fn replace(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => *text = new.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, old, new)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, old, new)),
        _ => {}
    }
}

fn content_type(format: &Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xml(_) => "text/xml; charset=utf-8",
    }
}

fn reply(endpoint: &Endpoint, status: u16, body: Bytes) -> Reply {
    Reply::of(status, content_type(&endpoint.format), body)
}

fn finished(endpoint: &Endpoint, onward: &Onward, body: Bytes) -> Reply {
    let mut reply = reply(endpoint, onward.status.unwrap_or(200), body);
    for (name, value) in &onward.headers {
        reply = reply.with(name, value);
    }
    reply
}
