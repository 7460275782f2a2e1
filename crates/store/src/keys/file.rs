//! The file of master keys: for its owner alone, and complete as soon as it is there under its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::MasterKeys;
use crate::error::{Error, Result};
use crate::ids;

/// Far more than anybody's keys.
const FILE_BYTES_MAX: u64 = 64 * 1024;

pub fn read_or_create(path: &Path) -> Result<Zeroizing<String>> {
    match read(path) {
        Err(Failure::Io(error)) if error.kind() == ErrorKind::NotFound => {
            create(path).map_err(|error| failed(path, &error))?;
            read(path)
        }
        other => other,
    }
    .map_err(|failure| match failure {
        Failure::Io(error) => failed(path, &error),
        Failure::Mode(mode) => Error::KeyFile {
            path: path.to_owned(),
            problem: format!("may be read by others (mode {mode:04o}); hint: `chmod 600` it, and replace the keys if others may have read them"),
        },
        Failure::Kind => Error::KeyFile { path: path.to_owned(), problem: "is not a file of keys".to_owned() },
    })
}

enum Failure {
    Io(io::Error),
    Mode(u32),
    Kind,
}

fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let file = File::open(path).map_err(Failure::Io)?;
    // Of the open file, not of the path: what is checked is what is read.
    let facts = file.metadata().map_err(Failure::Io)?;
    if !facts.is_file() || facts.len() > FILE_BYTES_MAX {
        return Err(Failure::Kind);
    }
    let mode = facts.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Failure::Mode(mode));
    }
    // Room for all of it from the start, so that no shorter copy is left behind in memory.
    let mut text = Zeroizing::new(String::with_capacity(facts.len() as usize + 1));
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Failure::Kind,
        _ => Failure::Io(error),
    })?;
    Ok(text)
}

/// Writes a new key beside the path and links it there, which fails when somebody else was faster: nobody reads a half-written file, and
/// nobody's key is replaced.
fn create(path: &Path) -> io::Result<()> {
    let beside = beside(path)?;
    let key = Zeroizing::new(MasterKeys::generate_base64().map_err(io::Error::other)?);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let made = write_key(&mut file, &key).and_then(|()| match fs::hard_link(&beside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    fs::remove_file(&beside)?;
    made?;
    // A key that a power cut takes away takes all that it sealed with it.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_key(file: &mut File, key: &str) -> io::Result<()> {
    file.write_all(key.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let random = u64::from_be_bytes(ids::random().map_err(io::Error::other)?);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{random:016x}.new"));
    Ok(PathBuf::from(name))
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::KeyFile { path: path.to_owned(), problem: format!("cannot be used: {error}") }
}
