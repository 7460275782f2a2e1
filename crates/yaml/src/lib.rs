#![doc = include_str!("../README.md")]

mod node;
mod parse;
mod scalar;

pub use node::{Document, Entry, Node, Place, Value};
pub use parse::{Error, MAX_BYTES, MAX_DEPTH, parse};
