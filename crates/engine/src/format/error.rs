//! Why an answer cannot be read.

use rollcall_connector::definition::FaultKind;

use super::seen;
use crate::fault::Fault;

/// Why an answer cannot be read. No value of the answer is in it, only names and places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Another form than the connector declares.
    #[error("expected {expected}, saw {saw}")]
    Other { expected: &'static str, saw: String },
    /// The declared form, broken or cut off.
    #[error("the {form} answer cannot be read at line {line}: {message}")]
    Broken { form: &'static str, line: u64, message: String },
    /// A part that the connector names.
    #[error("the answer has no `{path}`")]
    Missing { path: String },
    /// Rows that do not fit their columns.
    #[error("the answer's rows cannot be read: {0}")]
    Rows(String),
    #[error("the answer is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("the answer is larger than {0} bytes as JSON")]
    TooLarge(usize),
}

impl FormatError {
    pub(super) fn saw(expected: &'static str, body: &[u8]) -> Self {
        Self::Other { expected, saw: seen::describe(body) }
    }

    pub(super) fn broken(form: &'static str, line: u64, message: impl Into<String>) -> Self {
        Self::Broken { form, line, message: message.into() }
    }

    /// The same as a fault of the listing.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Self::TooDeep(_) | Self::TooLarge(_) => FaultKind::LimitReached,
            _ => FaultKind::UnexpectedShape,
        };
        Fault::new(kind, self.to_string())
    }
}
