//! Takes secrets out of texts that came from outside.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use memchr::memmem;
use rollcall_connector::template::percent_encode;
use url::form_urlencoded;

use crate::transport::Answer;

/// The longest piece of a provider's words that is repeated, in characters.
pub const WORDS_MAX: usize = 200;

/// Replaces every known secret, however it is written.
#[must_use]
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    // Very short values would tear ordinary words apart, and protect nothing.
    for form in forms(secrets, 4) {
        if text.contains(&form) {
            text = text.replace(&form, HIDDEN);
        }
    }
    text
}

const HIDDEN: &str = "[redacted]";

/// A value as short as a word may stand in somebody's record as that word: there it stays.
const IN_RECORDS_MIN: usize = 16;

/// A provider's answer that is passed on as it came, but for the account's own credential: endpoints that repeat what they are asked, and
/// links to the next page, may hold it.
#[must_use]
pub fn answer<'a>(mut answer: Answer, secrets: impl IntoIterator<Item = &'a str>) -> Answer {
    let forms = forms(secrets, IN_RECORDS_MIN);
    answer.body = bytes_without(answer.body, &forms);
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if forms.iter().any(|form| kind.contains(form.as_str())) {
        answer.headers.remove(CONTENT_TYPE);
    }
    answer
}

/// Bytes that are passed on, without the account's own credential.
#[must_use]
pub fn bytes<'a>(bytes: Bytes, secrets: impl IntoIterator<Item = &'a str>) -> Bytes {
    bytes_without(bytes, &forms(secrets, IN_RECORDS_MIN))
}

fn bytes_without(mut bytes: Bytes, forms: &[String]) -> Bytes {
    for form in forms {
        let finder = memmem::Finder::new(form.as_bytes());
        if finder.find(&bytes).is_none() {
            continue;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for at in finder.find_iter(&bytes) {
            clean.extend_from_slice(bytes.get(from..at).unwrap_or_default());
            clean.extend_from_slice(HIDDEN.as_bytes());
            from = at + form.len();
        }
        clean.extend_from_slice(bytes.get(from..).unwrap_or_default());
        bytes = clean.into();
    }
    bytes
}

/// Secrets as themselves, in URLs, in forms and in JSON; the longest first, for one may be the beginning of another.
fn forms<'a>(secrets: impl IntoIterator<Item = &'a str>, shortest: usize) -> Vec<String> {
    let mut forms = Vec::new();
    for secret in secrets.into_iter().filter(|secret| secret.len() >= shortest) {
        let json = serde_json::Value::from(secret).to_string();
        let json = json.get(1..json.len() - 1).unwrap_or_default();
        forms.extend([
            secret.to_owned(),
            percent_encode(secret),
            form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            json.to_owned(),
            json.replace('/', "\\/"),
        ]);
    }
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms
}

/// A provider's words: one line, redacted, at most `WORDS_MAX` characters.
#[must_use]
pub fn words<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let flat: String = redact(text, secrets).split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.is_empty() {
        return None;
    }
    let mut clipped: String = flat.chars().take(WORDS_MAX).collect();
    if clipped.len() < flat.len() {
        clipped.push('…');
    }
    Some(clipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let secret = "se/cret \"1\"+é";
        for text in [
            "se/cret \"1\"+é",
            "se%2Fcret%20%221%22%2B%C3%A9",
            "se%2Fcret+%221%22%2B%C3%A9",
            r#"se/cret \"1\"+é"#,
            r#"se\/cret \"1\"+é"#,
        ] {
            assert_eq!(redact(&format!("a {text} b"), [secret]), "a [redacted] b", "{text}");
        }
        assert_eq!(redact("abcd abc", ["abc", "abcd"]), "[redacted] abc");
    }

    #[test]
    fn records_keep_words_that_are_short() {
        let body = Bytes::from_static(b"{\"role\":\"administrator\",\"token\":\"0123456789abcdef\"}");
        assert_eq!(bytes(body.clone(), ["administrator"]), body);
        let clean = bytes(body, ["0123456789abcdef"]);
        assert_eq!(clean, &b"{\"role\":\"administrator\",\"token\":\"[redacted]\"}"[..]);
    }
}
