//! What a connector's plans and cases together say about its provider: every request that can come, and what the cases answer to it.

use std::collections::{BTreeSet, HashMap};

use rollcall_connector::definition::{Format, Items, Method, Page, Place};
use rollcall_connector::plan::{EachPlan, Options, ParentsPlan, Plan, Walk};
use rollcall_connector::request::{RequestParts, RequestTemplate, text};
use rollcall_connector::{Catalog, Connector, MethodName};
use rollcall_engine::cases::{self, LoadedCase};
use rollcall_engine::transport::script::Scripted;
use rollcall_mapping::condition::Condition;
use rollcall_mapping::{Found as InTable, Inputs, Scratch, Start, Tables};
use serde_json::Value;
use url::Url;

use crate::document::Document;
use crate::endpoint::{Endpoint, Role, Shape};
use crate::incoming::Incoming;
use crate::mark::{Template, fill};
use crate::options::SandboxOptions;
use crate::pattern::Captures;
use crate::people::{Found, List, Parents};
use crate::place;
use crate::reply::Reply;
use crate::sign_in::{self, SignIn};

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

/// What a list is made of before its people are there.
struct ListPlan {
    resource: String,
    plan: Plan,
    /// By walk: its endpoint.
    endpoints: Vec<usize>,
    /// The parents' endpoint, when a call of its own lists them.
    parents: Option<usize>,
    /// By lookup: its endpoint.
    lookups: Vec<Option<usize>>,
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

    /// Takes over a case's exchanges.
    fn learn(&mut self, case: &LoadedCase, own: &dyn Fn(&str) -> bool, is_error: &dyn Fn(&Scripted) -> bool) {
        let kind = case.case.fault.as_deref();
        // Addresses that an answer led to: the page that follows looks as the provider likes.
        let mut led: Vec<(Url, usize, Captures)> = Vec::new();
        for exchange in &case.exchanges {
            let Some(request) = request_of(exchange) else { continue };
            let reply = || {
                let content_type = exchange
                    .response_headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
                    .map_or("application/json", |(_, value)| value.as_str());
                Reply::of(exchange.status, content_type, exchange.response_body.clone())
            };
            let found = led
                .iter()
                .find(|(url, ..)| same(url, &request.url))
                .map(|(_, index, captures)| (*index, captures.clone()))
                .or_else(|| self.find(&request));
            let is_sign_in = found.as_ref().is_some_and(|(index, _)| {
                matches!(self.endpoints.get(*index).map(|known| &known.endpoint.role), Some(Role::SignIn(_)))
            });
            let slot = match kind {
                Some("credential") if !is_sign_in => Some(&mut self.refused),
                Some("permission") if !is_sign_in => Some(&mut self.forbidden),
                Some("gone") if !is_sign_in => Some(&mut self.gone),
                _ => None,
            };
            if let Some(slot) = slot
                && slot.is_none()
                && is_error(exchange)
            {
                *slot = Some(reply());
            }
            if kind.is_some() || is_error(exchange) {
                continue;
            }
            let Some((endpoint, captures)) = found else { continue };
            let key: Captures = captures.into_iter().filter(|(name, _)| !own(name)).collect();
            let Some(known) = self.endpoints.get_mut(endpoint) else { continue };
            if let Role::SignIn(call) = known.endpoint.role {
                if let Some(sign_in) = self.sign_in.get_mut(call) {
                    sign_in.learn(exchange.response_body.clone(), &exchange.response_headers);
                }
                continue;
            }
            for next in next_links(&known.endpoint.page, &request.url, exchange) {
                led.push((next, endpoint, key.clone()));
            }
            let (items, keys) =
                items_of(&known.endpoint.format, &known.endpoint.items, &exchange.response_body).unwrap_or_default();
            known.exchanges.push(Exchange { key, body: exchange.response_body.clone(), items, keys });
        }
    }
}

/// The cases, the plainest first.
fn load(catalog: &Catalog, id: &str) -> Vec<LoadedCase> {
    let mut names = catalog.cases(id);
    names.sort_by_key(|name| (name != "basic", name != "leavers", name.clone()));
    names.iter().filter_map(|name| cases::load(catalog, id, name).ok()).collect()
}

