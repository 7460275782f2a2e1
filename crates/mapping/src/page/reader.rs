//! Walks to the records and stops at each.

use super::route::{Last, PagePlan, Step as Way};
use crate::path;
use crate::pick::raw;
use crate::raw::Raw;
use crate::run::Start;
use crate::scan::{Fault, Lexer, MAX_DEPTH, ScanError, Scanner, Step, Trail};
use crate::slot::{Kind, PAGE, Slot, Value};
use crate::tree::NodeId;

/// A page being read.
#[derive(Debug)]
pub struct Records<'p> {
    plan: &'p PagePlan,
    lexer: Lexer<'p>,
    slots: Vec<Slot>,
    open: Vec<Open>,
    /// Behind what has been read.
    at: usize,
    /// The record that was handed out and not given back.
    pending: Option<Start>,
    key: Option<Value>,
    state: State,
    missing: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Begin,
    Inside,
    Ended,
    Failed(ScanError),
}

/// An array or object on the way.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: usize,
    mode: Mode,
    /// The step of the route that leads from here.
    step: usize,
    node: Option<NodeId>,
    /// Nothing of it has been read yet.
    fresh: bool,
    /// What leads on has been there.
    seen: bool,
    /// The elements passed, of an array with one element that leads on.
    index: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// An object with one member that leads on.
    Member,
    /// An array with one element that leads on, the one of this index.
    Element(u32),
    /// An array whose elements all lead on.
    Each,
    Records,
    Values,
}

impl PagePlan {
    /// Begins to read a page.
    #[must_use]
    pub fn read<'p>(&'p self, page: &'p [u8]) -> Records<'p> {
        let size = self.tree.frames.first().map_or(0, |frame| usize::from(frame.slots));
        let mut lexer = Lexer::new(page);
        let mut state = State::Begin;
        if u32::try_from(page.len()).is_err() {
            lexer.stop(0, Fault::Size);
            state = State::Failed(lexer.error(None));
        }
        Records {
            plan: self,
            lexer,
            slots: vec![Slot::default(); size],
            open: Vec::new(),
            at: 0,
            pending: None,
            key: None,
            state,
            missing: 0,
        }
    }
}

impl<'p> Records<'p> {
    /// Where the next record begins; none when the page has been read to its end and found whole.
    ///
    /// A record that was not given back by [`Records::resume`] is passed over.
    ///
    /// # Errors
    /// The page is not JSON, or has something else where the records should be. It stays that error.
    #[expect(clippy::should_implement_trait, reason = "an iterator could not be resumed")]
    pub fn next(&mut self) -> Result<Option<Start>, ScanError> {
        if let State::Failed(error) = self.state {
            return Err(error);
        }
        match self.advance() {
            Ok(start) => Ok(start),
            Err(_) => {
                let error = self.lexer.error(None);
                self.state = State::Failed(error);
                Err(error)
            }
        }
    }

    /// Says where the record that [`Records::next`] gave has ended.
    pub fn resume(&mut self, end: usize) {
        if let Some(start) = self.pending.take() {
            self.at = end;
            // Paths that lead into the one record are picked from it.
            if self.plan.last == Last::One
                && let Some(node) = self.plan.nodes.last().and_then(|node| self.plan.tree.nodes.get(*node as usize))
                && let Some(slot) = self.slots.get_mut(usize::from(node.slot))
            {
                slot.set(Value::new(Kind::Object, PAGE, start.offset, end));
            }
        }
    }

