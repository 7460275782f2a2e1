//! Where a listing stands between two records: enough to go on in another process.

use serde::{Deserialize, Serialize};

use super::trail::Trail;
use crate::fault::{Fault, FaultKind};
use crate::paging::PagingPlace;

/// A place in a list. It may hold parts of URLs that are secret: seal it before it leaves the process.
#[derive(Clone, Debug)]
pub struct Place {
    pub(crate) head: Head,
    pub(crate) trail: Trail,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The walk of the plan.
    #[serde(rename = "w")]
    pub walk: usize,
    /// The parent under a fan-out.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Before the provider page in which the place is.
    #[serde(rename = "g")]
    pub paging: PagingPlace,
    /// Where the last request went: relative next links start from it.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Records of that page that were read.
    #[serde(rename = "c", default)]
    pub consumed: usize,
    /// In a list that is held whole: the record that was given last.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    #[serde(rename = "k")]
    pub key: u64,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last_page: Option<u64>,
}

impl Place {
    pub(crate) fn new(mut head: Head, trail: Trail) -> Self {
        head.key = trail.key();
        head.last_page = trail.last_page();
        Self { head, trail }
    }

    /// The place as bytes, less than 4 KiB unless the provider's cursor is longer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = serde_json::to_vec(&self.head).unwrap_or_default();
        let mut bytes = u32::try_from(head.len()).unwrap_or_default().to_le_bytes().to_vec();
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(&self.trail.to_bytes());
        bytes
    }

    /// What `to_bytes` gave.
    ///
    /// # Errors
    /// Bytes that are not a place.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let (length, rest) = bytes.split_at_checked(4)?;
            let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
            let (head, trail) = rest.split_at_checked(length)?;
            let head: Head = serde_json::from_slice(head).ok()?;
            let trail = Trail::from_bytes(head.key, head.last_page, trail)?;
            Some(Self { head, trail })
        };
        read().ok_or_else(|| Fault::new(FaultKind::BadRequest, "the place in the list cannot be read"))
    }
}

/// The fault of a place that the list no longer has.
pub(super) fn lost() -> Fault {
    Fault::new(FaultKind::BadRequest, "the list has changed so that the place to go on from is no longer in it")
        .hint("start the list again, without the cursor")
}
