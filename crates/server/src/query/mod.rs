//! What a caller asks of a list or a get, read strictly: a parameter that is not known is an error that names the nearest one.

mod tree;

use rollcall_connector::{Connector, MethodName, nearest};
use rollcall_engine::query::{self, SortBy};
use rollcall_engine::{Fault, ListRequest};
use rollcall_model::{Model, Resource, Type};

use crate::error::ApiError;

pub use tree::{Members, Tree, parse};

/// Records on a page when the caller does not say.
pub const LIMIT_DEFAULT: usize = 100;
/// Records on a page at most.
pub const LIMIT_MAX: usize = 1000;

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Unified,
    Raw,
    Normalized,
    Stream,
    Debug,
}

impl Format {
    /// All, with their names on the wire.
    pub const ALL: [(&'static str, Self); 5] = [
        ("unified", Self::Unified),
        ("raw", Self::Raw),
        ("normalized", Self::Normalized),
        ("stream", Self::Stream),
        ("debug", Self::Debug),
    ];
}

/// A call of the unified API.
#[derive(Clone, Debug, Default)]
pub struct UnifiedQuery {
    pub request: ListRequest,
    /// At most so many records on the page; in a stream in all.
    pub limit: Option<usize>,
    pub next_cursor: Option<String>,
    pub format: Format,
    pub key_by: Option<String>,
    pub ignore_limit: bool,
    /// What binds a cursor: everything that decides which records are in the list, in a fixed order.
    pub binding: String,
}

/// Names that belong to every call, beside the model's own.
pub const COMMON: [&str; 10] = [
    "integrated_account_id",
    "next_cursor",
    "limit",
    "sort_by",
    "truto_response_format",
    "truto_key_by",
    "truto_ignore_limit",
    "truto_ignore_remote_data",
    "truto_exclude_fields",
    "remote_query",
];

/// Reads a call.
///
/// # Errors
/// An unknown parameter (with the nearest), a bad value, a filter on a field that the connector does not give.
pub fn read(
    members: &Members,
    connector: &Connector,
    resource: &'static Resource,
    method: MethodName,
) -> Result<UnifiedQuery, ApiError> {
    let mut read = UnifiedQuery { request: request(resource), ..UnifiedQuery::default() };
    let mut bound = Vec::new();
    for (name, tree) in members {
        match name.as_str() {
            "integrated_account_id" => {}
            "next_cursor" => read.next_cursor = text(name, tree)?.filter(|text| !text.is_empty()),
            "limit" => read.limit = Some(limit(tree)?),
            "sort_by" => read.request.sort = sort(resource, tree)?,
            "truto_response_format" => read.format = format(tree)?,
            "truto_key_by" => read.key_by = text(name, tree)?.filter(|text| !text.is_empty()),
            "truto_ignore_limit" => read.ignore_limit = boolean(name, tree)?,
            "truto_ignore_remote_data" => read.request.remote_data = !boolean(name, tree)?,
            "truto_exclude_fields" => read.request.exclude = names(name, tree)?,
            "remote_query" => {
                read.request.remote_query = remote_query(tree)?;
                bound.push(format!("{name}={:?}", read.request.remote_query));
            }
            _ => {
                filter(&mut read.request, name, tree, connector, resource, method)?;
                bound.push(format!("{name}={tree:?}"));
            }
        }
    }
    if method == MethodName::Get {
        refuse_for_get(&read)?;
    }
    if let Some(by) = &read.request.sort {
        bound.push(format!("sort_by={by:?}"));
    }
    if read.format == Format::Raw {
        // Places between provider pages; the other formats may hold a list until its end.
        bound.push("raw".to_owned());
    }
    bound.sort();
    read.binding = bound.join("&");
    query::exclude(resource, &read.request.exclude).map_err(neutral)?;
    check_key_by(resource, &read)?;
    if read.format == Format::Normalized && read.request.exclude.iter().any(|field| field == "id") {
        return Err(ApiError::bad_request(
            "`truto_exclude_fields` leaves `id` out, by which the collections of `normalized` refer to each other; keep it",
        ));
    }
    Ok(read)
}

fn request(resource: &Resource) -> ListRequest {
    ListRequest { resource: resource.name.clone(), remote_data: true, ..ListRequest::default() }
}

fn refuse_for_get(read: &UnifiedQuery) -> Result<(), ApiError> {
    let given = [
        ("next_cursor", read.next_cursor.is_some()),
        ("limit", read.limit.is_some()),
        ("sort_by", read.request.sort.is_some()),
        ("truto_key_by", read.key_by.is_some()),
        ("truto_ignore_limit", read.ignore_limit),
    ];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
        return Err(ApiError::bad_request(format!("`{name}` belongs to lists; a get gives one record")));
    }
    if let Some(filter) = read.request.filters.first() {
        return Err(ApiError::bad_request(format!(
            "`{}` is a filter of lists; a get is asked by the id alone",
            filter.name
        )));
    }
    if matches!(read.format, Format::Stream | Format::Normalized) {
        return Err(ApiError::bad_request("a get has the formats `unified`, `raw` and `debug`"));
    }
    Ok(())
}

