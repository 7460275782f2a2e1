//! The tests of the crate, one binary.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod load;
mod secret;
mod user_directory;
