//! A few values of a small document, in one pass: cursors, error messages, fields of a mapped record.

use crate::path;
use crate::problem::{Pointer, Problem};
use crate::raw::Raw;
use crate::scan::{Fault, Lexer, ScanError, Scanner, Trail};
use crate::slot::{PAGE, Slot, Value};
use crate::tree::{NodeId, Tree};

/// Compiled paths.
#[derive(Clone, Debug)]
pub struct Pick {
    tree: Tree,
    root: NodeId,
    slots: Vec<u16>,
}

/// What was found in one document.
#[derive(Clone, Debug)]
pub struct Picked<'d> {
    document: &'d [u8],
    values: Vec<Value>,
}

impl Pick {
    /// Compiles paths such as `.meta.next` and `.errors.0.message`.
    ///
    /// # Errors
    /// What is not a path; the pointers are indices into `paths`.
    pub fn compile(paths: &[&str]) -> Result<Self, Vec<Problem>> {
        let mut tree = Tree::default();
        let root = tree.root();
        let mut slots = Vec::new();
        let mut problems = Vec::new();
        for (index, text) in paths.iter().enumerate() {
            match plain_path(text, &Pointer::default().item(index)) {
                Ok(segments) => {
                    let node = tree.walk(0, root, &segments);
                    slots.push(tree.slot(node));
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !tree.finish() {
            problems.push(Pointer::default().problem("more paths than can be picked", None));
        }
        if problems.is_empty() { Ok(Self { tree, root, slots }) } else { Err(problems) }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// It is not one JSON value.
    pub fn read<'d>(&self, document: &'d [u8]) -> Result<Picked<'d>, ScanError> {
        let size = self.tree.frames.first().map_or(0, |frame| usize::from(frame.slots));
        let mut slots = vec![Slot::default(); size];
        let mut scanner = Scanner {
            lexer: Lexer::new(document),
            tree: &self.tree,
            slots: &mut slots,
            source: PAGE,
            trail: &mut Trail::default(),
        };
        let begin = scanner.lexer.space(0);
        let read = match u32::try_from(document.len()) {
            Ok(_) => scanner.value(begin, self.root, 0, 0).and_then(|end| scanner.lexer.finish(end)),
            Err(_) => Err(scanner.lexer.stop(0, Fault::Size)),
        };
        if read.is_err() {
            return Err(scanner.lexer.error(None));
        }
        let values =
            self.slots.iter().map(|slot| slots.get(usize::from(*slot)).map_or(Value::MISSING, |slot| slot.value()));
        Ok(Picked { document, values: values.collect() })
    }
}

impl<'d> Picked<'d> {
    /// The value at the path of this index; none if it is not there. A `null` is there.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Raw<'d>> {
        raw(self.document, *self.values.get(index)?)
    }
}

/// The value in its document.
pub(crate) fn raw(document: &[u8], value: Value) -> Option<Raw<'_>> {
    if value.is_missing() {
        return None;
    }
    Some(Raw { kind: value.kind(), json: document.get(value.start()..value.end())? })
}

/// The segments of a path that starts at the document.
pub(crate) fn plain_path(text: &str, pointer: &Pointer) -> Result<Vec<String>, Problem> {
    match path::parse(text) {
        Ok(path) if path.context.is_none() => Ok(path.segments),
        Ok(_) => Err(pointer.problem(format!("`{text}` names a context, and there is none here"), None)),
        Err((message, hint)) => Err(pointer.problem(message, hint)),
    }
}
