use rollcall_mapping::Kind;
use rollcall_mapping::pick::Pick;

#[test]
fn takes_what_it_is_asked_for() {
    let pick = Pick::compile(&[".next", ".errors.0.message", ".", ".none", ".more", ".\"a.b\"", ".errors"]).unwrap();
    let document =
        br#" {"next": " p\u00322 ", "errors": [{"message": "no"}, {}], "more": "FALSE", "a.b": null, "next": "p3"} "#;
    let picked = pick.read(document).unwrap();
    let text = |index: usize| picked.get(index).and_then(|raw| raw.text());
    assert_eq!(text(0).as_deref(), Some("p3"));
    assert_eq!(text(1).as_deref(), Some("no"));
    assert_eq!(picked.get(2).unwrap().kind(), Kind::Object);
    assert!(picked.get(3).is_none());
    assert_eq!(picked.get(4).unwrap().as_bool(), Some(false));
    assert_eq!(picked.get(5).map(|raw| (raw.kind(), raw.is_present())), Some((Kind::Null, false)));
    assert_eq!(
        picked.get(6).unwrap().elements().map(|raw| raw.json()).collect::<Vec<_>>(),
        [&br#"{"message": "no"}"#[..], b"{}"]
    );
    assert_eq!(picked.get(6).unwrap().elements().next().unwrap().member("message").unwrap().json(), b"\"no\"");
    assert!(picked.get(7).is_none());
}

#[test]
fn keeps_the_text_of_a_cursor() {
    let pick = Pick::compile(&[".a"]).unwrap();
    let picked = pick.read(br#"{"a": " \u0041b "}"#).unwrap();
    assert_eq!(picked.get(0).unwrap().verbatim().as_deref(), Some(" Ab "));
    assert_eq!(picked.get(0).unwrap().text().as_deref(), Some("Ab"));
}

#[test]
fn mistakes_and_faults() {
    let problems = Pick::compile(&[".a", "b", "$c.d"]).unwrap_err();
    let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["/1: `b` is not a path: expected `.` before `b`", "/2: `$c.d` names a context, and there is none here"]
    );
    let error = Pick::compile(&[".a"]).unwrap().read(b"{\"a\": }").unwrap_err();
    assert_eq!(error.to_string(), "expected a JSON value at byte 6");
    assert_eq!(
        Pick::compile(&[]).unwrap().read(b"").unwrap_err().to_string(),
        "the JSON ends inside a value at byte 0"
    );
}
