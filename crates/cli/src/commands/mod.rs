//! One file per command.

pub mod connector;
pub mod get;
pub mod list;
pub mod sandbox;
