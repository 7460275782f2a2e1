//! What a provider says when it refuses a sign-in, and the fault that this makes. Nothing here repeats a secret.

use std::time::SystemTime;

use rollcall_connector::definition::FaultKind;
use serde_json::Value;
use url::Url;

use crate::fault::Fault;
use crate::transport::Answer;
use crate::{redact, retry};

/// An error in the provider's words.
#[derive(Debug, Default)]
struct Words {
    code: Option<String>,
    text: Option<String>,
    is_json: bool,
}

/// An answer without the token that was asked for.
pub(super) struct Refusal<'a> {
    pub url: &'a str,
    /// Completes "`host` refused to …".
    pub purpose: &'a str,
    pub answer: &'a Answer,
    pub secrets: Vec<String>,
    pub now: SystemTime,
    /// Logins often say no with a 200; token endpoints do not.
    pub is_login: bool,
}

impl Refusal<'_> {
    pub fn fault(mut self) -> Fault {
        let (host, purpose) = (host(self.url), self.purpose);
        let status = self.answer.status.as_u16();
        let words = read(self.answer);
        let says_no = words.code.is_some() || (self.is_login && words.is_json);
        let (kind, message) = match status {
            429 => (FaultKind::Throttled, format!("`{host}` asks to wait before it will {purpose} (429)")),
            500.. => (FaultKind::ProviderDown, format!("`{host}` failed to {purpose} ({status})")),
            400..500 => (FaultKind::Credential, format!("`{host}` refused to {purpose} ({status})")),
            200..300 if says_no => (FaultKind::Credential, format!("`{host}` refused to {purpose} ({status})")),
            300..400 => (FaultKind::UnexpectedShape, format!("`{host}` redirected when asked to {purpose} ({status})")),
            _ => (
                FaultKind::UnexpectedShape,
                format!("`{host}` was asked to {purpose} and answered without a token ({status})"),
            ),
        };
        let mut fault = Fault::new(kind, message);
        fault.status = Some(status);
        if kind == FaultKind::Credential {
            fault.hint = Some(remedy(words.code.as_deref(), status).to_owned());
        }
        if kind == FaultKind::Throttled {
            fault.retry_after = retry::retry_after(&self.answer.headers, self.now);
        }
        // A secret that begins another must not leave the other's end behind.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let hidden = |text: String| redact::words(&text, self.secrets.iter().map(String::as_str));
        fault.code = words.code.and_then(hidden);
        fault.provider_said = words.text.and_then(hidden);
        fault
    }
}

/// The host of a URL, for messages: the rest of it may hold values of the account.
pub(super) fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "the provider".to_owned())
}

/// RFC 6749 section 5.2 and RFC 7523 section 3.1, in terms of what the operator can do.
fn remedy(code: Option<&str>, status: u16) -> &'static str {
    match (code, status) {
        (Some("invalid_client"), _) => "check `client_id` and `client_secret`",
        (Some("invalid_grant"), _) => {
            "what was given to sign in has expired or was revoked, or belongs to another app: connect the account again; for signed assertions check the key and this machine's clock"
        }
        (Some("invalid_scope"), _) => "grant the app the permissions that the connector asks for",
        (Some("unauthorized_client" | "unsupported_grant_type"), _) => {
            "allow this way of signing in for the app at the provider"
        }
        (Some("access_denied" | "consent_required" | "interaction_required"), _) => {
            "let an administrator of the provider consent to the app"
        }
        (_, 404 | 410) => "check the settings that the sign-in address is made of",
        _ => "check the credential, and whether it has expired or was revoked",
    }
}

fn read(answer: &Answer) -> Words {
    if let Ok(json) = serde_json::from_slice::<Value>(&answer.body) {
        return Words { code: code(&json), text: text(&json), is_json: true };
    }
    let body = String::from_utf8_lossy(&answer.body);
    let words = body.trim();
    if words.is_empty() {
        return Words::default();
    }
    if words.starts_with('<') {
        return Words { text: title(words), ..Words::default() };
    }
    // Some endpoints answer errors as forms.
    let form: Vec<(String, String)> = url::form_urlencoded::parse(words.as_bytes()).into_owned().collect();
    let of = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    match of("error") {
        Some(code) => Words { text: of("error_description"), code: Some(code), is_json: false },
        None => Words { text: Some(words.to_owned()), ..Words::default() },
    }
}

