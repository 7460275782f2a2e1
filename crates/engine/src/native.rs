//! The provider's own resources, unmapped: with the account's sign-in, waiting, retries, and the connector's paging where it declares some
//! for the path.

use std::sync::Arc;

use bytes::Bytes;
use rollcall_connector::MethodName;
use rollcall_connector::definition::{self, Items, Page};
use rollcall_connector::plan::{Options, Plan};
use rollcall_connector::request::{Request, RequestBody, Verb};

use crate::errors;
use crate::fault::{Fault, FaultKind};
use crate::list::{Head, Place, Trail, runtime};
use crate::paging::{self, Outcome, Paging};
use crate::redact;
use crate::session::Session;
use crate::transport::Answer;
use crate::walk::{self, WalkRun};

/// One page of a native list.
#[derive(Debug)]
pub struct NativePage {
    /// Records as the provider writes them.
    pub items: Vec<Bytes>,
    pub next: Option<Place>,
}

/// A call of the provider's own API.
#[derive(Clone, Debug)]
pub struct NativeCall {
    pub verb: Verb,
    /// Below the connector's base, beginning with a slash.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Content type and text.
    pub body: Option<(String, String)>,
}

/// Sends a call as it is.
///
/// # Errors
/// A path that leaves the base, or the provider's fault.
pub async fn forward(session: &Arc<Session>, call: NativeCall) -> Result<Answer, Fault> {
    session.prepare().await?;
    let url = session.native_url(&call.path)?;
    let body = match call.body {
        Some((content_type, text)) => RequestBody::Text { text, content_type },
        None => RequestBody::None,
    };
    let doing = session.doing(&format!("calling `{} {}`", call.verb.as_str(), call.path));
    let answer =
        session.send(Request { verb: call.verb, url, query: call.query, headers: Vec::new(), body }, &doing).await?;
    Ok(session.cleaned(answer))
}

/// Reads one page of a native list; nothing where the connector declares no list at the path.
///
/// # Errors
/// A place of another list, or the provider's fault.
pub async fn list(
    session: &Arc<Session>,
    path: &str,
    query: &[(String, String)],
    place: Option<&Place>,
) -> Result<Option<NativePage>, Fault> {
    let Some((mut plan, index)) = declared(session, path) else { return Ok(None) };
    let Some(walk) = plan.walks.get_mut(index) else { return Ok(None) };
    let query = own(session, &mut walk.page, path, query)?;
    let pages_max = session.limits().pages_max;
    let mut run = match place {
        Some(Place { head, .. }) => WalkRun::resume(walk, pages_max, &head.paging, head.from.clone()),
        None => WalkRun::new(walk, pages_max),
    };
    let what = format!("reading `{path}`");
    // The caller's own query, and nothing else but where the page is.
    let decorate = |request: &mut Request| request.query.clone_from(&query);
    let fetched = run.fetch(session, walk, &what, &|_| None, &decorate).await?;
    let json = walk::as_json(session, walk, &fetched)?;
    let runtime = runtime(walk)?;
    let mut reader = runtime.page.read(&json);
    let mut items = Vec::new();
    let shape = |_| walk::no_items(&fetched.doing, &walk.items);
    let secrets = session.secrets();
    while let Some(slice) = reader.next_slice().map_err(shape)? {
        items.push(redact::bytes(Bytes::copy_from_slice(slice), secrets.iter().map(String::as_str)));
    }
    if reader.missing() > 0 && !walk.items_optional {
        return Err(walk::no_items(&fetched.doing, &walk.items));
    }
    let picked: Vec<(String, Option<serde_json::Value>)> = runtime
        .paths
        .iter()
        .enumerate()
        .map(|(at, path)| (path.clone(), reader.picked(at).and_then(|raw| serde_json::from_slice(raw.json()).ok())))
        .collect();
    let last = Paging::record_path(&walk.page).and_then(|path| {
        let record: serde_json::Value = serde_json::from_slice(items.last()?).ok()?;
        errors::at(&record, path).cloned()
    });
    let outcome = Outcome {
        headers: &fetched.answer.headers,
        value: &|path| picked.iter().find(|(known, _)| known == path).and_then(|(_, value)| value.clone()),
        received: items.len() as u64,
        last,
        fingerprint: None,
    };
    run.advance(&outcome, &fetched.doing)?;
    let next = run.ended().is_none().then(|| {
        let (paging, from) = run.place();
        Place::new(Head { walk: index, paging, from, ..Head::default() }, Trail::new(0))
    });
    Ok(Some(NativePage { items, next }))
}

