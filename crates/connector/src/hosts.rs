//! Which hosts a connector may call.

/// A declared host: an exact name, `*.example.com` (any name below it), or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(String);

impl HostPattern {
    /// Reads a pattern; letter case does not matter.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self(pattern.trim().to_ascii_lowercase())
    }

    /// Whether a host name (without port) fits.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if self.0 == "*" {
            return true;
        }
        match self.0.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|front| front.len() > 1 && front.ends_with('.')),
            None => host == self.0,
        }
    }
}
