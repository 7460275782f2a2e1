//! A list that nothing disturbs is whole: everyone, each once.

use rollcall_connector::Catalog;
use rollcall_sandbox::{Sandbox, SandboxOptions};

use crate::played::{Caller, played};

#[test]
fn everyone_of_500_is_listed_once() {
    let catalog = Catalog::embedded();
    let mut wrong: Vec<(String, String)> = Vec::new();
    let all = played(&catalog, "users");
    assert!(all.len() > 30, "the catalogue is not there");
    for slug in &all {
        let sandbox = Sandbox::new(&catalog, slug, SandboxOptions { users: 500, ..SandboxOptions::default() }).unwrap();
        let played = Caller::new(&catalog, slug, "users").list(sandbox);
        match &played.outcome {
            Err(fault) => wrong.push((
                slug.clone(),
                format!(
                    "{} after {}: {fault} {:?}",
                    rollcall_engine::fault::kind_name(fault.kind),
                    played.ids.len(),
                    fault.provider_said
                ),
            )),
            Ok(completeness) if played.distinct().len() != 500 || played.ids.len() != 500 || !completeness.complete => {
                wrong.push((
                    slug.clone(),
                    format!(
                        "{} records, {} distinct; {}",
                        played.ids.len(),
                        played.distinct().len(),
                        completeness.summary()
                    ),
                ));
            }
            Ok(_) => {}
        }
    }
    let known: Vec<&str> = include_str!("not-played.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let needless: Vec<&&str> = known.iter().filter(|slug| wrong.iter().all(|(own, _)| own != **slug)).collect();
    assert!(needless.is_empty(), "played now, so not to be listed: {needless:?}");
    wrong.retain(|(slug, _)| !known.contains(&slug.as_str()));
    let told: Vec<String> = wrong.iter().map(|(slug, what)| format!("{slug}: {what}")).collect();
    assert!(told.is_empty(), "{} of {}:\n{}", told.len(), all.len(), told.join("\n"));
}
