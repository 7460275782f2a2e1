//! The real way out, over reqwest.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use super::guard::NetworkPolicy;
use super::{Answer, Sending, Transport, TransportError, Wire};

/// Sends over the network, to declared hosts and allowed addresses only.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: HttpClient,
    policy: Arc<NetworkPolicy>,
}

/// Connections, which transports may share. Private addresses are resolved only for the hosts it was made with.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: reqwest::Client,
}

impl HttpClient {
    /// A client; `private` are the hosts that may have private addresses, `identity` a PEM client certificate with its key.
    ///
    /// # Errors
    /// A certificate that cannot be read, or no TLS.
    pub fn new(private: Vec<String>, identity: Option<(String, String)>) -> Result<Self, TransportError> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(std::time::Duration::from_secs(20))
            .tcp_nodelay(true);
        if !private.is_empty() {
            // A proxy would hide the address that is really called; hosts on the operator's own network need none.
            builder = builder.no_proxy();
        }
        if let Some((certificate, key)) = identity {
            let pem = format!("{key}\n{certificate}");
            let identity = reqwest::Identity::from_pem(pem.as_bytes())
                .map_err(|_| TransportError::Refused("the client certificate or its key is not PEM".to_owned()))?;
            builder = builder.identity(identity);
        }
        let policy = NetworkPolicy { private, ..NetworkPolicy::default() };
        let client = builder
            .dns_resolver(Arc::new(GuardedResolver { policy }))
            .build()
            .map_err(|fault| TransportError::Connect(chain(&fault)))?;
        Ok(Self { client })
    }
}

impl HttpTransport {
    /// A transport of its own; `identity` is a PEM client certificate with its key.
    ///
    /// # Errors
    /// A certificate that cannot be read, or no TLS.
    pub fn new(policy: NetworkPolicy, identity: Option<(String, String)>) -> Result<Self, TransportError> {
        let client = HttpClient::new(policy.private.clone(), identity)?;
        Ok(Self::over(client, policy))
    }

    /// A transport over a client that others use too.
    #[must_use]
    pub fn over(client: HttpClient, policy: NetworkPolicy) -> Self {
        Self { client, policy: Arc::new(policy) }
    }

    async fn exchange(&self, wire: Wire) -> Result<Answer, TransportError> {
        self.policy.check_url(&wire.url).map_err(TransportError::Refused)?;
        let limit = wire.timeout;
        match tokio::time::timeout(limit, self.unbounded(wire)).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportError::Timeout(limit)),
        }
    }

    async fn unbounded(&self, wire: Wire) -> Result<Answer, TransportError> {
        let mut request = self.client.client.request(wire.method, wire.url).headers(wire.headers);
        if !wire.body.is_empty() {
            request = request.body(wire.body);
        }
        let mut response = request.send().await.map_err(|fault| sorted(&fault))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let expected = response.content_length().unwrap_or(0);
        if expected > wire.max_bytes as u64 {
            return Err(TransportError::TooLarge(wire.max_bytes));
        }
        let first = response.chunk().await.map_err(|fault| TransportError::Broken(chain(&fault)))?;
        let Some(first) = first else { return Ok(Answer { status, headers, body: bytes::Bytes::new() }) };
        let mut next = response.chunk().await.map_err(|fault| TransportError::Broken(chain(&fault)))?;
        if next.is_none() && first.len() <= wire.max_bytes {
            // All in one piece: nothing needs to be copied.
            return Ok(Answer { status, headers, body: first });
        }
        let capacity = usize::try_from(expected).unwrap_or(0).min(16 * 1024 * 1024).max(first.len());
        let mut body = BytesMut::with_capacity(capacity);
        body.extend_from_slice(&first);
        while let Some(chunk) = next {
            if body.len() + chunk.len() > wire.max_bytes {
                return Err(TransportError::TooLarge(wire.max_bytes));
            }
            body.extend_from_slice(&chunk);
            next = response.chunk().await.map_err(|fault| TransportError::Broken(chain(&fault)))?;
        }
        if body.len() > wire.max_bytes {
            return Err(TransportError::TooLarge(wire.max_bytes));
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

impl Transport for HttpTransport {
    fn send(&self, wire: Wire) -> Sending<'_> {
        Box::pin(self.exchange(wire))
    }
}

/// The system's resolver, whose answers the policy must accept.
struct GuardedResolver {
    policy: NetworkPolicy,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            for address in &found {
                // Not boxed here: inside a second box `sorted` would not find it.
                policy.check_address(&host, address.ip()).map_err(RefusedAddress)?;
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct RefusedAddress(String);

fn sorted(fault: &reqwest::Error) -> TransportError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(fault);
    while let Some(inner) = source {
        if let Some(refused) = inner.downcast_ref::<RefusedAddress>() {
            return TransportError::Refused(refused.0.clone());
        }
        source = inner.source();
    }
    if fault.is_connect() { TransportError::Connect(chain(fault)) } else { TransportError::Broken(chain(fault)) }
}

/// The innermost reason; outer ones repeat the URL, which may hold secrets.
fn chain(fault: &dyn std::error::Error) -> String {
    let mut innermost: Option<&dyn std::error::Error> = fault.source();
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "the request could not be sent".to_owned(), ToString::to_string)
}
