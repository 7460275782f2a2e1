//! A list read in pieces, each by a new call that knows only the place: the same people, once each, wherever the cuts are.

use rollcall_engine::query::SortBy;
use rollcall_engine::{Fault, FaultKind, Limits, ListRequest, Listing, Place};
use serde_json::{Value, json};

use crate::provider::{World, block_on, ok, param, users};

fn people(range: std::ops::Range<u64>) -> Value {
    range.map(|n| json!({"id": n, "name": format!("Person {:02}", n * 7 % 23)})).collect()
}

fn ids(records: &[Value]) -> Vec<String> {
    crate::provider::ids(records).into_iter().map(str::to_owned).collect()
}

fn request() -> ListRequest {
    ListRequest { resource: "users".to_owned(), ..ListRequest::default() }
}

/// Reads one piece of at most `limit` records from a place, and gives the place after it.
fn piece(
    world: &World,
    request: &ListRequest,
    limit: usize,
    place: Option<Vec<u8>>,
) -> Result<(Vec<Value>, Option<Vec<u8>>), Fault> {
    block_on(async {
        let place = place.as_deref().map(Place::from_bytes).transpose()?;
        let session = world.session.again(Limits::default());
        let mut listing = Listing::resume(session, request.clone(), place.as_ref(), 99).await?;
        let mut records: Vec<Value> = Vec::new();
        while let Some(batch) = listing.next().await? {
            let wanted = (limit - records.len()).min(batch.ends.len());
            records.extend(batch.records().take(wanted).map(|r| serde_json::from_slice::<Value>(r).expect("JSON")));
            if records.len() == limit {
                let place = listing.place(&batch, wanted).map(|place| place.to_bytes());
                return Ok((records, place));
            }
        }
        Ok((records, None))
    })
}

/// Reads the list in pieces.
fn pieces(world: &World, request: &ListRequest, limit: usize) -> Result<Vec<Value>, Fault> {
    let mut all = Vec::new();
    let mut place = None;
    for _ in 0..1000 {
        let (records, next) = piece(world, request, limit, place)?;
        all.extend(records);
        match next {
            Some(next) => {
                assert!(next.len() < 4096, "{} bytes", next.len());
                place = Some(next);
            }
            None => return Ok(all),
        }
    }
    panic!("the list does not end");
}

fn same_in_pieces(world: &World, request: &ListRequest) {
    let whole = ids(&world.list(request.clone()).expect("the whole list").0);
    for limit in 1..=whole.len() + 2 {
        let records = pieces(world, request, limit).expect("pieces");
        assert_eq!(ids(&records), whole, "in pieces of {limit}");
    }
}

#[test]
fn every_cut_of_every_kind_of_paging_gives_the_same_people() {
    let offset =
        World::new(&users("{offset: {param: skip, size: {param: limit, max: 5}, until: short}}"), |wire, _| {
            let at: u64 = param(wire, "skip").and_then(|t| t.parse().ok()).expect("a number");
            ok(json!({"users": people(at.min(13)..(at + 5).min(13))}))
        });
    same_in_pieces(&offset, &request());
    let page = World::new(&users("{page: {param: page, size: {param: limit, max: 4}, until: empty}}"), |wire, _| {
        let page: u64 = param(wire, "page").and_then(|t| t.parse().ok()).expect("a number");
        ok(json!({"users": people(((page - 1) * 4).min(11)..(page * 4).min(11))}))
    });
    same_in_pieces(&page, &request());
    let cursor = World::new(&users("{cursor: {at: .next, param: after}}"), |wire, _| match param(wire, "after") {
        None => ok(json!({"users": people(0..5), "next": "a"})),
        Some(cursor) if cursor == "a" => ok(json!({"users": [], "next": "b"})),
        Some(_) => ok(json!({"users": people(5..12)})),
    });
    same_in_pieces(&cursor, &request());
    let url = World::new(&users("{next_url: {at: .next}}"), |wire, _| match param(wire, "p") {
        None => ok(json!({"users": people(0..3), "next": "?p=1"})),
        Some(page) if page == "1" => ok(json!({"users": people(3..6), "next": "?p=2"})),
        Some(_) => ok(json!({"users": people(6..9)})),
    });
    same_in_pieces(&url, &request());
}

#[test]
fn a_sorted_list_goes_on_after_the_record_that_was_given_last() {
    let world = World::new(&users("{cursor: {at: .next, param: after}}"), |wire, _| match param(wire, "after") {
        None => ok(json!({"users": people(0..5), "next": "a"})),
        Some(_) => ok(json!({"users": people(5..12)})),
    });
    let sorted = ListRequest { sort: Some(SortBy { field: "name".to_owned(), descending: true }), ..request() };
    same_in_pieces(&world, &sorted);
}

