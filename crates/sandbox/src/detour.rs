//! A page without records in the middle of a list. Nobody is lost by it: who would have stood there stands on the page after it.

use rollcall_connector::definition::Page;

use crate::pages::{self, Standing};

/// Puts an empty page in the place of page `at`. Where an empty page is the end, the one at the end has to do; where there is one answer
/// only, there is no middle.
pub fn empty_page(page: &Page, standing: &mut Standing, from: &mut u64, at: u64) {
    if pages::ends_empty(page) || matches!(page, Page::None(_)) {
        return;
    }
    let size = standing.window.size;
    let asked = standing.window.start;
    let empty = at.saturating_mul(size);
    if empty > standing.total {
        return;
    }
    standing.more_pages = 1;
    let with_empty = standing.total + size;
    standing.next = (asked + size < with_empty).then_some(asked + size);
    if asked == empty {
        standing.given = 0;
    } else if asked > empty {
        *from = asked - size;
        standing.given = size.min(standing.total.saturating_sub(*from));
    }
}
