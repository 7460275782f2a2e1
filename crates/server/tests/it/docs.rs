//! The human pages of the API's description: complete, safe, and whole without scripts or anything from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use rollcall_model::{Field, Model};

use crate::openapi::described::slugs;
use crate::world::{Answer, World};

async fn page(world: &World, path: &str) -> String {
    let answer = Answer::of(world.client.anonymous(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text().to_owned()
}

/// The values of an attribute, wherever it stands.
fn attribute(html: &str, name: &str) -> Vec<String> {
    let unescaped = |text: &str| text.replace("&amp;", "&").replace("&#x2f;", "/").replace("&quot;", "\"");
    html.split(&format!(" {name}=\"")).skip(1).map(|rest| unescaped(rest.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn a_page_loads_nothing_but_the_style_of_this_server() {
    let world = World::new().await;
    for path in ["/docs", "/docs/users", "/docs/integrations", "/docs/integrations/okta"] {
        let answer = Answer::of(world.client.anonymous(Method::GET, path)).await;
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        let html = answer.text();
        for bad in ["<script", " style=", "<style", "<img", "<iframe", "javascript:", " onclick"] {
            assert!(!html.contains(bad), "{path} has {bad}");
        }
        assert!(attribute(html, "src").is_empty(), "{path}");
        let tag = answer.header("etag").unwrap();
        let again = Answer::of(world.client.anonymous(Method::GET, path).header("if-none-match", tag)).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let style = page(&world, "/docs/style.css").await;
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert!(style.contains("prefers-color-scheme: dark"));
}

/// From the first page on, every link within the server leads to a page, and every place to a heading or row.
#[tokio::test]
async fn every_page_is_reached_and_every_link_leads_somewhere() {
    let world = World::new().await;
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let mut waiting = vec!["/docs".to_owned()];
    let mut places: BTreeSet<(String, String)> = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let html = page(&world, &path).await;
        for link in attribute(&html, "href") {
            let (to, place) = link.split_once('#').map_or((link.as_str(), None), |(to, place)| (to, Some(place)));
            let to = if to.is_empty() { path.as_str() } else { to };
            if to.starts_with("http://") || to.starts_with("https://") {
                continue;
            }
            if to.starts_with("/docs") && !to.ends_with(".css") {
                waiting.push(to.to_owned());
                places.extend(place.map(|place| (to.to_owned(), place.to_owned())));
            } else {
                page(&world, to).await;
            }
        }
        pages.insert(path, html);
    }
    for (path, place) in places {
        assert!(pages[&path].contains(&format!(" id=\"{place}\"")), "{path} has no place {place}");
    }
    for resource in &Model::user_directory().resources {
        assert!(pages.contains_key(&format!("/docs/{}", resource.name)), "{}", resource.name);
    }
    for slug in slugs() {
        assert!(pages.contains_key(&format!("/docs/integrations/{slug}")), "{slug}");
    }
    for (path, html) in &pages {
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        let ids = attribute(html, "id");
        let different: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{path} has two places of one name: {ids:?}");
    }
}

#[tokio::test]
async fn a_resources_page_has_every_parameter_and_field() {
    fn names(fields: &[Field], path: &str, all: &mut Vec<String>) {
        for field in fields {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            names(field.ty.fields(), &path, all);
            all.push(path);
        }
    }
    let world = World::new().await;
    for resource in &Model::user_directory().resources {
        let html = page(&world, &format!("/docs/{}", resource.name)).await;
        let mut fields = Vec::new();
        names(&resource.fields, "", &mut fields);
        for field in fields {
            assert!(html.contains(&format!("id=\"field-{field}\"")), "{}: {field}", resource.name);
        }
        for parameter in &resource.parameters {
            let kind = if parameter.of.is_some() { "filter" } else { "parameter" };
            assert!(
                html.contains(&format!("id=\"{kind}-{}\"", parameter.name)),
                "{}: {}",
                resource.name,
                parameter.name
            );
        }
    }
}

#[tokio::test]
async fn unknown_pages_are_told_the_nearest() {
    let world = World::new().await;
    world.client.get("/docs/usres").await.says(404, &["usres", "`users`"]);
    world.client.get("/docs/integrations/okat").await.says(404, &["okat", "`okta`"]);
}
