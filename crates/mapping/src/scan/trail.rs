//! The names of members in the order in which earlier records had them.
//!
//! The records of a page are alike: where a member is the one that was there the last time, comparing its name with that one spares
//! finding its end and looking it up, and the machine can go on with the value before the comparison is done. What a name leads to
//! depends on the name and its node alone, so a wrong guess costs time and nothing else.

use std::sync::Arc;

/// No step, or a member that is not wanted.
pub(crate) const NONE: u32 = u32::MAX;

/// How many steps are kept: beyond that, records are not alike.
const MAX_STEPS: usize = 1024;

/// How many members may be absent before one is taken for new.
const AHEAD: usize = 8;

/// After so many records it is seen whether guessing is worth it.
const TRIAL: u32 = 64;

/// What is expected of the next record of a plan.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    steps: Vec<Step>,
    /// By node: its first step.
    first: Vec<u32>,
    /// Tells the plan whose nodes these are.
    plan: Option<Arc<Vec<String>>>,
    on: bool,
    given_up: bool,
    records: u32,
    followed: u32,
    strayed: u32,
}

/// A name as it is written, `"name":`, of up to 32 bytes.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// The first sixteen bytes, as far as there are so many.
    head: u128,
    mask: u128,
    /// The last sixteen, where there are more.
    tail: u128,
    length: u32,
    child: u32,
    /// What came behind it.
    next: u32,
    /// The first step inside its value, where that is an object of which nothing is wanted.
    inside: u32,
}

/// A member that was met: what it leads to, and its step if it is on the trail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub child: u32,
    pub step: u32,
}

/// Where one object is on the trail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    owner: Owner,
    before: u32,
    expected: u32,
    followed: u32,
}

/// Whose members are on a course.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Node(u32),
    Step(u32),
}

impl Trail {
    /// A name is compared only where so many bytes follow its opening quote.
    pub(crate) const READS: usize = 16;

    /// Before each record. A plan's first record is no trail yet: what is read once need not be remembered.
    pub(crate) fn begin(&mut self, plan: &Arc<Vec<String>>, nodes: usize) {
        if self.plan.as_ref().is_none_or(|known| !Arc::ptr_eq(known, plan)) {
            *self = Self { plan: Some(Arc::clone(plan)), ..Self::default() };
            return;
        }
        if !self.on && !self.given_up {
            self.on = true;
            self.first.resize(nodes, NONE);
        }
        self.records += 1;
        if self.records == TRIAL {
            if self.strayed > self.followed {
                *self = Self { plan: self.plan.take(), given_up: true, ..Self::default() };
            }
            (self.records, self.followed, self.strayed) = (0, 0, 0);
        }
    }

    /// Entering an object.
    #[inline(always)]
    pub(crate) fn enter(&self, node: u32) -> Course {
        let expected = self.first.get(node as usize).copied().unwrap_or(NONE);
        Course { owner: Owner::Node(node), before: NONE, expected, followed: 0 }
    }

    /// Entering an object of which nothing is wanted, the value of a member that is on the trail.
    #[inline(always)]
    pub(crate) fn enter_unwanted(&self, step: u32) -> Course {
        let expected = self.steps.get(step as usize).map_or(NONE, |step| step.inside);
        Course { owner: Owner::Step(step), before: NONE, expected, followed: 0 }
    }

    /// The member at `at`, if it is the expected one, and what lies behind its colon.
    #[inline(always)]
    pub(crate) fn follow(&self, bytes: &[u8], at: usize, course: &mut Course) -> Option<(Met, usize)> {
        let step = self.steps.get(course.expected as usize)?;
        let end = step.ends(bytes, at)?;
        let met = Met { child: step.child, step: course.expected };
        course.before = course.expected;
        course.expected = step.next;
        course.followed += 1;
        Some((met, end))
    }

