//! What the provider cannot do: filters, sorting, and knowing records that come twice.

pub mod dedupe;
pub mod filter;
pub mod sort;
