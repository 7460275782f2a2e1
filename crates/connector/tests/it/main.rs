//! Connectors and what is said about them: the catalogue that is shipped, and small ones made for one mistake each.

mod coverage;
mod lint;
mod made;
mod proofs;
mod provider_names;
mod scaffold;
mod schema;
mod spec;
