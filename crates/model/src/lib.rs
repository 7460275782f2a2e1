#![doc = include_str!("../README.md")]

mod load;
mod schema;
mod secret;

pub use load::Error;
pub use schema::{Choice, Field, Key, Method, Model, Operator, Parameter, Resource, Type};
pub use secret::Secret;
