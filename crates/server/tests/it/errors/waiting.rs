//! Providers that ask to wait, and providers that do not answer: what is waited for, and what is passed on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rollcall_engine::clock::Clock as _;
use serde_json::json;

use crate::world::{Gate, Provider, World, answer, json_answer, page, person};

/// A provider that refuses so often before it gives its people.
async fn busy(times: usize, status: u16, header: Option<(&'static str, String)>) -> Provider {
    let asked = Arc::new(AtomicUsize::new(0));
    Provider::start(move |seen| {
        let refused = asked.fetch_add(1, Ordering::SeqCst) < times;
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(header.as_ref().map(|(name, value)| (*name, value.as_str())));
        let response = if refused {
            answer(status, &headers, "{\"message\":\"too fast\"}")
        } else {
            page(&(0..3).map(person).collect::<Vec<_>>(), &seen)
        };
        std::future::ready(response)
    })
    .await
}

fn seconds(numbers: &[u64]) -> Vec<Duration> {
    numbers.iter().map(|number| Duration::from_secs(*number)).collect()
}

#[tokio::test]
async fn a_short_pause_is_absorbed() {
    for (status, header, waits) in [(429, "2", vec![2, 2]), (429, "30", vec![30, 30]), (503, "3", vec![3, 3])] {
        let provider = busy(2, status, Some(("retry-after", header.to_owned()))).await;
        let world = World::new().await;
        let account = world.acme(&provider).await;
        assert_eq!(world.client.users(&account, "").await.ok()["result_count"], 3);
        assert_eq!(world.clock.waits(), seconds(&waits), "{status}");
        assert_eq!(provider.seen().len(), 3);
    }
    let world = World::new().await;
    let until = world.clock.now() + Duration::from_secs(9);
    let date = httpdate(until);
    let provider = busy(1, 429, Some(("retry-after", date))).await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "").await.ok();
    assert_eq!(world.clock.waits(), seconds(&[9]));
}

fn httpdate(time: std::time::SystemTime) -> String {
    let stamp = jiff::Timestamp::try_from(time).unwrap();
    stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn a_long_pause_is_passed_on() {
    for (header, shown) in [("600", "600"), ("31", "31"), ("45.2", "46")] {
        let provider = busy(99, 429, Some(("retry-after", header.to_owned()))).await;
        let world = World::new().await;
        let account = world.acme(&provider).await;
        let answer = world.client.users(&account, "").await;
        let error = answer.says(429, &["acme", "slow down", "too fast"]);
        assert_eq!(answer.header("retry-after"), Some(shown));
        assert_eq!(error["truto_is_remote_error"], true);
        let insight = &error["truto_error_insight"]["rate_limit_error"];
        assert_eq!(insight["value"]["retry_after_seconds"], json!(shown.parse::<u64>().unwrap()), "{insight}");
        assert_eq!((provider.seen().len(), world.clock.waits()), (1, Vec::new()));
    }
}

/// Without a word from the provider: some tries, then a minute.
#[tokio::test]
async fn a_refusal_without_a_time_is_tried_again_and_passed_on() {
    let provider = busy(99, 429, None).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "").await;
    answer.error(429);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(provider.seen().len(), 5);
    assert!(world.clock.waits().iter().sum::<Duration>() < Duration::from_secs(30));
}

/// Pauses add up: what would be too much for the caller is passed on.
#[tokio::test]
async fn pauses_end_with_the_callers_patience() {
    let provider = busy(99, 429, Some(("retry-after", "20".to_owned()))).await;
    let world = World::with(|config| config.page_patience = Duration::from_secs(50)).await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "").await;
    answer.error(429);
    assert_eq!(answer.header("retry-after"), Some("20"));
    assert_eq!(world.clock.waits(), seconds(&[20, 20]));
}

/// A stream waits longer than a page.
#[tokio::test]
async fn a_stream_absorbs_longer_pauses() {
    let provider = busy(1, 429, Some(("retry-after", "200".to_owned()))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "truto_response_format=stream").await;
    assert!(answer.text().contains("\"complete\":true"), "{}", answer.text());
    assert_eq!(world.clock.waits(), seconds(&[200]));
}

/// A provider that says that nothing remains is not asked before its window begins anew.
#[tokio::test]
async fn an_exhausted_window_is_waited_for() {
    let people: Vec<_> = (0..14).map(person).collect();
    let provider = Provider::start(move |seen| {
        let mut response = page(&people, &seen);
        response.headers_mut().insert("x-rate-remaining", "0".parse().unwrap());
        response.headers_mut().insert("x-rate-reset", "5".parse().unwrap());
        std::future::ready(response)
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    assert_eq!(world.client.users(&account, "").await.ok()["result_count"], 14);
    let waits = world.clock.waits();
    assert!(waits.len() == 1 && waits[0] > Duration::from_secs(4) && waits[0] <= Duration::from_secs(5), "{waits:?}");
}

#[tokio::test]
async fn a_failure_that_passes_is_absorbed() {
    let provider = busy(2, 502, None).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    assert_eq!(world.client.users(&account, "").await.ok()["result_count"], 3);
    assert_eq!((provider.seen().len(), world.clock.waits().len()), (3, 2));
}

#[tokio::test]
async fn no_answer_in_time_is_504() {
    let gate = Gate::closed();
    let held = gate.clone();
    let provider = Provider::start(move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            json_answer(200, &json!({"users": []}))
        }
    })
    .await;
    let world = World::with(|config| config.exchange_timeout = Duration::from_millis(80)).await;
    let account = world.acme(&provider).await;
    for query in ["", "truto_response_format=raw", "truto_response_format=stream"] {
        let error = world.client.users(&account, query).await.says(504, &["acme", "no answer within"]);
        assert_eq!(error["truto_is_remote_error"], true);
    }
    let one = format!("/unified/user-directory/users/1?integrated_account_id={account}");
    world.client.get(&one).await.error(504);
    gate.open(1);
}

/// However busily it answers: a walk that takes longer than the caller waits ends.
#[tokio::test]
async fn a_walk_that_takes_too_long_is_504() {
    let world = World::with(|config| config.page_patience = Duration::from_secs(60)).await;
    let clock = world.clock.clone();
    let provider = Provider::start(move |seen: crate::world::Seen| {
        clock.forward(Duration::from_secs(11));
        let from: usize = seen.value("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        std::future::ready(json_answer(200, &json!({"users": [person(from)], "next": (from + 1).to_string()})))
    })
    .await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "").await.says(504, &["60 seconds"]);
    assert!((5..=6).contains(&provider.seen().len()), "{}", provider.seen().len());
}
