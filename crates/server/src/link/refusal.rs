//! Why a link is refused, for whoever holds it.

use http::StatusCode;
use rollcall_store::{Token, TokenKind};
use serde_json::json;

use crate::error::ApiError;
use crate::state::App;

/// What is wrong with a text that was presented as a link token.
///
/// # Errors
/// The store's.
pub async fn explained(app: &App, presented: &str) -> Result<ApiError, ApiError> {
    // Only who holds the whole token is told anything about it.
    let known = app.store.token_as_it_is(presented).await?.filter(|token| token.kind == TokenKind::Link);
    Ok(known.map_or_else(unknown, |token| reason(&token)))
}

/// Another attempt with the same link was faster, or the link ended meanwhile.
pub fn lost() -> ApiError {
    refused(
        StatusCode::CONFLICT,
        "used",
        "this link was used, revoked or has expired meanwhile; nothing was saved by this attempt; ask for a new link",
    )
}

fn reason(token: &Token) -> ApiError {
    let (reason, message) = if token.used_at.is_some() {
        ("used", "this link was used already: it connects one account, once; ask for a new one")
    } else if token.revoked_at.is_some() {
        ("revoked", "this link was revoked; ask whoever sent it for a new one")
    } else {
        ("expired", "this link has expired; ask whoever sent it for a new one")
    };
    refused(StatusCode::UNAUTHORIZED, reason, message)
}

fn unknown() -> ApiError {
    refused(
        StatusCode::UNAUTHORIZED,
        "unknown",
        "this link is not known: it may be incomplete, or have expired; open it again as it was sent, or ask for a new one",
    )
}

fn refused(status: StatusCode, reason: &str, message: &str) -> ApiError {
    ApiError::new(status, message).details(json!({ "reason": reason }))
}
