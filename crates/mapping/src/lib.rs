#![doc = include_str!("../README.md")]

mod compile;
pub mod condition;
mod keys;
pub mod page;
mod path;
pub mod pick;
mod plan;
mod problem;
mod raw;
mod run;
mod scan;
mod slot;
pub mod time;
mod tree;

pub use compile::{Options, Scope, Table, compile};
pub use plan::{Origin, Plan, SourcePath};
pub use problem::Problem;
pub use raw::Raw;
pub use run::{Found, Inputs, Mapped, Redaction, Report, Scratch, Start, Tables, UNREAD, Unmapped};
pub use scan::{Fault, ScanError};
pub use slot::Kind;
