//! Building answers.

use hyper::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use crate::body::Pieces;

pub type Reply = Response<Pieces>;

pub fn json(status: u16, body: Pieces) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).expect("a literal status");
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    reply
}

pub fn text(status: u16, body: &'static str) -> Reply {
    let mut pieces = Pieces::default();
    pieces.push(body.as_bytes());
    json(status, pieces)
}

/// An answer no provider gives: the caller is wrong about the mock itself.
pub fn plain(status: u16, body: &'static str) -> Reply {
    let mut reply = text(status, body);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    reply
}

pub fn add_header(reply: &mut Reply, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("built from checked parts");
    reply.headers_mut().append(HeaderName::from_static(name), value);
}
