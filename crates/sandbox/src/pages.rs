//! Paging from the provider's side: where a request stands, and what leads on from there.

use rollcall_connector::definition::{At, Page, Place, Size, Until};
use serde_json::Value;

use crate::incoming::Incoming;
use crate::pattern::Captures;
use crate::place;

/// The page size where the request names none and the connector knows of none.
const DEFAULT_SIZE: u64 = 100;
/// The parameter of our own next links.
const AFTER: &str = "sandbox_after";

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: u64,
    pub size: u64,
}

/// What an answer says beside its records.
#[derive(Debug, Default)]
pub struct Onward {
    pub body: Vec<(String, Put)>,
    pub headers: Vec<(String, String)>,
    pub status: Option<u16>,
}

/// What happens to a place in the body.
#[derive(Debug)]
pub enum Put {
    /// A truth, in the form that the place has.
    Truth(bool),
    /// A number, in the form that the place has.
    Number(u64),
    Value(Value),
    /// Nothing more: null, or no member where the form knows no null.
    Nothing,
}

/// Where a list stands when a page of it is given.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub window: Window,
    /// Records in this page.
    pub given: u64,
    pub total: u64,
    /// Where the next page begins; nothing at the end.
    pub next: Option<u64>,
    /// Pages beside those that the records fill.
    pub more_pages: u64,
}

/// The page size of a request, within the sandbox's own limit where a smaller page does not mean the end.
pub fn window(
    page: &Page,
    request: &Incoming,
    captures: &Captures,
    most: Option<u64>,
    position: &dyn Fn(&str) -> Option<u64>,
) -> Window {
    let size = size_of(page);
    let asked = size
        .and_then(|size| request.value(size.place, &size.param))
        .and_then(|text| text.parse::<u64>().ok())
        .or_else(|| size.map(|size| u64::from(size.max)));
    let asked = match page {
        Page::None(_) => u64::MAX,
        Page::Scim(_) => request.query("count").and_then(|text| text.parse().ok()).or(asked).unwrap_or(DEFAULT_SIZE),
        Page::Range(_) => range_size(request).or(asked).unwrap_or(DEFAULT_SIZE),
        _ => asked.unwrap_or(DEFAULT_SIZE),
    };
    let size = match most {
        Some(most) if may_shrink(page) => asked.min(most),
        _ => asked,
    }
    .max(1);
    let at = |place: Place, param: &str| {
        if place == Place::Path {
            captures.iter().find(|(name, _)| name == "cursor").map(|(_, value)| value.clone())
        } else {
            request.value(place, param)
        }
    };
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
    let start = match page {
        Page::None(_) => 0,
        Page::Link(_) | Page::NextUrl(_) | Page::Continue(_) => request.query(AFTER).and_then(cursor).unwrap_or(0),
        Page::Cursor(p) => at(p.place, &p.param).as_deref().and_then(cursor).unwrap_or(0),
        Page::Page(p) => number(at(p.place, &p.param))
            .unwrap_or(u64::from(p.start))
            .saturating_sub(u64::from(p.start))
            .saturating_mul(size),
        Page::Offset(p) => {
            number(at(p.place, &p.param)).unwrap_or(u64::from(p.start)).saturating_sub(u64::from(p.start))
        }
        Page::Scim(_) => {
            request.query("startIndex").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1).saturating_sub(1)
        }
        Page::Range(_) => request
            .header("range")
            .and_then(|text| cursor(text.split([' ', ';']).find(|word| word.starts_with("c"))?))
            .unwrap_or(0),
        Page::Last(p) => {
            let first = p.first.as_ref().map(rollcall_connector::request::text);
            at(p.place, &p.param)
                .filter(|text| first.as_ref() != Some(text))
                .and_then(|text| position(&text))
                .map_or(0, |at| at + 1)
        }
    };
    Window { start, size }
}

/// What an answer has to say so that the next page is asked for, or none.
pub fn onward(page: &Page, standing: &Standing, request: &Incoming) -> Onward {
    let mut out = Onward::default();
    let Standing { window, given, total, next, more_pages } = *standing;
    let link = |next: u64| request.with_query(AFTER, &cursor_text(next));
    match page {
        Page::None(_) | Page::Last(_) => {}
        Page::Link(p) => {
            let attributes = |leads: bool| -> String {
                let value = |value: &str| {
                    if leads { value.to_owned() } else { if value == "true" { "false" } else { "" }.to_owned() }
                };
                p.while_.iter().map(|(name, wanted)| format!("; {name}=\"{}\"", value(wanted))).collect()
            };
            if let Some(next) = next {
                out.headers
                    .push(("link".to_owned(), format!("<{}>; rel=\"{}\"{}", link(next), p.rel, attributes(true))));
            } else if !p.while_.is_empty() {
                out.headers
                    .push(("link".to_owned(), format!("<{}>; rel=\"{}\"{}", link(total), p.rel, attributes(false))));
            }
        }
        Page::NextUrl(p) => {
            out.say(&p.at, next.map(|next| Put::Value(Value::from(link(next)))));
            out.more(&p.more, next.is_some());
        }
        Page::Cursor(p) => {
            out.say(&p.at, next.map(|next| Put::Value(Value::from(cursor_text(next)))));
            out.more(&p.more, next.is_some());
        }
        Page::Page(p) => {
            out.count(&p.last, total.div_ceil(window.size) + more_pages);
            out.count(&p.total, total);
            out.more(&p.more, next.is_some());
        }
        Page::Offset(p) => {
            out.count(&p.total, total);
            out.more(&p.more, next.is_some());
        }
        Page::Scim(_) => {
            out.body.push((".totalResults".to_owned(), Put::Number(total)));
            out.body.push((".itemsPerPage".to_owned(), Put::Number(given)));
            out.body.push((".startIndex".to_owned(), Put::Number(window.start + 1)));
        }
        Page::Range(p) => {
            if let Some(next) = next {
                let param = p.size.as_ref().map_or("id", |size| size.param.as_str());
                out.headers
                    .push(("next-range".to_owned(), format!("{param} {}..; max={}", cursor_text(next), window.size)));
                out.status = Some(206);
            }
        }
        Page::Continue(p) => match next {
            Some(next) => out
                .body
                .push((p.at.clone(), Put::Value(serde_json::json!({AFTER: cursor_text(next), "continue": "-||"})))),
            None => out.body.push((p.at.clone(), Put::Nothing)),
        },
    }
    if let Page::Last(p) = page {
        out.more(&p.more, next.is_some());
    }
    out
}

