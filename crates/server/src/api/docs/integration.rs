//! Connectors as their pages show them.

use std::collections::BTreeMap;

use rollcall_connector::definition::{Evidence, Source};
use rollcall_connector::{Catalog, Connector, load, tier};
use rollcall_model::Model;
use serde_json::{Map, Value, json};

use super::markdown;
use crate::openapi::meta::Described;

/// All connectors by category.
#[must_use]
pub fn all(catalog: &Catalog) -> Value {
    let mut categories: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut count = 0;
    for connector in catalog.ids().iter().filter_map(|id| catalog.connector(id).ok()) {
        count += 1;
        let definition = connector.definition();
        categories.entry(definition.category.clone()).or_default().push(json!({
            "id": definition.id,
            "label": definition.name,
            "tier": tier::of(catalog, &connector).as_str(),
            "resources": definition.resources.keys().collect::<Vec<_>>(),
        }));
    }
    let categories: Vec<Value> = categories
        .into_iter()
        .map(|(name, connectors)| json!({"id": name.replace([' ', '_'], "-"), "name": name.replace('_', " "), "connectors": connectors}))
        .collect();
    json!({"connectors": count, "categories": categories})
}

/// One connector.
#[must_use]
pub fn one(catalog: &Catalog, connector: &Connector, url: &str) -> Value {
    let definition = connector.definition();
    let meta = Described::new(catalog, connector, None).whole();
    let readme = catalog.file(connector.id(), "README.md").map(|text| markdown::render_under(&text, "guide").html);
    let evidence = catalog
        .file(connector.id(), "evidence.yaml")
        .and_then(|text| load::read_evidence(connector.id(), &text).ok())
        .unwrap_or_default();
    let deviations: Vec<Value> =
        evidence.deviations.iter().map(|deviation| json!({"what": deviation.what, "why": deviation.why})).collect();
    json!({
        "list": resources(&meta),
        "aliases": definition.aliases,
        "readme": readme,
        "command": command(&meta, url),
        "evidence": known(catalog, connector, &evidence),
        "deviations": deviations,
        "meta": meta,
    })
}

/// Resources with their methods as lists, which keep their order.
fn resources(meta: &Value) -> Vec<Value> {
    let empty = Map::new();
    let all = meta["resources"].as_object().unwrap_or(&empty);
    all.iter()
        .map(|(name, methods)| {
            let list_mapping = methods["list"]["mapping"].clone();
            let methods: Vec<Value> =
                methods.as_object().unwrap_or(&empty).values().map(|method| shown(method, &list_mapping)).collect();
            let tier = methods.first().map_or(Value::Null, |method| method["tier"].clone());
            json!({"name": name, "tier": tier, "methods": methods})
        })
        .collect()
}

fn shown(method: &Value, list_mapping: &Value) -> Value {
    let mut shown = method.clone();
    let is_get = method["method"] == "get";
    let same = is_get && method["mapping"] == *list_mapping;
    let sources: Vec<Value> = match method["mapping"].as_object() {
        Some(mapping) if !same => mapping
            .iter()
            .map(|(field, source)| {
                let mut source = source.clone();
                source["field"] = Value::from(field.clone());
                source
            })
            .collect(),
        _ => Vec::new(),
    };
    let own = method["query_parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["kind"] == "parameter");
    shown["own"] = own.cloned().collect();
    shown["sources"] = Value::Array(sources);
    shown["same"] = Value::Bool(same);
    shown
}

/// What connects it, with invented values.
fn command(meta: &Value, url: &str) -> String {
    let slug = meta["integration"].as_str().unwrap_or_default();
    let values = |list: &Value| -> Map<String, Value> {
        let needed = list.as_array().into_iter().flatten().filter(|input| input["required"] == true);
        needed
            .filter_map(|input| {
                let example = if input["secret"] == true { Value::from("…") } else { input["example"].clone() };
                let value = if example.is_null() { Value::from("…") } else { example };
                Some((input["name"].as_str()?.to_owned(), value))
            })
            .collect()
    };
    let mut body = json!({"integration": slug});
    let settings = values(&meta["settings"]);
    if !settings.is_empty() {
        body["settings"] = Value::Object(settings);
    }
    body["credential"] = Value::Object(values(&meta["credentials"][0]["fields"]));
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    format!(
        "curl {url}/integrated-account \\\n  -H \"Authorization: Bearer $ROLLCALL_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'"
    )
}

/// For each resource, its tier with what was shown and what was read.
fn known(catalog: &Catalog, connector: &Connector, evidence: &Evidence) -> Vec<Value> {
    let tiers = tier::by_resource(catalog, connector);
    let proofs = tier::proofs(catalog);
    let fingerprint = tier::fingerprint(connector);
    let order = Model::user_directory().resources.iter().filter_map(|resource| tiers.get_key_value(&resource.name));
    order
        .map(|(resource, tier)| {
            let own = proofs.get(connector.id()).and_then(|own| own.get(resource));
            // What was shown of an older definition shows nothing of this one.
            let shown: Vec<_> = own.into_iter().flatten().filter(|proof| proof.fingerprint == fingerprint).collect();
            let written = evidence.resources.get(resource);
            let sources: Vec<Value> = written.iter().flat_map(|written| &written.sources).map(source).collect();
            json!({
                "resource": resource,
                "tier": tier.as_str(),
                "proofs": shown,
                "sources": sources,
                "notes": written.and_then(|written| written.notes.clone()),
            })
        })
        .collect()
}

fn source(source: &Source) -> Value {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (kind, what, url, on) = match source {
        Source::Spec { operation, on, .. } => {
            let operation = operation.as_ref().map_or_else(String::new, |operation| format!(" ({})", text(operation)));
            ("description", format!("the vendor's machine-readable description{operation}"), None, on)
        }
        Source::Recording { from, on, .. } => {
            ("recording", from.as_ref().map_or_else(|| "recorded exchanges".to_owned(), &text), None, on)
        }
        Source::Documentation { url, on, .. } => ("documentation", url.clone(), Some(url.clone()), on),
        Source::Code { repo, path, on, .. } => ("code", format!("{repo}, {}", text(path)), None, on),
        Source::Live { product, on, .. } => ("live", product.clone(), None, on),
    };
    let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    json!({"kind": kind, "what": what, "url": url, "on": on})
}
