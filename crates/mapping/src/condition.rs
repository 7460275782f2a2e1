//! Conditions over a document: bodies that are errors, rows of a table that are wanted.

use serde_json::Value as Json;

use crate::compile::{At, Compiler, Scope};
use crate::plan::{self, Core};
use crate::problem::{Pointer, Problem};
use crate::run::{Inputs, Run, Scratch, Sources, Start};
use crate::scan::{Lexer, ScanError};

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition {
    core: Core,
    condition: plan::Condition,
}

impl Condition {
    /// Compiles a condition; its paths may start at the document or at one of the contexts.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn compile(value: &Json, contexts: &[&str]) -> Result<Self, Vec<Problem>> {
        let scope = Scope { contexts, tables: &[] };
        let mut compiler = Compiler::new(&scope);
        let condition = compiler.condition(value, &At::root(Pointer::default()));
        let core = compiler.finish()?;
        condition.map(|condition| Self { core, condition }).ok_or_else(Vec::new)
    }

    /// Whether it holds. What is missing, null or empty is unlike every value.
    ///
    /// # Errors
    /// The document is not one JSON value.
    pub fn holds(&self, document: &[u8], contexts: &[Option<&[u8]>], scratch: &mut Scratch) -> Result<bool, ScanError> {
        self.run(document, contexts, scratch, |run| run.holds(&self.condition, 0))
    }

    /// As [`Condition::holds`], but none when nothing is known of what it asks for.
    ///
    /// # Errors
    /// The document is not one JSON value.
    pub fn test(
        &self,
        document: &[u8],
        contexts: &[Option<&[u8]>],
        scratch: &mut Scratch,
    ) -> Result<Option<bool>, ScanError> {
        self.run(document, contexts, scratch, |run| {
            let known = run.knows(&self.condition, 0);
            known.then(|| run.holds(&self.condition, 0))
        })
    }

    fn run<T>(
        &self,
        document: &[u8],
        contexts: &[Option<&[u8]>],
        scratch: &mut Scratch,
        then: impl FnOnce(&mut Run<'_>) -> T,
    ) -> Result<T, ScanError> {
        let inputs = Inputs { contexts, ..Inputs::none() };
        let from = Sources { core: &self.core, page: document, inputs: &inputs };
        let (_, end, _) = from.scan(Start::default(), scratch)?;
        let mut lexer = Lexer::new(document);
        match lexer.finish(end) {
            Ok(_) => Ok(then(&mut Run { from, scratch, out: &mut Vec::new() })),
            Err(_) => Err(lexer.error(None)),
        }
    }
}
