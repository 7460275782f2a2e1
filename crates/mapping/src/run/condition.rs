//! Whether a condition holds.

use super::{Run, Scratch};
use crate::plan::{Condition, Place, Test};
use crate::raw;
use crate::slot::{Kind, Value};

impl Run<'_> {
    pub(crate) fn holds(&self, scratch: &mut Scratch, condition: &Condition, base: usize) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|condition| self.holds(scratch, condition, base)),
            Condition::Any(any) => any.iter().any(|condition| self.holds(scratch, condition, base)),
            Condition::None(none) => !none.iter().any(|condition| self.holds(scratch, condition, base)),
            Condition::Is(place, test) => self.is(scratch, *place, test, base),
        }
    }

    /// Whether anything is known that the condition asks for. A test for presence knows its answer from nothing.
    pub(crate) fn knows(&self, scratch: &mut Scratch, condition: &Condition, base: usize) -> bool {
        match condition {
            Condition::All(parts) | Condition::Any(parts) | Condition::None(parts) => {
                parts.is_empty() || parts.iter().any(|condition| self.knows(scratch, condition, base))
            }
            Condition::Is(_, test) if asks_for_presence(test) => true,
            Condition::Is(place, _) => {
                let value = Self::slot(scratch, *place, base).value;
                // An empty array or object is an answer; an empty text is none.
                matches!(value.kind, Kind::Array | Kind::Object) || !self.is_empty(scratch, value)
            }
        }
    }

    fn is(&self, scratch: &mut Scratch, place: Place, test: &Test, base: usize) -> bool {
        let value = Self::slot(scratch, place, base).value;
        self.passes(scratch, value, test)
    }

    fn passes(&self, scratch: &mut Scratch, value: Value, test: &Test) -> bool {
        match test {
            Test::Present => !self.is_empty(scratch, value),
            Test::Absent => self.is_empty(scratch, value),
            Test::Not(test) => !self.passes(scratch, value, test),
            Test::All(tests) => tests.iter().all(|test| self.passes(scratch, value, test)),
            Test::OneOf(texts) => self.compare(scratch, value, |text| texts.get(text).is_some()),
            Test::StartsWith(part) => self.compare(scratch, value, |text| text.starts_with(part)),
            Test::EndsWith(part) => self.compare(scratch, value, |text| text.ends_with(part)),
            Test::Contains(part) if value.kind == Kind::Array => {
                let json = self.bytes(scratch, value);
                raw::elements(json).any(|element| element.is_text(part))
            }
            Test::Contains(part) => self.compare(scratch, value, |text| memchr::memmem::find(text, part).is_some()),
        }
    }

    #[inline]
    fn compare(&self, scratch: &mut Scratch, value: Value, fits: impl Fn(&[u8]) -> bool) -> bool {
        let text = self.text(scratch, value);
        !text.is_missing() && fits(self.bytes(scratch, text))
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
