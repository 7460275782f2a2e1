//! The requests that a connector can make, as patterns: which one is it that arrived?

use http::Method;
use rollcall_connector::definition::{Format, Items, Page, Place};
use rollcall_connector::plan::Walk;
use rollcall_connector::request::{BodyTemplate, Leaf, RequestTemplate, Verb, text};
use serde_json::Value;

use crate::incoming::Incoming;
use crate::pattern::{Captures, Part, Pattern};
use crate::place;

/// One kind of request.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub shape: Shape,
    pub items: Items,
    pub format: Format,
    pub page: Page,
    pub role: Role,
}

/// What answers it. In the order in which they win when two kinds of request look the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A call of signing in, by its place in the list of those.
    SignIn(usize),
    /// One walk of a resource's list.
    List { list: usize, walk: usize },
    /// One record by its id.
    Get { resource: String },
    /// Items that belong to what the request names: parents, lookups, enrichments.
    Items,
    /// One thing that belongs to what the request names.
    One,
    /// Items for many ids at once: the parameter, and the path of the id in an item.
    Batch { param: String, key: String },
    /// A value found once per account.
    Discover { find: String },
}

/// What a request looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    method: Method,
    /// With each base that a credential may bring.
    paths: Vec<Pattern>,
    query: Vec<(String, Wanted)>,
    headers: Vec<(String, Pattern)>,
    body: BodyShape,
    /// Parameters that paging, filters and sorting may set to anything.
    free: Vec<(Place, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum BodyShape {
    Any,
    Json(Vec<(String, Wanted)>),
    Form(Vec<(String, Wanted)>),
    Text(Pattern),
    Graphql { query: String, variables: Vec<(String, Wanted)> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Like(Pattern),
    /// One of several values of the same name.
    Each(Vec<Pattern>),
}

/// Headers that say nothing about what is asked for.
const INCIDENTAL: [&str; 5] = ["accept", "content-type", "user-agent", "accept-language", "accept-encoding"];

impl Endpoint {
    /// A walk's endpoint.
    pub fn of_walk(walk: &Walk, bases: &[String], role: Role, free: Vec<(Place, String)>) -> Self {
        let mut shape = Shape::new(&walk.request, bases);
        shape.free = free;
        shape.free.extend(paging_places(&walk.page));
        Self { shape, items: walk.items.clone(), format: walk.format.clone(), page: walk.page.clone(), role }
    }
}

impl Shape {
    /// The shape of a request template under any of the bases.
    pub fn new(template: &RequestTemplate, bases: &[String]) -> Self {
        let target = Pattern::of(&template.target);
        let full: Vec<Pattern> = if template.absolute {
            vec![target]
        } else {
            bases.iter().map(|base| Pattern::parse(base).then(target.clone())).collect()
        };
        let mut paths = Vec::new();
        let mut query: Vec<(String, Wanted)> = Vec::new();
        for pattern in full {
            let (path, own_query) = pattern.of_url();
            if !paths.contains(&path) {
                paths.push(path);
            }
            for pair in own_query.into_iter().flat_map(pairs) {
                if !query.contains(&pair) {
                    query.push(pair);
                }
            }
        }
        query.extend(template.query.iter().map(|(name, leaf)| (name.clone(), wanted(leaf))));
        let headers = template
            .headers
            .iter()
            .filter(|(name, _)| !INCIDENTAL.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.to_ascii_lowercase(), Pattern::of(value)))
            .collect();
        let members =
            |members: &[(String, Leaf)]| members.iter().map(|(name, leaf)| (name.clone(), wanted(leaf))).collect();
        let body = match &template.body {
            BodyTemplate::None => BodyShape::Any,
            BodyTemplate::Json { tree, .. } => {
                let mut leaves = Vec::new();
                flatten(tree, String::new(), &mut leaves);
                BodyShape::Json(leaves)
            }
            BodyTemplate::Form(form) => BodyShape::Form(members(form)),
            BodyTemplate::Text { text, .. } => BodyShape::Text(Pattern::of(text)),
            BodyTemplate::Graphql { query, variables } => {
                BodyShape::Graphql { query: query.clone(), variables: members(variables) }
            }
        };
        let method = if template.verb == Verb::Post { Method::POST } else { Method::GET };
        Self { method, paths, query, headers, body, free: Vec::new() }
    }

    /// A POST to an address, whatever it holds.
    pub fn post(url: &str) -> Self {
        let path = Pattern::parse(url).of_url().0;
        Self {
            method: Method::POST,
            paths: vec![path],
            query: Vec::new(),
            headers: Vec::new(),
            body: BodyShape::Any,
            free: Vec::new(),
        }
    }

    /// How well a request fits, and what stands in its holes; nothing when it does not fit. `strict`: what is free must fit too.
    pub fn matches(&self, request: &Incoming, strict: bool) -> Option<(usize, Captures)> {
        if request.method != self.method {
            return None;
        }
        let path = request.url.path();
        let mut best: Option<(usize, Captures)> = None;
        for pattern in &self.paths {
            if let Some(captures) = pattern.path(path)
                && best.as_ref().is_none_or(|(weight, _)| pattern.weight() > *weight)
            {
                best = Some((pattern.weight(), captures));
            }
        }
        let (mut score, mut captures) = best?;
        score *= 4;
        let mut all = |place: Place, name: &str, wanted: &Wanted, found: Vec<String>| -> bool {
            let free = self.free.iter().any(|(p, n)| *p == place && n == name);
            if found.is_empty() {
                return free && !strict || wanted.may_be_absent();
            }
            match wanted.fits(&found) {
                Some(more) => {
                    score += 8 + wanted.weight();
                    captures.extend(more);
                    true
                }
                None => free && !strict,
            }
        };
        for (name, wanted) in &self.query {
            let found =
                request.query.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect();
            if !all(Place::Query, name, wanted, found) {
                return None;
            }
        }
        for (name, pattern) in &self.headers {
            // Cases write down the headers that matter to them only.
            let Some(found) = request.header(name).map(|value| vec![value.to_owned()]) else { continue };
            if !all(Place::Header, name, &Wanted::Like(pattern.clone()), found) {
                return None;
            }
        }
        match &self.body {
            BodyShape::Any => {}
            BodyShape::Form(members) => {
                for (name, wanted) in members {
                    let found = request
                        .form
                        .iter()
                        .filter(|(known, _)| known == name)
                        .map(|(_, value)| value.clone())
                        .collect();
                    if !all(Place::Form, name, wanted, found) {
                        return None;
                    }
                }
            }
            BodyShape::Json(members) => {
                for (path, wanted) in members {
                    let found =
                        request.json.as_ref().and_then(|json| place::at(json, path)).map(text).into_iter().collect();
                    if !all(Place::Json, path.trim_start_matches('.'), wanted, found) {
                        return None;
                    }
                }
            }
            BodyShape::Text(pattern) => {
                captures.extend(pattern.text(&request.body)?);
                score += 8 + pattern.weight();
            }
            BodyShape::Graphql { query, variables } => {
                let json = request.json.as_ref()?;
                let sent = json.get("query").and_then(Value::as_str)?;
                if !sent.split_whitespace().eq(query.split_whitespace()) {
                    return None;
                }
                for (name, wanted) in variables {
                    let found = json.get("variables").and_then(|v| v.get(name)).map(text).into_iter().collect();
                    if !all(Place::Variable, name, wanted, found) {
                        return None;
                    }
                }
            }
        }
        Some((score, captures))
    }

    /// Whether both stand for the same requests.
    pub fn is_same(&self, other: &Self) -> bool {
        self.method == other.method
            && self.paths == other.paths
            && self.query == other.query
            && self.headers == other.headers
            && self.body == other.body
    }
}

impl Wanted {
    /// A value that names something optional may be left out as a whole.
    fn may_be_absent(&self) -> bool {
        match self {
            Self::Like(pattern) => !pattern.is_constant(),
            Self::Each(patterns) => patterns.iter().all(|pattern| !pattern.is_constant()),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Like(pattern) => pattern.weight(),
            Self::Each(patterns) => patterns.iter().map(Pattern::weight).sum(),
        }
    }

    fn fits(&self, found: &[String]) -> Option<Captures> {
        match self {
            Self::Like(pattern) => found.iter().find_map(|value| pattern.text(value)),
            Self::Each(patterns) => {
                let mut captures = Vec::new();
                for pattern in patterns {
                    match found.iter().find_map(|value| pattern.text(value)) {
                        Some(more) => captures.extend(more),
                        None if pattern.is_constant() => return None,
                        None => {}
                    }
                }
                Some(captures)
            }
        }
    }
}

fn wanted(leaf: &Leaf) -> Wanted {
    match leaf {
        Leaf::Text(template) => Wanted::Like(Pattern::of(template)),
        Leaf::Constant(value) => Wanted::Like(Pattern(match text(value) {
            empty if empty.is_empty() => Vec::new(),
            text => vec![Part::Text(text)],
        })),
        Leaf::List(items) => Wanted::Each(
            items
                .iter()
                .filter_map(|item| if let Wanted::Like(pattern) = wanted(item) { Some(pattern) } else { None })
                .collect(),
        ),
        // An object's text would depend on the order of its members.
        Leaf::Object(_) => Wanted::Like(Pattern(vec![Part::Hole("object".to_owned())])),
    }
}

fn flatten(leaf: &Leaf, path: String, leaves: &mut Vec<(String, Wanted)>) {
    match leaf {
        Leaf::Object(members) => members.iter().for_each(|(name, member)| {
            let step = if name.contains('.') { format!(".\"{name}\"") } else { format!(".{name}") };
            flatten(member, format!("{path}{step}"), leaves);
        }),
        Leaf::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| flatten(item, format!("{path}.{index}"), leaves))
        }
        other => leaves.push((path, wanted(other))),
    }
}

