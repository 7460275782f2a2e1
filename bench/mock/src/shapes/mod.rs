//! The providers that are played: where each lists its people, what it demands, how its pages chain.

mod gitlab;
mod google;
mod okta;
mod slack;

use std::{collections::HashMap, ops::Range};

use http_body_util::{BodyExt, Limited};
use hyper::{Method, Request, body::Incoming, header::HOST};

use crate::{records::Records, reply::Reply};

pub struct Shape {
    pub name: &'static str,
    pub path: &'static str,
    pub methods: &'static [Method],
    pub lists: &'static [&'static str],
    /// What stands between two records of a page.
    pub separator: &'static [u8],
    pub is_signed: fn(&Ask) -> bool,
    /// What an unsigned call gets.
    pub refusal: fn() -> Reply,
    pub answer: fn(&Ask, &HashMap<&'static str, Records>) -> Reply,
}

pub static ALL: [Shape; 4] = [okta::SHAPE, slack::SHAPE, gitlab::SHAPE, google::SHAPE];

const FORM_BYTES_MAX: usize = 64 * 1024;

/// A request, as far as the shapes look at it.
pub struct Ask {
    pub host: String,
    /// The parameters, whether they came in the URL or in a form.
    pub query: HashMap<String, String>,
    authorization: Option<String>,
    private_token: Option<String>,
}

impl Ask {
    /// `None` for a body that is no form, or larger than any form a listing sends.
    pub async fn read(request: Request<Incoming>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let form = Limited::new(body, FORM_BYTES_MAX).collect().await.ok()?.to_bytes();
        let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
        if !form.is_empty() && !header("content-type")?.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        let query = head.uri.query().unwrap_or_default().as_bytes();
        Some(Self {
            host: header(HOST.as_str()).unwrap_or_default(),
            query: [query, &form].into_iter().flat_map(|part| form_urlencoded::parse(part).into_owned()).collect(),
            authorization: header("authorization"),
            private_token: header("private-token"),
        })
    }

    fn has_scheme(&self, scheme: &str) -> bool {
        self.authorization
            .as_deref()
            .and_then(|value| value.strip_prefix(scheme)?.strip_prefix(' '))
            .is_some_and(|credential| !credential.trim().is_empty())
    }

    fn has_private_token(&self) -> bool {
        self.private_token.as_deref().is_some_and(|token| !token.is_empty())
    }

    /// A page size or number: `None` where the query holds something else than a positive number.
    fn number(&self, name: &str, default: usize) -> Option<usize> {
        match self.query.get(name) {
            None => Some(default),
            Some(value) => value.parse().ok().filter(|number| *number > 0),
        }
    }

    /// Whether the query holds a parameter beside these. A mock that ignored one would answer another question.
    fn asks_beyond(&self, known: &[&str]) -> bool {
        self.query.keys().any(|name| !known.contains(&name.as_str()))
    }
}

/// The people of a page that begins at `start`; `None` where a list of `total` has no such place.
fn page_range(start: usize, size: usize, total: usize) -> Option<Range<usize>> {
    (start <= total).then(|| start..total.min(start + size))
}

/// Cursors name the first person of the next page, wrapped so that nobody is tempted to count with them.
fn cursor(start: usize) -> String {
    format!("c{start:x}z")
}

fn read_cursor(cursor: &str) -> Option<usize> {
    usize::from_str_radix(cursor.strip_prefix('c')?.strip_suffix('z')?, 16).ok()
}
