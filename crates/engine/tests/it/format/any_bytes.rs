//! No body makes the reader panic, and what it gives is JSON.

use proptest::prelude::*;
use rollcall_connector::definition::{Format, Items};
use rollcall_engine::format::to_json;
use serde::de::IgnoredAny;
use serde_json::json;

use super::{root, xml_format};

fn check(body: &[u8]) {
    let rows: Items = serde_json::from_value(json!({"rows": ".r", "columns": {"header": true}})).unwrap();
    for form in [Format::Json, Format::Ndjson, Format::Csv, xml_format(&["a"])] {
        for items in [&root(), &rows] {
            let converted = to_json(&form, items, body);
            // JSON itself is lent unread; everything that was made here must be whole.
            let lent = matches!((&form, items), (Format::Json, Items::Path(_)));
            if let (Ok(json), false) = (&converted, lent) {
                serde_json::from_slice::<IgnoredAny>(json).unwrap();
            }
            if let Err(error) = converted {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn of_any_kind(body in prop::collection::vec(any::<u8>(), 0..64)) {
        check(&body);
    }

    /// Near the forms' own characters.
    #[test]
    fn of_telling_characters(body in "[\u{feff}\u{0}<>&;/?!\\-\\[\\]{}\",:=\n\r a-c0-9'é]{0,40}") {
        check(body.as_bytes());
    }
}