/// A query inside of a target.
fn pairs(query: Pattern) -> Vec<(String, Wanted)> {
    // Holes are carried through the splitting as characters that no address has.
    let names: Vec<String> = query.names().map(str::to_owned).collect();
    let mut text = String::new();
    for part in &query.0 {
        match part {
            Part::Text(literal) => text.push_str(literal),
            _ => text.push('\u{1}'),
        }
    }
    let mut names = names.into_iter();
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| {
            let mut parts = Vec::new();
            for (index, piece) in value.split('\u{1}').enumerate() {
                if index > 0 {
                    parts.push(Part::Hole(names.next().unwrap_or_default()));
                }
                if !piece.is_empty() {
                    parts.push(Part::Text(piece.to_owned()));
                }
            }
            (name.into_owned(), Wanted::Like(Pattern(parts)))
        })
        .collect()
}

/// Where paging writes: whatever stands there in the template is replaced.
fn paging_places(page: &Page) -> Vec<(Place, String)> {
    let mut places = Vec::new();
    let size = match page {
        Page::None(p) | Page::Scim(p) | Page::Range(p) => &p.size,
        Page::Link(p) => &p.size,
        Page::NextUrl(p) => &p.size,
        Page::Cursor(p) => &p.size,
        Page::Page(p) => &p.size,
        Page::Offset(p) => &p.size,
        Page::Continue(p) => &p.size,
        Page::Last(p) => &p.size,
    };
    places.extend(size.as_ref().map(|size| (size.place, size.param.clone())));
    match page {
        Page::Cursor(p) => places.push((p.place, p.param.clone())),
        Page::Page(p) => places.push((p.place, p.param.clone())),
        Page::Offset(p) => places.push((p.place, p.param.clone())),
        Page::Last(p) => places.push((p.place, p.param.clone())),
        Page::Scim(_) => places.extend([(Place::Query, "count".to_owned()), (Place::Query, "startIndex".to_owned())]),
        _ => {}
    }
    places
}