const TWO_PASSES: &str = "
schema: 1
id: acme
name: Acme
category: test
docs: https://acme.example/docs
auth: {token: {fields: {token: {label: Token, secret: true}}, header: {Authorization: 'Bearer {token}'}}}
http: {base: 'https://api.acme.example/v1'}
resources:
  users:
    list:
      get: /users
      items: .users
      page: {page: {param: page, size: {param: limit, max: 3}, until: short}}
      passes: [{name: members, query: {kind: member}}, {name: guests, query: {kind: guest}}]
unified:
  users:
    fields: {id: .id, name: .name}
";

#[test]
fn who_is_in_two_passes_is_given_once_wherever_the_cut_is() {
    let world = World::new(TWO_PASSES, |wire, _| {
        let page: u64 = param(wire, "page").and_then(|t| t.parse().ok()).expect("a number");
        let all: Vec<u64> = match param(wire, "kind").as_deref() {
            Some("member") => (0..8).collect(),
            // The first and the last of the members are guests too.
            _ => vec![20, 0, 21, 7, 3, 22, 23],
        };
        let from = usize::try_from((page - 1) * 3).expect("small");
        let slice: Vec<Value> = all.iter().skip(from).take(3).map(|n| json!({"id": n})).collect();
        ok(json!({"users": slice}))
    });
    same_in_pieces(&world, &request());
}

#[test]
fn people_who_are_added_in_front_do_not_make_others_come_twice() {
    // Each call finds one person more at the front, so that positions move by one.
    let world =
        World::new(&users("{offset: {param: skip, size: {param: limit, max: 4}, until: short}}"), |wire, call| {
            let at: u64 = param(wire, "skip").and_then(|t| t.parse().ok()).expect("a number");
            let all: Vec<u64> = (0..u64::from(call)).rev().map(|n| 100 + n).chain(0..12).collect();
            let from = usize::try_from(at).expect("small");
            let slice: Vec<Value> = all.iter().skip(from).take(4).map(|n| json!({"id": n})).collect();
            ok(json!({"users": slice}))
        });
    for limit in [3, 4, 5] {
        let given = ids(&pieces(&world, &request(), limit).expect("pieces"));
        let old: Vec<String> = given.iter().filter(|id| id.len() < 3).cloned().collect();
        let expected: Vec<String> = (0..12).map(|n: u32| n.to_string()).collect();
        assert_eq!(old, expected, "limit {limit}");
    }
}

#[test]
fn who_was_read_and_has_left_takes_nobody_along_within_a_page() {
    // The page is read again after a cut in its middle; by then its first person is gone.
    let world = World::new(&users("{cursor: {at: .next, param: after}}"), |_, call| {
        ok(json!({"users": people(if call == 0 { 0..6 } else { 1..6 })}))
    });
    let given = ids(&pieces(&world, &request(), 4).expect("pieces"));
    assert_eq!(given, ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn a_loop_of_cursors_is_told_across_calls() {
    let world = World::new(&users("{cursor: {at: .next, param: after}}"), |wire, call| {
        let next = match param(wire, "after").as_deref() {
            Some("a") => "b",
            Some("b") => "c",
            _ => "a",
        };
        ok(json!({"users": people(u64::from(call) * 2..u64::from(call) * 2 + 2), "next": next}))
    });
    let fault = pieces(&world, &request(), 2).expect_err("a loop");
    assert_eq!(fault.kind, FaultKind::UnexpectedShape);
    assert!(fault.message.contains("twice"), "{fault}");
}

#[test]
fn the_same_page_again_is_told_across_calls() {
    let world = World::new(&users("{offset: {param: skip, size: {param: limit, max: 2}, until: empty}}"), |_, _| {
        ok(json!({"users": people(0..2)}))
    });
    let fault = pieces(&world, &request(), 2).expect_err("the provider ignores the offset");
    assert!(fault.message.contains("same page twice"), "{fault}");
}

#[test]
fn a_place_that_is_not_one_is_refused() {
    for bytes in [&b""[..], b"\x05\0\0\0{}", b"\xff\xff\xff\xff", b"\x02\0\0\0{}x"] {
        assert_eq!(Place::from_bytes(bytes).expect_err("no place").kind, FaultKind::BadRequest);
    }
}

#[test]
fn filters_do_not_shift_the_place() {
    let world = World::new(&users("{cursor: {at: .next, param: after}}"), |wire, _| match param(wire, "after") {
        None => ok(json!({"users": people(0..9), "next": "a"})),
        Some(_) => ok(json!({"users": people(9..17)})),
    });
    let resource = rollcall_model::Model::user_directory().resource("users").expect("users");
    let filter =
        rollcall_engine::query::filter(resource, "name.in", "Person 07,Person 21,Person 03,Person 12,Person 01")
            .expect("a filter");
    same_in_pieces(&world, &ListRequest { filters: vec![filter], ..request() });
}
