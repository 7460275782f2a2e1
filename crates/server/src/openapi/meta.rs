//! What one connector takes and gives: schemas, parameters, the source of each field, permissions. Made from its files and the model.

use std::collections::BTreeMap;

use rollcall_connector::plan::Plan;
use rollcall_connector::{Catalog, Connector, MethodName, account, calls, tier};
use rollcall_engine::{ListRequest, explain};
use rollcall_model::{Model, Resource};
use serde_json::{Map, Value, json};

use super::counts::{self, Taken};
use super::shown::{input, shown};
use super::{filters, parameters, record};
use crate::query::COMMON;

/// A connector that is described.
pub struct Described<'a> {
    catalog: &'a Catalog,
    connector: &'a Connector,
    /// Only this way to sign in; all when not given.
    auth: Option<&'a str>,
    /// All methods, compiled.
    plans: Vec<Plan>,
}

impl<'a> Described<'a> {
    /// A connector, or an account's.
    #[must_use]
    pub fn new(catalog: &'a Catalog, connector: &'a Connector, auth: Option<&'a str>) -> Self {
        Self { catalog, connector, auth, plans: calls::plans(connector) }
    }

    /// All resources.
    #[must_use]
    pub fn whole(&self) -> Value {
        let model = Model::user_directory();
        let definition = self.connector.definition();
        let mut resources = Map::new();
        for resource in model.resources.iter().filter(|resource| self.connector.methods(&resource.name).is_some()) {
            let methods: Map<String, Value> = [MethodName::List, MethodName::Get]
                .into_iter()
                .filter(|method| self.connector.method(&resource.name, *method).is_some())
                .map(|method| (method.as_str().to_owned(), self.method(resource, method)))
                .collect();
            resources.insert(resource.name.clone(), Value::Object(methods));
        }
        json!({
            "model": model.name,
            "integration": definition.id,
            "label": definition.name,
            "category": definition.category,
            "tier": tier::of(self.catalog, self.connector).as_str(),
            "documentation": self.links(None),
            "settings": definition.settings.iter().map(|(name, field)| input(name, field)).collect::<Vec<_>>(),
            "credentials": self.credentials(),
            "resources": resources,
        })
    }

