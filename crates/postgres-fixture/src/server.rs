//! A server: its files, its start, and the guard that ends it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use url::Url;

use crate::programs::{Programs, run_words};
use crate::{Database, Error};

/// Fast rather than safe, for what is on it is thrown away; but what was committed outlives a crash of the server alone.
const SETTINGS: &str = "\
listen_addresses = ''
max_connections = 300
shared_buffers = 32MB
fsync = off
full_page_writes = off
autovacuum = off
";

/// Looks every second whether it can have the lock that users share. A second guard of the same server goes away at once.
/// $1: the server's folder; $2: `keep` or `remove` the folder itself; the rest: the command that stops the server.
const GUARD: &str = r#"
folder=$1; ending=$2; shift 2
exec 8>>"$folder/guard.lock"
flock -n 8 || exit 0
exec 9>>"$folder/users.lock"
while sleep 1; do
  flock -n 9 || continue
  "$@"
  # Again while something that was started still writes.
  for try in 1 2 3 4 5; do
    rm -rf "$folder/data" "$folder/socket" && break
    sleep 1
  done
  if [ "$ending" = remove ]; then rm -rf "$folder"; fi
  exit 0
done
"#;

/// A PostgreSQL server on a socket in a folder for temporary files.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    folder: PathBuf,
    /// Locked while this process uses the server.
    _using: File,
}

impl Server {
    /// A server of this caller alone, which it may stop and start.
    pub fn private() -> Result<Self, Error> {
        let programs = Programs::find()?;
        let random = RandomState::new().hash_one(std::process::id());
        let folder = temporary().join(format!("rollcall-postgres-{}-{random:016x}", programs.uid));
        Self::in_folder(programs, folder, "remove")
    }

    /// The server that all test processes of this user share.
    pub(crate) fn shared() -> Result<Self, Error> {
        let programs = Programs::find()?;
        let folder = temporary().join(format!("rollcall-postgres-{}", programs.uid));
        Self::in_folder(programs, folder, "keep")
    }

    fn in_folder(programs: Programs, folder: PathBuf, ending: &str) -> Result<Self, Error> {
        // Others may pass through to the socket's folder, whose rights decide.
        match DirBuilder::new().mode(0o711).create(&folder) {
            Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(Error::File { path: folder, source });
            }
            _ => {}
        }
        let owner = fs::symlink_metadata(&folder).map_err(|source| Error::File { path: folder.clone(), source })?;
        if owner.uid() != programs.uid || !owner.is_dir() {
            return Err(Error::Foreign(folder));
        }
        let using = lock_file(&folder, "users.lock")?;
        using.lock_shared().map_err(|source| Error::File { path: folder.clone(), source })?;
        let server = Self { programs, folder, _using: using };
        // First the guard: this process may be killed while it makes the server.
        server.guard(ending)?;
        server.start_once()?;
        Ok(server)
    }

    /// Where databases are made.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = "postgres://rollcall@localhost/postgres".to_owned();
        if let Ok(mut parsed) = Url::parse(&url) {
            parsed.query_pairs_mut().append_pair("host", &self.socket_folder().to_string_lossy());
            url = parsed.into();
        }
        url
    }

    /// A database of its own.
    pub async fn database(&self) -> Result<Database, Error> {
        Database::create(&self.url()).await
    }

    /// The folder with its files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts files among the server's own, changes its settings, and starts it anew.
    pub fn configure(&self, files: &[(&str, &[u8])], settings: &str) -> Result<(), Error> {
        for (name, contents) in files {
            let path = self.folder.join("data").join(name);
            let write = || -> std::io::Result<()> {
                let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
                file.write_all(contents)
            };
            write().map_err(|source| Error::File { path: path.clone(), source })?;
            self.programs.hand_over(&path)?;
        }
        let path = self.folder.join("data/postgresql.auto.conf");
        let append = || OpenOptions::new().append(true).open(&path)?.write_all(format!("{settings}\n").as_bytes());
        append().map_err(|source| Error::File { path: path.clone(), source })?;
        self.stop()?;
        self.start()
    }

    /// As if it had crashed.
    pub fn stop(&self) -> Result<(), Error> {
        run_words(&self.stopping()).map(|_| ())
    }

    /// Starts it again, with the databases that it had.
    pub fn start(&self) -> Result<(), Error> {
        let (data, log) = (self.data(), self.folder.join("data/log").to_string_lossy().into_owned());
        self.programs.run("pg_ctl", &["start", "-w", "-s", "-D", &data, "-l", &log]).map(|_| ())
    }

    /// One process makes and starts it; those that come meanwhile wait, and find it running.
    fn start_once(&self) -> Result<(), Error> {
        let starting = lock_file(&self.folder, "start.lock")?;
        starting.lock().map_err(|source| Error::File { path: self.folder.clone(), source })?;
        if UnixStream::connect(self.socket_folder().join(".s.PGSQL.5432")).is_ok() {
            return Ok(());
        }
        // What is there was left by a crash of the whole machine.
        for name in ["data", "socket"] {
            let path = self.folder.join(name);
            let made = fs::remove_dir_all(&path)
                .or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
                .and_then(|()| DirBuilder::new().mode(0o700).create(&path));
            made.map_err(|source| Error::File { path: path.clone(), source })?;
            self.programs.hand_over(&path)?;
        }
        let arguments = ["--auth=trust", "--username=rollcall", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"];
        self.programs.run("initdb", &[arguments.as_slice(), &[&self.data()]].concat())?;
        let path = self.folder.join("data/postgresql.auto.conf");
        let socket = self.socket_folder().to_string_lossy().replace('\'', "''");
        fs::write(&path, format!("{SETTINGS}unix_socket_directories = '{socket}'\n"))
            .map_err(|source| Error::File { path, source })?;
        self.start()
    }

    /// In a session of its own, so that what ends the tests does not end it before it has cleaned up.
    fn guard(&self, ending: &str) -> Result<(), Error> {
        let mut words: Vec<String> = ["setsid", "--fork", "sh", "-c", GUARD, "guard"].map(str::to_owned).into();
        words.extend([self.folder.to_string_lossy().into_owned(), ending.to_owned()]);
        words.extend(self.stopping());
        crate::programs::detach(&words)
    }

    fn stopping(&self) -> Vec<String> {
        self.programs.command("pg_ctl", &["stop", "-w", "-s", "-m", "immediate", "-D", &self.data()])
    }

    fn data(&self) -> String {
        self.folder.join("data").to_string_lossy().into_owned()
    }

    fn socket_folder(&self) -> PathBuf {
        self.folder.join("socket")
    }
}

/// The path of a socket may have about 100 bytes, so a long folder for temporary files cannot be used.
fn temporary() -> PathBuf {
    let folder = std::env::temp_dir();
    if folder.as_os_str().len() < 50 { folder } else { PathBuf::from("/tmp") }
}

/// Closed when a program is run, so that no child keeps the lock.
fn lock_file(folder: &Path, name: &str) -> Result<File, Error> {
    let path = folder.join(name);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|source| Error::File { path, source })
}
