//! The server as its callers meet it: a module for each section of the contract, each over a socket.

#[macro_use]
mod world;

mod authority;
mod link;
mod oauth;
mod paging;