    /// One method of one resource.
    #[must_use]
    pub fn method(&self, resource: &Resource, method: MethodName) -> Value {
        let plans: Vec<&Plan> =
            self.plans.iter().filter(|plan| plan.resource == resource.name && plan.method == method).collect();
        let mut given: Vec<String> = Vec::new();
        for field in plans.iter().flat_map(|plan| plan.mapping.fields()) {
            if !given.contains(field) {
                given.push(field.clone());
            }
        }
        let mut schema = record::schema(resource, Some(&given), None);
        schema["$schema"] = Value::from("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = Value::from(record::type_name(resource));
        let (parameters, required) = self.parameters(resource, method, &plans, &given);
        let pushed = |pick: &dyn Fn(&Plan) -> Vec<String>| {
            let mut names: Vec<String> = plans.iter().flat_map(|plan| pick(plan)).collect();
            names.sort();
            names.dedup();
            names
        };
        let tiers = tier::by_resource(self.catalog, self.connector);
        json!({
            "model": Model::user_directory().name,
            "resource": resource.name,
            "method": method.as_str(),
            "integration": self.connector.id(),
            "description": resource.description,
            "tier": tiers.get(&resource.name).map_or("draft", |tier| tier.as_str()),
            "schema": schema,
            "query_parameters": parameters,
            "required_query_parameters": required,
            "mapping": mapping(&plans),
            "provider_filters": pushed(&|plan| plan.source.filter.keys().map(str::to_owned).collect()),
            "provider_sorts": pushed(&|plan| plan.source.sort.iter().flat_map(|sort| sort.fields.keys().map(str::to_owned)).collect()),
            "calls": self.calls(resource, method),
            "permissions": self.permissions(method, &plans),
            "documentation": self.links(Some((resource, method))),
        })
    }

    /// What may be asked for, and the names of what has to be given.
    fn parameters(
        &self,
        resource: &Resource,
        method: MethodName,
        plans: &[&Plan],
        given: &[String],
    ) -> (Vec<Value>, Vec<String>) {
        let own = narrowed(resource, given);
        let mut all: Vec<Value> =
            COMMON.iter().filter_map(|name| shown(parameters::common(name, &own, method, None)?, "common")).collect();
        let taken: Vec<(String, Taken)> = self
            .connector
            .method(&resource.name, method)
            .map(|written| counts::takes(self.connector.id(), method, written))
            .unwrap_or_default();
        if method == MethodName::List {
            for parameter in &resource.parameters {
                let Some(of) = parameter.of.as_deref() else { continue };
                let top = of.split('.').next().unwrap_or_default();
                if taken.iter().any(|(name, _)| *name == parameter.name) || !given.iter().any(|field| field == top) {
                    continue;
                }
                let written = parameters::query(&parameter.name, &parameter.description, filters::accepted(parameter));
                let by_provider = plans.iter().any(|plan| plan.source.filter.get(&parameter.name).is_some());
                all.extend(shown(written, "filter").map(|mut entry| {
                    entry["applied"] = Value::from(if by_provider { "provider" } else { "local" });
                    entry
                }));
            }
        }
        let mut required = Vec::new();
        for (name, taken) in &taken {
            let Some(mut entry) = shown(parameters::native(name, resource), "parameter") else { continue };
            entry["required"] = Value::Bool(taken.required);
            if !taken.unless.is_empty() {
                entry["required_unless"] = json!(taken.unless);
            }
            if !taken.values.is_empty() {
                entry["schema"]["enum"] = json!(taken.values);
            }
            entry["help"] = json!(taken.help);
            if let Some(default) = &taken.default {
                entry["default"] = default.clone();
            }
            if taken.required {
                required.push(name.clone());
            }
            all.push(entry);
        }
        (all, required)
    }

    /// What is sent, each with the provider's page about it.
    fn calls(&self, resource: &Resource, method: MethodName) -> Vec<Value> {
        let definition = self.connector.definition();
        let Some(written) = self.connector.method(&resource.name, method) else { return Vec::new() };
        let mut all: Vec<Value> = Vec::new();
        let choices: Vec<BTreeMap<String, String>> = match &written.choose {
            Some(choose) => {
                choose.of.keys().map(|name| BTreeMap::from([(choose.parameter.clone(), name.to_owned())])).collect()
            }
            None => vec![BTreeMap::new()],
        };
        for parameters in choices {
            let branch = written.choose.as_ref().and_then(|choose| choose.of.get(parameters.get(&choose.parameter)?));
            let own = branch.unwrap_or(written);
            let request = ListRequest { resource: resource.name.clone(), parameters, ..ListRequest::default() };
            let Ok(explained) = explain::explain(self.connector, &request, method) else { continue };
            let mut add = |what: String, call: &explain::ExplainedRequest, docs: Option<&String>| {
                let entry = json!({"for": what, "method": call.method, "url": call.url, "docs": docs});
                if !all.contains(&entry) {
                    all.push(entry);
                }
            };
            for call in &explained.requests {
                let what = if call.name == "all" { "records".to_owned() } else { format!("records ({})", call.name) };
                add(what, call, own.docs.as_ref());
            }
            for call in &explained.lookups {
                let docs = definition.lookups.get(&call.name).and_then(|lookup| lookup.docs.as_ref());
                add(format!("lookup {}", call.name), call, docs);
            }
            for call in &explained.enrichments {
                let docs = own.enrich.get(&call.name).and_then(|enrich| enrich.docs.as_ref());
                add(format!("second call {}", call.name), call, docs);
            }
        }
        all
    }

    /// The least that is needed, as the provider names it.
    fn permissions(&self, method: MethodName, plans: &[&Plan]) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let mut add = |what: String, names: &[String], optional: bool| {
            let entry = json!({"for": what, "names": names, "optional": optional});
            if !names.is_empty() && !all.contains(&entry) {
                all.push(entry);
            }
        };
        for plan in plans {
            add(method.as_str().to_owned(), &plan.source.permissions, false);
            for lookup in &plan.lookups {
                add(format!("lookup {}", lookup.name), &lookup.source.permissions, lookup.source.optional);
            }
            for enrich in &plan.enrich {
                add(format!("second call {}", enrich.name), &enrich.source.permissions, !enrich.source.required);
            }
        }
        for (name, auth) in self.connector.definition().auth.iter().filter(|(name, _)| self.is_used(name)) {
            add(format!("credential {name}"), &auth.permissions, false);
        }
        all
    }

