//! The paths of a mapping as trees, one for the record and one for each context: what the scan looks for.
//!
//! Slots are numbered within frames. Frame 0 belongs to the record and the contexts; every array that is walked has a
//! frame of its own, laid out once here and filled once for each element.

use crate::keys::Keys;
use crate::path;

pub(crate) type NodeId = u32;
pub(crate) type FrameId = u32;

/// The slot of a frame that links to the next one; in frames of object members its value is the key.
pub(crate) const LINK: usize = 0;

#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    pub frames: Vec<Frame>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub slot: u16,
    /// Nothing inside is wanted.
    pub leaf: bool,
    /// By name: see [`Child`].
    pub members: Keys,
    pub indices: Vec<(u32, NodeId)>,
    pub elements: Option<FrameId>,
    pub entries: Option<FrameId>,
    children: Vec<(String, NodeId)>,
}

/// What the name of a member leads to, in one number: the slot of a leaf, or a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    Leaf(usize),
    Node(NodeId),
}

const LEAF: u32 = 1 << 31;

impl Child {
    #[inline(always)]
    pub(crate) fn of(code: u32) -> Self {
        if code & LEAF == 0 { Self::Node(code) } else { Self::Leaf((code & !LEAF) as usize) }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame {
    pub root: NodeId,
    pub slots: u16,
}

impl Node {
    /// The node of a member, by its name.
    pub(crate) fn child(&self, name: &str) -> Option<NodeId> {
        self.children.iter().find(|(known, _)| known == name).map(|(_, child)| *child)
    }

    /// The nodes of the same frame right below.
    pub(crate) fn below(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.children.iter().map(|(_, child)| *child)
    }
}

impl Tree {
    /// A new tree in the root frame.
    pub(crate) fn root(&mut self) -> NodeId {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        self.node(0)
    }

    /// A new frame for elements. Its first slot is the link.
    fn frame(&mut self) -> FrameId {
        let frame = self.frames.len() as FrameId;
        self.frames.push(Frame { root: 0, slots: 1 });
        let root = self.node(frame);
        if let Some(made) = self.frames.get_mut(frame as usize) {
            made.root = root;
        }
        frame
    }

    fn node(&mut self, frame: FrameId) -> NodeId {
        let mut slot = 0;
        if let Some(frame) = self.frames.get_mut(frame as usize) {
            slot = frame.slots;
            frame.slots = frame.slots.saturating_add(1);
        }
        self.nodes.push(Node { slot, leaf: true, ..Node::default() });
        (self.nodes.len() - 1) as NodeId
    }

    /// The node below `from` that the segments lead to, made if it is not there.
    pub(crate) fn walk(&mut self, frame: FrameId, from: NodeId, segments: &[String]) -> NodeId {
        let mut at = from;
        for segment in segments {
            let known = self
                .nodes
                .get(at as usize)
                .and_then(|node| node.children.iter().find(|(name, _)| name == segment).map(|(_, child)| *child));
            let child = known.unwrap_or_else(|| self.node(frame));
            if known.is_none()
                && let Some(node) = self.nodes.get_mut(at as usize)
            {
                node.leaf = false;
                node.children.push((segment.clone(), child));
            }
            at = child;
        }
        at
    }

    /// The frame for the elements of the array at `node`, or for the members of the object there.
    pub(crate) fn walked(&mut self, node: NodeId, entries: bool) -> FrameId {
        let known = self.nodes.get(node as usize).and_then(|node| if entries { node.entries } else { node.elements });
        if let Some(frame) = known {
            return frame;
        }
        let frame = self.frame();
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.leaf = false;
            *(if entries { &mut node.entries } else { &mut node.elements }) = Some(frame);
        }
        frame
    }

    /// A frame for the elements of an array that is made while mapping.
    pub(crate) fn made(&mut self) -> FrameId {
        self.frame()
    }

    pub(crate) fn frame_root(&self, frame: FrameId) -> NodeId {
        self.frames.get(frame as usize).map_or(0, |frame| frame.root)
    }

    pub(crate) fn slot(&self, node: NodeId) -> u16 {
        self.nodes.get(node as usize).map_or(0, |node| node.slot)
    }

    /// Makes the tables that the scan reads. Whether the frames are of a size that slots can number.
    pub(crate) fn finish(&mut self) -> bool {
        let codes: Vec<u32> = self
            .nodes
            .iter()
            .zip(0..)
            .map(|(node, id)| if node.leaf { LEAF | u32::from(node.slot) } else { id })
            .collect();
        let code = |child: NodeId| codes.get(child as usize).copied().unwrap_or_default();
        for node in &mut self.nodes {
            node.members =
                Keys::new(node.children.iter().map(|(name, child)| (name.clone().into_bytes(), code(*child))));
            node.indices = node
                .children
                .iter()
                .filter_map(|(name, child)| path::index(name).map(|index| (index, *child)))
                .collect();
        }
        self.frames.iter().all(|frame| frame.slots < u16::MAX)
    }
}
