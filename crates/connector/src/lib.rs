#![doc = include_str!("../README.md")]

pub mod account;
pub mod calls;
pub mod catalog;
mod check;
mod connector;
pub mod coverage;
pub mod definition;
mod finding;
pub mod hosts;
pub mod lint;
pub mod load;
pub mod paths;
pub mod plan;
pub mod request;
pub mod scaffold;
pub mod spec;
pub mod template;
pub mod tier;

pub use account::{Account, InputProblem};
pub use catalog::Catalog;
pub use connector::{Connector, MethodName};
pub use finding::{Finding, nearest};
