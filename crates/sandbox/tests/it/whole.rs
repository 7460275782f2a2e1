//! A list that nothing disturbs is whole: everyone, each once.

use rollcall_connector::Catalog;
use rollcall_sandbox::{Sandbox, SandboxOptions};

use crate::played::{Caller, played};

#[test]
fn everyone_of_500_is_listed_once() {
    let catalog = Catalog::embedded();
    let mut wrong = Vec::new();
    let all = played(&catalog, "users");
    assert!(all.len() > 30, "the catalogue is not there");
    for slug in &all {
        let sandbox = Sandbox::new(&catalog, slug, SandboxOptions { users: 500, ..SandboxOptions::default() }).unwrap();
        let played = Caller::new(&catalog, slug, "users").list(sandbox);
        match &played.outcome {
            Err(fault) => wrong.push(format!(
                "{slug}: {} after {}: {fault} {:?}",
                rollcall_engine::fault::kind_name(fault.kind),
                played.ids.len(),
                fault.provider_said
            )),
            Ok(completeness) if played.distinct().len() != 500 || played.ids.len() != 500 || !completeness.complete => {
                wrong.push(format!(
                    "{slug}: {} records, {} distinct; {}",
                    played.ids.len(),
                    played.distinct().len(),
                    completeness.summary()
                ));
            }
            Ok(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
