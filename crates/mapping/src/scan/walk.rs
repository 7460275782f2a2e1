//! One pass over a value that fills the slots its tree asks for.

use super::error::Fault;
use super::lex::{Lexer, MAX_DEPTH, Step};
use super::string::decode;
use super::trail::{Course, Met, NONE, Trail};
use crate::slot::{Kind, Slot, Source, Value};
use crate::tree::{Child, FrameId, LINK, Node, NodeId, Tree};

/// Elements kept for one record are bounded by this many slots (64 MiB).
const MAX_SLOTS: usize = 4 << 20;

/// Fills `slots` from `lexer.bytes`.
pub(crate) struct Scanner<'b, 's> {
    pub lexer: Lexer<'b>,
    pub tree: &'b Tree,
    pub slots: &'s mut Vec<Slot>,
    pub source: Source,
    pub trail: &'s mut Trail,
}

impl<'b> Scanner<'b, '_> {
    /// The value at `at`, whose node is wanted. `base` is where the slots of its frame begin.
    pub(crate) fn value(&mut self, at: usize, id: NodeId, base: usize, depth: u32) -> Step {
        let tree = self.tree;
        let Some(node) = tree.nodes.get(id as usize) else {
            return self.lexer.skip(at, depth);
        };
        let slot = base + usize::from(node.slot);
        if node.leaf {
            return self.leaf(at, slot, depth);
        }
        if self.slots.get(slot).is_some_and(|slot| !slot.value().is_missing()) {
            // The member is there twice, and the last one counts: forget what the first one held.
            self.forget(node, base);
        }
        let (kind, end) = match self.lexer.peek(at) {
            b'{' => {
                let mut end = self.object(at, id, node, base, depth)?;
                if let Some(frame) = node.entries {
                    // Both the members by name and all of them: read the object twice, which no usual mapping asks for.
                    end = self.entries(at, node, frame, base, depth)?;
                }
                (Kind::Object, end)
            }
            b'[' => (Kind::Array, self.array(at, node, base, depth)?),
            _ => return self.leaf(at, slot, depth),
        };
        self.found(slot, kind, at, end);
        Ok(end)
    }

    /// A value of which nothing inside is wanted.
    #[inline(always)]
    fn leaf(&mut self, at: usize, slot: usize, depth: u32) -> Step {
        if self.lexer.peek(at) == b'"' {
            let text = self.lexer.string(at)?;
            self.found(slot, if text.escaped { Kind::Escaped } else { Kind::Plain }, at, text.end);
            return Ok(text.end);
        }
        self.other_leaf(at, slot, depth)
    }

    #[inline(never)]
    fn other_leaf(&mut self, at: usize, slot: usize, depth: u32) -> Step {
        let (kind, end) = match self.lexer.peek(at) {
            b'n' => (Kind::Null, self.lexer.word(at, b"null")?),
            b't' => (Kind::True, self.lexer.word(at, b"true")?),
            b'f' => (Kind::False, self.lexer.word(at, b"false")?),
            b'{' => (Kind::Object, self.lexer.skip_nested(at, depth)?),
            b'[' => (Kind::Array, self.lexer.skip_nested(at, depth)?),
            _ => (Kind::Number, self.lexer.plain(at)?),
        };
        self.found(slot, kind, at, end);
        Ok(end)
    }

    #[inline(always)]
    fn found(&mut self, slot: usize, kind: Kind, start: usize, end: usize) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.set(Value::new(kind, self.source, start, end));
        }
    }

    #[inline(never)]
    fn object(&mut self, start: usize, id: NodeId, node: &'b Node, base: usize, depth: u32) -> Step {
        if depth >= MAX_DEPTH {
            return Err(self.lexer.stop(start, Fault::Depth));
        }
        let mut at = self.lexer.space(start + 1);
        if self.lexer.peek(at) == b'}' {
            return Ok(at + 1);
        }
        let mut course = self.trail.enter(id);
        loop {
            let (met, value) = match self.trail.follow(self.lexer.bytes, at, &mut course) {
                Some((met, end)) => (met, self.lexer.space(end)),
                None => self.strayed(at, Some(node), &mut course)?,
            };
            at = if met.child == NONE {
                self.unwanted(value, met.step, depth + 1)?
            } else {
                match Child::of(met.child) {
                    Child::Leaf(slot) => self.leaf(value, base + slot, depth + 1)?,
                    Child::Node(child) => self.value(value, child, base, depth + 1)?,
                }
            };
            let more;
            (more, at) = self.lexer.next_member(at)?;
            if !more {
                self.trail.leave(course);
                return Ok(at);
            }
        }
    }

    /// Passes the value of a member that is not wanted.
    #[inline(always)]
    fn unwanted(&mut self, at: usize, step: u32, depth: u32) -> Step {
        match self.lexer.peek(at) {
            b'"' => Ok(self.lexer.string(at)?.end),
            b'{' if step != NONE => self.unwanted_object(at, step, depth),
            _ => self.lexer.skip_other(at, depth),
        }
    }

    #[inline(never)]
    fn unwanted_object(&mut self, start: usize, step: u32, depth: u32) -> Step {
        if depth >= MAX_DEPTH {
            return Err(self.lexer.stop(start, Fault::Depth));
        }
        let mut at = self.lexer.space(start + 1);
        if self.lexer.peek(at) == b'}' {
            return Ok(at + 1);
        }
        let mut course = self.trail.enter_unwanted(step);
        loop {
            let (met, value) = match self.trail.follow(self.lexer.bytes, at, &mut course) {
                Some((met, end)) => (met, self.lexer.space(end)),
                None => self.strayed(at, None, &mut course)?,
            };
            at = self.unwanted(value, met.step, depth + 1)?;
            let more;
            (more, at) = self.lexer.next_member(at)?;
            if !more {
                self.trail.leave(course);
                return Ok(at);
            }
        }
    }

    /// A member that was not expected, and where its value begins. Without a node nothing of the object is wanted.
    #[inline(never)]
    fn strayed(&mut self, at: usize, node: Option<&'b Node>, course: &mut Course) -> Step<(Met, usize)> {
        if let Some((met, end)) = self.trail.follow_ahead(self.lexer.bytes, at, course) {
            return Ok((met, self.lexer.space(end)));
        }
        let (name, value) = self.lexer.key(at)?;
        let raw = self.lexer.bytes.get(at + 1..name.end - 1).unwrap_or_default();
        if name.escaped {
            let child = node.and_then(|node| escaped_name(node, raw)).unwrap_or(NONE);
            return Ok((Met { child, step: NONE }, value));
        }
        let child = node.and_then(|node| node.members.get(raw)).unwrap_or(NONE);
        // At the very end of the bytes a name that is known is not seen as such either.
        if at + Trail::READS > self.lexer.bytes.len() {
            return Ok((Met { child, step: NONE }, value));
        }
        Ok((self.trail.learn(raw, child, course), value))
    }

    #[inline(never)]
    fn array(&mut self, start: usize, node: &'b Node, base: usize, depth: u32) -> Step {
        if depth >= MAX_DEPTH {
            return Err(self.lexer.stop(start, Fault::Depth));
        }
        let mut last = base + usize::from(node.slot);
        let mut at = self.lexer.space(start + 1);
        if self.lexer.peek(at) == b']' {
            return Ok(at + 1);
        }
        let mut index: u32 = 0;
        loop {
            let named = node.indices.iter().find(|(wanted, _)| *wanted == index).map(|(_, child)| *child);
            let begin = at;
            at = match node.elements {
                Some(frame) => self.element(begin, frame, &mut last, depth)?,
                None if named.is_none() => self.lexer.skip(begin, depth + 1)?,
                None => begin,
            };
            if let Some(child) = named {
                at = self.value(begin, child, base, depth + 1)?;
            }
            index = index.saturating_add(1);
            let more;
            (more, at) = self.lexer.next_part(at, b']')?;
            if !more {
                return Ok(at);
            }
        }
    }

    /// One element into a frame of its own, linked from the slot `last`.
    fn element(&mut self, at: usize, frame: FrameId, last: &mut usize, depth: u32) -> Step {
        let base = self.slots.len();
        let (root, size) = self.tree.frames.get(frame as usize).map_or((0, 0), |frame| (frame.root, frame.slots));
        if base + usize::from(size) > MAX_SLOTS {
            return Err(self.lexer.stop(at, Fault::Size));
        }
        self.slots.resize(base + usize::from(size), Slot::default());
        if let Some(slot) = self.slots.get_mut(*last) {
            slot.next = base as u32;
        }
        *last = base + LINK;
        self.value(at, root, base, depth + 1)
    }

    /// All members of an object, each into a frame whose link slot holds the name.
    fn entries(&mut self, start: usize, node: &'b Node, frame: FrameId, base: usize, depth: u32) -> Step {
        let head = base + usize::from(node.slot);
        let mut last = head;
        let mut many = false;
        let mut at = self.lexer.space(start + 1);
        if self.lexer.peek(at) == b'}' {
            return Ok(at + 1);
        }
        loop {
            let (name, value) = self.lexer.key(at)?;
            let kind = if name.escaped { Kind::Escaped } else { Kind::Plain };
            let key = Value::new(kind, self.source, at, name.end);
            at = self.element(value, frame, &mut last, depth)?;
            if let Some(slot) = self.slots.get_mut(last) {
                slot.set(key);
            }
            let more;
            (more, at) = self.lexer.next_member(at)?;
            if !more {
                break;
            }
            many = true;
        }
        if many {
            let size = self.tree.frames.get(frame as usize).map_or(1, |frame| frame.slots);
            self.unite(head, usize::from(size));
        }
        Ok(at)
    }

    /// Members of one name are one entry: it stays where the first was and holds what the last one held.
    fn unite(&mut self, head: usize, size: usize) {
        if self.surely_different(head) {
            return;
        }
        let mut names: Vec<(Vec<u8>, usize)> = Vec::new();
        let mut at = self.slots.get(head).map_or(0, |slot| slot.next as usize);
        while let Some(slot) = self.slots.get(at).filter(|_| at != 0) {
            let mut name = Vec::new();
            decode(slot.value().of(self.lexer.bytes), &mut name);
            names.push((name, at));
            at = slot.next as usize;
        }
        // Equal names side by side, in the order of the object.
        names.sort();
        let mut repeated = false;
        for run in names.chunk_by(|a, b| a.0 == b.0) {
            if let [(_, first), .., (_, last)] = run {
                repeated = true;
                for slot in 1..size {
                    if let Some(value) = self.slots.get(last + slot).copied()
                        && let Some(target) = self.slots.get_mut(first + slot)
                    {
                        *target = value;
                    }
                }
                for (_, later) in run.iter().skip(1) {
                    if let Some(slot) = self.slots.get_mut(later + LINK) {
                        slot.set(Value::MISSING);
                    }
                }
            }
        }
        if repeated {
            self.unlink(head);
        }
    }

    /// Whether the names are few, without escapes, and all different: the usual case, seen without allocating.
    fn surely_different(&self, head: usize) -> bool {
        let first = self.slots.get(head).map_or(0, |slot| slot.next as usize);
        let chain = |from: usize| {
            let next = |slot: &&Slot| self.slots.get(slot.next as usize).filter(|_| slot.next != 0);
            std::iter::successors(self.slots.get(from).filter(|_| from != 0), move |slot| next(slot))
        };
        chain(first).nth(16).is_none()
            && chain(first).all(|slot| {
                let name = slot.value();
                let others = chain(slot.next as usize).map(|other| other.value().of(self.lexer.bytes));
                name.kind() == Kind::Plain && others.into_iter().all(|other| other != name.of(self.lexer.bytes))
            })
    }

    /// Takes the frames without a name out of the chain.
    fn unlink(&mut self, head: usize) {
        let mut kept = head;
        let mut at = self.slots.get(head).map_or(0, |slot| slot.next as usize);
        while let Some(slot) = self.slots.get(at).copied().filter(|_| at != 0) {
            let keep = !slot.value().is_missing();
            if let Some(before) = self.slots.get_mut(kept) {
                before.next = if keep { at as u32 } else { slot.next };
            }
            if keep {
                kept = at;
            }
            at = slot.next as usize;
        }
    }

    /// Empties the slots of a node and of all below it.
    #[cold]
    fn forget(&mut self, node: &Node, base: usize) {
        self.fill(node, base, Slot::default());
    }

    /// Marks everything at and below a node as not known.
    #[cold]
    pub(crate) fn unread(&mut self, id: NodeId) {
        let mut unread = Slot::default();
        unread.set(Value::UNREAD);
        if let Some(node) = self.tree.nodes.get(id as usize) {
            self.fill(node, 0, unread);
        }
    }

    fn fill(&mut self, node: &Node, base: usize, with: Slot) {
        if let Some(slot) = self.slots.get_mut(base + usize::from(node.slot)) {
            *slot = with;
        }
        let tree = self.tree;
        for child in node.below() {
            if let Some(child) = tree.nodes.get(child as usize) {
                self.fill(child, base, with);
            }
        }
    }
}

/// A name with escapes is rare: take it apart, then look it up.
#[cold]
fn escaped_name(node: &Node, raw: &[u8]) -> Option<u32> {
    let mut name = Vec::with_capacity(raw.len());
    decode(raw, &mut name);
    node.members.get(&name)
}
