//! Why bytes are not the JSON that was expected.

use std::fmt;

/// What was wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end inside a value.
    End,
    /// Something else stands where a value begins.
    Value,
    Number,
    /// A control character in a text.
    Control,
    Escape,
    /// Half of a pair of UTF-16 surrogates.
    Surrogate,
    Utf8,
    /// A member of an object must begin with a quote.
    Key,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    /// Nested more than 127 levels deep.
    Depth,
    /// More bytes after the value.
    Trailing,
    /// Larger than 4 GiB, or more elements than are kept for one record.
    Size,
    /// Where the records should be is something that is not an array.
    NotAnArray,
    /// Where the records should be, or on the way to them, is something that is not an object.
    NotAnObject,
    /// The member that holds the records is there twice.
    Twice,
}

/// A fault with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScanError {
    /// Counted from the start of the bytes that were read.
    pub offset: usize,
    pub fault: Fault,
    /// The context whose value was read, if it was not the page.
    pub context: Option<usize>,
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::End => "the JSON ends inside a value",
            Fault::Value => "expected a JSON value",
            Fault::Number => "a malformed number",
            Fault::Control => "a control character in a text",
            Fault::Escape => "an unknown escape in a text",
            Fault::Surrogate => "a lone surrogate in a text",
            Fault::Utf8 => "bytes that are not UTF-8",
            Fault::Key => "expected the name of a member",
            Fault::Colon => "expected `:`",
            Fault::CommaOrBrace => "expected `,` or `}`",
            Fault::CommaOrBracket => "expected `,` or `]`",
            Fault::Depth => "nested more than 127 levels deep",
            Fault::Trailing => "more bytes after the end of the JSON value",
            Fault::Size => "too large to map",
            Fault::NotAnArray => "expected an array of records",
            Fault::NotAnObject => "expected an object",
            Fault::Twice => "the member that holds the records is there twice",
        };
        write!(f, "{what} at byte {}", self.offset)?;
        match self.context {
            Some(context) => write!(f, " of context {context}"),
            None => Ok(()),
        }
    }
}
