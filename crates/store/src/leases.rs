//! Leases: one holder at a time among all nodes, until it is released or its time is over. Every lease has a fence, greater than those of
//! all leases before it, by which a holder that overslept can be told from the present one.

use std::time::{Duration, SystemTime};

use crate::database::{Cells, execute, row};
use crate::error::Result;
use crate::store::{Store, storable};
use crate::time::moment;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub holder: String,
    pub fence: i64,
    pub until: SystemTime,
}

impl Store {
    /// `None` while somebody has it, also the same holder: two tasks of one node exclude each other too.
    pub async fn acquire_lease(&self, name: &str, holder: &str, for_: Duration) -> Result<Option<Lease>> {
        let doing = "acquiring a lease";
        storable("the name of a lease", name)?;
        storable("the holder of a lease", holder)?;
        // Without a lock first, so that those who wait do not queue before those who come first elsewhere.
        let held_until = row!(
            self.database().reader(),
            doing,
            |row| row.number("expires_at"),
            "SELECT expires_at FROM leases WHERE name = $1",
            name,
        )?;
        if held_until.is_some_and(|until| until > self.now()) {
            return Ok(None);
        }
        let mut write = self.database().write(doing).await?;
        let fence = row!(
            write.on(),
            doing,
            |row| row.number("value"),
            "UPDATE counters SET value = value + 1 WHERE name = 'fence' RETURNING value"
        )?;
        let (now, until) = (self.now(), self.after(for_));
        let acquired = execute!(
            write.on(),
            doing,
            "INSERT INTO leases (name, holder, fence, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence, expires_at = excluded.expires_at \
             WHERE leases.expires_at <= $5",
            name,
            holder,
            fence,
            until,
            now,
        )?;
        let Some(fence) = fence.filter(|_| acquired > 0) else {
            write.roll_back(doing).await?;
            return Ok(None);
        };
        write.commit(doing).await?;
        Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence, until: moment(until) }))
    }

    /// The same lease for longer, with its fence; `None` when it is over, even if nobody else has it yet.
    pub async fn renew_lease(&self, lease: &Lease, for_: Duration) -> Result<Option<Lease>> {
        let (now, until) = (self.now(), self.after(for_));
        let renewed = execute!(
            self.database().writer(),
            "renewing a lease",
            "UPDATE leases SET expires_at = $3 WHERE name = $1 AND fence = $2 AND expires_at > $4",
            &lease.name,
            lease.fence,
            until,
            now,
        )?;
        Ok((renewed > 0).then(|| Lease { until: moment(until), ..lease.clone() }))
    }

    /// Gives a lease back. One that is over, and perhaps somebody else's by now, is left alone.
    pub async fn release_lease(&self, lease: &Lease) -> Result<()> {
        execute!(
            self.database().writer(),
            "releasing a lease",
            "DELETE FROM leases WHERE name = $1 AND fence = $2",
            &lease.name,
            lease.fence,
        )
        .map(|_| ())
    }
}
