//! Recorded exchanges as files: one JSON file per recording, a folder per product.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

/// One file.
#[derive(Clone, Debug)]
pub struct Recording {
    pub file: String,
    pub resource: String,
    pub op: String,
    pub kind: Kind,
    pub exchanges: Vec<Recorded>,
}

/// How it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Software spoke to the real API.
    Recorded,
    /// Published by the vendor.
    VendorSample,
    /// Records without their envelope.
    RecordsOnly,
}

impl Kind {
    /// Its name in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::VendorSample => "vendor-sample",
            Self::RecordsOnly => "records-only",
        }
    }
}

/// One exchange.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: String,
    /// Without query; none where only records were kept.
    pub path: Option<String>,
    /// Whether a host stood before the path: without one the base may be missing too.
    pub has_host: bool,
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub status: u16,
    pub answer_headers: HeaderMap,
    pub answer: Value,
    /// Records that the answer had before the list was cut.
    pub trimmed_from: Option<u64>,
}

#[derive(Deserialize)]
struct FileOf {
    resource: String,
    op: String,
    kind: String,
    exchanges: Vec<ExchangeOf>,
}

#[derive(Deserialize)]
struct ExchangeOf {
    request: RequestOf,
    response: ResponseOf,
}

#[derive(Deserialize)]
struct RequestOf {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    url_or_path: Option<String>,
    #[serde(default)]
    query: Value,
    #[serde(default)]
    headers: Value,
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
struct ResponseOf {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: Value,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    trimmed_from: Option<u64>,
}

/// The recordings of a folder, sorted.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files: Vec<PathBuf> =
        entries(folder)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    Ok(files)
}

/// Folders with recordings, sorted.
pub fn folders(folder: &Path) -> Result<Vec<(PathBuf, Vec<PathBuf>)>, String> {
    let mut folders = Vec::new();
    for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let files = files(&path)?;
        if !files.is_empty() {
            folders.push((path, files));
        }
    }
    folders.sort();
    Ok(folders)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read =
        std::fs::read_dir(folder).map_err(|fault| format!("cannot read the folder `{}`: {fault}", folder.display()))?;
    Ok(read.flatten().map(|entry| entry.path()).collect())
}

/// Reads one file.
pub fn read(path: &Path) -> Result<Recording, String> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let text = std::fs::read_to_string(path).map_err(|fault| format!("cannot read `{}`: {fault}", path.display()))?;
    let read: FileOf =
        serde_json::from_str(&text).map_err(|fault| format!("`{}` is not a recording: {fault}", path.display()))?;
    let kind = match read.kind.as_str() {
        "recorded" => Kind::Recorded,
        "vendor-sample" => Kind::VendorSample,
        "records-only" => Kind::RecordsOnly,
        other => return Err(format!("`{}` is of the unknown kind `{other}`", path.display())),
    };
    Ok(Recording {
        file,
        resource: read.resource,
        op: read.op,
        kind,
        exchanges: read.exchanges.into_iter().map(exchange).collect(),
    })
}

fn exchange(read: ExchangeOf) -> Recorded {
    let url = read.request.url_or_path.unwrap_or_default();
    let (front, own_query) = url.split_once('?').map_or((url.as_str(), None), |(front, query)| (front, Some(query)));
    let (path, has_host) = match front.split_once("://") {
        Some((_, rest)) => (rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned(), true),
        None => (front.to_owned(), false),
    };
    let mut query = pairs(&read.request.query);
    for (name, value) in
        own_query.into_iter().flat_map(|query| url::form_urlencoded::parse(query.as_bytes()).into_owned())
    {
        if !query.contains(&(name.clone(), value.clone())) {
            query.push((name, value));
        }
    }
    let mut answer_headers = HeaderMap::new();
    for (name, value) in pairs(&read.response.headers) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer_headers.append(name, value);
        }
    }
    Recorded {
        method: read.request.method.unwrap_or_else(|| "GET".to_owned()).to_uppercase(),
        path: (!url.is_empty()).then_some(path),
        has_host,
        query,
        headers: pairs(&read.request.headers).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect(),
        body: body(read.request.body),
        status: read.response.status.unwrap_or(200),
        answer_headers,
        answer: read.response.body,
        trimmed_from: read.response.trimmed_from,
    }
}

/// A body as a tree: JSON, or the members of a form.
fn body(body: Value) -> Value {
    let Value::String(text) = &body else { return body };
    if let Ok(tree @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
        return tree;
    }
    if text.contains('=') && !text.contains(['<', '{', ' ', '\n']) {
        return Value::Object(
            url::form_urlencoded::parse(text.as_bytes())
                .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
                .collect(),
        );
    }
    body
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) => {
                pairs.extend(items.iter().map(|item| (name.clone(), rollcall_connector::request::text(item))))
            }
            Value::Null => {}
            other => pairs.push((name.clone(), rollcall_connector::request::text(other))),
        }
    }
    pairs
}

impl Recorded {
    /// For people.
    pub fn title(&self) -> String {
        let Some(path) = &self.path else { return "records without their envelope".to_owned() };
        let query: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {path}{}{}", self.method, if query.is_empty() { "" } else { "?" }, query.join("&"))
    }

    /// The answer's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.answer {
            Value::Null => Vec::new(),
            // Some recorders keep a body that they did not understand in base64.
            Value::String(text) => match STANDARD.decode(text) {
                Ok(bytes) if bytes.starts_with(b"{") || bytes.starts_with(b"[") => bytes,
                _ => text.clone().into_bytes(),
            },
            other => other.to_string().into_bytes(),
        }
    }

    /// Everything that was sent, by dotted name: query, form, JSON members. Variables of GraphQL also by their own name.
    pub fn sent(&self) -> BTreeMap<String, String> {
        let mut sent: BTreeMap<String, String> = BTreeMap::new();
        flatten(&self.body, "", &mut sent);
        for (name, value) in &self.query {
            sent.insert(name.clone(), value.clone());
        }
        if let Some(range) = self.headers.get("range") {
            sent.insert("Range".to_owned(), range.clone());
        }
        sent
    }
}

fn flatten(value: &Value, path: &str, sent: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let inner =
                    if path.is_empty() || path == "variables" { name.clone() } else { format!("{path}.{name}") };
                flatten(member, &inner, sent);
            }
        }
        Value::Array(_) => drop(sent.insert(path.to_owned(), value.to_string())),
        Value::Null => {}
        scalar if !path.is_empty() => drop(sent.insert(path.to_owned(), rollcall_connector::request::text(scalar))),
        _ => {}
    }
}
