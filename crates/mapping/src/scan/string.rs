//! Texts: finding their end, checking them, and taking their escapes apart.

use super::error::Fault;

/// Where a text ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted {
    /// Behind the closing quote.
    pub end: usize,
    pub escaped: bool,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of `word` that is a quote, a backslash or a control character. Bits above the lowest one
/// that is set may be wrong: borrows travel upwards.
#[inline(always)]
const fn special(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    let found =
        quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | word.wrapping_sub(ONES * 0x20) & !word;
    found & HIGHS
}

/// Reads a text whose opening quote is at `start`; `bytes[start]` is known to be the quote.
#[inline(always)]
pub(super) fn quoted(bytes: &[u8], start: usize) -> Result<Quoted, (usize, Fault)> {
    let mut at = start + 1;
    let mut high = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = special(word);
        if found != 0 {
            let skipped = (found.trailing_zeros() / 8) as usize;
            // The bytes behind the first special one do not belong to what has been passed.
            high |= word & HIGHS & ((1 << (8 * skipped)) - 1);
            at += skipped;
            break;
        }
        high |= word & HIGHS;
        at += 8;
    }
    if high == 0 && bytes.get(at) == Some(&b'"') {
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
                while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
                    let found = special(u64::from_le_bytes(*chunk));
                    if found != 0 {
                        at += (found.trailing_zeros() / 8) as usize;
                        break;
                    }
                    at += 8;
                }
            }
        }
    }
    let text = bytes.get(start + 1..at).unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(_) => Ok(Quoted { end: at + 1, escaped }),
        Err(error) => Err((start + 1 + error.valid_up_to(), Fault::Utf8)),
    }
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

/// JSON's white space.
#[inline(always)]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
