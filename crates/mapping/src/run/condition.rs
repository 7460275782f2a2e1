//! Whether a condition holds.

use super::Run;
use crate::plan::{Condition, Test};
use crate::raw;
use crate::slot::{Kind, Value};

impl Run<'_> {
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

    /// Whether anything is known that the condition asks for. A test for presence knows its answer from nothing.
    pub(crate) fn knows(&mut self, condition: &Condition, base: usize) -> bool {
        match condition {
            Condition::Is(_, test) if asks_for_presence(test) => true,
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
