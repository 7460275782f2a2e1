//! GitLab: numbered pages, told in headers, or keyset paging, told by the `Link` header alone.

use std::{collections::HashMap, ops::Range};

use hyper::Method;

use super::{Ask, Shape, cursor, page_range, read_cursor};
use crate::{
    body::Pieces,
    records::Records,
    reply::{Reply, add_header, json, text},
};

pub const SHAPE: Shape = Shape {
    name: "gitlab",
    path: "/api/v4/users",
    methods: &[Method::GET],
    lists: &["current"],
    separator: b",",
    is_signed: |ask| ask.has_private_token() || ask.has_scheme("Bearer"),
    refusal: || text(401, r#"{"message":"401 Unauthorized"}"#),
    answer,
};

const SIZE_DEFAULT: usize = 20;
const SIZE_MAX: usize = 100;

fn answer(ask: &Ask, lists: &HashMap<&'static str, Records>) -> Reply {
    let records = &lists["current"];
    if ask.query.get("pagination").is_some_and(|paging| paging == "keyset") {
        return keyset(ask, records);
    }
    let known = ["page", "per_page", "order_by", "sort", "without_project_bots"];
    let (false, Some(page), Some(size)) =
        (ask.asks_beyond(&known), ask.number("page", 1), ask.number("per_page", SIZE_DEFAULT))
    else {
        return bad_request();
    };
    let size = size.min(SIZE_MAX);
    let pages = records.len().div_ceil(size);
    // A page behind the last is empty, not an error.
    let range = page_range((page - 1).saturating_mul(size), size, records.len()).unwrap_or(0..0);

    let mut reply = json(200, array(records, range));
    let next = if page < pages { (page + 1).to_string() } else { String::new() };
    let previous = if page > 1 { (page - 1).to_string() } else { String::new() };
    add_header(&mut reply, "x-page", &page.to_string());
    add_header(&mut reply, "x-next-page", &next);
    add_header(&mut reply, "x-prev-page", &previous);
    add_header(&mut reply, "x-per-page", &size.to_string());
    // GitLab leaves the totals out of lists of more than 10,000.
    if records.len() <= 10_000 {
        add_header(&mut reply, "x-total", &records.len().to_string());
        add_header(&mut reply, "x-total-pages", &pages.to_string());
    }
    if page < pages {
        let link = format!("<http://{}{}?page={next}&per_page={size}>; rel=\"next\"", ask.host, SHAPE.path);
        add_header(&mut reply, "link", &link);
    }
    reply
}

fn keyset(ask: &Ask, records: &Records) -> Reply {
    let known = ["pagination", "per_page", "order_by", "sort", "cursor"];
    let start = ask.query.get("cursor").map_or(Some(0), |cursor| read_cursor(cursor));
    let (false, Some(start), Some(size)) = (ask.asks_beyond(&known), start, ask.number("per_page", SIZE_DEFAULT))
    else {
        return bad_request();
    };
    let size = size.min(SIZE_MAX);
    let Some(range) = page_range(start, size, records.len()) else { return bad_request() };
    let end = range.end;
    let mut reply = json(200, array(records, range));
    if end < records.len() {
        let query = format!("cursor={}&order_by=id&pagination=keyset&per_page={size}&sort=asc", cursor(end));
        add_header(&mut reply, "link", &format!("<http://{}{}?{query}>; rel=\"next\"", ask.host, SHAPE.path));
    }
    reply
}

fn array(records: &Records, range: Range<usize>) -> Pieces {
    let mut body = Pieces::default();
    body.push("[");
    records.write(range, &mut body);
    body.push("]");
    body
}

fn bad_request() -> Reply {
    text(400, r#"{"error":"a parameter is invalid"}"#)
}
