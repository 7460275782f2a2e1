//! Templates read backwards: does a text fit, and what stood in the holes?

use rollcall_connector::template::Template;

/// A text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern(pub Vec<Part>);

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Hole(String),
    /// Anything, slashes included: what stands before a path when a setting holds the whole address.
    Prefix,
}

/// What stood in the holes, by their names.
pub type Captures = Vec<(String, String)>;

impl Pattern {
    /// A template's pattern.
    pub fn of(template: &Template) -> Self {
        let mut names = template.names();
        let parts = template.skeleton().into_iter().map(|piece| match piece {
            Some(text) => Part::Text(text.to_owned()),
            None => Part::Hole(names.next().unwrap_or_default().to_owned()),
        });
        Self(parts.collect())
    }

    /// Reads a template's text; what cannot be read fits only itself.
    pub fn parse(text: &str) -> Self {
        Template::parse(text).map_or_else(|_| Self(vec![Part::Text(text.to_owned())]), |template| Self::of(&template))
    }

    /// The path of an address: without scheme and host, and without the query, which is the second.
    pub fn of_url(self) -> (Self, Option<Self>) {
        let (front, query) = self.split_at('?');
        let mut parts = front.0.into_iter();
        let Some(first) = parts.next() else { return (Self(vec![Part::Prefix]), query) };
        let Part::Text(text) = first else {
            // The hole holds an address of its own, with or without a path.
            return (Self(std::iter::once(Part::Prefix).chain(parts).collect()), query);
        };
        let Some((_, host)) = text.split_once("://") else {
            return (Self(std::iter::once(Part::Text(text)).chain(parts).collect()), query);
        };
        let mut rest = Self(std::iter::once(Part::Text(host.to_owned())).chain(parts).collect());
        let (_, path) = std::mem::take(&mut rest).split_at('/');
        let mut path = path.unwrap_or_default();
        match path.0.first_mut() {
            Some(Part::Text(text)) => text.insert(0, '/'),
            _ => path.0.insert(0, Part::Text("/".to_owned())),
        }
        (path, query)
    }

    /// What stands before and after the first such character.
    fn split_at(self, mark: char) -> (Self, Option<Self>) {
        let mut front = Vec::new();
        let mut parts = self.0.into_iter();
        while let Some(part) = parts.next() {
            if let Part::Text(text) = &part
                && let Some((before, after)) = text.split_once(mark)
            {
                if !before.is_empty() {
                    front.push(Part::Text(before.to_owned()));
                }
                let mut back = Vec::new();
                if !after.is_empty() {
                    back.push(Part::Text(after.to_owned()));
                }
                back.extend(parts);
                return (Self(front), Some(Self(back)));
            }
            front.push(part);
        }
        (Self(front), None)
    }

    /// This and another after it.
    pub fn then(mut self, other: Self) -> Self {
        if let Some(Part::Text(text)) = self.0.last_mut() {
            let trimmed = text.trim_end_matches('/').len();
            text.truncate(trimmed);
        }
        self.0.extend(other.0);
        self.0.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        self
    }

    /// Whether nothing of it varies.
    pub fn is_constant(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// How many characters of it are fixed: the more, the more it tells.
    pub fn weight(&self) -> usize {
        self.0.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum()
    }

    /// The names of its holes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| if let Part::Hole(name) = part { Some(name.as_str()) } else { None })
    }

    /// What stands in the holes of a path, whose values are one segment each.
    pub fn path(&self, text: &str) -> Option<Captures> {
        let mut captures = Vec::new();
        fits(&self.0, text, false, &mut captures)
            .then_some(captures)
            .map(|captures| captures.into_iter().map(|(name, value)| (name, decode(&value))).collect())
    }

    /// What stands in the holes of any other text.
    pub fn text(&self, text: &str) -> Option<Captures> {
        let mut captures = Vec::new();
        fits(&self.0, text, true, &mut captures).then_some(captures)
    }
}

/// Shortest first, with a way back.
fn fits(parts: &[Part], text: &str, slashes: bool, captures: &mut Captures) -> bool {
    let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
    match part {
        Part::Text(literal) => match text.strip_prefix(literal.as_str()) {
            Some(after) => fits(rest, after, slashes, captures),
            // The empty path of an address is `/`.
            None => literal == "/" && rest.is_empty() && text.is_empty(),
        },
        Part::Prefix | Part::Hole(_) => {
            let depth = captures.len();
            // Only a cursor's place in a path is empty: on the first page.
            let may_be_empty =
                matches!(part, Part::Prefix) || matches!(part, Part::Hole(name) if name == "cursor") || slashes;
            let ends = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
            for end in ends.skip(usize::from(!may_be_empty && !text.is_empty())) {
                let (value, after) = text.split_at(end);
                if let Part::Hole(name) = part {
                    if !slashes && value.contains('/') || (!may_be_empty && value.is_empty()) {
                        break;
                    }
                    captures.push((name.clone(), value.to_owned()));
                }
                if fits(rest, after, slashes, captures) {
                    return true;
                }
                captures.truncate(depth);
            }
            false
        }
    }
}

/// Undoes percent-encoding.
pub fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    // `+` is itself in a path.
    let kept = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={kept}").replace('&', "%26").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(template: &str) -> Pattern {
        Pattern::parse(template).of_url().0
    }

    #[test]
    fn hosts_are_no_part_of_it() {
        assert_eq!(path("https://{domain}/api/v1/users"), path("/api/v1/users"));
        assert_eq!(path("https://a.example.com"), path("/"));
        assert_eq!(
            path("https://a.{region}.example.com/x/{id}").path("/x/a%20b"),
            Some(vec![("id".to_owned(), "a b".to_owned())])
        );
    }

    #[test]
    fn a_setting_may_hold_a_path() {
        let users = path("{url}/api/users");
        assert_eq!(users.path("/api/users"), Some(vec![]));
        assert_eq!(users.path("/wiki/api/users"), Some(vec![]));
        assert_eq!(users.path("/api/users/1"), None);
    }

    #[test]
    fn a_value_in_a_path_is_one_segment_and_not_empty() {
        let one = path("/users/{id}");
        assert_eq!(one.path("/users/7"), Some(vec![("id".to_owned(), "7".to_owned())]));
        assert_eq!(one.path("/users/7/groups"), None);
        assert_eq!(one.path("/users/"), None);
    }

    #[test]
    fn texts_take_anything() {
        let filter = Pattern::parse("email eq \"{value}\"");
        assert_eq!(filter.text("email eq \"a/b\""), Some(vec![("value".to_owned(), "a/b".to_owned())]));
        assert_eq!(filter.text("name eq \"a\""), None);
    }
}
