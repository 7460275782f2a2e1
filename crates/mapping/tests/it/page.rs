use rollcall_mapping::Fault;
use rollcall_mapping::page::{Items, PagePlan};

fn slices<'p>(layout: &'p PagePlan, page: &'p str) -> Result<Vec<&'p str>, Fault> {
    let mut records = layout.read(page.as_bytes());
    let mut found = Vec::new();
    while let Some(slice) = records.next_slice().map_err(|error| error.fault)? {
        found.push(std::str::from_utf8(slice).unwrap());
    }
    Ok(found)
}

fn list(path: &str) -> PagePlan {
    PagePlan::compile(Items::List(path), &[]).unwrap()
}

#[test]
fn records_anywhere() {
    assert_eq!(slices(&list("."), " [ 1 , {\"a\":[2]},\"x\" ] ").unwrap(), ["1", "{\"a\":[2]}", "\"x\""]);
    assert_eq!(slices(&list("."), "[]").unwrap(), [""; 0]);
    assert_eq!(slices(&list(".a.b"), r#"{"z":1,"a":{"y":[9],"b":[1,2],"x":null},"w":{}}"#).unwrap(), ["1", "2"]);
    assert_eq!(slices(&list(".a[]"), r#"{"a":[1]}"#).unwrap(), ["1"]);
    let teams = r#"{"teams":[{"members":[1,2]},{"id":0,"members":[]},{"members":[3]}]}"#;
    assert_eq!(slices(&list(".teams[].members[]"), teams).unwrap(), ["1", "2", "3"]);
    assert_eq!(slices(&list(".a[][]"), r#"{"a":[[1,2],[],[3]]}"#).unwrap(), ["1", "2", "3"]);
    assert_eq!(slices(&list(".a.1"), r#"{"a":[[1],[2],[3]]}"#).unwrap(), ["2"]);
    assert_eq!(slices(&list(".\"a.b\""), r#"{"a.b":[1]}"#).unwrap(), ["1"]);
    assert_eq!(slices(&list(".a"), r#"{"\u0061":[1]}"#).unwrap(), ["1"]);
}

#[test]
fn an_object_by_id() {
    let layout = PagePlan::compile(Items::ValuesOf(".users"), &[".next"]).unwrap();
    let page = br#"{"users":{"u1":{"a":1},"u\u0032":{"a":2}},"next":"p"}"#;
    let mut records = layout.read(page);
    let mut keys = Vec::new();
    while let Some(start) = records.next().unwrap() {
        keys.push((std::str::from_utf8(records.key().unwrap()).unwrap(), start.depth));
    }
    assert_eq!(keys, [("\"u1\"", 2), ("\"u\\u0032\"", 2)]);
    assert_eq!(records.picked(0).unwrap().text().unwrap(), "p");
    // Languages without a difference write an empty map as an empty list.
    assert_eq!(slices(&layout, r#"{"users":[]}"#).unwrap(), [""; 0]);
    assert_eq!(slices(&layout, r#"{"users":[1]}"#), Err(Fault::NotAnObject));
}

#[test]
fn one_record_in_an_envelope() {
    let layout = PagePlan::compile(Items::One(".data.user"), &[".data.user.id", ".ok"]).unwrap();
    let page = r#"{"ok":true,"data":{"user":{"id":7}}}"#;
    assert_eq!(slices(&layout, page).unwrap(), [r#"{"id":7}"#]);
    let mut records = layout.read(page.as_bytes());
    while records.next().unwrap().is_some() {}
    assert_eq!(records.picked(0).unwrap().text().unwrap(), "7");
    assert_eq!(records.picked(1).unwrap().as_bool(), Some(true));
    assert_eq!(slices(&layout, r#"{"data":{"user":[]}}"#), Err(Fault::NotAnObject));
    assert_eq!(slices(&PagePlan::compile(Items::One("."), &[]).unwrap(), "{}").unwrap(), ["{}"]);
}

#[test]
fn lines() {
    let layout = PagePlan::compile(Items::Lines, &[]).unwrap();
    assert_eq!(slices(&layout, "\n{\"a\":1}\r\n\n [2]\n3").unwrap(), ["{\"a\":1}", "[2]", "3"]);
    assert_eq!(slices(&layout, " \n").unwrap(), [""; 0]);
    assert_eq!(slices(&layout, "{} {}"), Err(Fault::Trailing));
    assert_eq!(slices(&layout, "{}\n{"), Err(Fault::End));
}

#[test]
fn what_is_missing_is_counted_and_what_is_wrong_is_an_error() {
    let missing = |path: &str, page: &str| {
        let layout = list(path);
        let mut records = layout.read(page.as_bytes());
        while records.next().unwrap().is_some() {}
        records.missing()
    };
    assert_eq!(missing(".a", "{}"), 1);
    assert_eq!(missing(".a", r#"{"a":null}"#), 1);
    assert_eq!(missing(".a.b", r#"{"a":null}"#), 1);
    assert_eq!(missing(".a[].b", r#"{"a":[{"b":[]},{},{"b":null}]}"#), 2);
    assert_eq!(missing(".a[].b", r#"{"a":[]}"#), 0);
    assert_eq!(missing(".a.3", r#"{"a":[[1]]}"#), 1);
    for (path, page, fault) in [
        (".", "{}", Fault::NotAnArray),
        (".", "1", Fault::NotAnArray),
        (".a", "[]", Fault::NotAnObject),
        (".a", r#"{"a":{}}"#, Fault::NotAnArray),
        (".a.b", r#"{"a":"x"}"#, Fault::NotAnObject),
        (".a[].b", r#"{"a":{"b":[]}}"#, Fault::NotAnArray),
        (".a", r#"{"a":[1],"a":[2]}"#, Fault::Twice),
        (".", "[1] x", Fault::Trailing),
        (".", "[1", Fault::End),
        (".", "[1 2]", Fault::CommaOrBracket),
        (".", "[1,]", Fault::Value),
        (".a", r#"{"a":[] "b":1}"#, Fault::CommaOrBrace),
        (".a", r#"{"a" [1]}"#, Fault::Colon),
        (".a", r#"{"a":[1],}"#, Fault::Key),
    ] {
        assert_eq!(slices(&list(path), page), Err(fault), "{path} {page}");
    }
    // An error stays one.
    let layout = list(".");
    let mut records = layout.read(b"[1,]");
    assert!(records.next().is_ok() && records.next().is_ok() && records.next().is_err() && records.next().is_err());
}

#[test]
fn picks_before_behind_and_inside() {
    let picks = [".before", ".data.total", ".data.items", ".data.items.1.id", ".after.x", ".gone"];
    let layout = PagePlan::compile(Items::List(".data.items"), &picks).unwrap();
    let page = br#"{"before":1,"data":{"items":[{"id":"a"},{"id":"b"}],"total":2},"after":{"x":"y"}}"#;
    let mut records = layout.read(page);
    while records.next().unwrap().is_some() {}
    let picked: Vec<_> = (0..picks.len()).map(|index| records.picked(index).map(|raw| raw.json())).collect();
    let shown: Vec<_> = picked.iter().map(|json| json.map(|json| std::str::from_utf8(json).unwrap())).collect();
    assert_eq!(shown, [Some("1"), Some("2"), Some(r#"[{"id":"a"},{"id":"b"}]"#), Some("\"b\""), Some("\"y\""), None]);
}

#[test]
fn mistakes() {
    let shown = |items| {
        let problems = PagePlan::compile(items, &[".a", "b"]).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        shown(Items::List("a")),
        "/: `a` is not a path\nhint: paths begin with a dot: `.a`; /1: `b` is not a path: expected `.` before `b`"
    );
    assert_eq!(
        shown(Items::List(".a[0]")),
        "/: `.a[0]` is not a path to records\nhint: such as `.teams[].members`; /1: `b` is not a path: expected `.` before `b`"
    );
}
