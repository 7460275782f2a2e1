//! Whether short texts are UTF-8, without jumps that depend on them.
//!
//! A state machine whose state is a shift: each byte has a row of six bits for each state, which hold the next state.

/// Between characters.
const START: usize = 0;
/// One, two or three more bytes of `80..=BF`.
const ONE: usize = 1;
const TWO: usize = 2;
const THREE: usize = 3;
/// Behind `E0`, `ED`, `F0` and `F4`, whose next byte is limited further: no overlong forms, no surrogates, nothing beyond U+10FFFF.
const E0: usize = 4;
const ED: usize = 5;
const F0: usize = 6;
const F4: usize = 7;
const WRONG: usize = 8;

const ROWS: [u64; 256] = {
    let mut rows = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut state = 0;
        while state <= WRONG {
            rows[byte] |= ((next(state, byte) * 6) as u64) << (state * 6);
            state += 1;
        }
        byte += 1;
    }
    rows
};

const fn next(state: usize, byte: usize) -> usize {
    match (state, byte) {
        (START, 0..=0x7F) => START,
        (START, 0xC2..=0xDF) => ONE,
        (START, 0xE0) => E0,
        (START, 0xED) => ED,
        (START, 0xE1..=0xEF) => TWO,
        (START, 0xF0) => F0,
        (START, 0xF1..=0xF3) => THREE,
        (START, 0xF4) => F4,
        (ONE, 0x80..=0xBF) => START,
        (TWO, 0x80..=0xBF) | (E0, 0xA0..=0xBF) | (ED, 0x80..=0x9F) => ONE,
        (THREE, 0x80..=0xBF) | (F0, 0x90..=0xBF) | (F4, 0x80..=0x8F) => TWO,
        _ => WRONG,
    }
}

pub(super) fn is_utf8(text: &[u8]) -> bool {
    let mut state = 0;
    for byte in text {
        state = ROWS[usize::from(*byte)] >> (state & 63);
    }
    state & 63 == (START * 6) as u64
}

#[cfg(test)]
mod tests {
    use super::is_utf8;

    #[test]
    fn agrees_with_the_standard_library() {
        // All sequences of up to three bytes, and those of four that begin with a lead byte of three or four.
        for first in 0..=255 {
            assert_eq!(is_utf8(&[first]), std::str::from_utf8(&[first]).is_ok());
            for second in 0..=255 {
                let two = [first, second];
                assert_eq!(is_utf8(&two), std::str::from_utf8(&two).is_ok());
                for third in
                    [0, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF]
                {
                    let three = [first, second, third];
                    assert_eq!(is_utf8(&three), std::str::from_utf8(&three).is_ok());
                    for fourth in [0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xFF] {
                        let four = [first, second, third, fourth];
                        assert_eq!(is_utf8(&four), std::str::from_utf8(&four).is_ok(), "{four:x?}");
                    }
                }
            }
        }
        assert!(is_utf8(b"") && is_utf8("Łącka 美咲 😀".as_bytes()));
    }
}
