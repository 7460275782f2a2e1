//! From mapping expressions to a plan. All mistakes are reported, each with its place.

mod condition;
mod constant;
mod date;
mod list;
mod needs;
mod object;
mod scalar;
mod shape;

use std::sync::Arc;

use rollcall_model::{Field, Resource};
use serde_json::{Map, Value as Json};

use crate::path::{self, Path};
use crate::plan::{Core, Member, NameId, Origin, Place, Plan, Role, Scalar, Shape, SourcePath};
use crate::problem::{Pointer, Problem, did_you_mean, one_of};
use crate::run::BLOCK;
use crate::run::Redaction;
use crate::slot::{Kind, MAX_CONTEXTS};
use crate::tree::{FrameId, NodeId};

/// What the expressions may name beside the record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Usable as `$name`; the order is that of `Inputs::contexts`. `$record` is always there.
    pub contexts: &'a [&'a str],
    pub tables: &'a [Table<'a>],
}

/// A table that can be looked up; the order is that of `Tables::find`.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    pub name: &'a str,
    /// The members that the table keeps.
    pub kept: &'a [&'a str],
    /// A key leads to a list of objects.
    pub many: bool,
}

/// How the records are written.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Fields that are left out of what is written.
    pub exclude: &'a [String],
    /// Append the provider's record.
    pub remote_data: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { exclude: &[], remote_data: true }
    }
}

/// Compiles the `fields` of a mapping.
///
/// # Errors
/// All mistakes at once.
pub fn compile(
    resource: &Resource,
    fields: &Json,
    scope: &Scope<'_>,
    options: &Options<'_>,
) -> Result<Plan, Vec<Problem>> {
    let mut compiler = Compiler::new(scope);
    let members = compiler.record(resource, fields, options);
    let claimed = resource
        .fields
        .iter()
        .filter(|field| fields.get(&field.name).is_some())
        .map(|field| field.name.clone())
        .collect();
    let remote_data = options.remote_data && !options.exclude.iter().any(|name| name == "remote_data");
    let origins = std::mem::take(&mut compiler.origins);
    let core = compiler.finish()?;
    Ok(Plan { core, members, remote_data, redaction: Redaction::default(), claimed, origins })
}

/// What is compiled so far.
pub(crate) struct Compiler<'a> {
    scope: &'a Scope<'a>,
    core: Core,
    names: Vec<String>,
    pub problems: Vec<Problem>,
    origins: Vec<Origin>,
}

/// Where expressions stand: in the record, or in an element of a walk.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub pointer: Pointer,
    pub frame: FrameId,
    pub within: Within,
    /// The path of the element as people read it.
    pub trail: Trail,
    /// The field being written.
    pub field: String,
    pub name: NameId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Record,
    Element,
    /// A member of an object that is walked: `.key` and `.value`.
    Entry,
}

/// The place of the current element, for people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    pub context: Option<String>,
    pub prefix: String,
    /// It is no place of the provider's: a table, or parts of a text.
    pub made: bool,
}

impl At {
    pub(crate) fn root(pointer: Pointer) -> Self {
        Self { pointer, frame: 0, within: Within::Record, trail: Trail::default(), field: String::new(), name: 0 }
    }

    pub(crate) fn member(&self, name: &str) -> Self {
        Self { pointer: self.pointer.member(name), ..self.clone() }
    }

    pub(crate) fn item(&self, index: usize) -> Self {
        Self { pointer: self.pointer.item(index), ..self.clone() }
    }
}

/// A place in a tree that a path leads to.
pub(crate) struct Target {
    pub place: Place,
    pub node: NodeId,
    pub trail: Trail,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(scope: &'a Scope<'a>) -> Self {
        let mut core = Core { constants: b"truefalse".to_vec(), ..Core::default() };
        core.record = core.tree.root();
        let mut compiler = Self { scope, core, names: Vec::new(), problems: Vec::new(), origins: Vec::new() };
        if scope.contexts.len() > MAX_CONTEXTS {
            compiler.problems.push(Pointer::default().problem(format!("more than {MAX_CONTEXTS} contexts"), None));
        }
        compiler
    }

