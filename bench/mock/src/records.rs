//! One list of people: the generated records, joined as in a page, and served over for a number of rounds.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::{memchr_iter, memmem};

use crate::body::Pieces;

/// Ends each record in the generated file; JSON text cannot hold it.
const END_OF_RECORD: u8 = 0x1e;
/// Stands in each id, login and link; the digits in the middle take the number of the round.
const ROUND_MARK: &[u8] = b"90000009";
const ROUND_DIGITS: Range<usize> = 1..7;

pub struct Records {
    joined: Bytes,
    /// Where each record lies in `joined`.
    places: Vec<Range<usize>>,
    /// Where the round's digits begin, in rising order.
    marks: Vec<usize>,
    separator: &'static [u8],
    rounds: usize,
}

impl Records {
    pub fn new(file: &[u8], separator: &'static [u8], rounds: usize) -> Self {
        let mut joined = Vec::with_capacity(file.len() + file.len() / 200);
        let mut places = Vec::new();
        let mut start = 0;
        for end in memchr_iter(END_OF_RECORD, file) {
            if !places.is_empty() {
                joined.extend_from_slice(separator);
            }
            let from = joined.len();
            joined.extend_from_slice(&file[start..end]);
            places.push(from..joined.len());
            start = end + 1;
        }
        let marks = memmem::find_iter(&joined, ROUND_MARK).map(|at| at + ROUND_DIGITS.start).collect();
        Self { joined: joined.into(), places, marks, separator, rounds }
    }

    /// How many people the list holds, over all rounds.
    pub fn len(&self) -> usize {
        self.places.len() * self.rounds
    }

    /// Adds the people `range` to a page, parted by the shape's separator. The range must lie within the list.
    pub fn write(&self, range: Range<usize>, page: &mut Pieces) {
        let per_round = self.places.len();
        let mut next = range.start;
        while next < range.end {
            let round = next / per_round;
            let stop = range.end.min((round + 1) * per_round);
            if next > range.start {
                page.push(self.separator);
            }
            let first = &self.places[next - round * per_round];
            let last = &self.places[stop - 1 - round * per_round];
            page.push(self.of_round(first.start..last.end, round));
            next = stop;
        }
    }

    fn of_round(&self, span: Range<usize>, round: usize) -> Bytes {
        if round == 0 {
            return self.joined.slice(span);
        }
        let mut copy = BytesMut::from(&self.joined[span.clone()]);
        let digits = format!("{round:06}");
        let from = self.marks.partition_point(|mark| *mark < span.start);
        for mark in self.marks[from..].iter().take_while(|mark| **mark < span.end) {
            let at = mark - span.start;
            copy[at..at + ROUND_DIGITS.len()].copy_from_slice(digits.as_bytes());
        }
        copy.freeze()
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body;

    use super::*;

    fn page(records: &Records, range: Range<usize>) -> String {
        let mut pieces = Pieces::default();
        records.write(range, &mut pieces);
        let promised = pieces.size_hint().exact();
        let mut text = Vec::new();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        while let std::task::Poll::Ready(Some(Ok(frame))) = std::pin::Pin::new(&mut pieces).poll_frame(&mut context) {
            text.extend_from_slice(frame.data_ref().unwrap());
        }
        assert_eq!(promised, Some(text.len() as u64), "the promised length is the length sent");
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_page_is_the_records_parted_by_the_separator() {
        let records = Records::new(b"{1}\x1e{22}\x1e{3}\x1e", b",", 1);
        assert_eq!(records.len(), 3);
        assert_eq!(page(&records, 0..2), "{1},{22}");
        assert_eq!(page(&records, 2..3), "{3}");
    }

    #[test]
    fn each_round_serves_other_people() {
        let records = Records::new(b"{a90000009, a90000009}\x1e{b90000009}\x1e", b",", 3);
        assert_eq!(records.len(), 6);
        assert_eq!(page(&records, 0..2), "{a90000009, a90000009},{b90000009}");
        assert_eq!(page(&records, 4..6), "{a90000029, a90000029},{b90000029}");
    }

    #[test]
    fn a_page_may_reach_over_rounds() {
        let records = Records::new(b"{a90000009}\x1e{b90000009}\x1e", b",", 3);
        assert_eq!(page(&records, 1..5), "{b90000009},{a90000019},{b90000019},{a90000029}");
    }

    #[test]
    fn an_empty_list_has_nobody() {
        assert_eq!(Records::new(b"", b",", 5).len(), 0);
    }
}
