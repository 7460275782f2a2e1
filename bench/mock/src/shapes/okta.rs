//! Okta: `Link` headers, `limit` up to 200, and a plain list that leaves out deactivated people.

use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::Method;

use super::{Ask, Shape, cursor, page_range, read_cursor};
use crate::{
    body::Pieces,
    records::Records,
    reply::{Reply, add_header, json, text},
};

pub const SHAPE: Shape = Shape {
    name: "okta",
    path: "/api/v1/users",
    methods: &[Method::GET],
    lists: &["current", "deprovisioned"],
    separator: b",",
    is_signed: |ask| ask.has_scheme("SSWS") || ask.has_scheme("Bearer"),
    refusal: || {
        text(
            401,
            r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorLink":"E0000011","errorId":"mock","errorCauses":[]}"#,
        )
    },
    answer,
};

const SIZE_MAX: usize = 200;
const DEACTIVATED: &str = r#"status eq "DEPROVISIONED""#;

fn answer(ask: &Ask, lists: &HashMap<&'static str, Records>) -> Reply {
    let filter = ask.query.get("filter").map(String::as_str);
    let list = match filter {
        None => "current",
        Some(DEACTIVATED) => "deprovisioned",
        Some(_) => return bad_request(),
    };
    let records = &lists[list];
    let start = ask.query.get("after").map_or(Some(0), |after| read_cursor(after));
    let size = ask.number("limit", SIZE_MAX).map(|size| size.min(SIZE_MAX));
    let (false, Some(start), Some(size)) = (ask.asks_beyond(&["limit", "after", "filter"]), start, size) else {
        return bad_request();
    };
    let Some(range) = page_range(start, size, records.len()) else { return bad_request() };

    let mut body = Pieces::default();
    body.push("[");
    records.write(range.clone(), &mut body);
    body.push("]");
    let mut reply = json(200, body);
    let link = |after: Option<usize>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        after.map(|after| query.append_pair("after", &cursor(after)));
        query.append_pair("limit", &size.to_string());
        filter.map(|filter| query.append_pair("filter", filter));
        format!("<http://{}{}?{}>", ask.host, SHAPE.path, query.finish())
    };
    // One header for each relation, as Okta sends them.
    add_header(&mut reply, "link", &format!("{}; rel=\"self\"", link(None)));
    if range.end < records.len() {
        add_header(&mut reply, "link", &format!("{}; rel=\"next\"", link(Some(range.end))));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    add_header(&mut reply, "x-rate-limit-limit", "6000");
    add_header(&mut reply, "x-rate-limit-remaining", "5999");
    add_header(&mut reply, "x-rate-limit-reset", &(now + 60).to_string());
    reply
}

fn bad_request() -> Reply {
    text(
        400,
        r#"{"errorCode":"E0000031","errorSummary":"Invalid search criteria.","errorLink":"E0000031","errorId":"mock","errorCauses":[]}"#,
    )
}
