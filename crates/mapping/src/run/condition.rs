//! Whether a condition holds.

use super::Run;
use crate::plan::{Condition, Test};
use crate::raw;
use crate::slot::{Kind, Value};

impl Run<'_> {
    /// Whether it holds; none when that hangs on what could not be read.
    #[inline]
    pub(crate) fn verdict(&mut self, condition: &Condition, base: usize) -> Option<bool> {
        if !self.scratch.any_unread {
            return Some(self.holds(condition, base));
        }
        let verdict = self.weigh(condition, base);
        if verdict.is_none() {
            self.touch();
        }
        verdict
    }

    fn weigh(&mut self, condition: &Condition, base: usize) -> Option<bool> {
        match condition {
            Condition::Is(place, _) if self.slot(*place, base).value().is_unread() => None,
            Condition::Is(..) => Some(self.holds(condition, base)),
            Condition::All(all) => self.weigh_all(all, base, false),
            Condition::Any(any) => self.weigh_all(any, base, true),
            Condition::None(none) => self.weigh_all(none, base, true).map(|any| !any),
        }
    }

    /// One part with the verdict `decisive` decides, whatever the others are.
    fn weigh_all(&mut self, parts: &[Condition], base: usize, decisive: bool) -> Option<bool> {
        let mut whole = Some(!decisive);
        for part in parts {
            match self.weigh(part, base) {
                Some(verdict) if verdict == decisive => return Some(decisive),
                Some(_) => {}
                None => whole = None,
            }
        }
        whole
    }

    /// Notes that something was asked for that could not be read.
    pub(super) fn touch(&mut self) {
        self.scratch.is_unread = true;
        self.scratch.touched = self.scratch.touched.wrapping_add(1);
    }

    pub(crate) fn holds(&mut self, condition: &Condition, base: usize) -> bool {
        match condition {
            Condition::Is(place, test) => {
                let value = self.slot(*place, base).value();
                self.passes(value, test)
            }
            Condition::All(all) => all.iter().all(|condition| self.holds(condition, base)),
            Condition::Any(any) => any.iter().any(|condition| self.holds(condition, base)),
            Condition::None(none) => !none.iter().any(|condition| self.holds(condition, base)),
        }
    }

    /// Whether anything is known that the condition asks for. A test for presence knows its answer from a null, too.
    pub(crate) fn knows(&mut self, condition: &Condition, base: usize) -> bool {
        match condition {
            Condition::Is(place, test) if asks_for_presence(test) => !self.slot(*place, base).value().is_missing(),
            Condition::Is(place, _) => {
                let value = self.slot(*place, base).value();
                // An empty array or object is an answer; an empty text is none.
                matches!(value.kind(), Kind::Array | Kind::Object) || !self.is_empty(value)
            }
            Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => {
                parts.iter().any(|condition| self.knows(condition, base))
            }
        }
    }

    fn passes(&mut self, value: Value, test: &Test) -> bool {
        match test {
            Test::OneOf(texts) => self.compare(value, |text| texts.get(text).is_some()),
            Test::Present => !self.is_empty(value),
            Test::Absent => self.is_empty(value),
            Test::Not(test) => !self.passes(value, test),
            Test::All(tests) => tests.iter().all(|test| self.passes(value, test)),
            Test::StartsWith(part) => self.compare(value, |text| text.starts_with(part)),
            Test::EndsWith(part) => self.compare(value, |text| text.ends_with(part)),
            Test::Contains(part) if value.kind() == Kind::Array => {
                raw::elements(self.bytes(value)).any(|element| element.is_text(part))
            }
            Test::Contains(part) => self.compare(value, |text| memchr::memmem::find(text, part).is_some()),
        }
    }

    #[inline]
    fn compare(&mut self, value: Value, fits: impl Fn(&[u8]) -> bool) -> bool {
        let text = self.text(value);
        !text.is_missing() && fits(self.bytes(text))
    }
}

fn asks_for_presence(test: &Test) -> bool {
    match test {
        Test::Present | Test::Absent => true,
        Test::Not(test) => asks_for_presence(test),
        Test::All(tests) => tests.iter().any(asks_for_presence),
        _ => false,
    }
}
