//! The sandbox as the engine's way out, without a network.

use std::sync::Arc;

use rollcall_engine::transport::{Answer, Sending, Transport, TransportError, Wire};

use crate::reply::Reply;
use crate::sandbox::Sandbox;

/// The sandbox as the engine's way out, without a network.
#[derive(Clone, Debug)]
pub struct SandboxTransport(Arc<Sandbox>);

impl SandboxTransport {
    /// A way to this sandbox, whatever host a request names.
    #[must_use]
    pub fn new(sandbox: Arc<Sandbox>) -> Self {
        Self(sandbox)
    }
}

impl Transport for SandboxTransport {
    fn send(&self, wire: Wire) -> Sending<'_> {
        let outcome = match self.0.handle(wire.method, wire.url, wire.headers, &wire.body) {
            Reply::Answer { body, .. } if body.len() > wire.max_bytes => Err(TransportError::TooLarge(wire.max_bytes)),
            Reply::Answer { status, headers, body } => Ok(Answer { status, headers, body }),
            Reply::Cut { .. } => {
                Err(TransportError::Broken("the connection was closed before the answer was whole".to_owned()))
            }
            Reply::Huge => Err(TransportError::TooLarge(wire.max_bytes)),
            Reply::Silence => Err(TransportError::Timeout(wire.timeout)),
        };
        Box::pin(std::future::ready(outcome))
    }
}
