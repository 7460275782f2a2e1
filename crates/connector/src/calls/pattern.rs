//! Paths as patterns: what stands between slashes, with the values of templates left open.

use crate::template::Template;

/// One step of a path: literals, with `None` where a value goes.
type Segment = Vec<Option<String>>;

/// A path with open places, split into what the base gives and what the call gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathShape {
    pub segments: Vec<Segment>,
    /// How many of the segments come from the base.
    pub base: usize,
    /// The base begins with a URL of the operator, which may hold a path of its own.
    pub open_prefix: bool,
}

impl PathShape {
    /// The shape of a call under a base.
    #[must_use]
    pub fn new(base: &str, target: &Template, absolute: bool) -> Self {
        let target = rendered(target);
        let (base_path, open_prefix) =
            if absolute { path_of("") } else { path_of(&rendered(&Template::parse(base).unwrap_or_default())) };
        let (own, own_open) = if absolute { path_of(&target) } else { (target, false) };
        let mut segments = split(&base_path);
        let base = segments.len();
        segments.extend(split(&own));
        Self { segments, base, open_prefix: open_prefix || own_open }
    }

    /// A path as specifications write it: `/users/{id}`.
    #[must_use]
    pub fn of_spec(path: &str) -> Self {
        let mut text = String::new();
        let mut depth = 0_u32;
        for c in path.split('?').next().unwrap_or_default().chars() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    text.push(HOLE);
                }
                c if depth == 0 => text.push(c),
                _ => {}
            }
        }
        Self { segments: split(&text), base: 0, open_prefix: false }
    }

    /// How well a real path fits: the number of literal steps that agree, or nothing. Where the host is not known the base may be missing.
    #[must_use]
    pub fn fit(&self, path: &str, has_host: bool) -> Option<usize> {
        if let Some(bare) = path.strip_suffix(".json")
            && !self.ends_in_json()
        {
            // Older spellings of the same resource.
            return self.fit(bare, has_host);
        }
        let steps: Vec<String> = path.split('/').filter(|step| !step.is_empty()).map(decoded).collect();
        let whole = fit(&self.segments, &steps);
        if whole.is_some() {
            return whole;
        }
        let own = self.segments.get(self.base..).unwrap_or_default();
        if !has_host && let Some(score) = fit(own, &steps) {
            return Some(score);
        }
        // A URL of the operator may bring a path of its own, and so may a setting at its front.
        let known = self.known();
        if self.open_prefix && steps.len() > known.len() {
            let tail = steps.get(steps.len() - known.len()..).unwrap_or_default();
            return fit(known, tail);
        }
        None
    }

    /// Whether its last step is a value.
    #[must_use]
    pub fn ends_open(&self) -> bool {
        self.segments.last().is_some_and(|segment| segment.iter().all(Option::is_none))
    }

    /// The steps behind the operator's URL and settings.
    fn known(&self) -> &[Segment] {
        let open = if self.open_prefix {
            self.segments.iter().take_while(|segment| segment.iter().all(Option::is_none)).count()
        } else {
            0
        };
        self.segments.get(open..).unwrap_or_default()
    }

    fn ends_in_json(&self) -> bool {
        self.segments
            .last()
            .and_then(|segment| segment.last())
            .and_then(Option::as_ref)
            .is_some_and(|text| text.ends_with(".json"))
    }

    /// Whether this path, as a connector writes it, is the one of a specification under one of its servers' paths.
    #[must_use]
    pub fn is_spec(&self, spec: &Self, servers: &[Self]) -> Option<usize> {
        let own = self.segments.as_slice();
        let mut best = same(own, &spec.segments);
        for server in servers {
            let full: Vec<Segment> = server.segments.iter().chain(&spec.segments).cloned().collect();
            best = best.max(same(own, &full));
            if self.open_prefix && full.len() <= own.len() {
                best = best.max(same(own.get(own.len() - full.len()..).unwrap_or_default(), &full));
            }
        }
        // Some descriptions leave the common prefix out of path and servers alike.
        if best.is_none() && servers.iter().all(|server| server.segments.is_empty()) {
            best = same(own.get(self.base..).unwrap_or_default(), &spec.segments).filter(|score| *score > 0);
        }
        if best.is_none() && self.open_prefix {
            let known = self.known();
            for server in servers.iter().map(|server| server.segments.as_slice()).chain([&[][..]]) {
                let full: Vec<Segment> = server.iter().chain(&spec.segments).cloned().collect();
                for cut in 0..=full.len().saturating_sub(known.len()) {
                    best = best.max(same(known, full.get(cut..).unwrap_or_default()).filter(|score| *score > 0));
                }
            }
        }
        best
    }
}

/// Stands for a value while a pattern is made.
const HOLE: char = '\u{1}';

fn rendered(template: &Template) -> String {
    let hole = HOLE.to_string();
    template.skeleton().into_iter().map(|part| part.unwrap_or(&hole).to_owned()).collect()
}

