//! Answers in every form, whole and broken.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod any_bytes;
mod csv;
mod json;
mod ndjson;
mod rows;
mod xml;

use rollcall_connector::definition::{Format, Items, XmlFormat};
use rollcall_engine::format::{FormatError, to_json};
use serde_json::Value;

/// Items that are a place in the JSON.
fn root() -> Items {
    Items::Path(".".to_owned())
}

fn xml_format(arrays: &[&str]) -> Format {
    Format::Xml(XmlFormat { arrays: arrays.iter().map(|name| (*name).to_owned()).collect() })
}

fn read(format: &Format, body: impl AsRef<[u8]>) -> Value {
    let body = body.as_ref();
    let json =
        to_json(format, &root(), body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)));
    serde_json::from_slice(&json).unwrap()
}

fn refused(format: &Format, body: impl AsRef<[u8]>) -> FormatError {
    let body = body.as_ref();
    match to_json(format, &root(), body) {
        Ok(json) => panic!("{} became {}", String::from_utf8_lossy(body), String::from_utf8_lossy(&json)),
        Err(error) => error,
    }
}

fn says(format: &Format, body: impl AsRef<[u8]>, words: &str) {
    let message = refused(format, body).to_string();
    assert!(message.contains(words), "`{message}` lacks `{words}`");
}
