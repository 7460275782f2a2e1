//! What went wrong with a provider, sorted once: who must act, and whether trying again makes sense.

use std::sync::Arc;
use std::time::Duration;

pub use rollcall_connector::definition::FaultKind;
use serde::Serialize;

/// A fault. Its texts hold no secret: `redact` has seen everything that came from outside.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub kind: FaultKind,
    /// What failed, on what, what we saw: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The provider's HTTP status.
    pub status: Option<u16>,
    /// The provider's own error code.
    pub code: Option<String>,
    /// The provider's words, clipped and redacted.
    pub provider_said: Option<String>,
    /// How long the provider asks to wait.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// Whether nothing came in time.
    #[serde(skip)]
    pub timed_out: bool,
    /// The permissions that the call needs, as the provider names them.
    #[serde(skip)]
    pub needs: Vec<String>,
    /// Parameters that must be given and were not.
    #[serde(skip)]
    pub missing_parameters: Vec<String>,
    /// The provider's answer, clipped and redacted.
    #[serde(skip)]
    pub raw: Option<Arc<str>>,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Operator,
    Provider,
    Us,
}

impl Fault {
    /// A fault with a message.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            code: None,
            provider_said: None,
            retry_after: None,
            timed_out: false,
            needs: Vec::new(),
            missing_parameters: Vec::new(),
            raw: None,
        }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the same request may succeed later without anybody acting.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, FaultKind::Throttled | FaultKind::ProviderDown)
    }

    /// Who has to act.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self.kind {
            FaultKind::Credential
            | FaultKind::Permission
            | FaultKind::BadRequest
            | FaultKind::Gone
            | FaultKind::LimitReached => Actor::Operator,
            FaultKind::Throttled | FaultKind::ProviderDown => Actor::Provider,
            FaultKind::UnexpectedShape => Actor::Us,
        }
    }
}

/// The word for a kind, as it stands in JSON.
#[must_use]
pub fn kind_name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Credential => "credential",
        FaultKind::Permission => "permission",
        FaultKind::Throttled => "throttled",
        FaultKind::Gone => "gone",
        FaultKind::BadRequest => "bad_request",
        FaultKind::ProviderDown => "provider_down",
        FaultKind::UnexpectedShape => "unexpected_shape",
        FaultKind::LimitReached => "limit_reached",
    }
}
