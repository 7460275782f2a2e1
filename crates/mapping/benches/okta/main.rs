//! Time per record of mapping pages of Okta users, beside copying and validating the same bytes.
//!
//! `cargo bench -p rollcall-mapping --bench okta [-- rounds]`

mod people;

use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::Instant;

use rollcall_mapping::page::{Items, PagePlan};
use rollcall_mapping::{Inputs, Options, Plan, Scope, Scratch, compile};
use rollcall_model::Model;
use serde_json::json;

const PAGES: usize = 40;
const SIZE: usize = 200;

fn main() -> io::Result<()> {
    let rounds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(40);
    let pages = people::pages(PAGES, SIZE);
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let records = PAGES * SIZE;
    let mut out = io::stdout().lock();
    writeln!(out, "{records} records, {} bytes each, the fastest of {rounds} rounds for each page", bytes / records)?;

    let layout =
        PagePlan::compile(Items::List("."), &[]).map_err(|_| io::Error::other("the layout does not compile"))?;
    let plain = plan(false)?;
    let remote = plan(true)?;
    let leaves = plain.sources().iter().filter(|origin| !origin.paths.is_empty()).count();
    let mut scratch = Scratch::new();
    let mut copy = Vec::with_capacity(bytes / PAGES * 2);
    // Memory comes from the first page on, as in a long listing.
    let mut mapped = Vec::with_capacity(bytes / PAGES * 4);
    // The fastest time of each page: what else the machine does slows down some rounds, never speeds one up.
    let mut best = vec![[f64::MAX; 5]; PAGES];
    let mut sizes = [0; 5];
    for _ in 0..rounds {
        for (page, best) in pages.iter().zip(&mut best) {
            time(&mut best[0], || {
                copy.clear();
                copy.extend_from_slice(black_box(page));
            });
            sizes[0] += black_box(&copy).len();
            let mut whole = false;
            time(&mut best[1], || whole = serde_json::from_slice::<serde::de::IgnoredAny>(black_box(page)).is_ok());
            sizes[1] += usize::from(whole);
            time(&mut best[2], || sizes[2] += records_of(&layout, black_box(page)));
            for (place, plan) in [(3, &plain), (4, &remote)] {
                let mut count = 0;
                time(&mut best[place], || {
                    mapped.clear();
                    count = map(&layout, plan, black_box(page), &mut scratch, &mut mapped);
                });
                sizes[place] += black_box(&mapped).len();
                if count != SIZE {
                    return Err(io::Error::other(format!("{count} records of a page of {SIZE}")));
                }
            }
        }
    }
    let best =
        std::array::from_fn::<f64, 5, _>(|place| best.iter().map(|best| best[place]).sum::<f64>() / records as f64);
    writeln!(
        out,
        "{leaves} values are read for each record; written per record: {} and {} bytes",
        sizes[3] / rounds / records,
        sizes[4] / rounds / records
    )?;
    for (name, nanos) in ["memcpy", "IgnoredAny", "records alone", "plan", "plan with remote_data"].iter().zip(best) {
        writeln!(out, "{name:<22} {nanos:>8.0} ns/record {:>6.2} x IgnoredAny", nanos / best[1])?;
    }
    Ok(())
}

fn time(best: &mut f64, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    *best = best.min(start.elapsed().as_nanos() as f64);
}

/// Only the split of the page into records.
fn records_of(layout: &PagePlan, page: &[u8]) -> usize {
    let mut records = layout.read(page);
    std::iter::from_fn(|| records.next_slice().ok().flatten()).count()
}

fn map(layout: &PagePlan, plan: &Plan, page: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> usize {
    let inputs = Inputs::none();
    let mut records = layout.read(page);
    let mut count = 0;
    while let Ok(Some(start)) = records.next() {
        match plan.map(page, start, &inputs, scratch, out) {
            Ok(mapped) => records.resume(mapped.end),
            Err(_) => return 0,
        }
        out.push(b'\n');
        count += 1;
    }
    count
}

fn plan(remote_data: bool) -> io::Result<Plan> {
    let fields = json!({
        "id": ".id",
        "external_id": ".profile.samAccountName",
        "identifiers": {
            "employee_number": ".profile.employeeNumber", "realm": ".realmId", "manager": ".profile.managerId",
            "cost_center": ".profile.costCenter", "badge": ".profile.badgeNumber", "type": ".type.id"
        },
        "username": ".profile.login",
        "name": {"first": [".profile.displayName", {"join": [".profile.firstName", ".profile.lastName"]}]},
        "first_name": ".profile.firstName",
        "last_name": ".profile.lastName",
        "title": ".profile.title",
        "bio": ".profile.bio",
        "emails": {"each": ".credentials.emails", "item": {
            "email": ".value",
            "is_primary": {"test": {".type": "PRIMARY"}},
            "type": {"lower": ".type"}
        }},
        "phones": [{"number": ".profile.mobilePhone", "type": "mobile"}, {"number": ".profile.primaryPhone", "type": "work"}],
        "urls": [{"url": ".profile.profileUrl", "type": "profile"}, {"url": "._links.self.href", "type": "self"}],
        "status": {"from": ".status", "map": {
            "ACTIVE": "active", "PASSWORD_EXPIRED": "active", "RECOVERY": "active", "LOCKED_OUT": "active",
            "SUSPENDED": "inactive", "DEPROVISIONED": "deleted", "PROVISIONED": "invited", "STAGED": "created"
        }},
        "user_type": {"cases": [{"when": {".profile.roles": {"contains": "Group Administrator"}}, "then": "admin"}]},
        "is_email_verified": {
            "from": {"find": ".credentials.emails", "where": {".type": "PRIMARY"}, "take": ".status"},
            "map": {"VERIFIED": true, "UNVERIFIED": false}
        },
        "roles": {"each": ".profile.roles", "item": {"name": "."}},
        "groups": {"each": ".profile.groups", "item": {"name": ".", "type": "group"}},
        "organizations": [{"name": ".profile.organization"}],
        "workspaces": [{"name": ".profile.division"}],
        "licenses": [{"name": ".profile.userType"}],
        "languages": [".profile.preferredLanguage", ".profile.locale"],
        "timezone": ".profile.timezone",
        "created_at": ".created",
        "updated_at": ".lastUpdated",
        "activated_at": ".activated",
        "status_changed_at": ".statusChanged",
        "last_login_at": ".lastLogin",
        "last_active_at": ".passwordChanged"
    });
    let users = Model::user_directory().resource("users").ok_or_else(|| io::Error::other("no users in the model"))?;
    let options = Options { remote_data, ..Options::default() };
    compile(users, &fields, &Scope::default(), &options)
        .map_err(|problems| io::Error::other(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}
