//! The `Link` header (RFC 8288).

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub target: String,
    pub params: Vec<(String, String)>,
}

impl Link {
    /// A parameter; names compare without letter case.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the link has a relation; `rel` may hold several.
    #[must_use]
    pub fn has_rel(&self, rel: &str) -> bool {
        self.param("rel").is_some_and(|rels| rels.split_whitespace().any(|known| known.eq_ignore_ascii_case(rel)))
    }
}

/// All links of all values of the header; what cannot be read is passed over.
pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<Link> {
    let mut links = Vec::new();
    for value in values {
        let mut rest = value;
        while let Some(start) = rest.find('<') {
            let Some(end) = rest.get(start..).and_then(|tail| tail.find('>')).map(|at| start + at) else { break };
            let target = rest.get(start + 1..end).unwrap_or_default().trim().to_owned();
            rest = rest.get(end + 1..).unwrap_or_default();
            let (params, after) = params(rest);
            links.push(Link { target, params });
            rest = after;
        }
    }
    links
}

/// Parameters up to the comma that ends the link.
fn params(text: &str) -> (Vec<(String, String)>, &str) {
    let mut params = Vec::new();
    let mut rest = text.trim_start();
    while let Some(tail) = rest.strip_prefix(';') {
        let tail = tail.trim_start();
        let name_end = tail.find(['=', ';', ',']).unwrap_or(tail.len());
        let (name, after) = tail.split_at(name_end);
        let (value, after) = match after.strip_prefix('=') {
            Some(value) => read_value(value.trim_start()),
            None => (String::new(), after),
        };
        if !name.trim().is_empty() {
            params.push((name.trim().to_owned(), value));
        }
        rest = after.trim_start();
    }
    (params, rest.strip_prefix(',').unwrap_or(rest))
}

fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            c => value.push(c),
        }
    }
    (value, "")
}
