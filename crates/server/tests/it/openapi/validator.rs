//! The document before judges that know nothing of this project: a validator of OpenAPI, the JSON Schema dialect, and a generator of clients.

use std::path::Path;
use std::process::{Command, Output};

use super::described::of_binary;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi");

/// What `install` answers when the judges cannot be had.
const CANNOT: i32 = 3;

/// The judges are Python programs: they are installed once, beside what cargo makes.
#[test]
fn independent_tools_accept_the_document() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi");
    let installed = Command::new(format!("{HERE}/install")).arg(&folder).output().unwrap();
    if installed.status.code() == Some(CANNOT) {
        // Whoever works without a network cannot install them; where everything is checked they must be there.
        assert!(std::env::var_os("CI").is_none(), "{}", words(&installed));
        eprintln!("skipped: {}", words(&installed));
        return;
    }
    assert!(installed.status.success(), "{}", words(&installed));
    let document = folder.join("openapi.json");
    std::fs::write(&document, of_binary().to_string()).unwrap();
    let python = folder.join("venv/bin/python");
    let output = Command::new(python).arg(format!("{HERE}/judge.py")).arg(&document).arg(&folder).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
