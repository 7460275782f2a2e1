//! Expressions that give an object.

use rollcall_model::{Field, Key, Type};
use serde_json::{Map, Value as Json};

use super::list::made_trail;
use super::shape::{cast, expression};
use super::{At, Compiler, Within};
use crate::path;
use crate::plan::{LookedUp, Lookup, Member, Members, Object, Role, Shape};

impl Compiler<'_> {
    /// An object of the model; `key` is what tells it from others where it is an item of a list.
    pub(super) fn object(&mut self, value: &Json, fields: &[Field], key: Option<&Key>, at: &At) -> Option<Object> {
        let Json::Object(map) = value else {
            let hint =
                format!("write its members: `{{{}: …}}`", fields.first().map_or("id", |field| field.name.as_str()));
            self.problem(at, format!("`{}` needs an object", at.field), Some(hint));
            return None;
        };
        if map.keys().any(|name| fields.iter().any(|field| field.name == *name)) {
            return self.members_object(map, fields, key, at);
        }
        let Some(keys) = expression(map) else {
            return self.members_object(map, fields, key, at);
        };
        let fits = self.check_keys(map, keys, at);
        let name = keys.first().copied().unwrap_or_default();
        let inner = at.member(name);
        let value = map.get(name)?;
        let object = match name {
            "first" => {
                let choices = value.as_array().cloned().unwrap_or_default();
                if choices.is_empty() {
                    self.problem(&inner, "`first` takes a list", None);
                    return None;
                }
                let choices: Vec<_> = choices
                    .iter()
                    .enumerate()
                    .map(|(i, choice)| self.object(choice, fields, key, &inner.item(i)))
                    .collect();
                choices.into_iter().collect::<Option<_>>().map(Object::First)
            }
            "cases" => {
                let cases = self.cases(value, &inner, |compiler, then, at| {
                    if then.is_null() { Some(Object::Nothing) } else { compiler.object(then, fields, key, at) }
                });
                cases.map(Object::Cases)
            }
            "lookup" => {
                let (lookup, table) = self.lookup(map, at)?;
                if table.many || lookup.take.is_some() {
                    let what = if table.many { "a list" } else { "one value" };
                    self.problem(at, format!("this `lookup` gives {what}, and `{}` needs an object", at.field), None);
                    return None;
                }
                let kept: Vec<String> = table.kept.iter().map(|name| (*name).to_owned()).collect();
                self.kept_object(lookup, &kept, fields, key, at)
            }
            _ => {
                self.problem(at, format!("`{name}` gives no object, and `{}` needs one", at.field), None);
                None
            }
        }?;
        fits.then_some(object)
    }

    fn members_object(
        &mut self,
        map: &Map<String, Json>,
        fields: &[Field],
        key: Option<&Key>,
        at: &At,
    ) -> Option<Object> {
        if map.is_empty() {
            self.unknown_expression(map, at);
            return None;
        }
        let problems = self.problems.len();
        let what = format!("`{}`", at.field);
        let members = self.members_of(fields, map, at, &what, false);
        if self.problems.len() > problems {
            // A key whose expression is at fault is given all the same.
            return None;
        }
        let members = self.with_roles(members, key, at)?;
        (self.problems.len() == problems).then(|| Object::Members(Members::new(members)))
    }

    /// Marks the members that tell an item from others.
    fn with_roles(&mut self, members: Vec<(Member, String)>, key: Option<&Key>, at: &At) -> Option<Vec<Member>> {
        let Some(key) = key else {
            return Some(members.into_iter().map(|(member, _)| member).collect());
        };
        let mut keyed = false;
        let mut marked = Vec::new();
        for (mut member, name) in members {
            if let Some(rank) = key.any_of.iter().position(|known| *known == name) {
                member.role = Role::Key(rank as u8);
                keyed = true;
            } else if key.within.contains(&name) {
                member.role = Role::Within;
            }
            marked.push(member);
        }
        if !keyed {
            let names = key.any_of.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            self.problem(
                at,
                format!("an item of `{}` needs {names}", at.field),
                Some("without it, every item would be left out".into()),
            );
            return None;
        }
        Some(marked)
    }

    /// What a table holds, as an object of the model.
    pub(super) fn kept_object(
        &mut self,
        lookup: Lookup,
        kept: &[String],
        fields: &[Field],
        key: Option<&Key>,
        at: &At,
    ) -> Option<Object> {
        let frame = self.core.tree.made();
        let inner = At { frame, within: Within::Element, trail: made_trail(), ..at.clone() };
        let members = self.kept_members(kept, fields, key, &inner)?;
        Some(Object::Lookup(Box::new(LookedUp { lookup, frame, members: Members::new(members), name: at.name })))
    }

    /// The kept members that the model has, by the same names.
    pub(super) fn kept_members(
        &mut self,
        kept: &[String],
        fields: &[Field],
        key: Option<&Key>,
        at: &At,
    ) -> Option<Vec<Member>> {
        let known = |name: &String| fields.iter().any(|field| field.name == *name && field.ty.is_scalar());
        let given: Map<String, Json> = kept
            .iter()
            .filter(|name| known(name))
            .map(|name| (name.clone(), Json::String(format!(".{name}"))))
            .collect();
        if given.is_empty() {
            let hint = crate::problem::one_of(fields.iter().map(|field| field.name.as_str()));
            self.problem(at, format!("the table keeps nothing that `{}` has", at.field), Some(hint));
            return None;
        }
        let members = self.members_of(fields, &given, at, "", false);
        self.with_roles(members, key, at)
    }

    /// An object with names of its own.
    pub(super) fn map(&mut self, value: &Json, at: &At) -> Option<Object> {
        match value {
            Json::String(text) if path::is_path(text) => Some(Object::Copy(self.source(text, at)?, at.name)),
            Json::Object(map) => self.map_object(map, at),
            _ => {
                self.problem(
                    at,
                    format!("`{}` needs an object", at.field),
                    Some("write its members: `{name: path}`".into()),
                );
                None
            }
        }
    }

    fn map_object(&mut self, map: &Map<String, Json>, at: &At) -> Option<Object> {
        if map.is_empty() {
            self.unknown_expression(map, at);
            return None;
        }
        // `first` and `cases` take lists, which no member of such an object is.
        let list_of = |name: &str| if map.len() == 1 { map.get(name).and_then(Json::as_array) } else { None };
        if let Some(cases) = list_of("cases").filter(|cases| cases.iter().all(Json::is_object)) {
            let value = Json::Array(cases.clone());
            let cases = self.cases(&value, &at.member("cases"), |compiler, then, at| {
                if then.is_null() { Some(Object::Nothing) } else { compiler.map(then, at) }
            });
            return cases.map(Object::Cases);
        }
        let mut members = Vec::new();
        let mut whole = true;
        for (name, value) in map {
            let dotted = format!("{}.{name}", at.field);
            let mut inner = at.member(name);
            inner.name = self.name(&dotted);
            inner.field = dotted;
            match self.scalar(value, Some(&Type::Id), &inner) {
                Some(scalar) => {
                    let shape = Shape::Scalar(scalar, cast(&Type::Id));
                    members.push(self.member(name, shape, inner.name));
                }
                None => whole = false,
            }
        }
        whole.then(|| Object::Members(Members::new(members)))
    }
}