fn check_key_by(resource: &Resource, read: &UnifiedQuery) -> Result<(), ApiError> {
    let Some(key) = &read.key_by else { return Ok(()) };
    let scalar = |ty: &Type| !matches!(ty, Type::List { .. } | Type::Object { .. } | Type::Map);
    let fields: Vec<&str> = resource.fields.iter().filter(|f| scalar(&f.ty)).map(|f| f.name.as_str()).collect();
    if !fields.contains(&key.as_str()) {
        let known = resource.field(key).is_some();
        let why = if known { "is not one value" } else { "is not a field" };
        return Err(ApiError::bad_request(format!(
            "`truto_key_by={key}`: `{key}` {why} of `{}`; it can be keyed by {}",
            resource.name,
            fields.join(", ")
        )));
    }
    if read.request.exclude.contains(key) {
        return Err(ApiError::bad_request(format!("`{key}` is both the key and among the excluded fields; drop one")));
    }
    if !matches!(read.format, Format::Unified | Format::Debug) {
        return Err(ApiError::bad_request(
            "`truto_key_by` goes with the formats `unified` and `debug`: the others are no list of records in one object",
        ));
    }
    Ok(())
}

/// A filter on a field, or a parameter for the provider.
fn filter(
    request: &mut ListRequest,
    name: &str,
    tree: &Tree,
    connector: &Connector,
    resource: &'static Resource,
    method: MethodName,
) -> Result<(), ApiError> {
    let declared = connector.method(&resource.name, method).is_some_and(|m| {
        m.parameters.get(name).is_some() || m.choose.as_ref().is_some_and(|choose| choose.parameter == name)
    });
    let modelled = resource.parameter(name);
    if declared || modelled.is_some_and(|parameter| parameter.of.is_none()) {
        let value = text(name, tree)?.filter(|value| !value.is_empty());
        let value =
            value.ok_or_else(|| ApiError::bad_request(format!("`{name}` has no value; give one or leave it out")))?;
        if modelled.is_some_and(|parameter| parameter.ty == Type::Boolean)
            && !matches!(value.as_str(), "true" | "false")
        {
            return Err(ApiError::bad_request(format!(
                "`{value}` is not a value of `{name}`; expected `true` or `false`"
            )));
        }
        if !declared {
            let takes = connector.method(&resource.name, method).map(|m| m.parameters.keys().collect::<Vec<_>>());
            let takes = takes.unwrap_or_default().join(", ");
            return Err(ApiError::bad_request(format!(
                "{} takes no `{name}` for `{}`{}",
                connector.id(),
                resource.name,
                if takes.is_empty() { String::new() } else { format!("; it takes {takes}") }
            )));
        }
        segment(&format!("`{name}`"), &value)?;
        request.parameters.insert(name.to_owned(), value);
        return Ok(());
    }
    if modelled.is_none() {
        return Err(unknown(name, resource));
    }
    let enumerated = modelled.is_some_and(|parameter| {
        let of = parameter.of.as_deref().unwrap_or(name);
        resource.find(of).is_some_and(|field| matches!(field.ty, Type::Enum { .. }))
    });
    for (path, value) in flatten(name, tree)? {
        // A list of plain names may be written with commas.
        let path = if enumerated && path == name && value.contains(',') { format!("{path}.in") } else { path };
        if value.trim().is_empty() {
            return Err(ApiError::bad_request(format!("`{name}` has no value; give one or leave it out")));
        }
        request.filters.push(query::filter(resource, &path, &value).map_err(neutral)?);
    }
    Ok(())
}

/// `a[b]=c` → `a.b` = `c`; items of lists become one `in`.
fn flatten(path: &str, tree: &Tree) -> Result<Vec<(String, String)>, ApiError> {
    Ok(match tree {
        Tree::Text(text) => vec![(path.to_owned(), text.clone())],
        Tree::Object(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                all.extend(flatten(&format!("{path}.{name}"), member)?);
            }
            all
        }
        Tree::List(items) => {
            let mut all: Vec<(String, Vec<String>)> = Vec::new();
            for item in items {
                for (path, value) in flatten(path, item)? {
                    if value.contains(',') {
                        return Err(ApiError::bad_request(format!("`{path}`: a value in a list cannot hold a comma")));
                    }
                    match all.iter_mut().find(|(known, _)| *known == path) {
                        Some((_, values)) => values.push(value),
                        None => all.push((path, vec![value])),
                    }
                }
            }
            all.into_iter().map(|(path, values)| (format!("{path}.in"), values.join(","))).collect()
        }
    })
}

/// Refuses what would mean another path where it stands as a segment of one: however it is written there, URLs take it for a step.
///
/// # Errors
/// 400.
pub fn segment(what: &str, value: &str) -> Result<(), ApiError> {
    match value {
        "." | ".." => Err(ApiError::bad_request(format!("{what} cannot be `{value}`"))),
        _ => Ok(()),
    }
}

