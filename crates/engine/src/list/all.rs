//! All records of another resource at once.

use std::future::Future;
use std::pin::Pin;

use serde_json::{Map, Value};

use super::Listing;
use crate::fault::{Fault, FaultKind};
use crate::query::ListRequest;
use crate::session::{Extra, Session};

type All<'a> = Pin<Box<dyn Future<Output = Result<Vec<Map<String, Value>>, Fault>> + Send + 'a>>;

/// All records of another resource, as trees: parents of a fan-out.
///
/// # Errors
/// The provider's fault; a list that is not whole; more than `max`.
pub(crate) fn all<'a>(session: &'a Session, request: ListRequest, extra: Extra<'a>, max: usize) -> All<'a> {
    let _ = extra;
    Box::pin(async move {
        let Some(session) = session.shared() else {
            return Err(Fault::new(FaultKind::LimitReached, "the session is gone"));
        };
        let mut listing = Listing::start(session, request).await?;
        let mut records = Vec::new();
        while let Some(batch) = listing.next().await? {
            for record in batch.records() {
                if let Ok(Value::Object(members)) = serde_json::from_slice(record) {
                    records.push(members);
                }
            }
            if records.len() > max {
                return Err(Fault::new(
                    FaultKind::LimitReached,
                    format!("more than {max} `{}`", listing.request.resource),
                ));
            }
        }
        if !listing.completeness.complete {
            return Err(Fault::new(
                FaultKind::Permission,
                format!(
                    "the list of `{}` to walk is not whole: {}",
                    listing.request.resource,
                    listing.completeness.summary()
                ),
            ));
        }
        Ok(records)
    })
}
