//! The command as its users run it: what it says, prints and returns.

mod app;
mod connector;
mod list;
mod mistakes;
mod openapi;
mod run;
mod server;
