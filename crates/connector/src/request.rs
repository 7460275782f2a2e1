//! Requests as the connector describes them: templates now, values later.

use serde_json::{Map as JsonMap, Value};

use crate::definition::{Body, Map, Method, Place};
use crate::template::{Position, Template, Unrendered, percent_encode};

/// Verbs. Connectors read, with the first two; the others are for calls of the product's own API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// As it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request whose values are not known yet.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    pub verb: Verb,
    /// A path under the base, or a whole URL.
    pub target: Template,
    pub absolute: bool,
    pub query: Vec<(String, Leaf)>,
    pub headers: Vec<(String, Template)>,
    pub body: BodyTemplate,
    /// Auth entries that may sign it; any when empty.
    pub auth: Vec<String>,
}

/// A JSON tree whose texts are templates.
#[derive(Clone, Debug)]
pub enum Leaf {
    Text(Template),
    Constant(Value),
    List(Vec<Leaf>),
    Object(Vec<(String, Leaf)>),
}

/// A body whose values are not known yet.
#[derive(Clone, Debug)]
pub enum BodyTemplate {
    None,
    Json { tree: Leaf, content_type: Option<String> },
    Form(Vec<(String, Leaf)>),
    Text { text: Template, content_type: String },
    Graphql { query: String, variables: Vec<(String, Leaf)> },
}

/// A request ready to be signed and sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub verb: Verb,
    /// Scheme, host and path; no query.
    pub url: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: RequestBody,
}

/// A body ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestBody {
    None,
    Json { value: Value, content_type: Option<String> },
    Form(Vec<(String, String)>),
    Text { text: String, content_type: String },
}

/// What makes a request.
pub struct RequestParts<'a> {
    pub get: Option<&'a str>,
    pub post: Option<&'a str>,
    pub query: &'a Map<Value>,
    pub headers: &'a Map<String>,
    pub body: Option<&'a Body>,
    pub auth: &'a [String],
}

impl<'a> From<&'a Method> for RequestParts<'a> {
    fn from(method: &'a Method) -> Self {
        Self {
            get: method.get.as_deref(),
            post: method.post.as_deref(),
            query: &method.query,
            headers: &method.headers,
            body: method.body.as_ref(),
            auth: &method.auth,
        }
    }
}

/// A mistake in a template, with the pointer below the request.
pub type Mistake = (String, String);

