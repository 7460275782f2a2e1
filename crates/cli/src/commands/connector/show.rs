//! `rollcall connector show`.

use std::process::ExitCode;

use rollcall_connector::definition::{Field, FieldKind};
use rollcall_connector::{Catalog, account, tier};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{inputs, output};

pub fn run(catalog: &Catalog, slug: &str, expanded: bool, as_json: bool) -> Result<ExitCode, Failure> {
    let connector = inputs::connector(catalog, slug)?;
    if expanded {
        output::line(serde_json::to_string_pretty(&connector.source().json).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let definition = connector.definition();
    let auth: Vec<Value> = definition
        .auth
        .iter()
        .map(|(name, entry)| {
            let fields: Vec<Value> = account::inputs(definition, name).into_iter().filter(|(field, _)| definition.settings.get(field).is_none()).map(|(field, f)| input(&field, &f)).collect();
            json!({ "name": name, "label": entry.label, "fields": fields, "permissions": entry.permissions, "docs": entry.docs })
        })
        .collect();
    let settings: Vec<Value> = definition.settings.iter().map(|(name, field)| input(name, field)).collect();
    let methods: Vec<Value> = connector
        .methods_by_resource()
        .map(|(resource, method, written)| json!({ "resource": resource, "method": method.as_str(), "permissions": written.permissions, "docs": written.docs, "parameters": written.parameters.iter().map(|(n, p)| json!({ "name": n, "required": p.required, "help": p.help })).collect::<Vec<_>>() }))
        .collect();
    if as_json {
        let value = json!({ "slug": connector.id(), "name": definition.name, "category": definition.category, "docs": definition.docs, "fingerprint": tier::fingerprint(&connector), "tier": tier::of(catalog, &connector).as_str(), "tiers": tier::by_resource(catalog, &connector), "settings": settings, "auth": auth, "methods": methods });
        output::line(serde_json::to_string_pretty(&value).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!(
        "{} ({})\n  {}\n  tier: {}\n\nSettings\n",
        definition.name,
        connector.id(),
        definition.docs,
        tier::of(catalog, &connector).as_str()
    );
    if settings.is_empty() {
        text.push_str("  none\n");
    }
    settings.iter().for_each(|setting| text.push_str(&line(setting)));
    for entry in &auth {
        let name = entry.get("name").and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!(
            "\nCredential `--auth {name}`{}\n",
            entry.get("label").and_then(Value::as_str).map(|l| format!(": {l}")).unwrap_or_default()
        ));
        entry
            .get("fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .for_each(|field| text.push_str(&line(field)));
        let permissions: Vec<&str> = entry
            .get("permissions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if !permissions.is_empty() {
            text.push_str(&format!("  permissions: {}\n", permissions.join("; ")));
        }
    }
    text.push_str("\nResources\n");
    for method in &methods {
        let word = |key: &str| method.get(key).and_then(Value::as_str).unwrap_or_default();
        let permissions: Vec<&str> = method
            .get("permissions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        text.push_str(&format!(
            "  {} {}{}\n",
            word("resource"),
            word("method"),
            if permissions.is_empty() { String::new() } else { format!(" (needs {})", permissions.join(", ")) }
        ));
    }
    if let Some(readme) = catalog.file(connector.id(), "README.md") {
        text.push_str(&format!("\n{}", readme));
    }
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn input(name: &str, field: &Field) -> Value {
    let is = match field.is {
        FieldKind::Text => "text",
        FieldKind::Host => "host",
        FieldKind::Url => "url",
        FieldKind::Integer => "integer",
        FieldKind::Boolean => "boolean",
        FieldKind::Choice => "choice",
    };
    json!({ "name": name, "label": field.label, "is": is, "secret": field.secret, "optional": field.optional || field.default.is_some(), "default": field.default, "example": field.example, "help": field.help, "values": field.values.keys().collect::<Vec<_>>() })
}

fn line(field: &Value) -> String {
    let word = |key: &str| field.get(key).and_then(Value::as_str);
    let flag = |key: &str| field.get(key).and_then(Value::as_bool).unwrap_or(false);
    let name = word("name").unwrap_or_default();
    let value = if flag("secret") { "env:NAME" } else { word("example").unwrap_or("…") };
    let mut text = format!(
        "  --set {name}={value}  {}{}\n",
        word("label").unwrap_or_default(),
        if flag("optional") { " (optional)" } else { "" }
    );
    if let Some(help) = word("help") {
        text.push_str(&format!("      {help}\n"));
    }
    text
}
