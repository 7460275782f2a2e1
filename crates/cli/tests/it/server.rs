//! `rollcall serve` and the commands beside it, as an operator runs them: from an empty folder to a list, and again after a restart.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::run::{Folder, Output, Sandbox, rollcall, rollcall_with};

/// A server on a free port; it ends with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn new(folder: &Folder) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollcall"))
            .args(["serve", "--data", folder.text(), "--listen", "127.0.0.1:0", "--allow-private", "127.0.0.1"])
            .env("ROLLCALL_LOG", "warn")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server runs");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        // Nobody reads on: the pipe must not fill.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, address }
    }

    /// The status and body of a GET.
    fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Ends it as an operator does, and gives its exit code.
    fn stop(mut self) -> Option<i32> {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        assert!(killed.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn add(folder: &Folder, sandbox: &Sandbox, token: &str) -> Output {
    rollcall_with(
        &[
            "account",
            "add",
            "okta",
            "--set",
            "domain=acme.okta.com",
            "--set",
            "token=env:TOKEN",
            "--base-url",
            &sandbox.url,
            "--allow-private",
            "127.0.0.1",
            "--data",
            folder.text(),
        ],
        &[("TOKEN", token)],
    )
}

#[test]
fn from_an_empty_folder_to_a_list_and_on_after_a_restart() {
    let folder = Folder::new("serve");
    let sandbox = Sandbox::new("okta", 60, &[]);
    let server = Server::new(&folder);
    let token = rollcall(&["token", "create", "--data", folder.text()]);
    assert_eq!(token.code, 0, "{}", token.stderr);
    let token = token.stdout.trim().to_owned();

    let refused = add(&folder, &sandbox, "not-the-token");
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("the account was not saved"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("not-the-token"), "{}", refused.stderr);
    let (_, none) = server.get("/integrated-account", &token);
    assert_eq!(none["result_count"], 0);

    let added = add(&folder, &sandbox, "sandbox");
    assert_eq!(added.code, 0, "{}", added.stderr);
    let account = added.stdout.trim().to_owned();
    let path = format!("/unified/user-directory/users?integrated_account_id={account}&limit=25");
    let (status, first) = server.get(&path, &token);
    assert_eq!((status, &first["result_count"]), (200, &Value::from(25)), "{first}");
    let cursor = first["next_cursor"].as_str().expect("a cursor").to_owned();
    assert_eq!(server.get(&path, "rce_nobody").0, 401);
    assert_eq!(server.stop(), Some(0));

    // The credential is sealed anew meanwhile, and the cursor still leads on.
    let rotated = rollcall(&["key", "rotate", "--data", folder.text()]);
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    assert!(rotated.stderr.contains("1 sealed anew"), "{}", rotated.stderr);
    let server = Server::new(&folder);
    let (status, second) = server.get(&format!("{path}&next_cursor={cursor}"), &token);
    assert_eq!((status, &second["result_count"]), (200, &Value::from(25)), "{second}");
    let ids = |page: &Value| -> Vec<String> {
        page["result"].as_array().expect("records").iter().map(|r| r["id"].to_string()).collect()
    };
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));

    let list = rollcall(&["account", "list", "--json", "--data", folder.text()]);
    assert!(list.stdout.contains(&account) && !list.stdout.contains("sandbox\""), "{}", list.stdout);
    assert_eq!(rollcall(&["account", "remove", &account, "--data", folder.text()]).code, 0);
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(server.get(&path, &token).0, 404);
    closed_to_others(folder.path());
}

/// The folder and the key are for their owner alone.
fn closed_to_others(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for path in [folder.to_owned(), folder.join("master.key"), folder.join("rollcall.sqlite")] {
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn another_master_key_is_told() {
    let folder = Folder::new("key");
    assert_eq!(rollcall(&["environment", "list", "--data", folder.text()]).code, 0);
    let other = rollcall(&["key", "generate"]).stdout.trim().to_owned();
    let refused = rollcall_with(&["environment", "list", "--data", folder.text()], &[("ROLLCALL_MASTER_KEY", &other)]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("master key"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(&other), "{}", refused.stderr);
}

#[test]
fn tokens_are_made_shown_once_and_revoked() {
    let folder = Folder::new("token");
    let made = rollcall(&["token", "create", "--scope", "unified:read", "--label", "ci", "--data", folder.text()]);
    let token = made.stdout.trim().to_owned();
    let listed = rollcall(&["token", "list", "--data", folder.text()]).stdout;
    assert!(listed.contains("unified:read") && listed.contains("valid"), "{listed}");
    assert!(!listed.contains(&token), "{listed}");
    let wrong = rollcall(&["token", "create", "--scope", "unified:reed", "--data", folder.text()]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean `unified:read`?"), "{}", wrong.stderr);
    let id = listed.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("an id").to_owned();
    assert_eq!(rollcall(&["token", "revoke", &id, "--data", folder.text()]).code, 0);
    assert!(rollcall(&["token", "list", "--data", folder.text()]).stdout.contains("revoked"));
    let mut bytes = Vec::new();
    std::fs::File::open(folder.path().join("rollcall.sqlite"))
        .and_then(|mut f| f.read_to_end(&mut bytes))
        .expect("a file");
    assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "the token is in the database");
}

#[test]
fn the_demo_shows_a_first_listing() {
    let demo = rollcall(&["demo", "--once", "--listen", "127.0.0.1:0", "--products", "okta,slack", "--users", "30"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    assert!(demo.stdout.lines().count() == 11, "{}", demo.stdout);
    assert!(demo.stderr.contains("slack") && demo.stderr.contains("curl -H"), "{}", demo.stderr);
}
