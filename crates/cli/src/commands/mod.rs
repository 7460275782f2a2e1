//! One file per command.

pub mod account;
pub mod app;
pub mod connector;
pub mod demo;
pub mod environment;
pub mod get;
pub mod key;
pub mod list;
pub mod openapi;
pub mod sandbox;
pub mod serve;
pub mod token;