    pub(crate) fn finish(mut self) -> Result<Core, Vec<Problem>> {
        if !self.core.tree.finish() {
            self.problems.push(Pointer::default().problem("more paths than a mapping can hold", None));
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        // Room behind the last constant, so that it is copied like the others.
        self.core.constants.resize(self.core.constants.len() + BLOCK, 0);
        self.core.names = Arc::new(self.names);
        Ok(self.core)
    }

    fn record(&mut self, resource: &Resource, fields: &Json, options: &Options<'_>) -> Vec<Member> {
        let root = At::root(Pointer::default());
        let Some(fields) = fields.as_object() else {
            self.problem(&root, format!("the fields of `{}` must be a map", resource.name), None);
            return Vec::new();
        };
        let known = || resource.fields.iter().map(|field| field.name.as_str());
        for name in options.exclude.iter().filter(|name| *name != "remote_data" && !known().any(|field| field == *name))
        {
            self.problem(
                &root,
                format!("`{}` has no field `{name}` to leave out", resource.name),
                did_you_mean(name, known()),
            );
        }
        for field in resource.fields.iter().filter(|field| field.required && !fields.contains_key(&field.name)) {
            self.problem(&root, format!("`{}` is not mapped", field.name), Some("every record needs it".into()));
        }
        let mut members = self.members_of(&resource.fields, fields, &root, &format!("`{}`", resource.name), true);
        for (member, field) in &mut members {
            member.hidden = options.exclude.contains(field);
            if field == "id" {
                member.role = Role::Id;
            }
        }
        members.into_iter().map(|(member, _)| member).collect()
    }

    /// The members of an object with these fields, in the model's order, with their names.
    pub(crate) fn members_of(
        &mut self,
        fields: &[Field],
        given: &Map<String, Json>,
        at: &At,
        what: &str,
        top: bool,
    ) -> Vec<(Member, String)> {
        let known = || fields.iter().map(|field| field.name.as_str());
        for name in given.keys().filter(|name| !known().any(|field| field == name.as_str())) {
            let hint = did_you_mean(name, known()).unwrap_or_else(|| one_of(known()));
            self.problem(&at.member(name), format!("{what} has no field `{name}`"), Some(hint));
        }
        let mut members = Vec::new();
        for field in fields {
            let Some(value) = given.get(&field.name) else {
                continue;
            };
            let dotted = if top { field.name.clone() } else { format!("{}.{}", at.field, field.name) };
            let mut inner = at.member(&field.name);
            inner.name = self.name(&dotted);
            inner.field = dotted;
            if let Some(shape) = self.shape(value, &field.ty, &inner) {
                let member = self.member(&field.name, shape, inner.name);
                members.push((member, field.name.clone()));
            }
        }
        members
    }

    /// A member; its key is kept with the value if that is a constant.
    pub(crate) fn member(&mut self, name: &str, shape: Shape, id: NameId) -> Member {
        let mut text = format!(",{}:", Json::String(name.to_owned()));
        let shape = match (&shape, u16::try_from(text.len())) {
            (Shape::Scalar(Scalar::Constant(value), _), Ok(length)) => {
                let json = self.core.constants.get(value.start()..value.end()).unwrap_or_default();
                text.push_str(&String::from_utf8_lossy(json));
                Shape::Constant(length)
            }
            _ => shape,
        };
        let key = self.kept(&text, Kind::Text);
        let needs = needs::of_shape(&shape);
        Member { key, shape, name: id, role: Role::Plain, hidden: false, needs }
    }

    /// The number of a dotted field name; its origin is kept too.
    pub(crate) fn name(&mut self, dotted: &str) -> NameId {
        if let Some(known) = self.names.iter().position(|name| name == dotted) {
            return known as NameId;
        }
        self.names.push(dotted.to_owned());
        self.origins.push(Origin { field: dotted.to_owned(), paths: Vec::new(), tables: Vec::new(), constant: false });
        (self.names.len() - 1) as NameId
    }

    pub(crate) fn origin(&mut self, at: &At) -> Option<&mut Origin> {
        self.origins.get_mut(usize::from(at.name))
    }

    pub(crate) fn problem(&mut self, at: &At, message: impl Into<String>, hint: Option<String>) {
        self.problems.push(at.pointer.problem(message, hint));
    }

    /// Reads a path and puts it into its tree.
    pub(crate) fn path(&mut self, text: &str, at: &At) -> Option<Target> {
        match path::parse(text) {
            Ok(path) => self.target(&path, at),
            Err((message, hint)) => {
                self.problem(at, message, hint);
                None
            }
        }
    }

    fn target(&mut self, path: &Path, at: &At) -> Option<Target> {
        let (frame, from, segments, trail) = match &path.context {
            None => self.current(path, at)?,
            Some(name) if name == "record" => (0, self.core.record, &path.segments[..], Trail::default()),
            Some(name) => {
                let Some(context) = self.scope.contexts.iter().position(|known| known == name) else {
                    let known = self.scope.contexts.iter().copied().chain(["record"]);
                    let hint = did_you_mean(name, known.clone()).unwrap_or_else(|| one_of(known));
                    self.problem(at, format!("nothing is called `${name}` here"), Some(hint));
                    return None;
                };
                let trail = Trail { context: Some(name.clone()), ..Trail::default() };
                (0, self.context(context), &path.segments[..], trail)
            }
        };
        let node = self.core.tree.walk(frame, from, segments);
        let outer = path.context.is_some();
        let place = Place { slot: self.core.tree.slot(node), outer };
        let shown = match (trail.prefix.is_empty(), segments.is_empty()) {
            (true, _) => path::display(segments, trail.context.is_none()),
            (false, true) => trail.prefix.clone(),
            (false, false) => format!("{}{}", trail.prefix, path::display(segments, false)),
        };
        Some(Target { place, node, trail: Trail { prefix: shown, ..trail } })
    }

    /// Frame, node, what is left of the path, and the trail, for a path without a context.
    fn current<'p>(&mut self, path: &'p Path, at: &At) -> Option<(FrameId, NodeId, &'p [String], Trail)> {
        let root = if at.within == Within::Record { self.core.record } else { self.core.tree.frame_root(at.frame) };
        if at.within != Within::Entry {
            return Some((at.frame, root, &path.segments, at.trail.clone()));
        }
        match path.segments.split_first() {
            Some((first, rest)) if first == "value" => Some((at.frame, root, rest, at.trail.clone())),
            _ => {
                let hint = "members of an object that is walked have `.key` and `.value`";
                self.problem(at, format!("`{path}` is nothing here"), Some(hint.into()));
                None
            }
        }
    }

    fn context(&mut self, context: usize) -> NodeId {
        if let Some((_, node)) = self.core.contexts.iter().find(|(known, _)| *known == context) {
            return *node;
        }
        let node = self.core.tree.root();
        self.core.contexts.push((context, node));
        node
    }

    /// The place of a value that an expression reads, noted as a source of the field.
    pub(crate) fn source(&mut self, text: &str, at: &At) -> Option<Place> {
        if at.within == Within::Entry && text == ".key" {
            self.note(at, &at.trail.clone());
            return Some(Place { slot: crate::tree::LINK as u16, outer: false });
        }
        let target = self.path(text, at)?;
        self.note(at, &target.trail);
        Some(target.place)
    }

    pub(crate) fn note(&mut self, at: &At, trail: &Trail) {
        let path = SourcePath { context: trail.context.clone(), path: trail.prefix.clone() };
        if let Some(origin) = self.origin(at)
            && !trail.made
            && !origin.paths.contains(&path)
        {
            origin.paths.push(path);
        }
    }
}
