//! What is special about a provider stands in its connector: no text in the code is a connector's name.

use std::path::{Path, PathBuf};

use crate::made::shipped;

#[test]
fn no_text_in_the_code_is_a_connectors_name() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(crates).unwrap().flatten() {
        collect(&entry.path().join("src"), &mut sources);
    }
    assert!(sources.len() > 50, "the code was not found");
    // A protocol is no provider.
    let names: Vec<String> = shipped().ids().into_iter().filter(|id| id != "scim").collect();
    assert!(names.len() > 20);
    let mut found = Vec::new();
    for source in sources {
        let text = std::fs::read_to_string(&source).unwrap();
        // Tests at the end of a file may name what they like.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (index, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            found.extend(
                literals(line)
                    .filter(|literal| names.contains(literal))
                    .map(|literal| format!("{}:{}: {literal}", source.display(), index + 1)),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn literals_are_found() {
    let found: Vec<String> = literals(r#"let a = f("one", "t\"wo"); // "three""#).collect();
    assert_eq!(found, ["one", "t\"wo", "three"]);
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // Unit tests in files of their own.
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_none_or(|name| name != "tests.rs")
        {
            sources.push(path);
        }
    }
}

/// The texts between quotes in a line.
fn literals(line: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                // A quote as a character.
                if chars.clone().take(2).collect::<String>() == "\"'" {
                    chars.nth(1);
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => text.extend(chars.next()),
                        '"' => break,
                        c => text.push(c),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found.into_iter()
}