    /// The same for those behind the expected one, which is absent from this object then.
    #[inline(never)]
    pub(crate) fn follow_ahead(&self, bytes: &[u8], at: usize, course: &mut Course) -> Option<(Met, usize)> {
        let mut ahead = self.steps.get(course.expected as usize)?.next;
        for _ in 0..AHEAD {
            let step = self.steps.get(ahead as usize)?;
            if let Some(end) = step.ends(bytes, at) {
                course.before = ahead;
                course.expected = step.next;
                course.followed += 1;
                return Some((Met { child: step.child, step: ahead }, end));
            }
            ahead = step.next;
        }
        None
    }

    /// Remembers a member that was not expected; `name` is without its quotes and has no escapes.
    pub(crate) fn learn(&mut self, name: &[u8], child: u32, course: &mut Course) -> Met {
        let unknown = Met { child, step: NONE };
        if !self.on {
            return unknown;
        }
        self.strayed = self.strayed.saturating_add(1);
        if self.steps.len() >= MAX_STEPS {
            return unknown;
        }
        let Some(step) = Step::new(name, child, course.expected) else {
            return unknown;
        };
        let new = self.steps.len() as u32;
        let link = match (self.steps.get_mut(course.before as usize), course.owner) {
            (Some(before), _) => Some(&mut before.next),
            (None, Owner::Node(node)) => self.first.get_mut(node as usize),
            (None, Owner::Step(step)) => self.steps.get_mut(step as usize).map(|step| &mut step.inside),
        };
        let Some(link) = link else {
            return unknown;
        };
        *link = new;
        self.steps.push(step);
        course.before = new;
        Met { child, step: new }
    }

    /// Leaving an object.
    #[inline(always)]
    pub(crate) fn leave(&mut self, course: Course) {
        self.followed = self.followed.saturating_add(course.followed);
    }
}

impl Step {
    fn new(name: &[u8], child: u32, next: u32) -> Option<Self> {
        let mut written = [0_u8; 32];
        let length = name.len() + 3;
        let (quote, rest) = written.split_first_mut()?;
        *quote = b'"';
        rest.get_mut(..name.len())?.copy_from_slice(name);
        rest.get_mut(name.len()..name.len() + 2)?.copy_from_slice(b"\":");
        let head = u128::from_le_bytes(*written.first_chunk::<16>()?);
        let mask = if length >= 16 { u128::MAX } else { (1 << (length * 8)) - 1 };
        let tail = written.get(length.saturating_sub(16)..).and_then(<[u8]>::first_chunk::<16>)?;
        Some(Self { head, mask, tail: u128::from_le_bytes(*tail), length: length as u32, child, next, inside: NONE })
    }

    /// Where the name ends that stands at `at`, if it is this one.
    #[inline(always)]
    fn ends(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let head = u128::from_le_bytes(*bytes.get(at..)?.first_chunk::<16>()?);
        let end = at + self.length as usize;
        if head & self.mask != self.head {
            return None;
        }
        if self.length > 16 {
            let tail = u128::from_le_bytes(*bytes.get(end - 16..)?.first_chunk::<16>()?);
            if tail != self.tail {
                return None;
            }
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::{NONE, Step};

    #[test]
    fn a_name_is_only_itself() {
        let names: Vec<String> =
            (0..29).map(|length| "abcdefghijklmnopqrstuvwxyz0123456789"[..length].to_owned()).collect();
        for (place, name) in names.iter().enumerate() {
            let step = Step::new(name.as_bytes(), 7, NONE).unwrap();
            for (other, text) in names.iter().enumerate() {
                let page = format!("{{\"{text}\":1,                                  ");
                let expected = (place == other).then_some(text.len() + 4);
                assert_eq!(step.ends(page.as_bytes(), 1), expected, "{name} in {text}");
            }
            // Any other byte in the name is another name.
            for at in 0..name.len() + 3 {
                let mut page = format!("\"{name}\":1                                  ").into_bytes();
                page[at] ^= 1;
                assert_eq!(step.ends(&page, 0), None);
            }
            assert_eq!(step.ends(format!("\"{name}\":").as_bytes(), 0), (name.len() >= 13).then_some(name.len() + 3));
        }
        assert!(Step::new(&[b'a'; 30], 7, NONE).is_none());
    }
}
