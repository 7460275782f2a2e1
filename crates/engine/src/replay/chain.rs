//! Pages that follow each other in a recording: our paging must go on where the recorder went on, and ask for the same.

use std::collections::BTreeMap;

use rollcall_connector::MethodName;
use rollcall_connector::calls::{Call, Role};
use rollcall_connector::definition::{Page, Place, Size};
use rollcall_connector::request::{Request, RequestBody, Verb};
use url::Url;

use super::ExchangeReport;
use super::page::Reading;
use super::recording::Recorded;
use crate::paging::{Next, Outcome, Paging};

/// The list that is being followed.
#[derive(Default)]
pub struct Chain {
    under_way: Option<UnderWay>,
    complaint: Option<String>,
}

struct UnderWay {
    call: String,
    path: String,
    sent: BTreeMap<String, String>,
    paging: Paging,
    page: Page,
    decision: Next,
}

impl Chain {
    /// The list has ended, or something else came between.
    pub fn close(&mut self) {
        self.under_way = None;
    }

    /// What is wrong with the decision about the page before.
    pub fn complaint(&mut self) -> Option<String> {
        self.complaint.take()
    }

    /// Takes note of a page.
    pub fn step(&mut self, call: &Call<'_>, exchange: &Recorded, reading: &Reading, report: &mut ExchangeReport) {
        let Some(walk) = call.walk.filter(|_| call.method == MethodName::List || call.role != Role::Records) else {
            self.close();
            return;
        };
        let (sent, path) = (exchange.sent(), exchange.path.clone().unwrap_or_default());
        let earlier = self.under_way.take().filter(|known| known.call == call.label());
        let mut state = match earlier {
            Some(known) => match follows(&known, &sent, &path) {
                Some(changed) => {
                    report.followed = true;
                    match compare(&known, exchange, &changed) {
                        Err(Disagreement::Stops(_)) if reading.received == 0 => {
                            // The recorder looked behind the end and found nothing, as we knew.
                            return;
                        }
                        Err(Disagreement::Stops(difference) | Disagreement::Asks(difference)) => {
                            self.complaint = Some(difference);
                            return;
                        }
                        Ok(Some(note)) => {
                            // Another way of paging: nothing further can be compared.
                            report.followed = false;
                            report.notes.push(note);
                            return;
                        }
                        Ok(None) => {}
                    }
                    known
                }
                None => begin(call, &walk.page, &sent),
            },
            None => begin(call, &walk.page, &sent),
        };
        if starts_midway(&state, &sent) {
            return;
        }
        let outcome = Outcome {
            headers: &exchange.answer_headers,
            value: &|path| reading.values.iter().find(|(known, _)| known == path).and_then(|(_, value)| value.clone()),
            received: reading.received,
            last: reading.last.clone(),
            fingerprint: None,
        };
        match state.paging.advance(&outcome) {
            Ok(decision) => {
                state.decision = decision;
                state.sent = sent;
                state.path = path;
                self.under_way = Some(state);
            }
            Err(fault) => report.differences.push(format!("paging gives up: {}", fault.message)),
        }
    }
}

fn begin(call: &Call<'_>, page: &Page, sent: &BTreeMap<String, String>) -> UnderWay {
    let page = as_asked(page, sent);
    UnderWay {
        call: call.label(),
        path: String::new(),
        sent: BTreeMap::new(),
        paging: Paging::new(&page, 10_000),
        page,
        decision: Next::Continue,
    }
}

/// A first request that already asks for a later page: the numbers before it are not known.
fn starts_midway(state: &UnderWay, sent: &BTreeMap<String, String>) -> bool {
    if state.paging.pages() > 0 {
        return false;
    }
    let (name, start) = match &state.page {
        Page::Page(p) => (p.param.as_str(), u64::from(p.start)),
        Page::Offset(p) => (p.param.as_str(), u64::from(p.start)),
        Page::Scim(_) => ("startIndex", 1),
        _ => return false,
    };
    sent.get(name).is_some_and(|value| value.parse() != Ok(start))
}

/// Words in the names of parameters that move on, and of those that say how much.
const MOVING: [&str; 14] = [
    "page", "cursor", "after", "offset", "start", "skip", "token", "next", "marker", "since", "from", "bookmark",
    "scroll", "continue",
];
const SIZES: [&str; 12] = [
    "per_page",
    "page_size",
    "pagesize",
    "perpage",
    "limit",
    "count",
    "first",
    "max",
    "top",
    "size",
    "results",
    "page[size]",
];

/// The parameters that moved, when the request asks for another page of the same list.
fn follows(known: &UnderWay, sent: &BTreeMap<String, String>, path: &str) -> Option<Vec<String>> {
    if known.path != path && !matches!(&known.page, Page::NextUrl(_) | Page::Link(_)) && !in_path(&known.page) {
        return None;
    }
    let mut changed: Vec<&String> =
        sent.iter().filter(|(name, value)| known.sent.get(*name) != Some(value)).map(|(name, _)| name).collect();
    changed.retain(|name| *name != "query" || known.sent.contains_key("query"));
    let own = own_names(&known.page);
    let moving = |name: &str| {
        let lower = name.to_lowercase();
        own.iter().any(|own| own == name)
            || (!SIZES.contains(&lower.as_str()) && MOVING.iter().any(|word| lower.contains(word)))
    };
    let moved: Vec<String> = changed.iter().filter(|name| moving(name)).map(|name| (*name).clone()).collect();
    let others = changed.iter().any(|name| !moving(name));
    // A parameter that is gone belongs to another question, unless a link replaced everything.
    let gone = known.sent.keys().any(|name| !sent.contains_key(name) && !moving(name))
        && !matches!(&known.page, Page::NextUrl(_) | Page::Link(_));
    (!moved.is_empty()
        && !gone
        && (!others || matches!(&known.page, Page::NextUrl(_) | Page::Link(_)))
        && !back_to_start(known, sent))
    .then_some(moved)
}

