//! Where the database is.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::error::{Error, Result};

/// A database. Printed without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// One file, made when it is not there.
    Sqlite(PathBuf),
    /// Gone when the store is dropped.
    SqliteMemory,
    /// `postgres://…`, with the driver's parameters (`sslmode`, `sslrootcert`, `host` for a socket's folder, …).
    Postgres(String),
}

impl Location {
    /// `postgres://…`, `sqlite:PATH`, `:memory:`, or a path.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some((scheme, rest)) = text.split_once(':')
            && scheme.len() > 1
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return match scheme.to_ascii_lowercase().as_str() {
                "postgres" | "postgresql" => Ok(Self::Postgres(text.to_owned())),
                "sqlite" if rest == ":memory:" => Ok(Self::SqliteMemory),
                "sqlite" => Self::file(rest.strip_prefix("//").unwrap_or(rest)),
                other => {
                    Err(Error::Location { problem: format!("begins with `{other}:`, which is no database known here") })
                }
            };
        }
        if text == ":memory:" { Ok(Self::SqliteMemory) } else { Self::file(text) }
    }

    fn file(path: &str) -> Result<Self> {
        if path.is_empty() || path.contains('\0') {
            return Err(Error::Location { problem: "is empty or no path".to_owned() });
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            // Only what surely holds no secret: parameters may carry a password too.
            Self::Postgres(url) => match Url::parse(url) {
                Ok(url) => write!(f, "postgres://{}{}", url.host_str().unwrap_or_default(), url.path()),
                Err(_) => f.write_str("postgres://"),
            },
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_told_by_its_beginning() {
        for (text, shown) in [
            ("data/rollcall.db", "sqlite:data/rollcall.db"),
            ("/var/lib/rollcall.db", "sqlite:/var/lib/rollcall.db"),
            ("sqlite:/var/lib/rollcall.db", "sqlite:/var/lib/rollcall.db"),
            ("sqlite:///var/lib/rollcall.db", "sqlite:/var/lib/rollcall.db"),
            (":memory:", "sqlite::memory:"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("postgres://u:hunter2@db.example:5432/rollcall?password=hunter2", "postgres://db.example/rollcall"),
            ("postgresql:///rollcall?host=/run/postgresql", "postgres:///rollcall"),
        ] {
            let location = Location::parse(text).unwrap();
            assert_eq!(location.to_string(), shown);
            assert!(!format!("{location:?}").contains("hunter2"));
        }
        for text in ["", "sqlite:", "mysql://root@localhost/x", "https://example.com/db"] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }
}
