//! `rollcall connector explain`.

use std::process::ExitCode;

use rollcall_connector::{Catalog, MethodName, lint};
use rollcall_engine::{ListRequest, explain};
use serde_json::Value;

use crate::failure::Failure;
use crate::{inputs, output};

pub fn run(
    catalog: &Catalog,
    slug: &str,
    resource: &str,
    method: &str,
    query: &[String],
    as_json: bool,
) -> Result<ExitCode, Failure> {
    if catalog.resolve(slug).is_none()
        && let Some(rule) = lint::rule(slug)
    {
        output::text(&format!("{}: {}\n\nWhy: {}\nFix: {}\n", rule.name, rule.description, rule.why, rule.fix))?;
        return Ok(ExitCode::SUCCESS);
    }
    let connector = inputs::connector(catalog, slug)?;
    let method = match method {
        "list" => MethodName::List,
        "get" => MethodName::Get,
        other => return Err(Failure::input(format!("there is no method `{other}`"), "there are `list` and `get`")),
    };
    let request = ListRequest {
        resource: resource.to_owned(),
        parameters: inputs::pairs(query, "--query")?,
        ..ListRequest::default()
    };
    let explanation = explain::explain(&connector, &request, method)?;
    if as_json {
        output::line(serde_json::to_string_pretty(&explanation).unwrap_or_default().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{} {} {}\n", explanation.connector, explanation.resource, explanation.method);
    if let Some(each) = &explanation.fan_out {
        text.push_str(&format!("\nfor each {}:\n  {}\n", each.each, each.from));
    }
    for (title, requests) in [
        ("requests", &explanation.requests),
        ("lookups", &explanation.lookups),
        ("per record", &explanation.enrichments),
    ] {
        if requests.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{title}\n"));
        for request in requests {
            let query: Vec<String> = request
                .query
                .iter()
                .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
                .collect();
            text.push_str(&format!(
                "  [{}] {} {}{}{}\n",
                request.name,
                request.method,
                request.url,
                if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) },
                if request.optional { "  (optional)" } else { "" }
            ));
            text.push_str(&format!("      items {}, paging {}\n", request.items, request.paging));
        }
    }
    text.push_str("\nfields\n");
    for (field, source) in &explanation.fields {
        let mut from: Vec<String> = source
            .get("paths")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        from.extend(
            source
                .get("lookups")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|table| format!("lookup {table}")),
        );
        if source.get("constant").is_some() {
            from.push("a constant".to_owned());
        }
        text.push_str(&format!("  {field:<28} {}\n", from.join(", ")));
    }
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}
