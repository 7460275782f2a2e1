//! Parameters and fields: all of them, each with its type, meaning and count.

use rollcall_connector::coverage;
use rollcall_model::{Model, Resource, Type};
use serde_json::Value;

use super::described::{document, embedded, of_binary, operations, resolved, strict};
use crate::world::{Provider, World, directory};

fn unified() -> impl Iterator<Item = (&'static Resource, &'static str, &'static Value)> {
    let resources = &Model::user_directory().resources;
    resources.iter().flat_map(|resource| {
        ["list", "get"].into_iter().filter_map(move |verb| {
            let id = format!("{verb}_{}", resource.name);
            operations()
                .into_iter()
                .find(|(_, _, known)| known["operationId"] == id.as_str())
                .map(|found| (resource, verb, found.2))
        })
    })
}

fn parameters(operation: &'static Value) -> Vec<&'static Value> {
    operation["parameters"].as_array().unwrap().iter().map(|written| resolved(document(), written)).collect()
}

#[test]
fn every_parameter_has_a_type_a_meaning_and_a_count() {
    for (resource, verb, operation) in unified() {
        let parameters = parameters(operation);
        for parameter in &parameters {
            let place = format!("{verb} {}: {}", resource.name, parameter["name"]);
            let schema = &parameter["schema"];
            assert!(["type", "anyOf"].iter().any(|key| !schema[*key].is_null()), "{place} has no type");
            assert!(parameter["description"].as_str().is_some_and(|words| !words.is_empty()), "{place} has no meaning");
            // A path's are those of its operation.
            let counted = if parameter["in"] == "path" { operation } else { parameter };
            assert!(counted["x-supported-by"].is_u64(), "{place} has no count");
            // What works with every connector is done here.
            let by_provider = parameter["x-provider-side"].is_u64();
            assert!(by_provider || parameter["x-kind"].is_null(), "{place} does not say what providers do");
        }
        if verb == "list" {
            for wanted in &resource.parameters {
                assert!(
                    parameters.iter().any(|known| known["name"] == wanted.name.as_str()),
                    "{} {}",
                    resource.name,
                    wanted.name
                );
            }
        }
    }
}

#[test]
fn every_field_has_a_type_a_meaning_and_a_count() {
    fn look(schema: &Value, path: &str) {
        let inner = if schema["type"] == "array" { &schema["items"] } else { schema };
        let Some(properties) = inner["properties"].as_object() else { return };
        for (name, member) in properties.iter().filter(|(name, _)| *name != "remote_data") {
            let path = format!("{path}.{name}");
            assert!(["type", "anyOf"].iter().any(|key| !member[*key].is_null()), "{path} has no type");
            assert!(member["description"].as_str().is_some_and(|words| !words.is_empty()), "{path} has no meaning");
            assert!(member["x-supported-by"].is_u64(), "{path} has no count");
            look(member, &path);
        }
    }
    for (resource, _, operation) in unified().filter(|(_, verb, _)| *verb == "get") {
        // The record, or in the format `raw` whatever the provider answers.
        let either = &operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"];
        let schema = resolved(document(), &either[0]);
        for field in &resource.fields {
            assert!(!schema["properties"][&field.name].is_null(), "{} {}", resource.name, field.name);
            if let Type::Enum { values, .. } = &field.ty {
                let written = schema["properties"][&field.name].to_string();
                assert!(values.iter().all(|choice| written.contains(&format!("\"{}\"", choice.value))), "{written}");
            }
        }
        look(schema, &resource.name);
    }
}

#[test]
fn counts_are_those_of_the_catalogue() {
    let coverage = coverage::count(&embedded(), &[]);
    let paths = &of_binary()["paths"];
    assert_eq!(of_binary()["x-connectors"], coverage.connectors);
    let mut compared = 0;
    for entry in &coverage.entries {
        let operation = &paths[format!("/unified/user-directory/{}", entry.resource)]["get"];
        let found =
            operation["parameters"].as_array().unwrap().iter().find(|known| known["name"] == entry.name.as_str());
        let (supported, by_provider) = match (entry.kind.as_str(), found) {
            ("filter" | "parameter", Some(found)) => (&found["x-supported-by"], &found["x-provider-side"]),
            ("field", _) => {
                let page = &operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"][0];
                let record = &resolved(of_binary(), page)["properties"]["result"]["items"];
                let field = &resolved(of_binary(), record)["properties"][&entry.name];
                // Resources of the same fields share their schema, with the counts of the first.
                if entry.resource == "me" {
                    continue;
                }
                (&field["x-supported-by"], &field["x-supported-by"])
            }
            ("sort", _) => {
                let sort = operation["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|known| known["name"] == "sort_by")
                    .unwrap();
                let direction = &sort["schema"]["anyOf"][0]["properties"][&entry.name];
                (&direction["x-supported-by"], &direction["x-provider-side"])
            }
            (kind, _) => panic!("{kind} {} of {} is not described", entry.name, entry.resource),
        };
        assert_eq!(supported, entry.connectors, "{} {} {}", entry.resource, entry.kind, entry.name);
        if entry.kind != "field" {
            assert_eq!(by_provider, entry.by_provider, "{} {} {}", entry.resource, entry.kind, entry.name);
        }
        compared += 1;
    }
    assert!(compared > 100, "only {compared}");
}

/// A value that a schema allows, as it stands in a query after the parameter's name, in every form. `like` is a value of its own kind.
fn written(schema: &Value, like: &str) -> Vec<String> {
    let schema = resolved(document(), schema);
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return vec![format!("={}", first.as_str().unwrap())];
    }
    if let Some(all) = schema["anyOf"].as_array() {
        let first = written(&all[0], like).first().cloned().unwrap_or_default();
        let like = first.strip_prefix('=').unwrap_or(like);
        return all.iter().flat_map(|one| written(one, like)).collect();
    }
    match schema["type"].as_str() {
        Some("boolean") => vec!["=true".to_owned()],
        Some("integer") => vec!["=7".to_owned()],
        Some("array") => {
            let items = written(&schema["items"], like);
            items.iter().flat_map(|value| [value.clone(), format!("[]{value}"), format!("[0]{value}")]).collect()
        }
        Some("object") => match schema["properties"].as_object() {
            Some(properties) => properties
                .iter()
                .flat_map(|(name, member)| {
                    written(member, like).into_iter().map(move |value| format!("[{name}]{value}"))
                })
                .collect(),
            None => vec!["[anything]=x".to_owned()],
        },
        _ if !schema["examples"].is_null() => vec!["=2026-05-01".to_owned(), "=2026-05-01T12:00:00Z".to_owned()],
        _ => vec![format!("={like}")],
    }
}

/// Every form of every filter and parameter is taken, and what is not described is refused.
#[tokio::test]
async fn the_server_takes_the_parameters_of_the_document_and_no_others() {
    let world = World::with(|config| config.requests_burst = 10_000).await;
    let provider = Provider::start(directory(Vec::new())).await;
    let account = world.acme(&provider).await;
    let (_, _, list) = unified().find(|(resource, verb, _)| resource.name == "users" && *verb == "list").unwrap();
    let mut tried = 0;
    for parameter in parameters(list) {
        let name = parameter["name"].as_str().unwrap();
        if ["integrated_account_id", "next_cursor", "truto_response_format", "truto_ignore_limit"].contains(&name)
            || parameter["x-kind"] == "parameter"
        {
            continue;
        }
        for value in written(&parameter["schema"], "x") {
            let answer = world.client.users(&account, &format!("{name}{value}")).await;
            // The made-up product gives all but this one field.
            let lacks = answer.text().contains("does not give `last_active_at`");
            assert!(answer.status == 200 || lacks, "{name}{value}: {}", answer.text());
            tried += 1;
        }
    }
    assert!(tried > 80, "only {tried}");
    world.client.users(&account, "no_such_parameter=x").await.says(400, &["no_such_parameter"]);
}

#[tokio::test]
async fn a_get_takes_no_parameter_that_the_document_keeps_from_it() {
    let world = World::new().await;
    let provider = Provider::start(directory(vec![crate::world::rich_person()])).await;
    let account = world.acme(&provider).await;
    let of = |verb: &str| unified().find(|(resource, known, _)| resource.name == "users" && *known == verb).unwrap().2;
    let get: Vec<&Value> = parameters(of("get")).iter().map(|parameter| &parameter["name"]).collect();
    let mut refused = 0;
    for parameter in parameters(of("list")).into_iter().filter(|parameter| !get.contains(&&parameter["name"])) {
        let name = parameter["name"].as_str().unwrap();
        let value = written(&parameter["schema"], "x").remove(0);
        let value = if name == "next_cursor" { "=abc".to_owned() } else { value };
        let path =
            format!("/unified/user-directory/users/9007199254740993?integrated_account_id={account}&{name}{value}");
        assert_eq!(world.client.get(&path).await.status, 400, "{path}");
        refused += 1;
    }
    assert!(refused > 30, "only {refused}");
}

#[test]
fn examples_are_what_they_are_examples_of() {
    let mut seen = 0;
    for (path, method, operation) in operations() {
        let bodies = operation["responses"].as_object().unwrap().values().chain([&operation["requestBody"]]);
        for (kind, media) in bodies.filter_map(|body| resolved(document(), body)["content"].as_object()).flatten() {
            if !media["example"].is_null() {
                let validator = strict(document(), &media["schema"]);
                let fault = validator.iter_errors(&media["example"]).next().map(|fault| fault.to_string());
                assert_eq!(fault, None, "{method} {path} {kind}");
                seen += 1;
            }
        }
    }
    for resource in &Model::user_directory().resources {
        let id = format!("list_{}", resource.name);
        let list = operations().into_iter().find(|(_, _, known)| known["operationId"] == id.as_str()).unwrap().2;
        let example = &list["responses"]["200"]["content"]["application/json"]["example"]["result"][0];
        assert!(example["name"].is_string() || example["id"].is_string(), "{id} has no example");
    }
    assert!(seen > 20, "only {seen}");
}
