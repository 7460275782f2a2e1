//! The way to the records, compiled together with the paths that are picked beside them.

use crate::pick::plain_path;
use crate::problem::{Pointer, Problem};
use crate::tree::{NodeId, Tree};

/// Where the records of a page are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items<'a> {
    /// The elements of an array: `.`, `.members`, `.teams[].members`.
    List(&'a str),
    /// The members of an object; their names are the records' keys.
    ValuesOf(&'a str),
    /// One record, as `get` answers: `.`, `.user`.
    One(&'a str),
    /// One record a line (NDJSON).
    Lines,
}

/// A compiled page.
#[derive(Clone, Debug)]
pub struct PagePlan {
    pub(super) route: Vec<Step>,
    pub(super) last: Last,
    pub(super) tree: Tree,
    /// The nodes of the objects on the way, up to the first array.
    pub(super) nodes: Vec<NodeId>,
    pub(super) picks: Vec<PickAt>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(String),
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Elements,
    Values,
    One,
    Lines,
}

/// Where a picked value is.
#[derive(Clone, Debug)]
pub(super) struct PickAt {
    pub slot: u16,
    /// What is left of a path that leads into the records.
    pub rest: Vec<String>,
}

impl PagePlan {
    /// Compiles the way to the records and the paths of what is to be known beside them.
    ///
    /// # Errors
    /// What is not a path. The pointer is empty for the items, an index for a pick.
    pub fn compile(items: Items<'_>, picks: &[&str]) -> Result<Self, Vec<Problem>> {
        let (text, last) = match items {
            Items::List(text) => (text, Last::Elements),
            Items::ValuesOf(text) => (text, Last::Values),
            Items::One(text) => (text, Last::One),
            Items::Lines => (".", Last::Lines),
        };
        let mut problems = Vec::new();
        let mut route = match route(text) {
            Ok(route) => route,
            Err((message, hint)) => {
                problems.push(Pointer::default().problem(message, hint));
                Vec::new()
            }
        };
        // `.members[]` says the same as `.members`.
        if last == Last::Elements && route.last() == Some(&Step::Each) {
            route.pop();
        }
        let mut tree = Tree::default();
        let mut nodes = vec![tree.root()];
        let mut prefix = Vec::new();
        for step in &route {
            let Step::Member(name) = step else {
                break;
            };
            let from = nodes.last().copied().unwrap_or_default();
            nodes.push(tree.walk(0, from, std::slice::from_ref(name)));
            prefix.push(name.clone());
        }
        let mut compiled = Vec::new();
        for (index, text) in picks.iter().enumerate() {
            match plain_path(text, &Pointer::default().item(index)) {
                Err(problem) => problems.push(problem),
                Ok(segments) => {
                    let inside = segments.starts_with(&prefix);
                    let (walked, rest) = segments.split_at(if inside { prefix.len() } else { segments.len() });
                    let node = tree.walk(0, nodes.first().copied().unwrap_or_default(), walked);
                    compiled.push(PickAt { slot: tree.slot(node), rest: rest.to_vec() });
                }
            }
        }
        if !tree.finish() {
            problems.push(Pointer::default().problem("more paths than can be picked", None));
        }
        if problems.is_empty() { Ok(Self { route, last, tree, nodes, picks: compiled }) } else { Err(problems) }
    }
}

/// Reads a path that may walk arrays.
pub(crate) fn route(text: &str) -> Result<Vec<Step>, (String, Option<String>)> {
    let mut route = Vec::new();
    let Some(mut rest) = text.strip_prefix('.') else {
        return Err((format!("`{text}` is not a path"), Some(format!("paths begin with a dot: `.{text}`"))));
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[]") {
            route.push(Step::Each);
            rest = after;
        } else {
            // One name, up to the dot or bracket behind it.
            let quoted = rest.starts_with('"');
            let inner = if quoted { closing_quote(rest) } else { rest.find(['.', '[']) };
            let (name, after) = rest.split_at(inner.unwrap_or(rest.len()));
            let path = crate::path::parse(&format!(".{name}"))?;
            route.extend(path.segments.into_iter().map(Step::Member));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) if !after.is_empty() => rest = after,
            None if rest.is_empty() || rest.starts_with("[]") => {}
            _ => return Err((format!("`{text}` is not a path to records"), Some("such as `.teams[].members`".into()))),
        }
    }
    Ok(route)
}

/// Behind the quote that closes the one at the start.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Step, route};

    #[test]
    fn ways_to_records() {
        let shown = |text| match route(text) {
            Ok(route) => {
                let steps = route.iter().map(|step| match step {
                    Step::Member(name) => format!("<{name}>"),
                    Step::Each => "*".to_owned(),
                });
                steps.collect::<String>()
            }
            Err((message, _)) => message,
        };
        assert_eq!(shown("."), "");
        assert_eq!(shown(".a.b"), "<a><b>");
        assert_eq!(shown(".teams[].members[]"), "<teams>*<members>*");
        assert_eq!(shown(".[].x"), "*<x>");
        assert_eq!(shown(".a[][]"), "<a>**");
        assert_eq!(shown(".\"urn:x.y\"[].z"), "<urn:x.y>*<z>");
        for text in ["", "a", "..", ".a.", ".a[0]", ".a[", ".a[]b", ".\"a"] {
            assert!(route(text).is_err(), "{text}: {}", shown(text));
        }
    }
}
