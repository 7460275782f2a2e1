//! Values of the provider's record that must not be passed on, such as hashes of passwords.

use super::remote::compact;
use crate::page::{Step, route};
use crate::problem::{Pointer, Problem};
use crate::raw::Raw;
use crate::scan::Lexer;
use crate::slot::Kind;

/// What stands in the place of a value.
const HIDDEN: &[u8] = b"\"[redacted]\"";

/// Paths whose values are hidden in `remote_data`. A null stays: it holds nothing.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    root: Node,
}

#[derive(Clone, Debug, Default)]
struct Node {
    hidden: bool,
    /// Names, and indices of arrays.
    members: Vec<(String, Node)>,
    each: Option<Box<Node>>,
}

impl Redaction {
    /// Compiles paths such as `.password` and `.credentials[].secret`.
    ///
    /// # Errors
    /// What is not a path; the pointers are indices into `paths`.
    pub fn compile(paths: &[String]) -> Result<Self, Vec<Problem>> {
        let (mut redaction, mut problems) = (Self::default(), Vec::new());
        for (index, path) in paths.iter().enumerate() {
            let pointer = Pointer::default().item(index);
            match route(path) {
                Ok(steps) if steps.is_empty() => {
                    problems.push(
                        pointer.problem("the whole record cannot be hidden", Some("exclude `remote_data`".into())),
                    );
                }
                Ok(steps) => redaction.root.hide(&steps),
                Err((message, hint)) => problems.push(pointer.problem(message, hint)),
            }
        }
        if problems.is_empty() { Ok(redaction) } else { Err(problems) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.root.members.is_empty() && self.root.each.is_none()
    }

    /// Copies a checked record without the hidden values and without white space outside texts. None: it was no JSON after all.
    pub(super) fn copy(&self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut lexer = Lexer::new(record);
        let start = lexer.space(0);
        self.root.copy(&mut lexer, start, out).map(|_| ())
    }
}

impl Node {
    fn hide(&mut self, steps: &[Step]) {
        let Some((step, rest)) = steps.split_first() else {
            self.hidden = true;
            return;
        };
        let child = match step {
            Step::Each => self.each.get_or_insert_default(),
            Step::Member(name) => {
                let at = self.members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    self.members.push((name.clone(), Self::default()));
                    self.members.len() - 1
                });
                match self.members.get_mut(at) {
                    Some((_, child)) => child,
                    None => return,
                }
            }
        };
        child.hide(rest);
    }

    /// Copies the value at `at`; where it ends.
    fn copy(&self, lexer: &mut Lexer<'_>, at: usize, out: &mut Vec<u8>) -> Option<usize> {
        if self.hidden {
            out.extend_from_slice(if lexer.peek(at) == b'n' { b"null" } else { HIDDEN });
            return lexer.skip(at, 0).ok();
        }
        match lexer.peek(at) {
            b'{' if !self.members.is_empty() => self.object(lexer, at, out),
            b'[' if !self.members.is_empty() || self.each.is_some() => self.array(lexer, at, out),
            _ => plain(lexer, at, out),
        }
    }

    fn object(&self, lexer: &mut Lexer<'_>, start: usize, out: &mut Vec<u8>) -> Option<usize> {
        out.push(b'{');
        let mut at = lexer.space(start + 1);
        if lexer.peek(at) == b'}' {
            out.push(b'}');
            return Some(at + 1);
        }
        loop {
            let (name, value) = lexer.key(at).ok()?;
            let json = lexer.bytes.get(at..name.end)?;
            out.extend_from_slice(json);
            out.push(b':');
            // Also one that comes twice: every reader may take another of them.
            let key = Raw { kind: if name.escaped { Kind::Escaped } else { Kind::Plain }, json };
            at = match self.members.iter().find(|(known, _)| key.is_name(known.as_bytes())) {
                Some((_, child)) => child.copy(lexer, value, out)?,
                None => plain(lexer, value, out)?,
            };
            let (more, next) = lexer.next_part(at, b'}').ok()?;
            out.push(if more { b',' } else { b'}' });
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    fn array(&self, lexer: &mut Lexer<'_>, start: usize, out: &mut Vec<u8>) -> Option<usize> {
        out.push(b'[');
        let mut at = lexer.space(start + 1);
        if lexer.peek(at) == b']' {
            out.push(b']');
            return Some(at + 1);
        }
        let mut index = 0_u32;
        loop {
            let own =
                self.members.iter().find(|(name, _)| crate::path::index(name) == Some(index)).map(|(_, child)| child);
            at = match (self.each.as_deref(), own) {
                (Some(each), Some(own)) => {
                    let mut both = each.clone();
                    both.unite(own);
                    both.copy(lexer, at, out)?
                }
                (Some(child), None) | (None, Some(child)) => child.copy(lexer, at, out)?,
                (None, None) => plain(lexer, at, out)?,
            };
            index = index.saturating_add(1);
            let (more, next) = lexer.next_part(at, b']').ok()?;
            out.push(if more { b',' } else { b']' });
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    /// Hides what the other hides, too.
    fn unite(&mut self, other: &Self) {
        self.hidden |= other.hidden;
        for (name, child) in &other.members {
            match self.members.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.unite(child),
                None => self.members.push((name.clone(), child.clone())),
            }
        }
        if let Some(each) = &other.each {
            self.each.get_or_insert_default().unite(each);
        }
    }
}

fn plain(lexer: &mut Lexer<'_>, at: usize, out: &mut Vec<u8>) -> Option<usize> {
    let end = lexer.skip(at, 0).ok()?;
    compact(lexer.bytes.get(at..end)?, out);
    Some(end)
}
