//! A credential in memory: not printed, and wiped when dropped as far as the standard containers allow.

use std::fmt;
use std::io;

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};

/// What an account signs in with: a JSON object, by the names that its connector gives. Shown as `[redacted]`.
#[derive(Clone, Default, PartialEq)]
pub struct Credential(Map<String, Value>);

impl Credential {
    #[must_use]
    pub const fn new(values: Map<String, Value>) -> Self {
        Self(values)
    }

    /// The values themselves. The name is long on purpose: each use is a place to look at.
    #[must_use]
    pub const fn expose(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The values, to change them.
    pub const fn expose_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        to_bytes(&self.0)
    }

    pub(crate) fn from_bytes(bytes: &[u8], id: &str) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|_| Error::DoesNotOpen { what: "credential", id: id.to_owned() })
    }
}

impl From<Map<String, Value>> for Credential {
    fn from(values: Map<String, Value>) -> Self {
        Self(values)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// JSON in a buffer of the right size: one that grows would leave copies behind.
pub fn to_bytes(value: &impl serde::Serialize) -> Result<Zeroizing<Vec<u8>>> {
    let unfit = |_| Error::Unfit { what: "what is to be sealed", expected: "JSON" };
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_err(unfit)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(count.0));
    serde_json::to_writer(&mut *bytes, value).map_err(unfit)?;
    Ok(bytes)
}

/// Wipes texts; numbers and names of fields stay until their memory is used again.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(values) => values.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn credential() -> Credential {
        let Value::Object(values) = json!({"token": "canary", "nested": {"list": ["canary", 1, true, null]}}) else {
            panic!("an object")
        };
        Credential::new(values)
    }

    #[test]
    fn a_credential_does_not_print() {
        assert_eq!(format!("{:?}", credential()), "[redacted]");
        assert_eq!(format!("{:?}", Some(credential())), "Some([redacted])");
    }

    #[test]
    fn every_text_in_it_is_wiped() {
        let mut value = Value::Object(credential().expose().clone());
        wipe(&mut value);
        assert_eq!(value, json!({"token": "", "nested": {"list": ["", 1, true, null]}}));
    }

    #[test]
    fn its_buffer_does_not_grow() {
        let bytes = credential().to_bytes().unwrap();
        assert_eq!(bytes.capacity(), bytes.len());
        assert_eq!(Credential::from_bytes(&bytes, "id").unwrap(), credential());
    }
}
