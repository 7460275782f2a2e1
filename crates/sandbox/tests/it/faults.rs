//! Every fault on every connector ends in the right class of fault or in a whole list, never in a wrong one.

use rollcall_connector::{Catalog, Connector};
use rollcall_engine::fault::kind_name;
use rollcall_engine::{Completeness, FaultKind};
use rollcall_sandbox::{Fault, Sandbox, SandboxOptions};

use crate::played::{Caller, Played, played};

const MANY: u64 = 100;
/// Small pages, so that there is always a second one to fail on.
const PAGE: u64 = 40;

/// What may be said of a fault that stays.
fn right(connector: &Connector, fault: Fault) -> &'static [FaultKind] {
    let says_403_is_the_credential = connector
        .definition()
        .http
        .errors
        .rules
        .iter()
        .any(|rule| rule.status == Some(403) && rule.kind == FaultKind::Credential);
    match fault {
        Fault::Unauthorized => &[FaultKind::Credential],
        Fault::Forbidden if says_403_is_the_credential => &[FaultKind::Permission, FaultKind::Credential],
        Fault::Forbidden => &[FaultKind::Permission],
        Fault::Throttled | Fault::ThrottledNoHint => &[FaultKind::Throttled],
        Fault::ServerError | Fault::Timeout | Fault::CutBody => &[FaultKind::ProviderDown],
        Fault::Truncated | Fault::Html | Fault::RepeatedCursor => &[FaultKind::UnexpectedShape],
        // Where the total is told, records that do not come are missed.
        Fault::EmptyPage => &[FaultKind::UnexpectedShape],
        Fault::HugePage => &[FaultKind::LimitReached],
    }
}

/// Whether all goes well although something went wrong: what is said of a list that came to its end must be true.
fn wrong(connector: &Connector, resource: &str, fault: Fault, count: u64, played: &Played) -> Option<String> {
    let complaint = |what: String| Some(format!("{} {resource}: {fault}: {what}", connector.id()));
    if played.distinct().len() != played.ids.len() {
        return complaint(format!("{} records, {} distinct", played.ids.len(), played.distinct().len()));
    }
    match &played.outcome {
        Ok(completeness) if completeness.complete && played.ids.len() as u64 != count => {
            complaint(format!("{} of {count} are called complete: {}", played.ids.len(), completeness.summary()))
        }
        Ok(completeness) if !completeness.complete && completeness.missing.is_empty() => {
            complaint(format!("partial without a reason: {}", completeness.summary()))
        }
        Ok(_) => None,
        Err(found) if right(connector, fault).contains(&found.kind) => None,
        Err(found) => complaint(format!("is called `{}`: {found} {:?}", kind_name(found.kind), found.provider_said)),
    }
}

/// Whether some walk of the list has a second page with records, so that pages chain.
fn chains(calm: &Completeness) -> bool {
    calm.passes.iter().any(|pass| pass.pages > 2 || (pass.pages == 2 && pass.stop != "an empty page"))
}

/// A product where nothing goes wrong yet.
struct Calm {
    caller: Caller,
    sandbox: Sandbox,
    completeness: Completeness,
}

impl Calm {
    /// Nothing when its list has no second record.
    fn new(catalog: &Catalog, slug: &str, resource: &str) -> Option<Self> {
        // Many groups would mean many calls for their members before the first person is listed.
        let others = (resource != "users").then_some(MANY);
        let options = SandboxOptions { users: MANY, others, page_size_max: Some(PAGE), ..SandboxOptions::default() };
        let sandbox = Sandbox::new(catalog, slug, options).unwrap();
        let caller = Caller::new(catalog, slug, resource);
        let played = caller.list(sandbox.with_fault(None, None, None));
        let completeness =
            played.outcome.ok().filter(|completeness| completeness.complete && completeness.returned > 1)?;
        Some(Self { caller, sandbox, completeness })
    }

    fn with(&self, fault: Fault, times: Option<u32>) -> Played {
        self.caller.list(self.sandbox.with_fault(Some(fault), None, times))
    }
}

fn matrix(resource: &str, least: usize) {
    let catalog = Catalog::embedded();
    let (mut complaints, mut runs, mut ended) = (Vec::new(), 0, 0);
    for slug in played(&catalog, resource) {
        let Some(calm) = Calm::new(&catalog, &slug, resource) else { continue };
        for fault in Fault::ALL {
            let played = calm.with(fault, None);
            runs += 1;
            ended += usize::from(played.outcome.is_err());
            complaints.extend(wrong(calm.sandbox.connector(), resource, fault, calm.completeness.returned, &played));
            // The fault must have been met, or the matrix says nothing.
            let must = match fault {
                Fault::EmptyPage => false,
                Fault::RepeatedCursor => chains(&calm.completeness),
                _ => true,
            };
            if must && played.outcome.as_ref().is_ok_and(|completeness| completeness.complete) {
                complaints.push(format!("{slug} {resource}: {fault}: nothing went wrong"));
            }
        }
    }
    assert!(complaints.is_empty(), "{} of {runs} runs:\n{}", complaints.len(), complaints.join("\n"));
    assert!(runs >= least * Fault::ALL.len() && ended * 2 > runs, "{runs} runs, {ended} faults");
}

#[test]
fn a_fault_that_stays_is_called_by_its_name_in_a_list_of_users() {
    matrix("users", 30);
}

#[test]
fn a_fault_that_stays_is_called_by_its_name_in_a_list_of_groups() {
    matrix("groups", 15);
}

#[test]
fn a_fault_that_passes_leaves_a_whole_list() {
    let catalog = Catalog::embedded();
    let mut complaints = Vec::new();
    for slug in played(&catalog, "users") {
        let Some(calm) = Calm::new(&catalog, &slug, "users") else { continue };
        for fault in [Fault::Throttled, Fault::ThrottledNoHint, Fault::ServerError, Fault::Timeout, Fault::CutBody] {
            let played = calm.with(fault, Some(2));
            match &played.outcome {
                Ok(completeness)
                    if completeness.complete
                        && played.ids.len() as u64 == calm.completeness.returned
                        && completeness.retries >= 2 => {}
                Ok(completeness) => complaints.push(format!("{slug}: {fault}: {}", completeness.summary())),
                Err(found) => complaints.push(format!("{slug}: {fault}: {found}")),
            }
        }
    }
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
}
