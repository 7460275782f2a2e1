//! Every kind of paging: what is asked for, when it ends, and the guards.

use rollcall_engine::FaultKind;
use serde_json::{Value, json};

use crate::provider::{World, answer, ids, ok, param, users};

fn people(range: std::ops::Range<u64>) -> Value {
    range.map(|n| json!({"id": n, "name": format!("Person {n}")})).collect()
}

fn number(text: Option<String>) -> u64 {
    text.and_then(|text| text.parse().ok()).expect("a number")
}

#[test]
fn cursor_ends_without_a_cursor() {
    for end in [
        json!({"users": people(2..4)}),
        json!({"users": people(2..4), "next": null}),
        json!({"users": people(2..4), "next": ""}),
    ] {
        let world =
            World::new(&users("{cursor: {at: .next, param: after, size: {param: limit, max: 2}}}"), move |wire, _| {
                match param(wire, "after") {
                    None => ok(json!({"users": people(0..2), "next": "a b+c"})),
                    Some(cursor) => {
                        assert_eq!(cursor, "a b+c", "the cursor goes back as it came");
                        ok(end.clone())
                    }
                }
            });
        let (records, completeness) = world.users().expect("a list");
        assert_eq!(ids(&records), ["0", "1", "2", "3"]);
        assert!(completeness.complete);
        assert_eq!(
            world.asked(),
            ["https://api.acme.example/v1/users?limit=2", "https://api.acme.example/v1/users?limit=2&after=a%20b%2Bc"]
        );
    }
}

#[test]
fn more_overrules_a_cursor_that_stays() {
    let world =
        World::new(&users("{cursor: {at: .next, param: after, more: .more}}"), |wire, _| match param(wire, "after") {
            None => ok(json!({"users": people(0..2), "next": "x", "more": true})),
            Some(_) => ok(json!({"users": people(2..3), "next": "x", "more": false})),
        });
    assert_eq!(world.users().expect("a list").0.len(), 3);
}

#[test]
fn more_without_a_cursor_is_a_fault() {
    let world = World::new(&users("{cursor: {at: .next, param: after, more: .more}}"), |_, _| {
        ok(json!({"users": people(0..2), "more": true}))
    });
    assert_eq!(world.users().expect_err("not an end").kind, FaultKind::UnexpectedShape);
}

#[test]
fn a_repeated_cursor_is_a_fault_and_not_an_end() {
    let world = World::new(&users("{cursor: {at: .next, param: after}}"), |_, call| {
        ok(json!({"users": people(u64::from(call) * 2..u64::from(call) * 2 + 2), "next": "same"}))
    });
    let fault = world.users().expect_err("a loop");
    assert_eq!(fault.kind, FaultKind::UnexpectedShape);
    assert!(fault.message.contains("same cursor twice"), "{fault}");
    assert_eq!(world.asked().len(), 2);
}

#[test]
fn an_ignored_page_parameter_is_a_fault() {
    let world = World::new(&users("{page: {param: page, until: empty}}"), |_, _| ok(json!({"users": people(0..5)})));
    let fault = world.users().expect_err("the same page for ever");
    assert!(fault.message.contains("same page twice"), "{fault}");
}

#[test]
fn page_numbers_walk_to_an_empty_page() {
    let world = World::new(&users("{page: {param: page, size: {param: per_page, max: 2}}}"), |wire, _| {
        let page = number(param(wire, "page"));
        // A short page in the middle is no end.
        ok(json!({"users": match page { 1 => people(0..1), 2 => people(1..3), _ => json!([]) }}))
    });
    assert_eq!(world.users().expect("a list").0.len(), 3);
    assert_eq!(world.asked().len(), 3);
}

#[test]
fn page_numbers_end_at_the_last_page() {
    for (start, last, calls) in [(1, 3, 3), (0, 3, 3), (1, 1, 1), (1, 0, 1)] {
        let world =
            World::new(&users(&format!("{{page: {{param: page, start: {start}, last: .pages}}}}")), move |wire, _| {
                let page = number(param(wire, "page"));
                ok(json!({"users": people(page * 2..page * 2 + 2), "pages": last}))
            });
        world.users().expect("a list");
        assert_eq!(world.asked().len(), calls, "start {start}, last {last}");
    }
}

#[test]
fn last_page_may_be_in_a_header() {
    let world = World::new(&users("{page: {param: page, last: {header: X-Pages}}}"), |wire, _| {
        let page = number(param(wire, "page"));
        answer(200, &[("x-pages", "2")], json!({"users": people(page * 2..page * 2 + 2)}).to_string())
    });
    assert_eq!(world.users().expect("a list").0.len(), 4);
}

