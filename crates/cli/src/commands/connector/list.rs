//! `rollcall connector list`.

use std::process::ExitCode;

use rollcall_connector::{Catalog, tier};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::output;

pub fn run(catalog: &Catalog, as_json: bool) -> Result<ExitCode, Failure> {
    let mut entries = Vec::new();
    let mut broken = 0;
    for id in catalog.ids() {
        match catalog.connector(&id) {
            Ok(connector) => {
                let definition = connector.definition();
                let mut resources: Map<String, Value> = Map::new();
                for (resource, method, _) in connector.methods_by_resource() {
                    if let Value::Array(methods) = resources.entry(resource.to_owned()).or_insert_with(|| json!([])) {
                        methods.push(Value::from(method.as_str()));
                    }
                }
                entries.push(json!({
                    "slug": id,
                    "name": definition.name,
                    "category": definition.category,
                    "tier": tier::of(catalog, &connector).as_str(),
                    "auth": definition.auth.keys().collect::<Vec<_>>(),
                    "resources": resources,
                    "aliases": definition.aliases,
                }));
            }
            Err(_) => {
                broken += 1;
                output::note(&format!("connector `{id}` has mistakes: run `rollcall connector check {id}`"));
            }
        }
    }
    if as_json {
        output::line(serde_json::to_string_pretty(&entries).unwrap_or_default().as_bytes())?;
    } else {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|entry| {
                let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let list = |value: Option<&Value>| {
                    value
                        .and_then(Value::as_array)
                        .map(|l| l.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
                        .unwrap_or_default()
                };
                let resources = entry
                    .get("resources")
                    .and_then(Value::as_object)
                    .map(|r| r.keys().cloned().collect::<Vec<_>>().join(", "))
                    .unwrap_or_default();
                vec![text("slug"), text("name"), text("category"), text("tier"), list(entry.get("auth")), resources]
            })
            .collect();
        output::grid(&["SLUG", "NAME", "CATEGORY", "TIER", "AUTH", "RESOURCES"], &rows)?;
    }
    Ok(ExitCode::from(u8::from(broken > 0)))
}
