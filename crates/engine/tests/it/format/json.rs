//! JSON is lent as it is.

use std::borrow::Cow;

use rollcall_connector::definition::Format;
use rollcall_engine::fault::FaultKind;
use rollcall_engine::format::{FormatError, to_json};

use super::{refused, root, says};

#[test]
fn json_is_not_copied() {
    for body in ["{\"a\": 1}", "[]", "  \n[1]", "null", "\"text\"", "-1"] {
        match to_json(&Format::Json, &root(), body.as_bytes()).unwrap() {
            Cow::Borrowed(lent) => assert_eq!(lent, body.as_bytes()),
            Cow::Owned(_) => panic!("{body} was copied"),
        }
    }
    let marked = to_json(&Format::Json, &root(), b"\xEF\xBB\xBF{}").unwrap();
    assert!(matches!(marked, Cow::Borrowed(b"{}")));
}

#[test]
fn what_came_instead_is_said() {
    says(&Format::Json, "", "expected JSON, saw nothing");
    says(&Format::Json, " \r\n", "the body is empty");
    says(
        &Format::Json,
        "<!DOCTYPE html>\n<html><head><title>\n  Sign in\n  to Acme</title>",
        "an HTML page titled `Sign in to Acme`",
    );
    says(&Format::Json, "\n<HTML><body>Gateway</body>", "saw an HTML page");
    says(&Format::Json, "<?xml version=\"1.0\"?><error/>", "saw XML");
    says(&Format::Json, "Service unavailable", "saw plain text of 19 bytes");
    says(&Format::Json, b"\x1F\x8B\x08\x00", "compressed data");
    says(&Format::Json, b"PK\x03\x04", "ZIP");
    says(&Format::Json, b"\xFF\xFE[\x00]\x00", "UTF-16");
    says(&Format::Json, b"\x80\x81", "binary data");
}

#[test]
fn a_fault_says_who_must_act() {
    let fault = refused(&Format::Json, "<html>").fault();
    assert_eq!(fault.kind, FaultKind::UnexpectedShape);
    assert_eq!(fault.message, "expected JSON, saw an HTML page");
    assert_eq!(FormatError::TooDeep(3).fault().kind, FaultKind::LimitReached);
    assert_eq!(FormatError::TooLarge(3).fault().kind, FaultKind::LimitReached);
}
