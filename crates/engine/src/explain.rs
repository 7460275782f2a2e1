//! What a call would send, without sending it: requests, paging, passes, parameters, and where each unified field comes from.

use rollcall_connector::definition::{Items, Page};
use rollcall_connector::plan::{EachPlan, ParentsPlan, Plan, Walk};
use rollcall_connector::request::{BodyTemplate, RequestTemplate};
use rollcall_connector::template::{Position, Template};
use rollcall_connector::{Connector, MethodName};
use serde::Serialize;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::list;
use crate::paging::Paging;
use crate::query::{self, ListRequest};

/// The explanation of one method.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub connector: String,
    pub resource: String,
    pub method: String,
    /// Every request of the list itself, a pass each.
    pub requests: Vec<ExplainedRequest>,
    pub fan_out: Option<ExplainedFanOut>,
    pub lookups: Vec<ExplainedRequest>,
    pub enrichments: Vec<ExplainedRequest>,
    pub required_parameters: Vec<String>,
    pub parameters: Vec<String>,
    /// Unified filters that the provider applies.
    pub provider_filters: Vec<String>,
    pub provider_sorts: Vec<String>,
    pub permissions: Vec<String>,
    /// Unified field → where it comes from.
    pub fields: serde_json::Map<String, Value>,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedRequest {
    pub name: String,
    pub method: String,
    pub url: String,
    pub path: String,
    pub query: serde_json::Map<String, Value>,
    /// Without credentials, which are added when it is sent.
    pub headers: serde_json::Map<String, Value>,
    pub body: Option<Value>,
    pub items: String,
    pub paging: Value,
    pub status: Vec<String>,
    pub optional: bool,
}

/// A fan-out.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedFanOut {
    pub each: String,
    pub from: Value,
    pub unite: Vec<String>,
}

/// Explains a method.
///
/// # Errors
/// A resource or method that the connector lacks.
pub fn explain(connector: &Connector, request: &ListRequest, method: MethodName) -> Result<Explanation, Fault> {
    query::resource(connector, &request.resource, method)?;
    let plan = list::compile(connector, request, method)?;
    let base = &connector.definition().http.base;
    Ok(Explanation {
        connector: connector.id().to_owned(),
        resource: request.resource.clone(),
        method: method.as_str().to_owned(),
        requests: plan.walks.iter().map(|walk| walk_of(walk, base)).collect(),
        fan_out: plan.each.as_ref().map(|each| fan_out(each, base)),
        lookups: plan
            .lookups
            .iter()
            .filter_map(|lookup| {
                Some(ExplainedRequest {
                    name: lookup.name.clone(),
                    optional: lookup.source.optional,
                    ..walk_of(lookup.walk.as_ref()?, base)
                })
            })
            .collect(),
        enrichments: plan.enrich.iter().map(|enrich| walk_of(&enrich.walk, base)).collect(),
        required_parameters: plan
            .source
            .parameters
            .iter()
            .filter(|(_, p)| p.required)
            .map(|(name, _)| name.to_owned())
            .collect(),
        parameters: plan.source.parameters.keys().map(str::to_owned).collect(),
        provider_filters: plan.source.filter.keys().map(str::to_owned).collect(),
        provider_sorts: plan.source.sort.iter().flat_map(|sort| sort.fields.keys().map(str::to_owned)).collect(),
        permissions: plan.source.permissions.clone(),
        fields: fields(&plan),
    })
}

fn fields(plan: &Plan) -> serde_json::Map<String, Value> {
    let mut fields = serde_json::Map::new();
    for origin in plan.mapping.sources() {
        let paths: Vec<Value> = origin
            .paths
            .iter()
            .map(|source| {
                source.context.as_ref().map_or_else(
                    || Value::from(source.path.clone()),
                    |context| Value::from(format!("${context}{}", source.path)),
                )
            })
            .collect();
        let mut entry = json!({ "paths": paths });
        if let Value::Object(members) = &mut entry {
            if !origin.tables.is_empty() {
                members.insert("lookups".to_owned(), json!(origin.tables));
            }
            if origin.constant {
                members.insert("constant".to_owned(), Value::Bool(true));
            }
        }
        fields.insert(origin.field.clone(), entry);
    }
    fields
}

fn walk_of(walk: &Walk, base: &str) -> ExplainedRequest {
    let (url, query, headers, body) = shown(&walk.request, &walk.page, base);
    let path = url
        .split_once("://")
        .map_or(url.as_str(), |(_, rest)| rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/")))
        .to_owned();
    ExplainedRequest {
        name: walk.name.clone(),
        method: walk.request.verb.as_str().to_owned(),
        url,
        path,
        query,
        headers,
        body,
        items: match &walk.items {
            Items::Path(path) => path.clone(),
            Items::ValuesOf(values) => format!("values of {}", values.values_of),
            Items::Rows(rows) => format!("rows of {}", rows.rows),
            Items::One(one) => format!("one at {}", one.one),
        },
        paging: serde_json::to_value(&walk.page).unwrap_or_default(),
        status: walk.status.clone(),
        optional: walk.optional,
    }
}

type Shown = (String, serde_json::Map<String, Value>, serde_json::Map<String, Value>, Option<Value>);

/// The first request, with every value as `{name}`.
fn shown(request: &RequestTemplate, page: &Page, base: &str) -> Shown {
    let value = |name: &str| Some(format!("{{{name}}}"));
    let base = Template::parse(base).ok().and_then(|t| t.render(Position::Plain, &value).ok()).unwrap_or_default();
    let Ok(mut rendered) = request.render(&base, &value) else { return Shown::default() };
    Paging::new(page, 1).put(&mut rendered);
    let pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect()
    };
    let body = match &rendered.body {
        rollcall_connector::request::RequestBody::None => None,
        rollcall_connector::request::RequestBody::Json { value, .. } => Some(value.clone()),
        rollcall_connector::request::RequestBody::Form(members) => Some(Value::Object(pairs(members))),
        rollcall_connector::request::RequestBody::Text { text, .. } => Some(Value::from(text.clone())),
    };
    let body = if matches!(request.body, BodyTemplate::None) && body == Some(Value::Object(serde_json::Map::new())) {
        None
    } else {
        body
    };
    (
        rendered.url.replace("%7B", "{").replace("%7D", "}").replace("%2E", "."),
        pairs(&rendered.query),
        pairs(&rendered.headers),
        body,
    )
}

fn fan_out(each: &EachPlan, base: &str) -> ExplainedFanOut {
    let from = match &each.parents {
        ParentsPlan::Values(values) => json!({ "values": values }),
        ParentsPlan::Resource(resource) => json!({ "resource": resource }),
        ParentsPlan::Walk { walk, .. } => serde_json::to_value(walk_of(walk, base)).unwrap_or_default(),
    };
    ExplainedFanOut { each: each.source.name.clone(), from, unite: each.source.unite.clone() }
}