    fn credentials(&self) -> Vec<Value> {
        let definition = self.connector.definition();
        let kinds = definition.auth.iter().filter(|(name, _)| self.is_used(name));
        kinds
            .map(|(name, auth)| {
                let inputs = account::inputs(definition, name);
                let own = inputs.iter().filter(|(name, _)| definition.settings.get(name).is_none());
                json!({
                    "name": name,
                    "label": auth.label,
                    "fields": own.map(|(name, field)| input(name, field)).collect::<Vec<_>>(),
                    "permissions": auth.permissions,
                    "scopes": auth.oauth2.as_ref().map(|oauth2| oauth2.scopes.clone()).unwrap_or_default(),
                    "browser": auth.oauth2.as_ref().is_some_and(|oauth2| oauth2.authorize.is_some()),
                    "docs": auth.docs,
                })
            })
            .collect()
    }

    /// Where more is written.
    fn links(&self, of: Option<(&Resource, MethodName)>) -> Vec<Value> {
        let definition = self.connector.definition();
        let mut all = vec![json!({"about": definition.name, "url": definition.docs})];
        let written = of.and_then(|(resource, method)| self.connector.method(&resource.name, method));
        if let (Some((resource, method)), Some(docs)) = (of, written.and_then(|written| written.docs.as_ref())) {
            all.push(json!({"about": format!("{} {}", resource.name, method.as_str()), "url": docs}));
        }
        for (name, auth) in definition.auth.iter().filter(|(name, _)| self.is_used(name)) {
            all.extend(auth.docs.as_ref().map(|docs| json!({"about": format!("credential {name}"), "url": docs})));
        }
        all.push(json!({"about": "rollcall", "url": format!("/docs/integrations/{}", definition.id)}));
        all
    }

    fn is_used(&self, auth: &str) -> bool {
        self.auth.is_none_or(|only| only == auth)
    }
}

/// The resource with the fields that a connector gives: nothing can be sorted or keyed by the others.
fn narrowed(resource: &Resource, given: &[String]) -> Resource {
    let mut own = resource.clone();
    own.fields.retain(|field| given.contains(&field.name));
    own.sortable.retain(|name| given.contains(name));
    own
}

/// Each field with its source, over all branches of a method.
fn mapping(plans: &[&Plan]) -> Map<String, Value> {
    let mut all: Map<String, Value> = Map::new();
    for origin in plans.iter().flat_map(|plan| plan.mapping.sources()) {
        let entry = all.entry(origin.field.clone()).or_insert_with(|| json!({"paths": []}));
        for source in &origin.paths {
            let context = source.context.as_ref().map_or_else(String::new, |context| format!("${context}"));
            push(&mut entry["paths"], Value::from(format!("{context}{}", source.path)));
        }
        for table in &origin.tables {
            push(&mut entry["lookups"], Value::from(table.clone()));
        }
        if origin.constant {
            entry["constant"] = Value::Bool(true);
        }
    }
    all
}

/// Adds to a list what is not in it.
fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) if items.contains(&item) => {}
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}
