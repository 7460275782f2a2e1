//! What is to be played.

use crate::Fault;

/// What is to be played.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// How many people each list of users has.
    pub users: u64,
    /// How many records each other list has; those of the cases when not given.
    pub others: Option<u64>,
    /// Something that goes wrong.
    pub fault: Option<Fault>,
    /// The page on which it goes wrong, from 0: the second where there is one when not given.
    pub page: Option<u64>,
    /// How often it goes wrong before all is well again; always when not given.
    pub times: Option<u32>,
    /// The largest page that is given, whatever is asked for.
    pub page_size_max: Option<u64>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { users: 137, others: None, fault: None, page: None, times: None, page_size_max: None }
    }
}