fn request_of(exchange: &Scripted) -> Option<Incoming> {
    let mut url = Url::parse(&exchange.url).ok()?;
    if !exchange.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&exchange.query);
    }
    let mut headers = http::HeaderMap::new();
    for (name, value) in &exchange.headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::try_from(name.as_str()), http::HeaderValue::try_from(value.as_str()))
        {
            headers.insert(name, value);
        }
    }
    let method = http::Method::from_bytes(exchange.method.to_ascii_uppercase().as_bytes()).ok()?;
    // A case writes a form as an object, as it writes JSON: both readings are offered to the endpoints.
    let body = match &exchange.body {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(tree) => tree.to_string(),
    };
    let mut request = Incoming::new(method, url, headers, body.as_bytes());
    if let Some(Value::Object(members)) = &exchange.body {
        request.form = members.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        request.json = exchange.body.clone();
    }
    Some(request)
}

fn same(a: &Url, b: &Url) -> bool {
    let pairs = |url: &Url| {
        let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        pairs.sort();
        pairs
    };
    a.path() == b.path() && pairs(a) == pairs(b)
}

/// Where an answer leads.
fn next_links(page: &Page, from: &Url, exchange: &Scripted) -> Vec<Url> {
    let header = |name: &str| {
        exchange
            .response_headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    let links: Vec<String> = match page {
        Page::Link(_) => header("link")
            .iter()
            .flat_map(|value| {
                value
                    .split('<')
                    .skip(1)
                    .filter_map(|part| part.split_once('>'))
                    .map(|(url, _)| url.to_owned())
                    .collect::<Vec<_>>()
            })
            .collect(),
        Page::NextUrl(next) => match &next.at {
            rollcall_connector::definition::At::Header(at) => header(&at.header),
            rollcall_connector::definition::At::Path(path) => serde_json::from_slice::<Value>(&exchange.response_body)
                .ok()
                .and_then(|document| Some(place::at(&document, path)?.as_str()?.to_owned()))
                .into_iter()
                .collect(),
        },
        _ => Vec::new(),
    };
    links.iter().filter(|link| !link.is_empty()).filter_map(|link| from.join(link).ok()).collect()
}

/// The records of an answer, with the names of those that are members of an object.
fn items_of(format: &Format, items: &Items, body: &[u8]) -> Option<(Vec<Value>, Vec<Option<String>>)> {
    let json = rollcall_engine::format::to_json(format, items, body).ok()?;
    let document: Value = serde_json::from_slice(&json).ok()?;
    let records = match items {
        Items::Path(path) => place::all(&document, path)?,
        Items::Rows(_) => document.as_array()?.clone(),
        Items::One(one) => vec![place::at(&document, &one.one).filter(|value| value.is_object())?.clone()],
        Items::ValuesOf(values) => {
            let members = place::at(&document, &values.values_of)?.as_object()?;
            return Some((members.values().cloned().collect(), members.keys().cloned().map(Some).collect()));
        }
    };
    let keys = records.iter().map(|_| None).collect();
    Some((records, keys))
}

struct Builder<'a> {
    connector: &'a Connector,
    bases: Vec<String>,
    /// Names that the operator gives, or that signing in and discovery find.
    own: BTreeSet<String>,
    fan_outs: BTreeSet<String>,
    endpoints: Vec<Endpoint>,
    lists: Vec<ListPlan>,
    sign_in: Vec<SignIn>,
}

