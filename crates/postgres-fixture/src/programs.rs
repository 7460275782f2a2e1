//! PostgreSQL's programs: where they are, and running them as somebody who is not root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// The programs of one version, and the user to run them as.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// `None`: as we are.
    user: Option<String>,
    pub uid: u32,
}

impl Programs {
    /// The newest that Debian's packages put aside, or what is on the path.
    pub fn find() -> Result<Self, Error> {
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
        let mut versions: Vec<(u32, PathBuf)> = debian
            .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
            .filter(|(_, folder)| complete(folder))
            .collect();
        versions.sort();
        let on_path = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).find(|folder| complete(folder))
        };
        let folder = versions.pop().map(|(_, folder)| folder).or_else(on_path).ok_or(Error::NoPrograms)?;
        let uid = run(Command::new("id").arg("-u"))?.trim().parse().unwrap_or(0);
        let user = if uid == 0 { Some(unprivileged()) } else { None };
        Ok(Self { folder, user, uid })
    }

    /// A program with arguments, to be run as the right user.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(user) = &self.user {
            words.extend(["setpriv", "--reuid", user, "--regid", user, "--clear-groups"].map(str::to_owned));
        }
        words.push(self.folder.join(program).to_string_lossy().into_owned());
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        words
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String, Error> {
        run_words(&self.command(program, arguments))
    }

    /// Gives a file or folder to the user that the programs run as.
    pub fn hand_over(&self, path: &Path) -> Result<(), Error> {
        match &self.user {
            Some(user) => run(Command::new("chown").arg(user).arg(path)).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Runs a program to its end; what it prints is what it says.
pub fn run_words(words: &[String]) -> Result<String, Error> {
    let mut words = words.iter();
    run(Command::new(words.next().map_or("", String::as_str)).args(words))
}

/// Starts a program that goes on alone: it has none of our streams, whose readers would otherwise wait for it.
pub fn detach(words: &[String]) -> Result<(), Error> {
    let mut rest = words.iter();
    let program = rest.next().map_or("", String::as_str);
    let failed = |source| Error::File { path: PathBuf::from(program), source };
    let mut command = Command::new(program);
    command.args(rest).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Program { program: program.to_owned(), said: status.to_string() })
    }
}

fn run(command: &mut Command) -> Result<String, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    // Not the folder of the caller, in which another user may not stand.
    let output = command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null()).output();
    let output = output.map_err(|source| Error::File { path: PathBuf::from(&program), source })?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(said(&output.stdout));
    }
    let whole = format!("{command:?}: {} {}", said(&output.stdout), said(&output.stderr));
    Err(Error::Program { program, said: whole })
}

fn complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn unprivileged() -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = users.lines().any(|line| line.starts_with("postgres:"));
    if known { "postgres".to_owned() } else { "nobody".to_owned() }
}
