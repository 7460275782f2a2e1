//! What can go wrong on request.

use std::fmt;
use std::str::FromStr;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The credential is refused, in the provider's words where a case has them.
    Unauthorized,
    /// The credential may not do this, in the provider's words where a case has them.
    Forbidden,
    /// 429 with `Retry-After`.
    Throttled,
    /// 429 and nothing else.
    ThrottledNoHint,
    /// 500.
    ServerError,
    /// No answer at all.
    Timeout,
    /// The connection breaks in the middle of the body.
    CutBody,
    /// The body ends in its middle, and the connection says that this was all.
    Truncated,
    /// A page for people instead of data.
    Html,
    /// The page leads to itself; where pages have numbers, it is the page before it once more.
    RepeatedCursor,
    /// A page without records in the middle of the list; where only an empty page tells the end, it is there that it stands.
    EmptyPage,
    /// A body without end.
    HugePage,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 12] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::Throttled,
        Self::ThrottledNoHint,
        Self::ServerError,
        Self::Timeout,
        Self::CutBody,
        Self::Truncated,
        Self::Html,
        Self::RepeatedCursor,
        Self::EmptyPage,
        Self::HugePage,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Throttled => "throttled",
            Self::ThrottledNoHint => "throttled-no-hint",
            Self::ServerError => "server-error",
            Self::Timeout => "timeout",
            Self::CutBody => "cut-body",
            Self::Truncated => "truncated",
            Self::Html => "html",
            Self::RepeatedCursor => "repeated-cursor",
            Self::EmptyPage => "empty-page",
            Self::HugePage => "huge-page",
        }
    }

    /// Whether it stands from the first request on, not at a page.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Self::Unauthorized | Self::Forbidden)
    }

    /// Whether it is about how pages chain, not about one answer.
    pub(crate) fn is_of_paging(self) -> bool {
        matches!(self, Self::RepeatedCursor | Self::EmptyPage)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no fault has.
#[derive(Clone, Debug, thiserror::Error)]
#[error("there is no fault `{0}`")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|fault| fault.name() == text).ok_or_else(|| UnknownFault(text.to_owned()))
    }
}
