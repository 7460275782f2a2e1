//! The command as its users run it: what it says, prints and returns.

mod connector;
mod list;
mod mistakes;
mod run;
mod server;
