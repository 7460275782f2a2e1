//! What a description of an API says about listing people: an extract as in `specs/`, or OpenAPI in JSON.

use serde_json::Value;

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    pub name: Option<String>,
    pub base: Option<String>,
    pub auth: Signing,
    pub list: Option<Operation>,
    pub get: Option<String>,
    pub source: Option<String>,
}

/// How the API is signed in to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    #[default]
    Unknown,
    Bearer,
    Basic,
    Header(String),
    Query(String),
    OAuth {
        authorize: Option<String>,
        token: Option<String>,
        scopes: Vec<String>,
    },
}

/// The call that lists people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    pub post: bool,
    pub path: String,
    /// `.` or `.data`.
    pub items: String,
    pub query: Vec<String>,
    /// Paths of scalars in a record.
    pub paths: Vec<String>,
    /// How the description words the paging.
    pub paging: Option<String>,
}

/// Reads either form.
pub(super) fn read(text: &str) -> Result<Description, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|fault| format!("the description is not JSON: {fault}"))?;
    if document.get("operations").is_some() {
        Ok(extract(&document))
    } else if document.get("paths").is_some() {
        openapi(&document)
    } else {
        Err("the description is neither an extract (`operations`) nor OpenAPI (`paths`)".to_owned())
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn extract(document: &Value) -> Description {
    let operations = document.get("operations").and_then(Value::as_array);
    let find = |op: &str| {
        operations.into_iter().flatten().find(|operation| operation.get("op").and_then(Value::as_str) == Some(op))
    };
    let list = find("users.list").map(|operation| {
        let items = text(operation, "/items_path").unwrap_or_default();
        let parameters = operation.get("params").and_then(Value::as_array).into_iter().flatten();
        let mut paths = Vec::new();
        scalars(operation.get("item_schema").unwrap_or(&Value::Null), &Value::Null, "", &mut paths, 0);
        Operation {
            post: text(operation, "/method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            path: text(operation, "/path").unwrap_or_default(),
            items: if items.is_empty() { ".".to_owned() } else { format!(".{items}") },
            query: parameters
                .filter(|p| p.get("in").and_then(Value::as_str) == Some("query"))
                .filter_map(|p| text(p, "/name"))
                .collect(),
            paths,
            paging: text(operation, "/pagination"),
        }
    });
    let scheme = document.pointer("/security/0").cloned().unwrap_or_default();
    let kind = text(&scheme, "/type").unwrap_or_default();
    let auth = match (kind.as_str(), text(&scheme, "/in").as_deref(), text(&scheme, "/name")) {
        ("apiKey", Some("header"), Some(name)) => Signing::Header(name),
        ("apiKey", Some("query"), Some(name)) => Signing::Query(name),
        ("http-basic" | "basic", ..) => Signing::Basic,
        ("http-bearer" | "bearer" | "http", ..) => Signing::Bearer,
        ("oauth2", ..) => oauth(
            &scheme,
            "/authorizationUrl",
            "/tokenUrl",
            scheme
                .get("scopes")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        ),
        _ => Signing::Unknown,
    };
    Description {
        name: text(document, "/name"),
        base: text(document, "/servers/0"),
        auth,
        get: find("users.get").and_then(|operation| text(operation, "/path")),
        list,
        source: text(document, "/slug").map(|slug| format!("specs/{slug}.json")),
    }
}

fn oauth(scheme: &Value, authorize: &str, token: &str, scopes: Vec<String>) -> Signing {
    Signing::OAuth { authorize: text(scheme, authorize), token: text(scheme, token), scopes }
}

/// Last steps of paths that list people, the likeliest first.
const PEOPLE: [&str; 4] = ["users", "members", "people", "employees"];

fn openapi(document: &Value) -> Result<Description, String> {
    let paths = document.get("paths").and_then(Value::as_object).ok_or("`paths` is not an object")?;
    let rank = |path: &str| {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
        PEOPLE.iter().position(|word| last == *word || last == format!("{word}.json"))
    };
    let mut candidates: Vec<(usize, usize, usize, &String)> = paths
        .iter()
        .filter(|(_, operations)| operations.get("get").is_some())
        .filter_map(|(path, _)| Some((path.matches('{').count(), rank(path)?, path.len(), path)))
        .collect();
    candidates.sort();
    let Some((.., path)) = candidates.first() else {
        return Err("the description has no GET whose path ends in users, members or people".to_owned());
    };
    let operation = paths.get(*path).and_then(|operations| operations.get("get")).unwrap_or(&Value::Null);
    let answer = operation
        .pointer("/responses/200/content")
        .and_then(Value::as_object)
        .and_then(|content| content.values().next())
        .and_then(|media| media.get("schema"));
    let answer = answer.or_else(|| operation.pointer("/responses/200/schema")).unwrap_or(&Value::Null);
    let (items, record) = records(answer, document);
    let mut found = Vec::new();
    scalars(record, document, "", &mut found, 0);
    let shared = paths.get(*path).and_then(|operations| operations.get("parameters"));
    let parameters = [operation.get("parameters"), shared]
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .map(|p| resolve(p, document));
    let query = parameters
        .filter(|p| p.get("in").and_then(Value::as_str) == Some("query"))
        .filter_map(|p| text(p, "/name"))
        .collect();
    let one =
        paths.iter().filter(|(_, operations)| operations.get("get").is_some()).map(|(other, _)| other).find(|other| {
            other
                .strip_prefix(path.as_str())
                .is_some_and(|rest| rest.starts_with("/{") && rest.ends_with('}') && rest.matches('/').count() == 1)
        });
    let base = text(document, "/servers/0/url").or_else(|| {
        text(document, "/host").map(|host| format!("https://{host}{}", text(document, "/basePath").unwrap_or_default()))
    });
    Ok(Description {
        name: text(document, "/info/title"),
        base,
        auth: signing(document),
        get: one.cloned(),
        list: Some(Operation { post: false, path: (*path).clone(), items, query, paths: found, paging: None }),
        source: None,
    })
}

fn signing(document: &Value) -> Signing {
    let schemes = document
        .pointer("/components/securitySchemes")
        .or_else(|| document.get("securityDefinitions"))
        .and_then(Value::as_object);
    let Some(scheme) = schemes.and_then(|schemes| schemes.values().next()) else { return Signing::Unknown };
    match (text(scheme, "/type").as_deref(), text(scheme, "/scheme").as_deref(), text(scheme, "/in").as_deref()) {
        (Some("apiKey"), _, Some("header")) => Signing::Header(text(scheme, "/name").unwrap_or_default()),
        (Some("apiKey"), _, Some("query")) => Signing::Query(text(scheme, "/name").unwrap_or_default()),
        (Some("http"), Some("basic"), _) | (Some("basic"), ..) => Signing::Basic,
        (Some("http"), ..) => Signing::Bearer,
        (Some("oauth2"), ..) => {
            let flow = scheme
                .get("flows")
                .and_then(Value::as_object)
                .and_then(|flows| flows.values().next())
                .unwrap_or(scheme);
            let scopes = flow
                .get("scopes")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|scopes| scopes.keys().cloned())
                .collect();
            oauth(flow, "/authorizationUrl", "/tokenUrl", scopes)
        }
        _ => Signing::Unknown,
    }
}

/// Follows references, a bounded number of times.
fn resolve<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..16 {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { break };
        match document.pointer(reference.trim_start_matches('#')) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// Where the records are in an answer, and their schema.
fn records<'a>(answer: &'a Value, document: &'a Value) -> (String, &'a Value) {
    let answer = resolve(answer, document);
    if let Some(items) = answer.get("items") {
        return (".".to_owned(), resolve(items, document));
    }
    for (name, member) in answer.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let member = resolve(member, document);
        if let Some(items) = member.get("items") {
            return (format!(".{name}"), resolve(items, document));
        }
    }
    (".".to_owned(), answer)
}

/// Paths of the scalars of a record.
fn scalars(schema: &Value, document: &Value, path: &str, found: &mut Vec<String>, depth: usize) {
    let schema = resolve(schema, document);
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        scalars(part, document, path, found, depth + 1);
    }
    if depth > 3 {
        return;
    }
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let member = resolve(member, document);
        let path = format!("{path}.{name}");
        if member.get("properties").is_some() {
            scalars(member, document, &path, found, depth + 1);
        } else if member.get("items").is_none() && !found.contains(&path) {
            found.push(path);
        }
    }
}