fn unknown(name: &str, resource: &Resource) -> ApiError {
    let mut known: Vec<&str> = resource.parameters.iter().map(|p| p.name.as_str()).collect();
    known.extend(COMMON);
    let near =
        nearest(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    ApiError::bad_request(format!(
        "unknown parameter `{name}`{near} (what is for the provider alone goes into `remote_query[{name}]`)"
    ))
    .details(serde_json::json!({"parameter": name, "known": known}))
}

fn text(name: &str, tree: &Tree) -> Result<Option<String>, ApiError> {
    match tree {
        Tree::Text(text) => Ok(Some(text.trim().to_owned())),
        _ => Err(ApiError::bad_request(format!("`{name}` is one value; it was given as a list or an object"))),
    }
}

fn boolean(name: &str, tree: &Tree) -> Result<bool, ApiError> {
    match text(name, tree)?.as_deref() {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => Err(ApiError::bad_request(format!("`{name}={other}`: expected `true` or `false`"))),
        None => Ok(false),
    }
}

fn limit(tree: &Tree) -> Result<usize, ApiError> {
    let given = text("limit", tree)?.unwrap_or_default();
    match given.parse::<usize>() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        _ => Err(ApiError::bad_request(format!(
            "`limit={given}`: expected a whole number from 1 to {LIMIT_MAX}; `truto_ignore_limit=true` gives everything"
        ))),
    }
}

fn format(tree: &Tree) -> Result<Format, ApiError> {
    let given = text("truto_response_format", tree)?.unwrap_or_default();
    Format::ALL.iter().find(|(name, _)| *name == given).map(|(_, format)| *format).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
        let near =
            nearest(&given, names.iter().copied()).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        ApiError::bad_request(format!("`truto_response_format={given}`: there are {}{near}", names.join(", ")))
    })
}

fn sort(resource: &Resource, tree: &Tree) -> Result<Option<SortBy>, ApiError> {
    let written = match tree {
        Tree::Text(text) if text.trim().is_empty() => return Ok(None),
        Tree::Text(text) => text.trim().to_owned(),
        Tree::Object(members) => match members.as_slice() {
            [(field, Tree::Text(direction))] => match direction.trim().to_ascii_lowercase().as_str() {
                "asc" => field.clone(),
                "desc" => format!("-{field}"),
                other => {
                    return Err(ApiError::bad_request(format!("`sort_by[{field}]={other}`: expected `asc` or `desc`")));
                }
            },
            _ => return Err(ApiError::bad_request("`sort_by` takes one field: `sort_by[created_at]=desc`")),
        },
        Tree::List(_) => return Err(ApiError::bad_request("`sort_by` takes one field: `sort_by[created_at]=desc`")),
    };
    query::sort(resource, &written).map(Some).map_err(neutral)
}

/// Plain names: a list in any form, or one text with commas.
fn names(name: &str, tree: &Tree) -> Result<Vec<String>, ApiError> {
    let split = |text: &str| text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect::<Vec<_>>();
    match tree {
        Tree::Text(text) => Ok(split(text)),
        Tree::List(items) => {
            let mut names = Vec::new();
            for item in items {
                match item {
                    Tree::Text(text) => names.extend(split(text)),
                    _ => return Err(ApiError::bad_request(format!("`{name}` is a list of names"))),
                }
            }
            Ok(names)
        }
        Tree::Object(_) => Err(ApiError::bad_request(format!("`{name}` is a list of names"))),
    }
}

/// Parameters for the provider; deeper structure is written with brackets again.
pub fn remote_query(tree: &Tree) -> Result<Vec<(String, String)>, ApiError> {
    fn write(path: &str, tree: &Tree, out: &mut Vec<(String, String)>) {
        match tree {
            Tree::Text(text) => out.push((path.to_owned(), text.clone())),
            Tree::Object(members) => {
                members.iter().for_each(|(name, member)| write(&format!("{path}[{name}]"), member, out));
            }
            // A plain list is the same name again, which is how most providers read lists.
            Tree::List(items) => items.iter().for_each(|item| write(path, item, out)),
        }
    }
    let Tree::Object(members) = tree else {
        return Err(ApiError::bad_request("`remote_query` takes names: `remote_query[name]=value`"));
    };
    let mut out = Vec::new();
    members.iter().for_each(|(name, member)| write(name, member, &mut out));
    Ok(out)
}

/// A refusal of ours, in words for callers of the API.
fn neutral(fault: Fault) -> ApiError {
    ApiError::from(fault)
}

/// The model's resource of that name.
///
/// # Errors
/// 404 with the nearest.
pub fn resource(model: &str, name: &str) -> Result<&'static Resource, ApiError> {
    let directory = Model::user_directory();
    if model != directory.name {
        return Err(ApiError::not_found(format!("there is no unified model `{model}`; there is `{}`", directory.name)));
    }
    directory.resource(name).ok_or_else(|| {
        let names: Vec<&str> = directory.resources.iter().map(|r| r.name.as_str()).collect();
        let near = nearest(name, names.iter().copied()).map_or_else(String::new, |n| format!("did you mean `{n}`? "));
        ApiError::not_found(format!("`{model}` has no resource `{name}`; {near}there are {}", names.join(", ")))
    })
}
