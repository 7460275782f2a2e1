//! Query strings with brackets: `a=x`, `a[b]=x`, `a[]=x`, `a[0]=x`, `a[][k]=x`. Percent-encoded brackets are the same.

use crate::error::ApiError;

/// Bounds of a query string.
const BYTES_MAX: usize = 16 * 1024;
const PAIRS_MAX: usize = 500;
const DEPTH_MAX: usize = 6;

/// A value with its structure.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Text(String),
    List(Vec<Tree>),
    Object(Members),
}

/// Members in the order in which they came first.
pub type Members = Vec<(String, Tree)>;

/// Reads a query string.
///
/// # Errors
/// Something that is no query: too long, too deep, a name that means two things.
pub fn parse(query: &str) -> Result<Members, ApiError> {
    if query.len() > BYTES_MAX {
        return Err(ApiError::new(
            http::StatusCode::URI_TOO_LONG,
            format!("the query is longer than {BYTES_MAX} bytes; ask for less at once"),
        ));
    }
    let mut root = Node::Object(Vec::new());
    for (index, (key, value)) in url::form_urlencoded::parse(query.as_bytes()).enumerate() {
        if index >= PAIRS_MAX {
            return Err(ApiError::bad_request(format!("the query has more than {PAIRS_MAX} parameters")));
        }
        if key.is_empty() && value.is_empty() {
            continue;
        }
        let steps = steps(&key)?;
        root.put(&steps, value.into_owned()).map_err(|()| conflict(&key))?;
    }
    match root {
        Node::Object(members) => {
            members.into_iter().map(|(name, node)| Ok((name, node.finish()?))).collect::<Result<_, ApiError>>()
        }
        _ => Ok(Vec::new()),
    }
}

fn conflict(key: &str) -> ApiError {
    ApiError::bad_request(format!("`{key}` is given as a value and as an object; give it one way"))
}

/// `a[b][]` → `a`, `b`, ``.
fn steps(key: &str) -> Result<Vec<String>, ApiError> {
    let unread =
        || ApiError::bad_request(format!("the parameter name `{key}` cannot be read; write `a[b]=c` or `a[]=c`"));
    let (first, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    if first.is_empty() {
        return Err(unread());
    }
    let mut steps = vec![first.to_owned()];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(unread)?;
        steps.push(inner.0.to_owned());
        rest = inner.1;
        if steps.len() > DEPTH_MAX {
            return Err(ApiError::bad_request(format!("`{first}` is nested deeper than {DEPTH_MAX}")));
        }
    }
    Ok(steps)
}

/// A tree under construction: whether numbers are indices shows at the end.
enum Node {
    Text(String),
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
}

impl Node {
    fn put(&mut self, steps: &[String], value: String) -> Result<(), ()> {
        let Some((step, rest)) = steps.split_first() else { return Err(()) };
        if step.is_empty() {
            return self.append(rest, value);
        }
        let Self::Object(members) = self else { return Err(()) };
        let at = members.iter().position(|(name, _)| name == step);
        match (at.and_then(|at| members.get_mut(at)), rest.is_empty()) {
            (None, true) => members.push((step.clone(), Self::Text(value))),
            (None, false) => {
                let mut node = if rest.first().is_some_and(String::is_empty) {
                    Self::List(Vec::new())
                } else {
                    Self::Object(Vec::new())
                };
                node.put(rest, value)?;
                members.push((step.clone(), node));
            }
            // The same name again makes a list.
            (Some((_, node)), true) => match node {
                Self::Text(first) => *node = Self::List(vec![Self::Text(std::mem::take(first)), Self::Text(value)]),
                Self::List(items) => items.push(Self::Text(value)),
                Self::Object(_) => return Err(()),
            },
            (Some((_, node)), false) => node.put(rest, value)?,
        }
        Ok(())
    }

