//! Connecting an account by a link: a page on which somebody who has no other token fills in a form, or signs in at the provider.
//!
//! The page holds no power of its own. Its calls carry the link token as a bearer, and no cookie is ever set: a page elsewhere that sends a
//! form or follows a link here brings nothing along that would count. What a provider sends back is bound to its beginning by `state`.

pub mod app;
pub mod attempt;
pub mod begin;
pub mod form;
pub mod offer;
pub mod page;
pub mod refusal;
pub mod sign_in;
mod tries;

pub use tries::Tries;
