//! Embeds the catalogue: every file of `connectors/` becomes an entry of a sorted table, so that the binary needs no folder beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = manifest.join("../../connectors").canonicalize()?;
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    // As texts, by which they are looked up: as paths `a/x` comes before `a-b/x`, as texts behind it.
    files.sort_by_cached_key(|file| file.to_string_lossy().into_owned());
    let mut code = String::from("pub(crate) static FILES: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let _ = writeln!(code, "({name:?}, include_str!({:?})),", file.to_string_lossy());
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("catalog.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|e| ["yaml", "json", "xml", "csv", "txt", "html", "ndjson", "md"].iter().any(|x| e == *x))
        {
            files.push(path);
        }
    }
    Ok(())
}
