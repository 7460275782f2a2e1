//! The grammar of JSON (RFC 8259), accepted exactly as serde_json accepts it, except that numbers of any size are let through.

use super::error::{Fault, ScanError};
use super::string::{Quoted, is_space, quoted, quoted_value};

/// Open arrays and objects; the next one is refused.
pub(crate) const MAX_DEPTH: u32 = 127;

/// The fault is in the lexer, so that a step fits two registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop;
pub(crate) type Step<T = usize> = Result<T, Stop>;

/// Bytes being read.
#[derive(Debug)]
pub(crate) struct Lexer<'b> {
    pub bytes: &'b [u8],
    /// Whether white space was passed since this was last cleared.
    pub spaced: bool,
    fault: Fault,
    offset: usize,
}

impl<'b> Lexer<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, spaced: false, fault: Fault::End, offset: 0 }
    }

    /// The fault that stopped it.
    pub(crate) fn error(&self, context: Option<usize>) -> ScanError {
        ScanError { offset: self.offset, fault: self.fault, context }
    }

    /// Remembers a fault at a place; `End` if the bytes end there.
    #[cold]
    pub(crate) fn stop(&mut self, at: usize, fault: Fault) -> Stop {
        let ended = at >= self.bytes.len() && fault != Fault::Trailing && fault != Fault::Size;
        self.fault = if ended { Fault::End } else { fault };
        self.offset = at.min(self.bytes.len());
        Stop
    }

    #[inline(always)]
    pub(crate) fn peek(&self, at: usize) -> u8 {
        // 0 stands for the end: no place of the grammar allows it.
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn space(&mut self, at: usize) -> usize {
        if self.peek(at) > b' ' { at } else { self.more_space(at) }
    }

    #[inline(never)]
    fn more_space(&mut self, mut at: usize) -> usize {
        while is_space(self.peek(at)) {
            self.spaced = true;
            at += 1;
        }
        at
    }

    /// A text whose opening quote is at `at`.
    #[inline(always)]
    pub(crate) fn string(&mut self, at: usize) -> Step<Quoted> {
        match quoted_value(self.bytes, at) {
            Ok(text) => Ok(text),
            Err((at, fault)) => Err(self.stop(at, fault)),
        }
    }

    /// The name of a member, up to and with its colon: the text, and where the value begins.
    #[inline(always)]
    pub(crate) fn key(&mut self, at: usize) -> Step<(Quoted, usize)> {
        if self.peek(at) != b'"' {
            return Err(self.stop(at, Fault::Key));
        }
        let name = match quoted(self.bytes, at) {
            Ok(name) => name,
            Err((at, fault)) => return Err(self.stop(at, fault)),
        };
        if self.peek(name.end) == b':' && self.peek(name.end + 1) > b' ' {
            return Ok((name, name.end + 1));
        }
        let colon = self.space(name.end);
        if self.peek(colon) != b':' {
            return Err(self.stop(colon, Fault::Colon));
        }
        Ok((name, self.space(colon + 1)))
    }

    /// Behind a member: where the next one begins, or (false) what lies behind the closing brace.
    #[inline(always)]
    pub(crate) fn next_member(&mut self, at: usize) -> Step<(bool, usize)> {
        if self.peek(at) == b',' && self.peek(at + 1) > b' ' {
            return Ok((true, at + 1));
        }
        self.next_part(at, b'}')
    }

    /// Behind a member or element, with white space wherever it may be.
    #[inline]
    pub(crate) fn next_part(&mut self, at: usize, closing: u8) -> Step<(bool, usize)> {
        let at = self.space(at);
        match self.peek(at) {
            b',' => Ok((true, self.space(at + 1))),
            byte if byte == closing => Ok((false, at + 1)),
            _ => Err(self.stop(at, if closing == b'}' { Fault::CommaOrBrace } else { Fault::CommaOrBracket })),
        }
    }

    #[inline(always)]
    pub(crate) fn number(&mut self, start: usize) -> Step {
        let mut at = start + usize::from(self.peek(start) == b'-');
        match self.peek(at) {
            b'0' => at += 1,
            b'1'..=b'9' => at = self.digits(at + 1),
            _ => return Err(self.stop(at, Fault::Number)),
        }
        if self.peek(at) == b'.' {
            let from = at + 1;
            at = self.digits(from);
            if at == from {
                return Err(self.stop(at, Fault::Number));
            }
        }
        if matches!(self.peek(at), b'e' | b'E') {
            let from = at + 1 + usize::from(matches!(self.peek(at + 1), b'+' | b'-'));
            at = self.digits(from);
            if at == from {
                return Err(self.stop(at, Fault::Number));
            }
        }
        Ok(at)
    }

    #[inline(always)]
    fn digits(&self, mut at: usize) -> usize {
        while self.peek(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    /// `true`, `false` or `null`.
    #[inline(always)]
    pub(crate) fn word(&mut self, at: usize, word: &[u8]) -> Step {
        if self.bytes.get(at..at + word.len()) == Some(word) {
            return Ok(at + word.len());
        }
        let same = word.iter().zip(self.bytes.get(at..).unwrap_or_default()).take_while(|(a, b)| a == b).count();
        Err(self.stop(at + same, Fault::Value))
    }

    /// Passes the value that begins at `at`, with `depth` arrays and objects open around it.
    #[inline(always)]
    pub(crate) fn skip(&mut self, at: usize, depth: u32) -> Step {
        if self.peek(at) == b'"' {
            return Ok(self.string(at)?.end);
        }
        self.skip_other(at, depth)
    }

    /// The same for what is not a text.
    #[inline(never)]
    pub(crate) fn skip_other(&mut self, at: usize, depth: u32) -> Step {
        match self.peek(at) {
            b'{' | b'[' => self.skip_nested(at, depth),
            _ => self.plain(at),
        }
    }

    /// A number, `true`, `false` or `null`.
    #[inline(always)]
    pub(crate) fn plain(&mut self, at: usize) -> Step {
        match self.peek(at) {
            b'-' | b'0'..=b'9' => self.number(at),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            _ => Err(self.stop(at, Fault::Value)),
        }
    }

    /// Passes an array or object. The kinds of the open ones are bits: the depth limit is below 128.
    #[inline(never)]
    pub(crate) fn skip_nested(&mut self, start: usize, depth: u32) -> Step {
        let mut at = start;
        let mut objects: u128 = 0;
        let mut open: u32 = 0;
        // Each round begins at a value.
        loop {
            match self.peek(at) {
                b'"' => at = self.string(at)?.end,
                bracket @ (b'{' | b'[') => {
                    if depth + open >= MAX_DEPTH {
                        return Err(self.stop(at, Fault::Depth));
                    }
                    let object = bracket == b'{';
                    at = self.space(at + 1);
                    if self.peek(at) == bracket + 2 {
                        at += 1;
                        if open == 0 {
                            return Ok(at);
                        }
                    } else {
                        objects = objects << 1 | u128::from(object);
                        open += 1;
                        if object {
                            at = self.key(at)?.1;
                        }
                        continue;
                    }
                }
                _ => at = self.plain(at)?,
            }
            // Behind a value: close what ends here, then go on to the next value.
            loop {
                let object = objects & 1 == 1;
                if object && self.peek(at) == b',' && self.peek(at + 1) == b'"' {
                    at = self.key(at + 1)?.1;
                    break;
                }
                at = self.space(at);
                match self.peek(at) {
                    b',' => {
                        at = self.space(at + 1);
                        if object {
                            at = self.key(at)?.1;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => {
                        let fault = if object { Fault::CommaOrBrace } else { Fault::CommaOrBracket };
                        return Err(self.stop(at, fault));
                    }
                }
                at += 1;
                objects >>= 1;
                open -= 1;
                if open == 0 {
                    return Ok(at);
                }
            }
        }
    }

    /// White space up to the end of the bytes, and nothing else.
    pub(crate) fn finish(&mut self, at: usize) -> Step {
        let at = self.space(at);
        if at < self.bytes.len() { Err(self.stop(at, Fault::Trailing)) } else { Ok(at) }
    }
}
