#![doc = include_str!("../README.md")]

pub mod auth;
pub mod cases;
pub mod clock;
mod completeness;
mod enrich;
mod errors;
pub mod explain;
pub mod fault;
pub mod format;
mod get;
mod held;
pub mod hosts;
mod limits;
mod link;
mod list;
mod paging;
mod parents;
mod pushdown;
pub mod query;
mod redact;
pub mod replay;
pub mod retry;
mod session;
pub mod shape;
mod sift;
mod tables;
pub mod transport;
mod values;
mod walk;

pub use completeness::{Completeness, Missing, PassRecord};
pub use fault::{Fault, FaultKind};
pub use get::{Got, get};
pub use limits::Limits;
pub use list::{Batch, Listing};
pub use query::ListRequest;
pub use session::{Exchange, Session, SessionParts};
