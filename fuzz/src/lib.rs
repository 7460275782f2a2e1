//! What the targets run: the bodies, the plain second implementation and the plain reader of the tests of crates/mapping.

#[path = "../../crates/mapping/tests/it/fuzz.rs"]
pub mod fuzz;
#[path = "../../crates/mapping/tests/it/json.rs"]
pub mod json;
#[path = "../../crates/mapping/tests/it/oracle/mod.rs"]
pub mod oracle;
