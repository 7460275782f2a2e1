#![doc = include_str!("../README.md")]

mod credential;
mod detour;
mod document;
mod endpoint;
mod fault;
mod incoming;
mod invitation;
mod mark;
mod options;
mod pages;
mod pattern;
mod people;
mod place;
mod reply;
mod sandbox;
mod serve;
mod sign_in;
mod transport;
mod world;

pub use fault::Fault;
pub use invitation::Invitation;
pub use options::SandboxOptions;
pub use reply::Reply;
pub use sandbox::{Sandbox, SandboxError};
pub use serve::serve;
pub use transport::SandboxTransport;
