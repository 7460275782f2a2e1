//! The engine against made-up providers: what is sent, what is made of the answers, and what happens when they are wrong.

mod auth;
mod cases;
mod format;
mod get;
mod guard;
mod list;
mod paging;
mod passes;
mod proofs;
mod provider;
mod replay;
mod resume;
mod retry;
mod secrets;
mod sift;
