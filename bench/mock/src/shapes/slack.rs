//! Slack: a cursor in the body, errors inside a 200.

use std::collections::HashMap;

use hyper::Method;

use super::{Ask, Shape, cursor, page_range, read_cursor};
use crate::{
    body::Pieces,
    records::Records,
    reply::{Reply, json, text},
};

pub const SHAPE: Shape = Shape {
    name: "slack",
    path: "/api/users.list",
    methods: &[Method::GET, Method::POST],
    lists: &["current"],
    separator: b",",
    is_signed: |ask| ask.has_scheme("Bearer"),
    refusal: || text(200, r#"{"ok":false,"error":"not_authed"}"#),
    answer,
};

const SIZE_MAX: usize = 1000;

fn answer(ask: &Ask, lists: &HashMap<&'static str, Records>) -> Reply {
    let records = &lists["current"];
    let start = match ask.query.get("cursor").map(String::as_str) {
        None | Some("") => Some(0),
        Some(cursor) => read_cursor(cursor),
    };
    let Some(range) = start.and_then(|start| {
        let size = ask.number("limit", SIZE_MAX)?.min(SIZE_MAX);
        page_range(start, size, records.len())
    }) else {
        return text(200, r#"{"ok":false,"error":"invalid_cursor"}"#);
    };
    if ask.asks_beyond(&["limit", "cursor", "include_locale", "team_id"]) {
        return text(200, r#"{"ok":false,"error":"invalid_arguments"}"#);
    }

    let mut body = Pieces::default();
    body.push(r#"{"ok":true,"members":["#);
    records.write(range.clone(), &mut body);
    let next = if range.end < records.len() { cursor(range.end) } else { String::new() };
    body.push(format!(r#"],"cache_ts":1790000000,"response_metadata":{{"next_cursor":"{next}"}}}}"#));
    json(200, body)
}