    /// The bytes of the next record, unmapped.
    ///
    /// # Errors
    /// As [`Records::next`].
    pub fn next_slice(&mut self) -> Result<Option<&'p [u8]>, ScanError> {
        let Some(start) = self.next()? else {
            return Ok(None);
        };
        match self.lexer.skip(start.offset, start.depth) {
            Ok(end) => {
                self.resume(end);
                Ok(self.lexer.bytes.get(start.offset..end))
            }
            Err(_) => {
                let error = self.lexer.error(None);
                self.state = State::Failed(error);
                Err(error)
            }
        }
    }

    /// The name of the current record's member in `ValuesOf`, as JSON.
    #[must_use]
    pub fn key(&self) -> Option<&'p [u8]> {
        self.key.and_then(|key| raw(self.lexer.bytes, key)).map(|raw| raw.json)
    }

    /// How many times the array of records was missing or null. Complete once the end is reached.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// A picked value; complete once the end is reached. A `null` is there.
    #[must_use]
    pub fn picked(&self, index: usize) -> Option<Raw<'p>> {
        let pick = self.plan.picks.get(index)?;
        let value = self.slots.get(usize::from(pick.slot))?.value();
        raw(self.lexer.bytes, value)?.at(&pick.rest)
    }

    fn advance(&mut self) -> Step<Option<Start>> {
        if let Some(start) = self.pending {
            let end = self.lexer.skip(start.offset, start.depth)?;
            self.resume(end);
        }
        if self.plan.last == Last::Lines {
            return self.line();
        }
        if self.state == State::Begin {
            self.state = State::Inside;
            let at = self.lexer.space(0);
            if let Some(start) = self.enter(at, 0, self.plan.nodes.first().copied())? {
                return Ok(Some(start));
            }
        }
        while self.state != State::Ended {
            if let Some(start) = self.step()? {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }

    /// One line of NDJSON.
    fn line(&mut self) -> Step<Option<Start>> {
        let at = self.lexer.space(self.at);
        if at == self.lexer.bytes.len() {
            self.state = State::Ended;
            return Ok(None);
        }
        let broken = self.lexer.bytes.get(self.at..at).is_some_and(|space| space.contains(&b'\n'));
        if self.state == State::Inside && !broken {
            return Err(self.lexer.stop(at, Fault::Trailing));
        }
        self.state = State::Inside;
        Ok(Some(self.hand_out(at)))
    }

    /// On to the next member, element or closing bracket of the innermost that is open.
    fn step(&mut self) -> Step<Option<Start>> {
        let Some(open) = self.open.last_mut() else {
            self.at = self.lexer.finish(self.at)?;
            self.state = State::Ended;
            return Ok(None);
        };
        let object = matches!(open.mode, Mode::Member | Mode::Values);
        let closing = if object { b'}' } else { b']' };
        let fresh = std::mem::take(&mut open.fresh);
        let mut at = self.lexer.space(self.at);
        match self.lexer.peek(at) {
            byte if byte == closing => {
                self.close(at + 1);
                return Ok(None);
            }
            b',' if !fresh => at = self.lexer.space(at + 1),
            _ if fresh => {}
            _ => {
                return Err(self.lexer.stop(at, if object { Fault::CommaOrBrace } else { Fault::CommaOrBracket }));
            }
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(None);
        };
        let (step, mode) = (open.step, open.mode);
        match mode {
            Mode::Records => Ok(Some(self.hand_out(at))),
            Mode::Values => {
                let (name, value) = self.lexer.key(at)?;
                let kind = if name.escaped { Kind::Escaped } else { Kind::Plain };
                self.key = Some(Value::new(kind, PAGE, at, name.end));
                Ok(Some(self.hand_out(value)))
            }
            Mode::Each => self.enter(at, step + 1, None),
            Mode::Element(wanted) => {
                let index = open.index;
                open.index = index.saturating_add(1);
                let node = open.node.and_then(|node| self.plan.tree.nodes.get(node as usize));
                let child =
                    node.and_then(|node| node.indices.iter().find(|known| known.0 == index)).map(|known| known.1);
                if index == wanted {
                    open.seen = true;
                    return self.enter(at, step + 1, child);
                }
                self.at = self.value(at, child)?;
                Ok(None)
            }
            Mode::Member => self.member(at, step),
        }
    }

    fn member(&mut self, at: usize, step: usize) -> Step<Option<Start>> {
        let (name, value) = self.lexer.key(at)?;
        let name = Raw {
            kind: if name.escaped { Kind::Escaped } else { Kind::Plain },
            json: self.lexer.bytes.get(at..name.end).unwrap_or_default(),
        };
        let leads_on =
            matches!(self.plan.route.get(step), Some(Way::Member(wanted)) if name.is_name(wanted.as_bytes()));
        let Some(open) = self.open.last_mut() else {
            return Ok(None);
        };
        let node = open.node.and_then(|node| self.plan.tree.nodes.get(node as usize));
        let child = node.and_then(|node| name.verbatim().and_then(|name| node.child(&name)));
        if leads_on {
            if std::mem::replace(&mut open.seen, true) {
                return Err(self.lexer.stop(at, Fault::Twice));
            }
            return self.enter(value, step + 1, child);
        }
        self.at = self.value(value, child)?;
        Ok(None)
    }

    /// Passes a value, picking what is wanted of it.
    fn value(&mut self, at: usize, node: Option<NodeId>) -> Step {
        let depth = self.open.len() as u32;
        let Some(node) = node else {
            return self.lexer.skip(at, depth);
        };
        let lexer = std::mem::replace(&mut self.lexer, Lexer::new(&[]));
        let mut scanner = Scanner {
            lexer,
            tree: &self.plan.tree,
            slots: &mut self.slots,
            source: PAGE,
            trail: &mut Trail::default(),
        };
        let end = scanner.value(at, node, 0, depth);
        self.lexer = scanner.lexer;
        end
    }

    /// Goes into the value at `at`, to which the first `step` steps of the route have led.
    fn enter(&mut self, at: usize, step: usize, node: Option<NodeId>) -> Step<Option<Start>> {
        let first = self.lexer.peek(at);
        let (mode, fault) = match (self.plan.route.get(step), self.plan.last) {
            (Some(Way::Member(name)), _) => match path::index(name) {
                Some(index) if first == b'[' => (Mode::Element(index), Fault::NotAnArray),
                _ => (Mode::Member, Fault::NotAnObject),
            },
            (Some(Way::Each), _) => (Mode::Each, Fault::NotAnArray),
            (None, Last::Values) => (Mode::Values, Fault::NotAnObject),
            (None, Last::One) if first == b'{' => return Ok(Some(self.hand_out(at))),
            (None, Last::One) => (Mode::Member, Fault::NotAnObject),
            (None, Last::Elements | Last::Lines) => (Mode::Records, Fault::NotAnArray),
        };
        let opening = if matches!(mode, Mode::Member | Mode::Values) { b'{' } else { b'[' };
        if first == opening && !(self.plan.last == Last::One && step == self.plan.route.len()) {
            if self.open.len() as u32 >= MAX_DEPTH {
                return Err(self.lexer.stop(at, Fault::Depth));
            }
            self.open.push(Open { start: at, mode, step, node, fresh: true, seen: false, index: 0 });
            self.at = at + 1;
            return Ok(None);
        }
        let end = self.value(at, node)?;
        // An object without members is written as an empty list by languages that know no difference.
        let empty = mode == Mode::Values
            && self
                .lexer
                .bytes
                .get(at + 1..end - 1)
                .is_some_and(|inner| first == b'[' && inner.trim_ascii().is_empty());
        if first == b'n' {
            self.missing += 1;
        } else if !empty {
            return Err(self.lexer.stop(at, fault));
        }
        self.at = end;
        Ok(None)
    }

    fn hand_out(&mut self, offset: usize) -> Start {
        let start = Start { offset, depth: self.open.len() as u32 };
        self.pending = Some(start);
        start
    }

    fn close(&mut self, end: usize) {
        self.at = end;
        let Some(open) = self.open.pop() else {
            return;
        };
        if matches!(open.mode, Mode::Member | Mode::Element(_)) && !open.seen {
            self.missing += 1;
        }
        let node = open.node.and_then(|node| self.plan.tree.nodes.get(node as usize));
        if let Some(slot) = node.and_then(|node| self.slots.get_mut(usize::from(node.slot))) {
            let kind = if matches!(open.mode, Mode::Member | Mode::Values) { Kind::Object } else { Kind::Array };
            slot.set(Value::new(kind, PAGE, open.start, end));
        }
    }
}
