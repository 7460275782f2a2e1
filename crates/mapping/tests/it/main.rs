//! The tests of the crate, one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod agreement;
mod allocation;
mod condition;
mod fuzz;
mod generate;
mod json;
mod language;
mod lists;
mod mutation;
mod oracle;
mod page;
mod pick;
mod redact;
mod sources;
mod trail;

/// How many random cases a test tries, unless `PROPTEST_CASES` says otherwise.
fn cases(usual: u32) -> proptest::test_runner::Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    proptest::test_runner::Config {
        cases: wanted.unwrap_or(usual),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}
