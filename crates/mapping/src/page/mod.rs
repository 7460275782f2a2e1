//! A page of records, read in one pass: it is positioned at each record in turn, the plan maps from there and says where the
//! record ended, and what stands around the records is checked and picked on the way.

mod reader;
mod route;

pub use reader::Records;
pub use route::{Items, PagePlan};
pub(crate) use route::{Step, route};