/// A request for the first page again is a new walk.
fn back_to_start(known: &UnderWay, sent: &BTreeMap<String, String>) -> bool {
    match &known.page {
        Page::Page(p) => sent.get(&p.param).is_some_and(|value| *value == p.start.to_string()),
        Page::Offset(p) => sent.get(&p.param).is_some_and(|value| *value == p.start.to_string()),
        _ => false,
    }
}

fn in_path(page: &Page) -> bool {
    matches!(page, Page::Cursor(p) if p.place == Place::Path)
}

fn own_names(page: &Page) -> Vec<String> {
    match page {
        Page::Cursor(p) => vec![p.param.clone()],
        Page::Page(p) => vec![p.param.clone()],
        Page::Offset(p) => vec![p.param.clone()],
        Page::Last(p) => vec![p.param.clone()],
        Page::Scim(_) => vec!["startIndex".to_owned()],
        Page::Range(_) => vec!["Range".to_owned()],
        _ => Vec::new(),
    }
}

/// How our paging differs from the recorder's.
enum Disagreement {
    /// It would end here.
    Stops(String),
    /// It would ask for something else.
    Asks(String),
}

/// Whether our next request would be the recorded one; a text is a remark.
fn compare(known: &UnderWay, exchange: &Recorded, changed: &[String]) -> Result<Option<String>, Disagreement> {
    if let Next::End(why) = &known.decision {
        return Err(Disagreement::Stops(format!(
            "paging would stop ({why}) although the recording goes on with {}",
            changed.join(", ")
        )));
    }
    let sent = exchange.sent();
    let ours = match known.paging.url() {
        Some(link) => {
            let base = Url::parse("https://relative.invalid/").ok();
            let Some(url) = base.and_then(|base| base.join(link).ok()) else {
                return Err(Disagreement::Asks(format!("the next link `{link}` is not a URL")));
            };
            url.query_pairs().into_owned().collect::<BTreeMap<String, String>>()
        }
        None => {
            let mut request = Request {
                verb: Verb::Get,
                url: String::new(),
                query: Vec::new(),
                headers: Vec::new(),
                body: RequestBody::None,
            };
            known.paging.put(&mut request);
            placed(&request, known)
        }
    };
    let mut compared = false;
    for name in changed {
        if let (Some(ours), Some(theirs)) = (ours.get(name), sent.get(name)) {
            compared = true;
            if ours != theirs && decoded(ours) != decoded(theirs) {
                return Err(Disagreement::Asks(format!(
                    "our next request has `{name}={ours}`, the recorded one `{name}={theirs}`"
                )));
            }
        }
    }
    if compared || in_path(&known.page) {
        return Ok(None);
    }
    Ok(Some(format!(
        "the recorder pages by {}, the connector by {}",
        changed.join(", "),
        if ours.is_empty() { "the link".to_owned() } else { ours.keys().cloned().collect::<Vec<_>>().join(", ") }
    )))
}

/// What paging put into an empty request, by name.
fn placed(request: &Request, known: &UnderWay) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = request.query.iter().chain(&request.headers).cloned().collect();
    match &request.body {
        RequestBody::Form(members) => all.extend(members.iter().cloned()),
        RequestBody::Json { value, .. } => {
            let whole = Recorded {
                method: String::new(),
                path: None,
                has_host: false,
                query: Vec::new(),
                headers: BTreeMap::new(),
                body: value.clone(),
                status: 200,
                answer_headers: http::HeaderMap::new(),
                answer: serde_json::Value::Null,
                trimmed_from: None,
            };
            all.extend(whole.sent());
        }
        _ => {}
    }
    if in_path(&known.page) {
        all.insert("cursor".to_owned(), known.paging.cursor_text());
    }
    all
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={text}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The paging with the page size that the recorder chose, since stop rules compare with it.
fn as_asked(page: &Page, sent: &BTreeMap<String, String>) -> Page {
    let asked = |size: &Option<Size>| -> Option<Size> {
        let size = size.as_ref()?;
        let max = sent.get(&size.param)?.parse().ok()?;
        Some(Size { max, ..size.clone() })
    };
    let mut page = page.clone();
    match &mut page {
        Page::None(p) | Page::Range(p) => p.size = asked(&p.size),
        Page::Scim(p) => {
            let param = p.size.as_ref().map_or_else(|| "count".to_owned(), |size| size.param.clone());
            p.size = sent.get(&param).and_then(|value| value.parse().ok()).map(|max| Size {
                param,
                max,
                place: Place::Query,
            });
        }
        Page::Link(p) => p.size = asked(&p.size),
        Page::NextUrl(p) => p.size = asked(&p.size),
        Page::Cursor(p) => p.size = asked(&p.size),
        Page::Page(p) => p.size = asked(&p.size),
        Page::Offset(p) => p.size = asked(&p.size),
        Page::Continue(p) => p.size = asked(&p.size),
        Page::Last(p) => p.size = asked(&p.size),
    }
    page
}
