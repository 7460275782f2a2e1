//! What went wrong, by situation. No text here holds a secret: names and ids are in it, never a credential, a key, a token or a URL.

use std::io;
use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the database did not answer while {doing}: {reason}")]
    Unavailable { doing: &'static str, reason: String },
    #[error("the database was busy for too long while {doing}")]
    Busy { doing: &'static str },
    #[error("the store was closed before {doing}")]
    Closed { doing: &'static str },
    #[error("the database refused {doing} ({code}): {reason}")]
    Refused { doing: &'static str, code: String, reason: String },
    #[error("the database gave something unexpected while {doing}: {reason}")]
    Unexpected { doing: &'static str, reason: String },
    /// A unique name, state or id that is in use.
    #[error("{what} `{name}` exists already")]
    Taken { what: &'static str, name: String },
    /// Something that was referred to.
    #[error("there is no {what} `{id}`")]
    Absent { what: &'static str, id: String },
    #[error("{what} must be {expected}")]
    Unfit { what: &'static str, expected: &'static str },
    #[error("the sealed {what} of `{id}` does not open: it was changed, or moved there from another record")]
    DoesNotOpen { what: &'static str, id: String },
    #[error("the database is sealed under master key `{wanted}`, but the keys given are `{}`", .given.join("`, `"))]
    WrongMasterKey { wanted: String, given: Vec<String> },
    /// The key at this place, counted from 1; its text is not repeated.
    #[error("master key {position} is not 32 bytes in base64")]
    MasterKeyForm { position: usize },
    #[error("the key file `{}` {problem}", .path.display())]
    KeyFile { path: PathBuf, problem: String },
    #[error("the database file `{}` cannot be used: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the database location {problem}")]
    Location { problem: String },
    #[error("the database has schema version {version}, which this version of rollcall does not know")]
    NewerSchema { version: i64 },
    #[error("the database could not be brought to the present schema: {reason}")]
    Migration { reason: String },
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    /// A unique value that is in use, where the caller knows which.
    #[error("something unique exists already, found while {doing}")]
    Duplicate { doing: &'static str },
    /// A reference to what is not there, where the caller knows to what.
    #[error("something that is referred to is not there, found while {doing}")]
    Dangling { doing: &'static str },
}

impl Error {
    /// Whether the same call may succeed later without anybody changing it.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy { .. })
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::WrongMasterKey { .. } => {
                Some("give the master key that this database was made with, as the current or as a previous one")
            }
            Self::MasterKeyForm { .. } => Some("make one with `openssl rand -base64 32`"),
            Self::NewerSchema { .. } => {
                Some("use the version of rollcall that last opened this database, or a newer one")
            }
            Self::DoesNotOpen { what: "credential", .. } => Some("sign the account in again, or delete it"),
            Self::Unavailable { .. } | Self::Busy { .. } => Some("try again; if it stays so, look at the database"),
            _ => None,
        }
    }

    /// Sorts what the driver says.
    pub(crate) fn of(doing: &'static str, error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::of_code(doing, &*error),
            // A certificate that is not trusted, or something that speaks no such protocol: it will be the same the next time.
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Refused { doing, code: "connection".to_owned(), reason: clip(&error.to_string()) }
            }
            sqlx::Error::Io(error) => Self::Unavailable { doing, reason: error.to_string() },
            sqlx::Error::PoolTimedOut => {
                Self::Unavailable { doing, reason: "no connection could be made, or none became free".to_owned() }
            }
            sqlx::Error::WorkerCrashed => Self::Unavailable { doing, reason: "the connection was lost".to_owned() },
            sqlx::Error::PoolClosed => Self::Closed { doing },
            sqlx::Error::Tls(reason) => {
                Self::Refused { doing, code: "tls".to_owned(), reason: clip(&reason.to_string()) }
            }
            sqlx::Error::Migrate(error) => Self::of_migration(doing, *error),
            // The text of a URL may be in it, and with it a password.
            sqlx::Error::Configuration(_) => {
                Self::Location { problem: "is not a URL that PostgreSQL's driver understands".to_owned() }
            }
            other => Self::Unexpected { doing, reason: clip(&other.to_string()) },
        }
    }

    pub(crate) fn of_migration(doing: &'static str, error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::VersionMissing(version) => Self::NewerSchema { version },
            MigrateError::Execute(error) => Self::of(doing, error),
            MigrateError::ExecuteMigration(error, version) => match Self::of(doing, error) {
                transient if transient.is_transient() => transient,
                other => Self::Migration { reason: format!("version {version}: {other}") },
            },
            other => Self::Migration { reason: clip(&other.to_string()) },
        }
    }

    fn of_code(doing: &'static str, error: &dyn sqlx::error::DatabaseError) -> Self {
        let code = error.code().unwrap_or_default().into_owned();
        let reason = clip(error.message());
        match error.kind() {
            sqlx::error::ErrorKind::UniqueViolation => return Self::Duplicate { doing },
            sqlx::error::ErrorKind::ForeignKeyViolation => return Self::Dangling { doing },
            _ => {}
        }
        // SQLite's codes are numbers, extended ones with the primary in the low byte; PostgreSQL's are SQLSTATEs of five characters.
        if code.len() == 5 {
            match code.as_str() {
                "40001" | "40P01" | "55P03" | "57014" => Self::Busy { doing },
                // A replica after a failover refuses writes until the connection is made anew.
                "25006" | "57P01" | "57P02" | "57P03" => Self::Unavailable { doing, reason },
                _ if code.starts_with("08") || code.starts_with("53") => Self::Unavailable { doing, reason },
                _ => Self::Refused { doing, code, reason },
            }
        } else {
            match code.parse::<u32>().map(|number| number & 0xff) {
                Ok(5 | 6) => Self::Busy { doing },
                Ok(10 | 13 | 14) => Self::Unavailable { doing, reason },
                _ => Self::Refused { doing, code, reason },
            }
        }
    }
}

/// Messages of the database, at most 200 characters of them.
fn clip(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    /// What a driver would say.
    #[derive(Debug)]
    struct Said(&'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.message())
        }
    }

    impl std::error::Error for Said {}

    impl DatabaseError for Said {
        fn message(&self) -> &str {
            "a reason"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(Cow::Borrowed(self.0))
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn text(code: &'static str) -> String {
        Error::of("doing it", sqlx::Error::Database(Box::new(Said(code)))).to_string()
    }

    #[test]
    fn codes_are_sorted_by_what_can_be_done() {
        let busy = "the database was busy for too long while doing it";
        let unavailable = "the database did not answer while doing it: a reason";
        for (codes, expected) in [
            (["5", "6", "517", "40001", "40P01", "55P03", "57014"].as_slice(), busy),
            (["10", "13", "14", "2570", "08006", "25006", "53300", "57P01", "57P02", "57P03"].as_slice(), unavailable),
        ] {
            for code in codes {
                assert_eq!(text(code), expected, "{code}");
            }
        }
        for code in ["1", "26", "28P01", "3D000", "42P01", "22021", ""] {
            assert_eq!(text(code), format!("the database refused doing it ({code}): a reason"));
        }
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        let error = Error::of("doing it", sqlx::Error::Configuration("postgres://u:canary@host".into()));
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}