impl<'a> Builder<'a> {
    fn new(connector: &'a Connector) -> Self {
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

    fn plans(&mut self) {
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
    fn is_own(&self, name: &str) -> bool {
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

/// Lists under way: one may need another for its parents.
struct Making<'a> {
    world: &'a World,
    connector: &'a Connector,
    plans: &'a [ListPlan],
    made: Vec<Option<List>>,
    options: &'a SandboxOptions,
    under_way: BTreeSet<usize>,
}

impl Making<'_> {
    /// Makes a list, and before it those that its parents come from.
    fn list(&mut self, index: usize) {
        let Some(plan) = self.plans.get(index) else { return };
        if self.made.get(index).is_none_or(Option::is_some) || !self.under_way.insert(index) {
            return;
        }
        let parents = plan.plan.each.as_ref().map(|each| self.parents(plan, each));
        let paths = self.identity_paths(plan);
        let tables = CaseTables::new(self.world, plan);
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut walks = Vec::new();
        for (position, walk) in plan.plan.walks.iter().enumerate() {
            let known = plan.endpoints.get(position).and_then(|endpoint| self.world.endpoints.get(*endpoint));
            // Where another list's walk looks the same, that one answers.
            let is_own = known.is_some_and(|known| known.endpoint.role == Role::List { list: index, walk: position });
            let exchanges: &[Exchange] = known.filter(|_| is_own).map_or(&[], |known| &known.exchanges);
            let mut found = Vec::new();
            for exchange in exchanges {
                let share = match &parents {
                    Some(parents) => {
                        parents.members.iter().position(|members| names(&parents.name, members, &exchange.key))
                    }
                    None => Some(0),
                };
                let Some(share) = share else { continue };
                for (record, key) in exchange.items.iter().zip(&exchange.keys) {
                    let context = Context {
                        plan: &plan.plan,
                        walk,
                        parent: parents.as_ref().and_then(|parents| parents.members.get(share)),
                        key: key.as_deref(),
                        tables: &tables,
                    };
                    let Some(id) = context.id(record) else { continue };
                    if !ids.insert(id.clone()) {
                        continue;
                    }
                    let template = Template::new(record.clone(), key.clone(), &paths, &id);
                    let copies = copied(&context, &template);
                    found.push(Found { share, template, copies });
                }
            }
            if matches!(walk.items, Items::One(_)) {
                found.truncate(1);
                found.iter_mut().for_each(|found| found.copies = false);
            }
            let first = exchanges.iter().find(|exchange| !exchange.items.is_empty()).or(exchanges.first());
            let records = first.map(|exchange| exchange.items.clone()).unwrap_or_default();
            let mut document = Document::new(
                &walk.format,
                &walk.items,
                first.map_or(b"", |exchange| exchange.body.as_ref()),
                &records,
            );
            for table in &plan.plan.tables {
                merge(document.envelope_mut(), &table.source.items, exchanges);
            }
            let is_off = walk.when.as_ref().is_some_and(|when| !self.is_on(when));
            walks.push((document, parents.clone(), found, is_off));
        }
        let count = if plan.resource == "users" { Some(self.options.users) } else { self.options.others };
        if let Some(slot) = self.made.get_mut(index) {
            *slot = Some(List::new(walks, count));
        }
        self.under_way.remove(&index);
    }

    /// Whether a pass runs with every setting at its default.
    fn is_on(&self, when: &rollcall_connector::template::Template) -> bool {
        let settings = &self.connector.definition().settings;
        let value = |name: &str| settings.get(name)?.default.as_ref().map(text);
        when.render(rollcall_connector::template::Position::Plain, &value).is_ok_and(|text| text == "true")
    }

    /// The parents of a list's fan-out, as the engine would see them.
    fn parents(&mut self, plan: &ListPlan, each: &EachPlan) -> Parents {
        let name = each.source.name.clone();
        let flat = |value: &Value| -> HashMap<String, String> {
            value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
        };
        let members = match &each.parents {
            ParentsPlan::Values(values) => values
                .iter()
                .map(
                    |value| {
                        if value.is_object() { flat(value) } else { HashMap::from([("id".to_owned(), text(value))]) }
                    },
                )
                .collect(),
            ParentsPlan::Resource(resource) => {
                let Some(index) = self.plans.iter().position(|plan| plan.resource == *resource) else {
                    return Parents { name, members: Vec::new() };
                };
                self.list(index);
                let (Some(Some(list)), Some(of)) = (self.made.get(index), self.plans.get(index)) else {
                    return Parents { name, members: Vec::new() };
                };
                let unified = |(record, walk): (Value, usize)| {
                    Context {
                        plan: &of.plan,
                        walk: of.plan.walks.get(walk)?,
                        parent: None,
                        key: None,
                        tables: &CaseTables::default(),
                    }
                    .unified(&record)
                    .as_ref()
                    .map(flat)
                };
                list.all().filter_map(unified).collect()
            }
            ParentsPlan::Walk { keep, condition, .. } => {
                let endpoint = plan.parents.and_then(|index| self.world.endpoints.get(index));
                // The same call may be another list of ours, which then has more than the cases.
                let items: Vec<Value> = match endpoint.map(|known| &known.endpoint.role) {
                    Some(Role::List { list, .. }) => {
                        self.list(*list);
                        self.made
                            .get(*list)
                            .and_then(Option::as_ref)
                            .map(|list| list.all().map(|(record, _)| record).collect())
                            .unwrap_or_default()
                    }
                    _ => distinct(
                        endpoint
                            .into_iter()
                            .flat_map(|known| known.exchanges.iter())
                            .flat_map(|exchange| exchange.items.iter()),
                    ),
                };
                let holds = |condition: &Option<Condition>, item: &Value| {
                    condition.as_ref().is_none_or(|condition| {
                        condition.holds(item.to_string().as_bytes(), &[], &mut Scratch::new()).unwrap_or(false)
                    })
                };
                let kept = |item: &Value| {
                    keep.iter()
                        .filter_map(|(name, path)| {
                            Some((
                                name.clone(),
                                if path.starts_with('.') { text(place::at(item, path)?) } else { path.clone() },
                            ))
                        })
                        .collect()
                };
                items.iter().filter(|item| holds(condition, item)).map(kept).collect()
            }
        };
        Parents { name, members }
    }

    /// The paths whose values tell people apart: those of the id and the login, and the one that paging goes by.
    fn identity_paths(&self, plan: &ListPlan) -> Vec<String> {
        let mut paths = Vec::new();
        if let Some(unified) = self.connector.definition().unified.get(&plan.resource) {
            ["id", "username"]
                .iter()
                .filter_map(|field| unified.fields.get(*field))
                .for_each(|expression| collect(expression, &mut paths));
        }
        for walk in &plan.plan.walks {
            if let Page::Last(last) = &walk.page {
                paths.push(last.of.clone());
            }
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

/// Whether a request named this parent.
fn names(each: &str, members: &HashMap<String, String>, key: &Captures) -> bool {
    let mut given =
        key.iter().filter_map(|(name, value)| Some((name.strip_prefix(each)?.strip_prefix('.')?, value))).peekable();
    given.peek().is_some() && given.all(|(name, value)| members.get(name) == Some(value))
}

/// Items without repetitions.
pub fn distinct<'a>(items: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.to_string())).cloned().collect()
}

/// Puts together what stands beside the records in several answers of the cases.
fn merge(envelope: &mut Value, path: &str, exchanges: &[Exchange]) {
    if place::steps(path).is_empty() || place::at(envelope, path).is_none() {
        return;
    }
    let documents: Vec<Value> =
        exchanges.iter().filter_map(|exchange| serde_json::from_slice(&exchange.body).ok()).collect();
    let all: Vec<Value> =
        documents.iter().filter_map(|document| place::at(document, path)?.as_array().cloned()).flatten().collect();
    place::put(envelope, path, Value::Array(distinct(all.iter())));
}

/// A record where it stands.
struct Context<'a> {
    plan: &'a Plan,
    walk: &'a Walk,
    parent: Option<&'a HashMap<String, String>>,
    key: Option<&'a str>,
    tables: &'a CaseTables,
}

/// Tables as far as the cases fill them: an id may come from one.
#[derive(Default)]
struct CaseTables(Vec<HashMap<String, Vec<u8>>>);

impl Tables for CaseTables {
    fn find(&self, table: usize, key: &str) -> InTable<'_> {
        match self.0.get(table).map(|table| table.get(key)) {
            Some(Some(row)) => InTable::Value(row),
            Some(None) => InTable::Nothing,
            None => InTable::Unknown,
        }
    }
}

impl CaseTables {
    fn new(world: &World, plan: &ListPlan) -> Self {
        // Those of the page are not read here: they tell of a record what the record refers to, never who it is.
        let mut tables: Vec<HashMap<String, Vec<u8>>> = plan.plan.tables.iter().map(|_| HashMap::new()).collect();
        for (lookup, endpoint) in plan.plan.lookups.iter().zip(&plan.lookups) {
            let mut rows = HashMap::new();
            for (key, row) in lookup.source.table.iter().flatten() {
                rows.insert(key.clone(), row.to_string().into_bytes());
            }
            let exchanges =
                endpoint.and_then(|index| world.endpoints.get(index)).map_or(&[][..], |known| &known.exchanges);
            for exchange in exchanges.iter().filter(|_| !lookup.source.many) {
                let value = |item: &Value, path: &str| match path.strip_prefix('$') {
                    Some(name) => exchange
                        .key
                        .iter()
                        .find(|(known, _)| known == name)
                        .map(|(_, value)| Value::from(value.as_str())),
                    None if path.starts_with('.') => place::at(item, path).filter(|value| !value.is_null()).cloned(),
                    None => Some(Value::from(path)),
                };
                for item in &exchange.items {
                    let holds = lookup.condition.as_ref().is_none_or(|condition| {
                        condition.holds(item.to_string().as_bytes(), &[], &mut Scratch::new()).unwrap_or(false)
                    });
                    let Some(key) = value(item, lookup.source.key.as_deref().unwrap_or_default()).filter(|_| holds)
                    else {
                        continue;
                    };
                    let row: serde_json::Map<String, Value> = lookup
                        .source
                        .keep
                        .iter()
                        .filter_map(|(name, path)| Some((name.to_owned(), value(item, path)?)))
                        .collect();
                    rows.entry(text(&key)).or_insert_with(|| Value::Object(row).to_string().into_bytes());
                }
            }
            tables.push(rows);
        }
        Self(tables)
    }
}

impl Context<'_> {
    fn map(&self, record: &Value) -> Option<(String, Vec<u8>)> {
        let bytes = record.to_string().into_bytes();
        let pass = self.walk.set.as_ref().map(|set| set.to_string().into_bytes());
        let parent = self.parent.map(|members| serde_json::to_vec(members).unwrap_or_default());
        let key = self.key.map(|key| Value::from(key).to_string().into_bytes());
        let each = self.plan.each.as_ref().map(|each| each.source.name.as_str());
        let contexts: Vec<Option<&[u8]>> = self
            .plan
            .contexts
            .iter()
            .map(|name| match name.as_str() {
                "key" => key.as_deref(),
                "pass" => pass.as_deref(),
                name if Some(name) == each => parent.as_deref(),
                _ => None,
            })
            .collect();
        let mut scratch = Scratch::new();
        let mut out = Vec::new();
        self.plan
            .mapping
            .map(&bytes, Start::default(), &Inputs { contexts: &contexts, tables: self.tables }, &mut scratch, &mut out)
            .ok()?;
        Some((scratch.id()?.to_owned(), out))
    }

    fn id(&self, record: &Value) -> Option<String> {
        self.map(record).map(|(id, _)| id)
    }

    fn unified(&self, record: &Value) -> Option<Value> {
        self.map(record).and_then(|(_, bytes)| serde_json::from_slice(&bytes).ok())
    }
}

/// Whether copies of a record are people of their own.
fn copied(context: &Context<'_>, template: &Template) -> bool {
    let id = |number: u64| {
        let key = template.key.as_ref().map(|(_, hole)| fill(hole, number));
        Context { key: key.as_deref(), ..*context }.id(&template.value(number))
    };
    match (id(1), id(2)) {
        (Some(first), Some(second)) => first != second,
        _ => false,
    }
}

/// Paths of values in an expression.
fn collect(expression: &Value, paths: &mut Vec<String>) {
    match expression {
        Value::String(text) if text.starts_with('.') && text != "." => paths.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, paths)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("when" | "where" | "map" | "with" | "on" | "literal" | "find", _) => {}
                    ("template", Value::String(text)) => {
                        paths.extend(
                            text.split('{')
                                .skip(1)
                                .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
                                .filter(|path| path.starts_with('.')),
                        );
                    }
                    (_, member) => collect(member, paths),
                }
            }
        }
        _ => {}
    }
}
