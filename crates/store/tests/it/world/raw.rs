//! Behind the store's back: what somebody with access to the database sees, and may do.

use memchr::memmem;
use rollcall_store::Location;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::{Place, World};

const TABLES: [&str; 9] =
    ["environments", "data_keys", "accounts", "oauth_apps", "tokens", "sign_ins", "leases", "counters", "audit"];

impl World {
    /// Runs statements.
    pub async fn sql(&self, statements: &str) {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        match &self.location {
            Location::Postgres(url) => {
                statements.execute(&mut PgConnection::connect(url).await.unwrap()).await.unwrap();
            }
            _ => {
                statements.execute(&mut self.sqlite_connection().await).await.unwrap();
            }
        }
    }

    /// One number.
    pub async fn number(&self, query: &str) -> i64 {
        let query = AssertSqlSafe(query.to_owned());
        match &self.location {
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
            }
            _ => sqlx::query_scalar(query).fetch_one(&mut self.sqlite_connection().await).await.unwrap(),
        }
    }

    /// Ids and bytes.
    pub async fn blobs(&self, query: &str) -> Vec<(String, Vec<u8>)> {
        let query = AssertSqlSafe(query.to_owned());
        match &self.location {
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
            }
            _ => sqlx::query_as(query).fetch_all(&mut self.sqlite_connection().await).await.unwrap(),
        }
    }

    /// Pairs of texts.
    pub async fn texts(&self, query: &str) -> Vec<(String, String)> {
        let query = AssertSqlSafe(query.to_owned());
        match &self.location {
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
            }
            _ => sqlx::query_as(query).fetch_all(&mut self.sqlite_connection().await).await.unwrap(),
        }
    }

    /// Whether some bytes are anywhere in what is stored: in SQLite's files as they lie on the disk, or in PostgreSQL's rows in their
    /// binary form.
    pub async fn holds(&self, needle: &[u8]) -> bool {
        self.count_held(&[needle]).await == 1
    }

    /// How many of some bytes are there, seen at one moment.
    pub async fn count_held(&self, needles: &[&[u8]]) -> usize {
        let stored = self.stored().await;
        let held = |needle: &&&[u8]| stored.iter().any(|bytes| memmem::find(bytes, needle).is_some());
        needles.iter().filter(held).count()
    }

    async fn stored(&self) -> Vec<Vec<u8>> {
        match (&self.place, &self.location) {
            (Place::Folder(folder), _) => std::fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
                .collect(),
            (_, Location::Postgres(url)) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let mut stored = Vec::new();
                for table in TABLES {
                    // A row's `record_send` is each column's binary form behind its length.
                    let query = AssertSqlSafe(format!("SELECT record_send({table}) FROM {table}"));
                    stored.extend(sqlx::query_scalar::<_, Vec<u8>>(query).fetch_all(&mut connection).await.unwrap());
                }
                stored
            }
            _ => unreachable!("a database of PostgreSQL has a URL"),
        }
    }

    async fn sqlite_connection(&self) -> SqliteConnection {
        let Location::Sqlite(path) = &self.location else { unreachable!("a file") };
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}