impl RequestTemplate {
    /// Reads the templates of a request.
    ///
    /// # Errors
    /// Every template that cannot be read, with its pointer.
    pub fn compile(parts: &RequestParts<'_>, http_headers: &Map<String>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let (verb, target, key) = match (parts.get, parts.post) {
            (Some(target), None) => (Verb::Get, target, "/get"),
            (None, Some(target)) => (Verb::Post, target, "/post"),
            (Some(_), Some(_)) => {
                return Err(vec![("/post".to_owned(), "`get` and `post` exclude each other".to_owned())]);
            }
            (None, None) => return Err(vec![(String::new(), "`get` or `post` is missing".to_owned())]),
        };
        let absolute = target.starts_with("https://") || target.starts_with("http://") || target.starts_with("{");
        if !absolute && !target.starts_with('/') && !target.is_empty() {
            mistakes.push((key.to_owned(), format!("`{target}` is neither a path nor a URL; a path begins with `/`")));
        }
        let target = parse(target, key, &mut mistakes);
        let query = parts
            .query
            .iter()
            .map(|(name, value)| (name.to_owned(), leaf(value, &format!("/query/{name}"), &mut mistakes)))
            .collect();
        let mut headers: Vec<(String, Template)> = Vec::new();
        for (name, text) in http_headers.iter() {
            if parts.headers.iter().all(|(own, _)| !own.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), parse(text, "", &mut mistakes)));
            }
        }
        for (name, text) in parts.headers.iter() {
            headers.push((name.to_owned(), parse(text, &format!("/headers/{name}"), &mut mistakes)));
        }
        let body = body(parts.body, &mut mistakes);
        if mistakes.is_empty() {
            Ok(Self { verb, target, absolute, query, headers, body, auth: parts.auth.to_vec() })
        } else {
            Err(mistakes)
        }
    }

    /// A request that is never sent, in the place of one that could not be read.
    pub(crate) fn nowhere() -> Self {
        Self {
            verb: Verb::Get,
            target: Template::default(),
            absolute: false,
            query: Vec::new(),
            headers: Vec::new(),
            body: BodyTemplate::None,
            auth: Vec::new(),
        }
    }

    /// All names that its templates use.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.target.names().map(str::to_owned).collect();
        self.query.iter().for_each(|(_, leaf)| leaf.names(&mut names));
        self.headers.iter().for_each(|(_, template)| names.extend(template.names().map(str::to_owned)));
        match &self.body {
            BodyTemplate::Json { tree, .. } => tree.names(&mut names),
            BodyTemplate::Form(members) | BodyTemplate::Graphql { variables: members, .. } => {
                members.iter().for_each(|(_, leaf)| leaf.names(&mut names))
            }
            BodyTemplate::Text { text, .. } => names.extend(text.names().map(str::to_owned)),
            BodyTemplate::None => {}
        }
        names
    }

    /// The request with its values; optional parts whose value is not given are left out.
    ///
    /// # Errors
    /// A value that the path or the base needs and that was not given.
    pub fn render(&self, base: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<Request, Unrendered> {
        let target = self.target.render(Position::Path, value);
        let url = if self.absolute {
            // A leading `{name}` holds a whole URL: it must not be encoded.
            match self.target.skeleton().first() {
                Some(None) => leading(&self.target, value)?,
                _ => target?,
            }
        } else {
            format!("{}{}", base.trim_end_matches('/'), target?)
        };
        let mut query = Vec::new();
        let (url, own_query) = match url.split_once('?') {
            Some((front, back)) => (front.to_owned(), Some(back.to_owned())),
            None => (url, None),
        };
        if let Some(own) = own_query {
            query.extend(url::form_urlencoded::parse(own.as_bytes()).into_owned());
        }
        for (name, leaf) in &self.query {
            match leaf.value(value)? {
                Some(Value::Array(items)) => query.extend(items.iter().map(|item| (name.clone(), text(item)))),
                Some(other) => query.push((name.clone(), text(&other))),
                None => {}
            }
        }
        let mut headers = Vec::new();
        for (name, template) in &self.headers {
            match template.render(Position::Plain, value) {
                Ok(text) => headers.push((name.clone(), text)),
                Err(Unrendered::Missing(_)) => {}
                Err(other) => return Err(other),
            }
        }
        let body = self.render_body(value)?;
        Ok(Request { verb: self.verb, url, query, headers, body })
    }

    fn render_body(&self, value: &dyn Fn(&str) -> Option<String>) -> Result<RequestBody, Unrendered> {
        Ok(match &self.body {
            BodyTemplate::None => RequestBody::None,
            BodyTemplate::Json { tree, content_type } => RequestBody::Json {
                value: tree.value(value)?.unwrap_or(Value::Null),
                content_type: content_type.clone(),
            },
            BodyTemplate::Form(members) => {
                let mut form = Vec::new();
                for (name, leaf) in members {
                    if let Some(found) = leaf.value(value)? {
                        form.push((name.clone(), text(&found)));
                    }
                }
                RequestBody::Form(form)
            }
            BodyTemplate::Text { text, content_type } => {
                RequestBody::Text { text: text.render(Position::Plain, value)?, content_type: content_type.clone() }
            }
            BodyTemplate::Graphql { query, variables } => {
                let mut members = JsonMap::new();
                for (name, leaf) in variables {
                    if let Some(found) = leaf.value(value)? {
                        members.insert(name.clone(), found);
                    }
                }
                let mut document = JsonMap::new();
                document.insert("query".to_owned(), Value::String(query.clone()));
                document.insert("variables".to_owned(), Value::Object(members));
                RequestBody::Json { value: Value::Object(document), content_type: None }
            }
        })
    }
}