/// Whether pages are counted, so that the same request always means the same part of the list.
pub fn is_counted(page: &Page) -> bool {
    matches!(page, Page::Page(_) | Page::Offset(_) | Page::Scim(_) | Page::Last(_))
}

/// Whether nothing but an empty page tells the end.
pub fn ends_empty(page: &Page) -> bool {
    match page {
        Page::Page(p) => p.last.is_none() && p.total.is_none() && p.more.is_none(),
        Page::Offset(p) => p.total.is_none() && p.more.is_none(),
        Page::Last(p) => p.more.is_none(),
        Page::Scim(_) => true,
        _ => false,
    }
}

impl Onward {
    fn say(&mut self, at: &At, what: Option<Put>) {
        match (at, what) {
            (At::Path(path), what) => self.body.push((path.clone(), what.unwrap_or(Put::Nothing))),
            (At::Header(header), Some(Put::Value(value))) => {
                self.headers.push((header.header.clone(), rollcall_connector::request::text(&value)))
            }
            (At::Header(header), Some(Put::Truth(truth))) => {
                self.headers.push((header.header.clone(), truth.to_string()))
            }
            (At::Header(header), Some(Put::Number(number))) => {
                self.headers.push((header.header.clone(), number.to_string()))
            }
            (At::Header(_), _) => {}
        }
    }

    fn more(&mut self, at: &Option<At>, more: bool) {
        if let Some(at) = at {
            self.say(at, Some(Put::Truth(more)));
        }
    }

    fn count(&mut self, at: &Option<At>, count: u64) {
        if let Some(at) = at {
            self.say(at, Some(Put::Number(count)));
        }
    }
}

/// Puts what leads on into a body; `knows_null`: the form can say that there is nothing.
pub fn put(document: &mut Value, path: &str, what: &Put, knows_null: bool) {
    let there = place::at(document, path);
    let is_text = there.is_some_and(Value::is_string) || !knows_null;
    let is_number = there.is_some_and(Value::is_number);
    let value = match what {
        Put::Truth(truth) if is_text => Value::from(truth.to_string()),
        Put::Truth(truth) if is_number => Value::from(u64::from(*truth)),
        Put::Truth(truth) => Value::from(*truth),
        Put::Number(number) if is_text => Value::from(number.to_string()),
        Put::Number(number) => Value::from(*number),
        // A cursor that is a number stays one.
        Put::Value(Value::String(text)) if is_number => text
            .strip_prefix('c')
            .and_then(|digits| digits.parse::<u64>().ok())
            .map_or_else(|| Value::from(text.as_str()), Value::from),
        Put::Value(value) => value.clone(),
        Put::Nothing if !knows_null => return place::remove(document, path),
        Put::Nothing if matches!(there, Some(Value::Object(_))) => return place::remove(document, path),
        // What is not there needs no taking away: making its parents could make an object of a list.
        Put::Nothing if there.is_none() => return,
        Put::Nothing => Value::Null,
    };
    place::put(document, path, value);
}

fn cursor_text(start: u64) -> String {
    format!("c{start}")
}

fn cursor(text: &str) -> Option<u64> {
    text.strip_prefix('c').unwrap_or(text).trim_end_matches("..").parse().ok()
}

fn range_size(request: &Incoming) -> Option<u64> {
    request.header("range")?.split_once("max=")?.1.trim().parse().ok()
}

/// Whether a page smaller than asked for misleads nobody.
fn may_shrink(page: &Page) -> bool {
    match page {
        Page::None(_) => false,
        Page::Page(p) => p.until != Some(Until::Short),
        Page::Offset(p) => p.until != Some(Until::Short) && p.step == rollcall_connector::definition::Step::Received,
        Page::Last(p) => p.until != Some(Until::Short),
        _ => true,
    }
}

fn size_of(page: &Page) -> Option<&Size> {
    match page {
        Page::None(p) | Page::Scim(p) | Page::Range(p) => p.size.as_ref(),
        Page::Link(p) => p.size.as_ref(),
        Page::NextUrl(p) => p.size.as_ref(),
        Page::Cursor(p) => p.size.as_ref(),
        Page::Page(p) => p.size.as_ref(),
        Page::Offset(p) => p.size.as_ref(),
        Page::Continue(p) => p.size.as_ref(),
        Page::Last(p) => p.size.as_ref(),
    }
}
