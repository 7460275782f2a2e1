//! Other shapes of the same records.

mod normalized;

pub use normalized::Normalizer;
