//! Says in a few words what an answer looks like, without repeating it.

/// For "expected JSON, saw …".
pub(super) fn describe(body: &[u8]) -> String {
    let trimmed = body.trim_ascii_start();
    match trimmed {
        [] => "nothing: the body is empty".to_owned(),
        [0x1F, 0x8B, ..] => "compressed data (gzip)".to_owned(),
        [b'P', b'K', 3, 4, ..] => "a ZIP archive".to_owned(),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16 text".to_owned(),
        [b'<', ..] => markup(trimmed),
        [b'{' | b'[', ..] => "JSON".to_owned(),
        _ if std::str::from_utf8(body).is_err() || body.contains(&0) => "binary data".to_owned(),
        _ => format!("plain text of {} bytes", body.len()),
    }
}

/// Whether a body begins like an HTML page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.trim_ascii_start().iter().take(64).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|begin| start.starts_with(begin))
}

fn markup(body: &[u8]) -> String {
    if !is_html(body) {
        return "XML".to_owned();
    }
    // The title tells a login page from an outage; it stands near the top.
    let top: String = String::from_utf8_lossy(body.get(..4096).unwrap_or(body)).into_owned();
    let lower = top.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let open = at + lower.get(at..)?.find('>')? + 1;
        let close = open + lower.get(open..)?.find('<')?;
        top.get(open..close)
    });
    match title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" ")) {
        Some(title) if !title.is_empty() => {
            format!("an HTML page titled `{}`", title.chars().take(80).collect::<String>())
        }
        _ => "an HTML page".to_owned(),
    }
}