/// A target that begins with a name holding a URL: that value is taken as it is, later ones are encoded.
fn leading(target: &Template, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Unrendered> {
    let mut names = target.names();
    let first = names.next().unwrap_or_default().to_owned();
    let found = value(&first).ok_or_else(|| Unrendered::Missing(first.clone()))?;
    // Render with a marker in the first place, so that encoding leaves it alone.
    let marker = "\u{1}";
    let rendered =
        target.render(Position::Path, &|name| if name == first { Some(marker.to_owned()) } else { value(name) })?;
    Ok(rendered.replacen("%01", &found, 1).replacen(marker, &found, 1))
}

impl Request {
    /// Puts a paging or filter value where it belongs. Numbers stay numbers in JSON.
    pub fn put(&mut self, place: Place, name: &str, value: &Value) {
        match place {
            Place::Query => replace(&mut self.query, name, text(value)),
            Place::Header => replace(&mut self.headers, name, text(value)),
            Place::Form => match &mut self.body {
                RequestBody::Form(members) => replace(members, name, text(value)),
                body => *body = RequestBody::Form(vec![(name.to_owned(), text(value))]),
            },
            Place::Json => self.put_json(&name.split('.').collect::<Vec<_>>(), value),
            Place::Variable => self.put_json(&["variables", name], value),
            // The path's template takes it under its name before the request exists.
            Place::Path => {}
        }
    }

    fn put_json(&mut self, path: &[&str], value: &Value) {
        if !matches!(self.body, RequestBody::Json { .. }) {
            self.body = RequestBody::Json { value: Value::Object(JsonMap::new()), content_type: None };
        }
        let RequestBody::Json { value: root, .. } = &mut self.body else { return };
        let mut node = root;
        let Some((last, parents)) = path.split_last() else { return };
        for name in parents {
            if !node.is_object() {
                *node = Value::Object(JsonMap::new());
            }
            let Value::Object(members) = node else { return };
            node = members.entry((*name).to_owned()).or_insert_with(|| Value::Object(JsonMap::new()));
        }
        if !node.is_object() {
            *node = Value::Object(JsonMap::new());
        }
        if let Value::Object(members) = node {
            members.insert((*last).to_owned(), value.clone());
        }
    }

    /// The URL with its query.
    #[must_use]
    pub fn full_url(&self) -> String {
        if self.query.is_empty() {
            return self.url.clone();
        }
        let query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", encode_query(name), encode_query(value))).collect();
        format!("{}?{}", self.url, query.join("&"))
    }
}

/// Percent-encoding of a query part. Brackets and the like stay encoded; every server must decode them.
#[must_use]
pub fn encode_query(text: &str) -> String {
    percent_encode(text)
}

fn replace(pairs: &mut Vec<(String, String)>, name: &str, value: String) {
    match pairs.iter_mut().find(|(known, _)| known == name) {
        Some(pair) => pair.1 = value,
        None => pairs.push((name.to_owned(), value)),
    }
}

impl Leaf {
    fn names(&self, names: &mut Vec<String>) {
        match self {
            Self::Text(template) => names.extend(template.names().map(str::to_owned)),
            Self::Constant(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.names(names)),
            Self::Object(members) => members.iter().for_each(|(_, leaf)| leaf.names(names)),
        }
    }

    /// The value, or nothing when a name in it is not given.
    fn value(&self, value: &dyn Fn(&str) -> Option<String>) -> Result<Option<Value>, Unrendered> {
        Ok(match self {
            Self::Text(template) => match template.render(Position::Plain, value) {
                Ok(text) => Some(Value::String(text)),
                Err(Unrendered::Missing(_)) => None,
                Err(other) => return Err(other),
            },
            Self::Constant(constant) => Some(constant.clone()),
            Self::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.extend(item.value(value)?);
                }
                Some(Value::Array(list))
            }
            Self::Object(members) => {
                let mut object = JsonMap::new();
                for (name, leaf) in members {
                    if let Some(found) = leaf.value(value)? {
                        object.insert(name.clone(), found);
                    }
                }
                Some(Value::Object(object))
            }
        })
    }
}

fn parse(text: &str, pointer: &str, mistakes: &mut Vec<Mistake>) -> Template {
    Template::parse(text).unwrap_or_else(|message| {
        mistakes.push((pointer.to_owned(), message));
        Template::default()
    })
}

fn leaf(value: &Value, pointer: &str, mistakes: &mut Vec<Mistake>) -> Leaf {
    match value {
        Value::String(text) => Leaf::Text(parse(text, pointer, mistakes)),
        Value::Array(items) => Leaf::List(
            items.iter().enumerate().map(|(i, item)| leaf(item, &format!("{pointer}/{i}"), mistakes)).collect(),
        ),
        Value::Object(members) => Leaf::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), leaf(member, &format!("{pointer}/{name}"), mistakes)))
                .collect(),
        ),
        constant => Leaf::Constant(constant.clone()),
    }
}

fn body(body: Option<&Body>, mistakes: &mut Vec<Mistake>) -> BodyTemplate {
    let Some(body) = body else { return BodyTemplate::None };
    let given = [body.json.is_some(), body.form.is_some(), body.text.is_some(), body.graphql.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        mistakes.push(("/body".to_owned(), "a body is one of `json`, `form`, `text` and `graphql`".to_owned()));
    }
    let members = |map: &Map<Value>, at: &str, mistakes: &mut Vec<Mistake>| {
        map.iter().map(|(name, value)| (name.to_owned(), leaf(value, &format!("{at}/{name}"), mistakes))).collect()
    };
    if let Some(tree) = &body.json {
        BodyTemplate::Json { tree: leaf(tree, "/body/json", mistakes), content_type: body.content_type.clone() }
    } else if let Some(form) = &body.form {
        BodyTemplate::Form(members(form, "/body/form", mistakes))
    } else if let Some(text) = &body.text {
        let content_type = body.content_type.clone().unwrap_or_else(|| "text/plain; charset=utf-8".to_owned());
        BodyTemplate::Text { text: parse(text, "/body/text", mistakes), content_type }
    } else if let Some(graphql) = &body.graphql {
        BodyTemplate::Graphql {
            query: graphql.query.clone(),
            variables: members(&graphql.variables, "/body/graphql/variables", mistakes),
        }
    } else {
        BodyTemplate::None
    }
}

/// A value as it stands in a query, form or header.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
