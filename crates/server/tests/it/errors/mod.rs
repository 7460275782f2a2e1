//! Errors: one shape, a status that says who must act, and what to do.

mod bounds;
mod provider;
mod reauth;
mod shape;
mod waiting;
