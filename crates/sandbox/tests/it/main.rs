//! Every connector of the catalogue against its own sandbox: nothing is written per connector.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod faults;
mod played;
mod socket;
mod whole;
