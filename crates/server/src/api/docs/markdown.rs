//! Markdown as HTML. Raw HTML in it is shown as text, pictures are left out, and links lead to the web or within the page alone.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

/// Markdown that was rendered.
#[derive(Debug, Default)]
pub struct Rendered {
    pub html: String,
    /// Headings of the second level.
    pub headings: Vec<Heading>,
}

/// A heading and its place.
#[derive(Debug, Serialize)]
pub struct Heading {
    pub id: String,
    pub text: String,
}

/// Renders a document without its title, which the page has already.
#[must_use]
pub fn render(text: &str) -> Rendered {
    rendered(text, None)
}

/// Renders a document as part of a page: under a heading of the second level, the place of which begins the names of its own.
#[must_use]
pub fn render_under(text: &str, place: &str) -> Rendered {
    rendered(text, Some(place))
}

fn rendered(text: &str, under: Option<&str>) -> Rendered {
    let events: Vec<Event<'_>> =
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect();
    let mut rendered = Rendered::default();
    let mut out: Vec<Event<'_>> = Vec::with_capacity(events.len());
    let mut in_title = false;
    let mut links: Vec<bool> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            _ if in_title => {}
            Event::Start(Tag::Heading { level, .. }) => {
                let words = words(events.get(index..).unwrap_or_default());
                let own = under.map_or_else(|| slug(&words), |place| format!("{place}-{}", slug(&words)));
                let id = unique(&own, &rendered.headings);
                out.push(Event::Start(Tag::Heading {
                    level: if under.is_some() { below(*level) } else { *level },
                    id: Some(id.clone().into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
                if *level == HeadingLevel::H2 {
                    rendered.headings.push(Heading { id, text: words });
                }
            }
            Event::End(TagEnd::Heading(level)) if under.is_some() => {
                out.push(Event::End(TagEnd::Heading(below(*level))));
            }
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text.clone())),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let leads = is_safe(dest_url);
                links.push(leads);
                if leads {
                    out.push(event.clone());
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    out.push(event.clone());
                }
            }
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => {}
            // A table that is too wide is moved sideways, by keyboard too.
            Event::Start(Tag::Table(_)) => {
                out.push(fixed("<div class=\"scroll\" tabindex=\"0\">"));
                out.push(event.clone());
            }
            Event::End(TagEnd::Table) => {
                out.push(event.clone());
                out.push(fixed("</div>"));
            }
            Event::Start(Tag::CodeBlock(_)) => out.push(fixed("<pre tabindex=\"0\"><code>")),
            Event::End(TagEnd::CodeBlock) => out.push(fixed("</code></pre>")),
            _ => out.push(event.clone()),
        }
    }
    html::push_html(&mut rendered.html, out.into_iter());
    rendered
}

fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

fn fixed(html: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(html))
}

/// The words of the heading that begins here.
fn words(events: &[Event<'_>]) -> String {
    events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

fn slug(words: &str) -> String {
    let letters = words.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join("-")
}

fn unique(id: &str, known: &[Heading]) -> String {
    let taken = |id: &str| known.iter().any(|heading| heading.id == id);
    let mut fresh = id.to_owned();
    let mut number = 2;
    while taken(&fresh) {
        fresh = format!("{id}-{number}");
        number += 1;
    }
    fresh
}

fn is_safe(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.starts_with("https://")
        || url.starts_with("http://")
        || url.starts_with('#')
        || (url.starts_with('/') && !url.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::{render, render_under};

    #[test]
    fn what_could_run_or_load_is_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html,x)",
            "[a](//example.com/x)",
            "![a](https://example.com/x.png)",
            "<a href=\"javascript:alert(1)\">x</a>",
            "```<script>\n<script>alert(1)</script>\n```",
            "## <svg onload=alert(1)>",
        ] {
            let html = render(text).html;
            for bad in ["<script", "<img", "<svg", "<a "] {
                assert!(!html.contains(bad), "{text}: {html}");
            }
        }
    }

    #[test]
    fn headings_are_places_and_the_title_is_left_out() {
        let rendered = render("# Okta\n\n## What is `listed`\n\ntext\n\n## What is listed\n");
        assert!(!rendered.html.contains("Okta"), "{}", rendered.html);
        let ids: Vec<&str> = rendered.headings.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids, ["what-is-listed", "what-is-listed-2"]);
        assert!(rendered.html.contains("<h2 id=\"what-is-listed\">"), "{}", rendered.html);
    }

    #[test]
    fn a_part_of_a_page_stands_under_its_heading() {
        let html = render_under("# Okta\n\n## Users\n\n###### Deep\n", "guide").html;
        assert!(html.contains("<h3 id=\"guide-users\">Users</h3>"), "{html}");
        assert!(html.contains("<h6 id=\"guide-deep\">Deep</h6>"), "{html}");
    }

    #[test]
    fn links_to_the_web_stay() {
        assert!(render("[a](https://example.com/)").html.contains("href=\"https://example.com/\""));
    }
}
