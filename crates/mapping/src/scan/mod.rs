//! Reading JSON forward, once: `lex` knows the grammar, `walk` fills slots, `trail` guesses names.

mod error;
mod lex;
mod string;
mod trail;
mod utf8;
mod walk;

pub use error::{Fault, ScanError};
pub(crate) use lex::{Lexer, MAX_DEPTH, Step};
pub(crate) use string::{decode, is_space, plain_length};
pub(crate) use trail::Trail;
pub(crate) use walk::Scanner;