#[test]
fn offsets_grow_by_what_came() {
    // The provider cuts pages of 100 to 2, silently.
    let world =
        World::new(&users("{offset: {param: offset, total: .total, size: {param: limit, max: 100}}}"), |wire, _| {
            let at = number(param(wire, "offset"));
            ok(json!({"users": people(at..(at + 2).min(5)), "total": 5}))
        });
    assert_eq!(world.users().expect("a list").0.len(), 5);
    assert_eq!(world.asked().len(), 3);
}

#[test]
fn a_total_that_is_not_reached_is_a_fault() {
    let world = World::new(&users("{offset: {param: offset, total: .total}}"), |wire, _| {
        let at = number(param(wire, "offset"));
        ok(json!({"users": people(at..at.max(2)), "total": 5}))
    });
    let fault = world.users().expect_err("three are missing");
    assert_eq!(fault.kind, FaultKind::UnexpectedShape);
    assert!(fault.message.contains("counts 5"), "{fault}");
}

#[test]
fn scim_counts_from_one_and_believes_no_total_of_a_full_page() {
    let yaml = users("{scim: {size: {param: count, max: 2}}}").replace("items: .users", "items: .Resources");
    let world = World::new(&yaml, |wire, _| {
        let start = number(param(wire, "startIndex"));
        let page = match start {
            1 => people(0..2),
            3 => people(2..4),
            5 => people(4..5),
            _ => json!([]),
        };
        // The total is that of the page, as some servers have it.
        ok(json!({"Resources": page, "totalResults": page.as_array().map_or(0, Vec::len), "startIndex": start}))
    });
    assert_eq!(world.users().expect("a list").0.len(), 5);
}

#[test]
fn link_headers_are_joined_and_relative_targets_resolved() {
    let world = World::new(&users("{link: {size: {param: limit, max: 2}}}"), |wire, _| match param(wire, "after") {
        None => answer(
            200,
            &[
                ("link", "<https://api.acme.example/v1/users?limit=2>; rel=\"self\""),
                ("link", "</v1/users?after=x%3Dy&limit=2>; rel=\"next\""),
            ],
            json!({"users": people(0..2)}).to_string(),
        ),
        Some(cursor) => {
            assert_eq!(cursor, "x=y");
            answer(
                200,
                &[("link", "<https://api.acme.example/v1/users>; rel=\"self\"")],
                json!({"users": people(2..3)}).to_string(),
            )
        }
    });
    assert_eq!(world.users().expect("a list").0.len(), 3);
}

#[test]
fn a_link_may_need_an_attribute() {
    let world = World::new(&users("{link: {while: {results: 'true'}}}"), |_, _| {
        answer(
            200,
            &[("link", "<https://api.acme.example/v1/users?cursor=1>; rel=\"next\"; results=\"false\"")],
            json!({"users": people(0..1)}).to_string(),
        )
    });
    assert_eq!(world.asked().len(), 0);
    assert_eq!(world.users().expect("a list").0.len(), 1);
}

#[test]
fn a_next_link_to_another_host_is_refused_and_not_called() {
    let world = World::new(&users("{next_url: {at: .next}}"), |_, _| {
        ok(json!({"users": people(0..1), "next": "https://evil.example/users"}))
    });
    let fault = world.users().expect_err("another host");
    assert!(fault.message.contains("evil.example"), "{fault}");
    assert_eq!(world.asked().len(), 1);
}

#[test]
fn continue_merges_every_member() {
    let world = World::new(&users("{continue: {at: .continue}}"), |wire, _| {
        match (param(wire, "from"), param(wire, "token")) {
            (None, None) => ok(json!({"users": people(0..1), "continue": {"from": "B", "token": "-||"}})),
            (Some(from), Some(token)) => {
                assert_eq!((from.as_str(), token.as_str()), ("B", "-||"));
                ok(json!({"users": people(1..2)}))
            }
            other => panic!("only one of two keys came back: {other:?}"),
        }
    });
    assert_eq!(world.users().expect("a list").0.len(), 2);
}

#[test]
fn last_goes_on_from_the_last_record() {
    let world =
        World::new(&users("{last: {param: since, of: .id}}"), |wire, _| match param(wire, "since").as_deref() {
            None => ok(json!({"users": people(5..7)})),
            Some("6") => ok(json!({"users": people(7..8)})),
            Some("7") => ok(json!({"users": []})),
            other => panic!("{other:?}"),
        });
    assert_eq!(world.users().expect("a list").0.len(), 3);
}

#[test]
fn ranges_follow_the_header() {
    let world = World::new(&users("{range: {size: {param: id, max: 2}}}"), |wire, _| {
        let range = wire.headers.get("range").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        match range.as_str() {
            "id; max=2" => answer(206, &[("next-range", "]1..; max=2")], json!({"users": people(0..2)}).to_string()),
            "]1..; max=2" => answer(200, &[], json!({"users": people(2..3)}).to_string()),
            other => panic!("{other}"),
        }
    });
    assert_eq!(world.users().expect("a list").0.len(), 3);
}

