//! Small catalogues in a folder of their own, removed at the end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rollcall_connector::Catalog;

/// A connector without a mistake.
pub const CONNECTOR: &str = r#"schema: 1
id: sample
name: Sample
category: other
docs: https://docs.example.com/api
settings:
  domain: {label: Domain, is: host, example: acme.example.com, allow: ["*.example.com"]}
auth:
  api_token:
    label: API token
    fields:
      token: {label: API token, secret: true}
    header: {Authorization: "Bearer {token}"}
http:
  base: "https://{domain}/api/v1"
resources:
  users:
    list:
      get: /users
      docs: https://docs.example.com/api/users
      items: .users
      page: {cursor: {at: .next, param: cursor, size: {param: limit, max: 100}}}
      filter:
        status: {param: state, values: {inactive: "suspended,locked"}}
    get:
      get: "/users/{id}"
      items: .user
unified:
  users:
    fields:
      id: .id
      name: .name
      emails: [{email: .email, is_primary: true}]
      status: {from: .state, map: {on: active, suspended: inactive, locked: inactive}}
"#;

pub const README: &str = "# Sample\n\n## What is listed\n\n## Credential, step by step\n\n## Least permissions\n\n## How people leave\n\n## Limits\n\n## Not covered\n";

pub const EVIDENCE: &str = "resources:\n  users:\n    sources:\n      - {kind: documentation, url: \"https://docs.example.com/api/users\", on: 2026-01-02}\n      - {kind: code, repo: example/sdk, path: users.py, on: 2026-01-02}\n";

pub const CASE: &str = "resource: users\nexchanges:\n  - request: {method: GET, url: \"https://acme.example.com/api/v1/users\"}\n    response: {status: 200, body: users.json}\nexpect: []\n";

pub const BODY: &str = r#"{"users": [{"id": 1, "name": "Ada", "email": "ada@example.com", "state": "on"}, {"id": 2, "state": "locked"}], "next": null}"#;

/// A catalogue in a folder.
pub struct Made {
    folder: PathBuf,
}

impl Made {
    /// A catalogue with the flawless connector.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!(
            "rollcall-made-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        let made = Self { folder };
        made.write("sample/connector.yaml", CONNECTOR);
        made.write("sample/README.md", README);
        made.write("sample/evidence.yaml", EVIDENCE);
        for case in ["basic", "leavers", "refused"] {
            made.write(&format!("sample/cases/{case}/case.yaml"), CASE);
            made.write(&format!("sample/cases/{case}/users.json"), BODY);
        }
        made
    }

    pub fn write(&self, path: &str, text: &str) {
        let file = self.folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// The connector with one text in the place of another, which must be there.
    pub fn change(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.folder.join(path)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub fn remove(&self, path: &str) {
        let path = self.folder.join(path);
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn catalog(&self) -> Catalog {
        Catalog::of_folder(self.folder.clone())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder with specifications and recordings, where there is one beside the repository.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: `{}` is not there", folder.display());
    None
}

/// The catalogue of the repository, as it is on disk.
pub fn shipped() -> Catalog {
    Catalog::of_folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors"))
}
