//! `stream`: a record a line, at the caller's pace, and a last line that says whether it was everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Answer, Gate, Line, Provider, World, directory, ids, json_answer, page, person, until, users_path};

/// Records, and the last line.
fn lines(answer: &Answer) -> (Vec<Value>, Value) {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson")),
        "{}",
        answer.text()
    );
    assert!(answer.text().ends_with('\n'));
    let mut lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trailer = lines.pop().unwrap();
    assert_eq!(trailer["object"], "trailer", "{trailer}");
    assert_eq!(trailer["count"], lines.len());
    assert!(lines.iter().all(|line| line["object"] != "trailer"));
    (lines, trailer)
}

async fn people(count: usize) -> (Provider, World, String) {
    let provider = Provider::start(directory((0..count).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (provider, world, account)
}

fn numbers(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn a_stream_is_lines_and_a_trailer() {
    let (_provider, world, account) = people(23).await;
    let answer = world.client.users(&account, "truto_response_format=stream").await;
    let (records, trailer) = lines(&answer);
    assert_eq!(ids(&records), numbers(0, 23));
    let unified = world.client.users(&account, "").await.ok();
    assert_eq!(&records, unified["result"].as_array().unwrap());
    assert_eq!((&trailer["complete"], &trailer["ended"]), (&json!(true), &json!(true)));
    assert_eq!((&trailer["error"], &trailer["next_cursor"]), (&json!(null), &json!(null)));
    assert_eq!(trailer["completeness"]["received"], 23);
    assert_eq!(trailer["completeness"]["passes"][0]["stop"], "no cursor");
    let empty = Provider::start(directory(Vec::new())).await;
    let account = world.acme(&empty).await;
    let (records, trailer) = lines(&world.client.users(&account, "truto_response_format=stream").await);
    assert_eq!((records.len(), &trailer["complete"]), (0, &json!(true)));
}

#[tokio::test]
async fn the_first_record_comes_before_the_provider_gives_its_second_page() {
    let gate = Gate::closed();
    let people: Vec<Value> = (0..20).map(person).collect();
    let held = gate.clone();
    let provider = Provider::start(move |seen| {
        let (held, people) = (held.clone(), people.clone());
        async move {
            if seen.value("cursor").is_some() {
                held.pass().await;
            }
            page(&people, &seen)
        }
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let mut line = Line::get(&world.client, &users_path(&account, "truto_response_format=stream")).await;
    line.until("\"id\":\"6\"").await;
    let begun = line.text();
    assert!(begun.starts_with("HTTP/1.1 200") && !begun.contains("trailer"), "{begun}");
    assert!(provider.seen().iter().filter(|seen| seen.value("cursor").is_some()).count() <= 1);
    gate.open(2);
    line.until("\"object\":\"trailer\"").await;
    let whole = line.text();
    assert!(whole.contains("\"id\":\"19\"") && whole.contains("\"complete\":true"));
}

/// Whatever the limit, going on from the trailer's cursor gives everybody once.
#[tokio::test]
async fn a_limit_bounds_the_total_and_its_cursor_goes_on() {
    let (_provider, world, account) = people(23).await;
    for limit in [1, 3, 7, 8, 13, 14, 22, 23, 24, 1000] {
        for query in ["", "&sort_by=created_at"] {
            let (mut all, mut cursor) = (Vec::new(), String::new());
            loop {
                let query = format!("truto_response_format=stream&limit={limit}&next_cursor={cursor}{query}");
                let (records, trailer) = lines(&world.client.users(&account, &query).await);
                assert!(records.len() <= limit);
                all.extend(ids(&records));
                match trailer["next_cursor"].as_str() {
                    Some(next) => {
                        assert_eq!(
                            (records.len(), &trailer["ended"], &trailer["complete"]),
                            (limit, &json!(false), &json!(false))
                        );
                        assert_eq!(trailer["completeness"]["limited"], true);
                        cursor = next.to_owned();
                    }
                    None => {
                        assert_eq!(
                            (&trailer["ended"], &trailer["complete"]),
                            (&json!(true), &json!(true)),
                            "{trailer}"
                        );
                        break;
                    }
                }
            }
            assert_eq!(all, numbers(0, 23), "limit {limit}{query}");
        }
    }
    // A limit that is ignored is none.
    let query = "truto_response_format=stream&limit=3&truto_ignore_limit=true";
    let (records, trailer) = lines(&world.client.users(&account, query).await);
    assert_eq!((records.len(), &trailer["complete"]), (23, &json!(true)));
}

/// The cursor of a stream is one of the list: pages go on from it, and streams from that of a page.
#[tokio::test]
async fn streams_and_pages_go_on_from_each_other() {
    let (_provider, world, account) = people(23).await;
    let (records, trailer) = lines(&world.client.users(&account, "truto_response_format=stream&limit=10").await);
    let cursor = trailer["next_cursor"].as_str().unwrap();
    let rest = world.client.users(&account, &format!("next_cursor={cursor}")).await.ok();
    let mut all = ids(&records);
    all.extend(ids(rest["result"].as_array().unwrap()));
    assert_eq!(all, numbers(0, 23));
    let first = world.client.users(&account, "limit=4").await.ok();
    let query = format!("truto_response_format=stream&next_cursor={}", first["next_cursor"].as_str().unwrap());
    let (records, _) = lines(&world.client.users(&account, &query).await);
    assert_eq!(ids(&records), numbers(4, 23));
}

#[tokio::test]
async fn a_fault_midway_is_in_the_trailer_with_a_cursor_that_goes_on() {
    let failing = Arc::new(AtomicBool::new(true));
    let people: Vec<Value> = (0..30).map(person).collect();
    let fails = Arc::clone(&failing);
    let provider = Provider::start(move |seen| {
        let fails = fails.load(Ordering::Relaxed) && seen.value("cursor") == Some("c14");
        let wrong = json_answer(403, &json!({"ok": false, "code": "not_allowed", "message": "no more for today"}));
        std::future::ready(if fails { wrong } else { page(&people, &seen) })
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "truto_response_format=stream").await;
    let (records, trailer) = lines(&answer);
    assert_eq!(ids(&records), numbers(0, 14));
    assert_eq!((&trailer["complete"], &trailer["ended"]), (&json!(false), &json!(false)));
    let error = &trailer["error"];
    assert_eq!((&error["statusCode"], &error["truto_is_remote_error"]), (&json!(403), &json!(true)));
    assert!(error["message"].as_str().unwrap().contains("no more for today"));
    let cursor = trailer["next_cursor"].as_str().unwrap();
    failing.store(false, Ordering::Relaxed);
    let query = format!("truto_response_format=stream&next_cursor={cursor}");
    let (rest, trailer) = lines(&world.client.users(&account, &query).await);
    assert_eq!(ids(&rest), numbers(14, 30));
    assert_eq!(trailer["complete"], true);
    // The same place, by pages, on a server that was started anew.
    let (_running, elsewhere) = world.restarted().await;
    let page = elsewhere.users(&account, &format!("next_cursor={cursor}")).await.ok();
    assert_eq!(ids(page["result"].as_array().unwrap()), numbers(14, 30));
}

#[tokio::test]
async fn a_fault_at_once_is_an_answer_of_its_own() {
    let provider = Provider::start(async |_| json_answer(403, &json!({"message": "not yours"}))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "truto_response_format=stream").await.says(403, &["not yours"]);
    world.client.users(&account, "truto_response_format=stream&limit=0").await.error(400);
}

/// A provider of large pages without end.
async fn endless(asked: Arc<AtomicUsize>) -> Provider {
    Provider::start(move |seen| {
        asked.fetch_add(1, Ordering::SeqCst);
        let from: usize = seen.value("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let people: Vec<Value> = (from..from + 7)
            .map(|number| {
                let mut person = person(number);
                person["about"] = "x".repeat(64 * 1024).into();
                person
            })
            .collect();
        std::future::ready(json_answer(200, &json!({"users": people, "next": (from + 7).to_string()})))
    })
    .await
}

/// Until the count has not changed for a while.
async fn settled(count: &AtomicUsize) -> usize {
    let mut last = count.load(Ordering::SeqCst);
    loop {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let now = count.load(Ordering::SeqCst);
        if now == last {
            return now;
        }
        last = now;
    }
}

#[tokio::test]
async fn a_slow_reader_slows_the_provider_down_and_one_who_goes_ends_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = endless(Arc::clone(&asked)).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let mut line = Line::get(&world.client, &users_path(&account, "truto_response_format=stream")).await;
    line.until("\"id\":\"0\"").await;
    // Some pages fit into the buffers between; then nobody asks for more.
    let stopped = settled(&asked).await;
    assert!(stopped < 30, "{stopped} pages of a megabyte for someone who reads nothing");
    // Who reads on gets more.
    line.until(&format!("\"id\":\"{}\"", (stopped + 2) * 7)).await;
    until("a further page", || asked.load(Ordering::SeqCst) > stopped).await;
    drop(line);
    let ended = settled(&asked).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asked.load(Ordering::SeqCst), ended);
}

/// Also while the provider thinks: what it then says is asked for nobody.
#[tokio::test]
async fn a_caller_who_has_gone_ends_the_walk() {
    for format in ["stream", "unified"] {
        let gate = Gate::closed();
        let people: Vec<Value> = (0..60).map(person).collect();
        let held = gate.clone();
        let provider = Provider::start(move |seen| {
            let (held, people) = (held.clone(), people.clone());
            async move {
                if seen.value("cursor") == Some("c14") {
                    held.pass().await;
                }
                page(&people, &seen)
            }
        })
        .await;
        let world = World::new().await;
        let account = world.acme(&provider).await;
        let query = format!("truto_response_format={format}&limit=50");
        let line = Line::get(&world.client, &users_path(&account, &query)).await;
        until("the page that is held", || provider.seen().len() == 3).await;
        drop(line);
        tokio::time::sleep(Duration::from_millis(100)).await;
        gate.open(1);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(provider.seen().len(), 3, "{format}");
    }
}