fn code(json: &Value) -> Option<String> {
    let pointers = ["/error", "/error/code", "/error/type", "/errorCode", "/code", "/errors/0/code"];
    pointers.iter().filter_map(|pointer| json.pointer(pointer)).find_map(scalar)
}

/// The first telling text: at the top, in the first of `errors`, or in a member that is an object (`{"login": {"reason": …}}`).
fn text(json: &Value) -> Option<String> {
    const NAMES: [&str; 10] = [
        "error_description",
        "message",
        "errorSummary",
        "errorMessage",
        "detail",
        "description",
        "reason",
        "msg",
        "title",
        "errors",
    ];
    let of = |value: &Value| NAMES.iter().filter_map(|name| value.get(name)).find_map(scalar);
    let first_error = json.get("errors").and_then(|errors| errors.get(0));
    of(json)
        .or_else(|| first_error.and_then(|error| scalar(error).or_else(|| of(error))))
        .or_else(|| json.as_object()?.values().filter(|value| value.is_object()).find_map(of))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The title of an HTML page: more telling than its first 200 characters.
fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let open = start + lower.get(start..)?.find('>')? + 1;
    let end = open + lower.get(open..)?.find('<')?;
    let title = html.get(open..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then(|| format!("an HTML page: {title}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status: http::StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::from_static(body.as_bytes()),
        }
    }

    fn fault(status: u16, body: &'static str) -> Fault {
        refused(status, body, false)
    }

    fn refused(status: u16, body: &'static str, is_login: bool) -> Fault {
        let answer = answer(status, body);
        let refusal = Refusal {
            url: "https://login.example.com/t?x=s3cret",
            purpose: "refresh the token",
            answer: &answer,
            secrets: vec!["s3cr".to_owned(), "s3cret/1".to_owned()],
            now: SystemTime::UNIX_EPOCH,
            is_login,
        };
        refusal.fault()
    }

    #[test]
    fn an_oauth_error_names_its_code_and_what_to_do() {
        let fault =
            fault(400, r#"{"error":"invalid_grant","error_description":"token s3cret/1 or s3cret%2F1 was revoked"}"#);
        assert_eq!(fault.kind, FaultKind::Credential);
        assert_eq!(fault.message, "`login.example.com` refused to refresh the token (400)");
        assert_eq!(fault.code.as_deref(), Some("invalid_grant"));
        assert_eq!(fault.provider_said.as_deref(), Some("token [redacted] or [redacted] was revoked"));
        assert!(fault.hint.unwrap().contains("connect the account again"));
    }

    #[test]
    fn other_shapes_of_errors_are_read() {
        assert_eq!(fault(401, r#"{"error":{"code":7,"message":"no"}}"#).provider_said.as_deref(), Some("no"));
        assert_eq!(fault(401, r#"{"errors":["bad login"]}"#).provider_said.as_deref(), Some("bad login"));
        assert_eq!(
            fault(401, "error=incorrect_client&error_description=not+known").provider_said.as_deref(),
            Some("not known")
        );
        assert_eq!(
            fault(403, "<html><head><TITLE>\n Access\n denied</TITLE>").provider_said.as_deref(),
            Some("an HTML page: Access denied")
        );
        assert_eq!(fault(200, r#"{"login":{"result":"Failed","reason":"no"}}"#).provider_said.as_deref(), Some("no"));
        assert_eq!(fault(403, "").provider_said, None);
        assert_eq!(fault(403, "plain words").provider_said.as_deref(), Some("plain words"));
    }

    #[test]
    fn only_a_refusal_is_the_credentials_fault() {
        assert_eq!(fault(429, "").kind, FaultKind::Throttled);
        assert_eq!(fault(502, "<html>").kind, FaultKind::ProviderDown);
        assert_eq!(fault(302, "").kind, FaultKind::UnexpectedShape);
        assert_eq!(fault(200, "{}").kind, FaultKind::UnexpectedShape);
        assert_eq!(fault(200, r#"{"ok":false,"error":"token_revoked"}"#).kind, FaultKind::Credential);
        assert_eq!(fault(404, "").kind, FaultKind::Credential);
        assert_eq!(refused(200, r#"{"login":{"reason":"wrong password"}}"#, true).kind, FaultKind::Credential);
        assert_eq!(refused(200, "<html>", true).kind, FaultKind::UnexpectedShape);
    }
}