/// The path of a URL, and whether its front is a value that may hold a path itself.
fn path_of(url: &str) -> (String, bool) {
    let without_query = url.split('?').next().unwrap_or_default();
    match without_query.split_once("://") {
        Some((_, rest)) => (rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().to_owned(), false),
        None => match without_query.strip_prefix(HOLE) {
            Some(rest) => (rest.to_owned(), true),
            None => (without_query.to_owned(), false),
        },
    }
}

fn split(path: &str) -> Vec<Segment> {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').filter(|step| !step.is_empty()).map(segment).collect()
}

fn segment(step: &str) -> Segment {
    let mut parts = Vec::new();
    let mut literal = String::new();
    for c in step.chars() {
        if c == HOLE {
            if !literal.is_empty() {
                parts.push(Some(std::mem::take(&mut literal)));
            }
            parts.push(None);
        } else {
            literal.push(c);
        }
    }
    if !literal.is_empty() {
        parts.push(Some(decoded(&literal)));
    }
    parts
}

fn fit(segments: &[Segment], steps: &[String]) -> Option<usize> {
    if segments.len() != steps.len() {
        return None;
    }
    let mut score = 0;
    for (segment, step) in segments.iter().zip(steps) {
        score += piece(segment, step)?;
    }
    Some(score)
}

/// 1 for a literal, 0 for a value.
fn piece(segment: &Segment, step: &str) -> Option<usize> {
    if let [Some(literal)] = segment.as_slice() {
        return (literal == step || (is_dated(literal) && is_dated(step))).then_some(1);
    }
    let mut rest = step;
    let mut open = false;
    for part in segment {
        match part {
            None => open = true,
            Some(literal) => {
                let at = rest.find(literal.as_str())?;
                if at > 0 && !open {
                    return None;
                }
                rest = rest.get(at + literal.len()..)?;
                open = false;
            }
        }
    }
    (rest.is_empty() || open).then_some(0)
}

/// A version such as `v60.0`: a release of the same API. `v2` is another API than `v1`.
fn is_dated(step: &str) -> bool {
    let parts = step.strip_prefix('v').and_then(|version| version.split_once('.'));
    parts.is_some_and(|(major, minor)| {
        [major, minor].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Two patterns: open places must fall together, or ours be a literal where the other is open.
fn same(own: &[Segment], spec: &[Segment]) -> Option<usize> {
    if own.len() != spec.len() {
        return None;
    }
    let mut score = 0;
    for (ours, theirs) in own.iter().zip(spec) {
        let open = |segment: &Segment| segment.iter().any(Option::is_none);
        match (open(ours), open(theirs)) {
            (false, false) if ours == theirs => score += 1,
            (true, true) | (false, true) => {}
            _ => return None,
        }
    }
    Some(score)
}

fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    // `+` is a plus in a path; the form decoder would make it a space.
    let pairs = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pairs.as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(base: &str, target: &str) -> PathShape {
        PathShape::new(base, &Template::parse(target).unwrap(), target.starts_with("https://"))
    }

    #[test]
    fn fits_real_paths() {
        let users = shape("https://{domain}/api/v1", "/users/{id}/groups");
        assert_eq!(users.fit("/api/v1/users/7/groups", true), Some(4));
        assert_eq!(users.fit("/users/7/groups", false), Some(2));
        assert_eq!(users.fit("/users/7/groups", true), None);
        assert_eq!(users.fit("/api/v1/users/7", true), None);
        let own_url = shape("{url}/api", "/users/");
        assert_eq!(own_url.fit("/sub/folder/api/users", true), Some(2));
        assert_eq!(shape("https://a/b", "https://c.example/d/{x}.json").fit("/d/7.json", true), Some(1));
        assert_eq!(shape("https://a/b", "/d/{x}.json").fit("/b/d/7.xml", true), None);
    }

    #[test]
    fn knows_the_paths_of_descriptions() {
        let servers = [PathShape::of_spec("/api/v1")];
        let spec = PathShape::of_spec("/users/{userId}");
        assert!(shape("https://h/api/v1", "/users/{id}").is_spec(&spec, &servers).is_some());
        assert!(
            shape("https://h/api/v2", "/users/{id}").is_spec(&spec, &servers).is_none(),
            "another version is another API"
        );
        assert!(
            shape("https://h/api/v2", "/users/{id}").is_spec(&spec, &[]).is_some(),
            "the prefix may be missing in path and servers alike"
        );
        assert!(shape("https://h/api/v1", "/users").is_spec(&spec, &servers).is_none());
        assert!(shape("https://h/api/v1", "/members/{id}").is_spec(&spec, &servers).is_none());
        let full = PathShape::of_spec("/api/v1/users");
        assert!(shape("https://h/api/v1", "/users").is_spec(&full, &[]).is_some());
        assert!(shape("https://h/api/v2", "/users").is_spec(&full, &[]).is_none());
    }
}
