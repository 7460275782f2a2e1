//! The compiled form of a mapping: what `compile` makes and `run` executes.

use std::sync::Arc;

use crate::keys::Keys;
use crate::run::Redaction;

use crate::slot::Value;
use crate::time::Format;
use crate::tree::{FrameId, NodeId, Tree};

/// A compiled mapping of one resource.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) core: Core,
    pub(crate) members: Vec<Member>,
    /// What a record has beside its fields.
    pub(crate) remote_data: bool,
    /// What is hidden in it.
    pub(crate) redaction: Redaction,
    pub(crate) claimed: Vec<String>,
    pub(crate) origins: Vec<Origin>,
}

/// What plans and conditions have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Core {
    pub tree: Tree,
    /// The tree of the record, then of each context that is used.
    pub record: NodeId,
    pub contexts: Vec<(usize, NodeId)>,
    /// The constants, in JSON, one behind the other.
    pub constants: Vec<u8>,
    /// Names of what is written, dotted, by the number that expressions carry.
    pub names: Arc<Vec<String>>,
}

/// Where a field comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Dotted: `emails.email`.
    pub field: String,
    pub paths: Vec<SourcePath>,
    /// The tables that are looked up.
    pub tables: Vec<String>,
    /// A constant may be written, whatever the record holds.
    pub constant: bool,
}

/// A path that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePath {
    /// The context it starts in; none is the record itself.
    pub context: Option<String>,
    /// `.emails[].value`: `[]` stands for every element, `.*` for every member of an object.
    pub path: String,
}

pub(crate) type NameId = u16;

/// A place where the scan leaves a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub slot: u16,
    /// In the frame of the record, even inside a walk.
    pub outer: bool,
}

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Scalar {
    Path(Place),
    /// Among the constants.
    Constant(Value),
    /// On purpose nothing.
    Nothing,
    First(Box<[Scalar]>),
    Map(Box<ValueMap>),
    Cases(Box<[Case<Scalar>]>),
    Test(Box<Condition>),
    Not(Box<Scalar>),
    Find(Box<Find>),
    Lookup(Box<Lookup>),
    Join(Box<Join>),
    Template(Box<[Piece]>),
    Split(Box<Split>),
    Lower(Box<Scalar>),
    Upper(Box<Scalar>),
    Date(Box<Date>),
}

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub parts: Vec<Scalar>,
    pub with: Box<str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Date {
    pub from: Scalar,
    pub format: Format,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Box<str>),
    Path(Place),
}

#[derive(Clone, Debug)]
pub(crate) struct ValueMap {
    pub from: Scalar,
    pub keys: Keys,
    /// None: left out on purpose.
    pub targets: Vec<Option<Value>>,
    pub otherwise: Option<Scalar>,
    /// The field takes what no key fits.
    pub open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Case<E> {
    pub when: Option<Condition>,
    pub then: E,
}

#[derive(Clone, Debug)]
pub(crate) struct Find {
    pub walk: Walk,
    pub condition: Condition,
    pub take: Scalar,
}

#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub table: usize,
    pub key: Scalar,
    /// The kept member that is wanted; none where the whole object or list is.
    pub take: Option<Box<[u8]>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Split {
    pub from: Scalar,
    pub on: Box<str>,
    pub take: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Counted from the start.
    At(usize),
    /// Counted from the end, the last is 0.
    Back(usize),
    /// All behind the first separator.
    Rest,
    /// Every one, where a list is expected.
    All,
}

/// Elements one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub from: Elements,
    /// The object's members are walked.
    pub entries: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Elements {
    /// The scan has made the frames.
    Scanned(Place),
    /// The list is looked up and scanned into this frame.
    Lookup(Box<Lookup>, FrameId),
    /// The parts of a text.
    Split(Box<Split>, FrameId),
}

#[derive(Clone, Debug)]
pub(crate) enum List {
    Each { walk: Walk, condition: Option<Condition>, item: Item, name: NameId, lone: bool },
    Fixed(Vec<Item>),
    Concat(Vec<List>),
    First(Vec<List>),
    Cases(Vec<Case<List>>),
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Scalar(Scalar, Cast, NameId),
    Object(Object),
}

#[derive(Clone, Debug)]
pub(crate) enum Object {
    Members(Members),
    First(Vec<Object>),
    Cases(Vec<Case<Object>>),
    /// The kept members of what a table holds, scanned into the frame.
    Lookup(Box<LookedUp>),
    /// The plain members of an object of the provider.
    Copy(Place, NameId),
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct LookedUp {
    pub lookup: Lookup,
    pub frame: FrameId,
    pub members: Members,
    pub name: NameId,
}

/// The members of an object that is written.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    pub all: Box<[Member]>,
    /// An item without any of its keys is none.
    pub keyed: bool,
    /// Where the keys come from, if all are plain paths: without any of them the item need not be begun.
    pub keys: Box<[Place]>,
}

impl Members {
    pub(crate) fn new(members: Vec<Member>) -> Self {
        let keys: Option<Vec<Place>> = members
            .iter()
            .filter(|member| matches!(member.role, Role::Key(_)))
            .map(|member| match member.shape {
                Shape::Scalar(Scalar::Path(place), _) => Some(place),
                _ => None,
            })
            .collect();
        let keyed = members.iter().any(|member| matches!(member.role, Role::Key(_)));
        Self { all: members.into(), keyed, keys: keys.unwrap_or_default().into() }
    }
}

/// One member of what is written.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// `,"name":` among the constants.
    pub key: Value,
    pub shape: Shape,
    pub name: NameId,
    pub role: Role,
    /// Worked out but not written.
    pub hidden: bool,
    /// Without any of these there is nothing to write; none where that cannot be said.
    pub needs: Option<Box<[Place]>>,
}

/// What a member is to its item's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    /// The lowest number that is there is the key.
    Key(u8),
    Within,
    /// The record's own id.
    Id,
}

#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Scalar(Scalar, Cast),
    /// A constant, kept with its name; the length of the name.
    Constant(u16),
    List(Box<Listed>),
    Object(Box<Object>),
}

#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub list: List,
    /// Items that repeat an earlier one are left out.
    pub unique: bool,
}

/// What a scalar must become.
#[derive(Clone, Debug)]
pub(crate) enum Cast {
    Text,
    DateTime,
    Date,
    Boolean,
    Integer,
    Number,
    Decimal,
    Enum(Box<Enumeration>),
}

#[derive(Clone, Debug)]
pub(crate) struct Enumeration {
    pub values: Keys,
    pub open: bool,
}

/// What must hold.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    Is(Place, Test),
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Present,
    Absent,
    OneOf(Keys),
    StartsWith(Box<[u8]>),
    EndsWith(Box<[u8]>),
    Contains(Box<[u8]>),
    Not(Box<Test>),
    All(Vec<Test>),
}

impl Plan {
    /// The unified fields that are mapped, in the model's order.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.claimed
    }

    /// Hides values of the provider's record in `remote_data`.
    pub fn redact(&mut self, redaction: Redaction) {
        self.redaction = redaction;
    }

    /// Where each field comes from, also fields that are excluded from what is written.
    #[must_use]
    pub fn sources(&self) -> &[Origin] {
        &self.origins
    }
}