/// The caller's query without the page size, which the paging takes over: how it ends may depend on it. Where the page is, is said by the
/// cursor alone: a parameter for it would be written over, and a page given that is not the one asked for.
fn own(
    session: &Session,
    page: &mut Page,
    path: &str,
    query: &[(String, String)],
) -> Result<Vec<(String, String)>, Fault> {
    let refused = |message: String| Fault::new(FaultKind::BadRequest, message);
    let mut own = query.to_vec();
    if let Some(size) = paging::size_mut(page).filter(|size| size.place == definition::Place::Query) {
        for (name, value) in query.iter().filter(|(name, _)| *name == size.param) {
            let number = value.parse::<u32>().ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| refused(format!("`{name}={value}`: expected a whole number above 0")))?;
            // A longer page than the provider gives would pass for a short one, which is an end.
            size.max = size.max.min(number);
        }
        own.retain(|(name, _)| *name != size.param);
    }
    let mut placed = Request {
        verb: Verb::Get,
        url: String::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: RequestBody::None,
    };
    Paging::new(page, session.limits().pages_max).put(&mut placed);
    match own.iter().find(|(name, _)| placed.query.iter().any(|(known, _)| known == name)) {
        Some((name, _)) => {
            Err(refused(format!("`{name}` says where the page of `{path}` is, which `next_cursor` does here"))
                .hint("leave it out, and go on with `next_cursor`"))
        }
        None => Ok(own),
    }
}

/// The list that the connector declares at a path: the first walk that reads it.
fn declared(session: &Session, path: &str) -> Option<(Plan, usize)> {
    let connector = session.connector();
    connector.methods_by_resource().filter(|(_, method, _)| *method == MethodName::List).find_map(|(resource, _, _)| {
        let options = Options { exclude: Vec::new(), remote_data: false, choice: None };
        let plan = Plan::compile(connector, resource, MethodName::List, &options).ok()?;
        // Rows and formats that are no JSON are given as they come.
        let index = plan.walks.iter().position(|walk| {
            walk.request.verb == Verb::Get
                && !walk.request.absolute
                && matches!(walk.items, Items::Path(_) | Items::ValuesOf(_) | Items::One(_))
                && !matches!(walk.page, Page::Range(_))
                && walk.request.target.skeleton().as_slice() == [Some(path)]
        })?;
        Some((plan, index))
    })
}

/// Refuses what is no path below the base.
pub(crate) fn check_path(path: &str) -> Result<(), Fault> {
    let decoded = percent_decoded(path);
    let strange = !path.starts_with('/')
        || path.starts_with("//")
        || path.contains(['\\', '?', '#', '\0', '\r', '\n'])
        || decoded.split(['/', '\\']).any(|segment| segment == ".." || segment == ".");
    if strange {
        return Err(Fault::new(FaultKind::BadRequest, format!("`{path}` is not a path below the product's base"))
            .hint("write it as the product's documentation does, without the base"));
    }
    Ok(())
}

/// `%2e%2e` is `..` to many servers, however often it is encoded.
fn percent_decoded(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..3 {
        let next = text.replace("%2e", ".").replace("%2E", ".").replace("%2f", "/").replace("%2F", "/");
        let next = next.replace("%5c", "\\").replace("%5C", "\\").replace("%25", "%");
        if next == text {
            break;
        }
        text = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_the_base() {
        for path in ["/users", "/users/a%20b", "/a/b.c/..d", "/users/00u%2Bx"] {
            assert!(check_path(path).is_ok(), "{path}");
        }
        for path in [
            "users",
            "//evil.example",
            "/../admin",
            "/a/%2e%2e/b",
            "/a/%252e%252e/b",
            "/a\\..\\b",
            "/a?b=c",
            "/a#b",
            "/.",
        ] {
            assert!(check_path(path).is_err(), "{path}");
        }
    }
}