#[test]
fn endless_lists_meet_the_limit() {
    let limits = rollcall_engine::Limits { pages_max: 10, ..rollcall_engine::Limits::default() };
    let world = World::with_limits(&users("{cursor: {at: .next, param: after}}"), limits, |_, call| {
        ok(json!({"users": people(u64::from(call)..u64::from(call) + 1), "next": call + 1}))
    });
    assert_eq!(world.users().expect_err("endless").kind, FaultKind::LimitReached);
    assert_eq!(world.asked().len(), 10);
}

#[test]
fn a_missing_list_is_not_an_empty_one() {
    for body in [json!({}), json!({"users": null}), json!({"users": {"a": 1}}), json!([]), json!("x")] {
        let shown = body.to_string();
        let world = World::new(&users("{none: {}}"), move |_, _| ok(body.clone()));
        assert_eq!(world.users().expect_err(&shown).kind, FaultKind::UnexpectedShape, "{shown}");
    }
}

#[test]
fn a_documented_ceiling_makes_the_list_partial() {
    let yaml = users("{page: {param: page}}").replace("      items: .users\n", "      items: .users\n      cap: 4\n");
    let world = World::new(&yaml, |wire, _| {
        let page = number(param(wire, "page"));
        ok(json!({"users": people(page * 2..page * 2 + 2)}))
    });
    let (records, completeness) = world.users().expect("a partial list");
    assert_eq!(records.len(), 4);
    assert!(!completeness.complete);
    assert!(completeness.missing.iter().any(|m| m.people));
}

/// What people may be missing for, if they may.
fn short(yaml: &str, pages: Vec<serde_json::Value>) -> (Vec<String>, Option<String>) {
    let world =
        World::new(yaml, move |_, call| ok(pages.get(call as usize).cloned().unwrap_or_else(|| json!({"users": []}))));
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(completeness.complete, completeness.missing.is_empty());
    let ids = ids(&records).into_iter().map(str::to_owned).collect();
    (ids, completeness.missing.first().map(|missing| missing.message.clone()))
}

#[test]
fn a_total_that_is_reached_by_repeats_is_not_reached() {
    let page = |ids: &[u32], total: u32| json!({"users": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(), "total": total, "totalResults": total, "more": false});
    for kind in [
        "{page: {param: page, total: .total}}",
        "{offset: {param: offset, total: .total}}",
        "{scim: {size: {param: count, max: 2}}}",
    ] {
        let yaml = users(kind);
        let (ids, missing) = short(&yaml, vec![page(&[1, 2], 4), page(&[2, 3], 4)]);
        assert_eq!(ids, ["1", "2", "3"]);
        assert_eq!(
            missing.as_deref(),
            Some("the provider counts 4, but gave 3 different ones (1 came again): people may be missing"),
            "{kind}"
        );
        // Everyone is there, though one came twice.
        let (ids, missing) = short(&yaml, vec![page(&[1, 2], 3), page(&[2, 3], 3)]);
        assert_eq!((ids.len(), missing), (3, None), "{kind}");
    }
    let (_, missing) = short(&users("{page: {param: page, total: .total, more: .more}}"), vec![page(&[1, 2], 3)]);
    assert_eq!(
        missing.as_deref(),
        Some("the provider counts 3, but gave 2 different ones (0 came again): people may be missing")
    );
    // Pages that may be thinned after counting are short of the total without a fault; repeats are one.
    let thinned = users("{offset: {param: offset, step: size, total: .total, size: {param: limit, max: 2}}}");
    assert_eq!(short(&thinned, vec![page(&[1], 4), page(&[3], 4)]).1, None);
    assert!(short(&thinned, vec![page(&[1, 2], 4), page(&[2, 3], 4)]).1.is_some());
}

#[test]
fn totals_are_those_of_each_walk() {
    let yaml = users("{offset: {param: offset, total: .total}}").replace(
        "      items: .users\n",
        "      items: .users\n      passes: [{name: one, query: {kind: a}}, {name: two, query: {kind: b}}]\n",
    );
    // The second pass gives whom the first gave too: nobody of its own is missing.
    let page = |ids: &[u32], total: u32| json!({"users": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(), "total": total});
    let (ids, missing) = short(&yaml, vec![page(&[1, 2], 2), page(&[2, 3], 2)]);
    assert_eq!((ids.len(), missing), (3, None));
    // Within the second pass one comes again.
    let (_, missing) = short(&yaml, vec![page(&[1, 2], 2), page(&[2, 3], 4), page(&[3, 2, 3], 4)]);
    assert!(missing.expect("one is missing").contains("counts 4, but gave 2 different ones"));
}
