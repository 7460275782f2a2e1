//! The server as its callers meet it: a module for each section of the contract, each over a socket.

#[macro_use]
mod world;

mod authentication;
mod authority;
mod canary;
mod docs;
mod errors;
mod filters;
mod formats;
mod link;
mod meta;
mod oauth;
mod openapi;
mod operations;
mod paging;
mod proxy;
mod query;
mod resources;
mod schema;
mod ssrf;
mod urls;
