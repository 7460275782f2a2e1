//! Google Workspace: a page token in the body, written with line breaks.

use std::collections::HashMap;

use hyper::Method;

use super::{Ask, Shape, cursor, page_range, read_cursor};
use crate::{
    body::Pieces,
    records::Records,
    reply::{Reply, json, text},
};

pub const SHAPE: Shape = Shape {
    name: "google",
    path: "/admin/directory/v1/users",
    methods: &[Method::GET],
    lists: &["current"],
    separator: b",\n    ",
    is_signed: |ask| ask.has_scheme("Bearer"),
    refusal: || {
        text(
            401,
            r#"{"error":{"code":401,"message":"Request is missing required authentication credential.","status":"UNAUTHENTICATED"}}"#,
        )
    },
    answer,
};

const SIZE_DEFAULT: usize = 100;
const SIZE_MAX: usize = 500;
const KNOWN: [&str; 7] = ["customer", "domain", "maxResults", "pageToken", "projection", "orderBy", "showDeleted"];

fn answer(ask: &Ask, lists: &HashMap<&'static str, Records>) -> Reply {
    let records = &lists["current"];
    let start = ask.query.get("pageToken").map_or(Some(0), |token| read_cursor(token));
    let size = ask.number("maxResults", SIZE_DEFAULT);
    let (false, Some(start), Some(size)) = (ask.asks_beyond(&KNOWN), start, size) else {
        return bad_request();
    };
    let mut body = Pieces::default();
    body.push("{\n  \"kind\": \"admin#directory#users\",\n  \"etag\": \"\\\"mock\\\"\"");
    // Deleted people are a list of their own, and here there are none: the key is then left out.
    if ask.query.get("showDeleted").is_none_or(|value| value != "true") {
        let Some(range) = page_range(start, size.min(SIZE_MAX), records.len()) else { return bad_request() };
        body.push(",\n  \"users\": [\n    ");
        records.write(range.clone(), &mut body);
        body.push("\n  ]");
        if range.end < records.len() {
            body.push(format!(",\n  \"nextPageToken\": \"{}\"", cursor(range.end)));
        }
    }
    body.push("\n}\n");
    json(200, body)
}

fn bad_request() -> Reply {
    text(400, r#"{"error":{"code":400,"message":"Invalid Input","status":"INVALID_ARGUMENT"}}"#)
}
