//! Appending short stretches of bytes without calling memcpy for each.

/// Stretches up to this long are copied as a block of this size, which is cut back afterwards.
pub(crate) const BLOCK: usize = 32;

/// Appends `from[start..end]`.
#[inline(always)]
pub(crate) fn append(out: &mut Vec<u8>, from: &[u8], start: usize, end: usize) {
    if let Some(block) = from.get(start..).and_then(|rest| rest.first_chunk::<BLOCK>())
        && end - start <= BLOCK
    {
        let length = out.len() + (end - start);
        out.extend_from_slice(block);
        out.truncate(length);
        return;
    }
    out.extend_from_slice(from.get(start..end).unwrap_or_default());
}
