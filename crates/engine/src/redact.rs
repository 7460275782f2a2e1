//! Takes secrets out of texts that came from outside.

/// The longest piece of a provider's words that is repeated, in characters.
pub const WORDS_MAX: usize = 200;

/// Replaces every known secret, and clips.
#[must_use]
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    let mut secrets: Vec<&str> = secrets.into_iter().collect();
    // The longest first: one secret may be the beginning of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        // Very short values would tear ordinary words apart, and protect nothing.
        if secret.len() >= 4 {
            for form in [secret.to_owned(), rollcall_connector::template::percent_encode(secret)] {
                if text.contains(&form) {
                    text = text.replace(&form, "[redacted]");
                }
            }
        }
    }
    text
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
