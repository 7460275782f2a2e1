#![doc = include_str!("../README.md")]

pub mod account;
pub mod catalog;
mod check;
mod connector;
pub mod definition;
mod finding;
pub mod hosts;
pub mod load;
pub mod plan;
pub mod request;
pub mod template;
pub mod tier;

pub use account::{Account, InputProblem};
pub use catalog::Catalog;
pub use connector::{Connector, MethodName};
pub use finding::{Finding, nearest};
