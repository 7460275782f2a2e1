//! Removing what has expired. Nothing depends on it: what has expired is not given out before it is swept either.

use crate::database::execute;
use crate::error::Result;
use crate::store::Store;

/// How many of each were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub tokens: u64,
    pub sign_ins: u64,
    pub leases: u64,
}

impl Store {
    pub async fn sweep(&self) -> Result<Swept> {
        let (doing, now) = ("sweeping", self.now());
        let on = || self.database().writer();
        Ok(Swept {
            tokens: execute!(on(), doing, "DELETE FROM tokens WHERE expires_at <= $1", now)?,
            sign_ins: execute!(on(), doing, "DELETE FROM sign_ins WHERE expires_at <= $1", now)?,
            leases: execute!(on(), doing, "DELETE FROM leases WHERE expires_at <= $1", now)?,
        })
    }
}
