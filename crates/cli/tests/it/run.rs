//! Runs the binary, and a sandbox beside it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// What a run gave.
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `rollcall` with arguments and environment variables.
pub fn rollcall_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(arguments)
        .envs(variables.iter().copied())
        .env_remove("ROLLCALL_CONNECTORS")
        .output()
        .expect("rollcall runs");
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

pub fn rollcall(arguments: &[&str]) -> Output {
    rollcall_with(arguments, &[])
}

/// A folder of its own, gone with the test.
pub struct Folder(std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rollcall-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn path(&self) -> &std::path::Path {
        &self.0
    }

    pub fn text(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sandbox on a free port; it ends with the test.
pub struct Sandbox {
    child: Child,
    pub url: String,
}

impl Sandbox {
    pub fn new(slug: &str, users: u32, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollcall"))
            .args(["sandbox", slug, "--listen", "127.0.0.1:0", "--users", &users.to_string()])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let url = line.split('\t').nth(1).expect("an address").to_owned();
        Self { child, url }
    }

    /// `rollcall <arguments>` against it, as Okta's account.
    pub fn okta(&self, arguments: &[&str]) -> Output {
        let account = [
            "--connector",
            "okta",
            "--set",
            "domain=acme.okta.com",
            "--set",
            "token=env:TOKEN",
            "--base-url",
            &self.url,
        ];
        rollcall_with(&[arguments, &account].concat(), &[("TOKEN", "sandbox")])
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
