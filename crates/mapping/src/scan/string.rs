//! Texts: finding their end, checking them, and taking their escapes apart.

use wide::{i8x16, u8x16};

use super::error::Fault;
use super::utf8::is_utf8;

/// Where a text ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted {
    /// Behind the closing quote.
    pub end: usize,
    pub escaped: bool,
}

/// Where sixteen bytes hold a quote, a backslash, a control character or something that is not ASCII: one bit for each byte.
#[inline(always)]
fn stops(chunk: &[u8; 16]) -> u32 {
    // As signed numbers, what is not ASCII lies below the control characters.
    let bytes = i8x16::new(chunk.map(|byte| byte as i8));
    let quote = bytes.simd_eq(i8x16::splat(b'"' as i8));
    let slash = bytes.simd_eq(i8x16::splat(b'\\' as i8));
    let below = bytes.simd_lt(i8x16::splat(0x20));
    (quote | slash | below).to_bitmask()
}

/// The same without what is not ASCII.
#[inline(always)]
fn special(chunk: &[u8; 16]) -> u32 {
    let bytes = u8x16::new(*chunk);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let slash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    (quote | slash | control).to_bitmask()
}

/// Reads a short text, such as the name of a member, whose opening quote is at `start`.
#[inline(always)]
pub(super) fn quoted(bytes: &[u8], start: usize) -> Result<Quoted, (usize, Fault)> {
    let mut at = start + 1;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let found = stops(chunk);
        if found != 0 {
            return ended(bytes, start, at + found.trailing_zeros() as usize);
        }
        at += 16;
    }
    slow(bytes, start, at)
}

/// The same for values, which are longer: two stretches at a time spare a jump that cannot be foreseen.
#[inline(always)]
pub(super) fn quoted_value(bytes: &[u8], start: usize) -> Result<Quoted, (usize, Fault)> {
    let mut at = start + 1;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
        let (Some(near), Some(far)) = (chunk.first_chunk::<16>(), chunk.last_chunk::<16>()) else {
            break;
        };
        let found = stops(near) | stops(far) << 16;
        if found != 0 {
            return ended(bytes, start, at + found.trailing_zeros() as usize);
        }
        at += 32;
    }
    slow(bytes, start, at)
}

/// At the first byte of a text that is not an ordinary one: usually the closing quote.
#[inline(always)]
fn ended(bytes: &[u8], start: usize, at: usize) -> Result<Quoted, (usize, Fault)> {
    if bytes.get(at) == Some(&b'"') {
        return Ok(Quoted { end: at + 1, escaped: false });
    }
    slow(bytes, start, at)
}

/// The rest of a text that has escapes, is not ASCII, or lies at the end of the bytes.
#[cold]
#[inline(never)]
fn slow(bytes: &[u8], start: usize, from: usize) -> Result<Quoted, (usize, Fault)> {
    let mut at = from;
    let mut escaped = false;
    loop {
        match bytes.get(at) {
            None => return Err((bytes.len(), Fault::End)),
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                at = escape(bytes, at)?;
            }
            Some(0..0x20) => return Err((at, Fault::Control)),
            Some(_) => {
                at += 1;
                while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
                    let special = special(chunk);
                    if special != 0 {
                        at += special.trailing_zeros() as usize;
                        break;
                    }
                    at += 16;
                }
            }
        }
    }
    let text = bytes.get(start + 1..at).unwrap_or_default();
    if is_utf8(text) {
        return Ok(Quoted { end: at + 1, escaped });
    }
    let valid = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), |_| 0);
    Err((start + 1 + valid, Fault::Utf8))
}

/// Passes the escape at `at`, both halves of a surrogate pair together.
fn escape(bytes: &[u8], at: usize) -> Result<usize, (usize, Fault)> {
    match bytes.get(at + 1) {
        None => Err((bytes.len(), Fault::End)),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match hex(bytes, at + 2)? {
            0xDC00..=0xDFFF => Err((at, Fault::Surrogate)),
            0xD800..=0xDBFF => match (bytes.get(at + 6), bytes.get(at + 7)) {
                (Some(b'\\'), Some(b'u')) => match hex(bytes, at + 8)? {
                    0xDC00..=0xDFFF => Ok(at + 12),
                    _ => Err((at, Fault::Surrogate)),
                },
                _ => Err((at, Fault::Surrogate)),
            },
            _ => Ok(at + 6),
        },
        Some(_) => Err((at, Fault::Escape)),
    }
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, (usize, Fault)> {
    let Some(digits) = bytes.get(at..at + 4) else {
        return Err((bytes.len(), Fault::End));
    };
    digits.iter().try_fold(0, |value, &digit| {
        (digit as char).to_digit(16).map(|digit| value << 4 | digit).ok_or((at, Fault::Escape))
    })
}

/// Writes the text that the checked `raw` (without its quotes) stands for.
pub(crate) fn decode(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(slash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..slash).unwrap_or_default());
        let after = rest.get(slash + 1..).unwrap_or_default();
        let mut used = 1;
        match after.first() {
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'u') => {
                let mut code = hex(after, 1).unwrap_or(0xFFFD);
                used = 5;
                if (0xD800..0xDC00).contains(&code) {
                    let low = hex(after, 7).unwrap_or(0xDC00);
                    code = 0x10000 + ((code - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
                    used = 11;
                }
                let decoded = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(other) => out.push(*other),
            None => {}
        }
        rest = after.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// How many bytes at the start need no escape in JSON.
pub(crate) fn plain_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let special = special(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += 16;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// JSON's white space.
#[inline(always)]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
