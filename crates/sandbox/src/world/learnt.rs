//! Taking over what the cases' exchanges show.

use rollcall_connector::Catalog;
use rollcall_connector::definition::{Format, Items, Page};
use rollcall_connector::request::text;
use rollcall_engine::cases::{self, LoadedCase};
use rollcall_engine::transport::script::Scripted;
use serde_json::Value;
use url::Url;

use super::{Exchange, World};
use crate::endpoint::Role;
use crate::incoming::Incoming;
use crate::pattern::Captures;
use crate::place;
use crate::reply::Reply;

impl World {
    /// Takes over a case's exchanges.
    pub(super) fn learn(
        &mut self,
        case: &LoadedCase,
        own: &dyn Fn(&str) -> bool,
        is_error: &dyn Fn(&Scripted) -> bool,
    ) {
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
pub(super) fn load(catalog: &Catalog, id: &str) -> Vec<LoadedCase> {
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
