//! The way out: one request, one answer. Signing has happened; hosts are checked here.

pub mod guard;
mod http_client;
pub mod script;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub use guard::NetworkPolicy;
pub use http_client::{HttpClient, HttpTransport};

/// A request as it goes out.
#[derive(Clone, Debug)]
pub struct Wire {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// For the whole exchange.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub max_bytes: usize,
}

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// No answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TransportError {
    #[error("no answer within {} seconds", .0.as_secs())]
    Timeout(Duration),
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The guard refused the address.
    #[error("{0}")]
    Refused(String),
}

/// A boxed future, so that transports can be chosen at run time.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, TransportError>> + Send + 'a>>;

/// Sends requests.
pub trait Transport: Send + Sync {
    /// Sends one request and reads the whole answer. Redirects are not followed.
    fn send(&self, wire: Wire) -> Sending<'_>;
}
