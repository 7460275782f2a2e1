//! The page itself: three files of our own, and pages that say how a sign-in ended. Nothing from elsewhere may run or be loaded in them.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::error::ApiError;

const PAGE: &str = include_str!("../../web/connect.html");
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
/// What the pages load, by name.
const FILES: [(&str, &str, &str); 6] = [
    ("page.css", STYLE, include_str!("../../web/page.css")),
    ("page.js", SCRIPT, include_str!("../../web/page.js")),
    ("form.js", SCRIPT, include_str!("../../web/form.js")),
    ("fields.js", SCRIPT, include_str!("../../web/fields.js")),
    ("guide.js", SCRIPT, include_str!("../../web/guide.js")),
    ("element.js", SCRIPT, include_str!("../../web/element.js")),
];

/// No script or style but ours, no frame around it, no form that a browser would send by itself, no text that becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// `GET /connect`.
pub async fn page() -> Response {
    document(StatusCode::OK, PAGE.to_owned())
}

/// `GET /connect/files/{name}`.
pub async fn files(Path(name): Path<String>) -> Result<Response, ApiError> {
    let found = FILES.iter().find(|(known, _, _)| *known == name);
    let (_, content_type, text) =
        found.ok_or_else(|| ApiError::not_found(format!("the page has no file `{name}`; it begins at `/connect`")))?;
    Ok(file(content_type, (*text).to_owned()))
}

/// A page that tells something, with a way on.
pub fn told(status: StatusCode, heading: &str, text: &str, way: Option<(&str, &str)>) -> Response {
    let way = way.map_or_else(String::new, |(address, label)| {
        format!("<p><a class=\"button\" href=\"{}\">{}</a></p>", escaped(address), escaped(label))
    });
    let (heading, text) = (escaped(heading), spoken(text));
    let role = if status.is_success() { "status" } else { "alert" };
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<title>{heading}</title>\n<link rel=\"stylesheet\" href=\"files/page.css\">\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n\
         <p class=\"said\" role=\"{role}\">{text}</p>\n{way}\n</main>\n</body>\n</html>\n"
    );
    document(status, body)
}

fn document(status: StatusCode, body: String) -> Response {
    let mut response = (status, file("text/html; charset=utf-8", body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn file(content_type: &'static str, body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response()
}

/// A message with its literals, which stand in backticks, as code.
fn spoken(text: &str) -> String {
    let parts: Vec<String> = text.split('`').map(escaped).collect();
    if parts.len().is_multiple_of(2) {
        return parts.join("`");
    }
    parts
        .iter()
        .enumerate()
        .map(|(at, part)| if at % 2 == 0 { part.clone() } else { format!("<code>{part}</code>") })
        .collect()
}

/// A text as HTML, also inside an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(escaped(r#"<a href='x' onclick="y">&"#), "&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;");
    }

    #[test]
    fn literals_are_code_when_they_end() {
        assert_eq!(spoken("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(spoken("a `b"), "a `b");
    }

    #[test]
    fn the_files_hold_nothing_that_the_policy_forbids() {
        for forbidden in ["<style", "style=", "onclick", "http://", "https://"] {
            assert!(!PAGE.contains(forbidden), "{forbidden} in the page");
        }
        let scripts = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            ".style",
            "localStorage",
            ".cookie",
        ];
        for (name, content_type, text) in FILES {
            let forbidden = if content_type == SCRIPT { scripts.as_slice() } else { &["@import", "url("] };
            for forbidden in forbidden {
                assert!(!text.contains(forbidden), "{forbidden} in {name}");
            }
        }
    }
}