    /// `[]`: a new item, or a further member of the last one when that has no such member yet.
    fn append(&mut self, rest: &[String], value: String) -> Result<(), ()> {
        let Self::List(items) = self else { return Err(()) };
        if rest.is_empty() {
            items.push(Self::Text(value));
            return Ok(());
        }
        if let (Some(Self::Object(members)), Some(first)) = (items.last_mut(), rest.first())
            && !first.is_empty()
            && !members.iter().any(|(name, _)| name == first)
        {
            return items.last_mut().map_or(Err(()), |node| node.put(rest, value));
        }
        let mut node = Self::Object(Vec::new());
        node.put(rest, value)?;
        items.push(node);
        Ok(())
    }

    fn finish(self) -> Result<Tree, ApiError> {
        Ok(match self {
            Self::Text(text) => Tree::Text(text),
            Self::List(items) => Tree::List(items.into_iter().map(Self::finish).collect::<Result<_, _>>()?),
            Self::Object(members) => {
                let indices: Option<Vec<usize>> = members.iter().map(|(name, _)| index(name)).collect();
                match indices {
                    Some(indices) if !members.is_empty() => {
                        let mut items: Vec<(usize, Self)> =
                            indices.into_iter().zip(members.into_iter().map(|(_, node)| node)).collect();
                        items.sort_by_key(|(index, _)| *index);
                        Tree::List(items.into_iter().map(|(_, node)| node.finish()).collect::<Result<_, _>>()?)
                    }
                    _ => Tree::Object(
                        members
                            .into_iter()
                            .map(|(name, node)| Ok((name, node.finish()?)))
                            .collect::<Result<_, ApiError>>()?,
                    ),
                }
            }
        })
    }
}

fn index(name: &str) -> Option<usize> {
    (!name.is_empty() && name.len() <= 5 && name.bytes().all(|b| b.is_ascii_digit()))
        .then(|| name.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Members {
        parse(query).unwrap()
    }

    fn text(text: &str) -> Tree {
        Tree::Text(text.to_owned())
    }

    fn list(items: &[&str]) -> Tree {
        Tree::List(items.iter().map(|item| text(item)).collect())
    }

    #[test]
    fn arrays_come_in_every_form() {
        for query in ["a[]=x&a[]=y", "a[0]=x&a[1]=y", "a%5B%5D=x&a%5B%5D=y", "a%5b1%5d=y&a%5b0%5d=x", "a=x&a=y"] {
            assert_eq!(read(query), vec![("a".to_owned(), list(&["x", "y"]))], "{query}");
        }
    }

    #[test]
    fn objects_and_lists_of_objects() {
        let object =
            |pairs: &[(&str, &str)]| Tree::Object(pairs.iter().map(|(k, v)| ((*k).to_owned(), text(v))).collect());
        assert_eq!(read("a[b]=c&a[d]=e"), vec![("a".to_owned(), object(&[("b", "c"), ("d", "e")]))]);
        for query in ["a[][k]=1&a[][v]=2&a[][k]=3", "a[0][k]=1&a[0][v]=2&a[1][k]=3"] {
            let expected = Tree::List(vec![object(&[("k", "1"), ("v", "2")]), object(&[("k", "3")])]);
            assert_eq!(read(query), vec![("a".to_owned(), expected)], "{query}");
        }
        assert_eq!(
            read("a[b][c]=d"),
            vec![("a".to_owned(), Tree::Object(vec![("b".to_owned(), object(&[("c", "d")]))]))]
        );
    }

    #[test]
    fn nothing_is_a_query_too() {
        for query in ["", "&", "&&"] {
            assert_eq!(read(query), vec![], "{query}");
        }
        assert_eq!(read("next_cursor="), vec![("next_cursor".to_owned(), text(""))]);
        assert_eq!(read("a=b+c%2Bd"), vec![("a".to_owned(), text("b c+d"))]);
    }

    #[test]
    fn what_means_two_things_or_nothing_is_refused() {
        for query in ["a=x&a[b]=c", "a[b]=c&a=x", "a[b=c", "[a]=x", "a[b]c=x", "a[][][]=x", "a[b][c][d][e][f][g]=x"] {
            assert!(parse(query).is_err(), "{query}");
        }
        assert!(parse(&"a=b&".repeat(501)).is_err());
        assert!(parse(&"a".repeat(BYTES_MAX + 1)).is_err());
    }
}
