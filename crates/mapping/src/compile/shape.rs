//! Which kind of expression a field takes, and what its type makes of a value.

use rollcall_model::Type;
use serde_json::{Map, Value as Json};

use super::{At, Compiler};
use crate::keys::Keys;
use crate::plan::{Cast, Enumeration, Listed, Shape};
use crate::problem::{did_you_mean, one_of};

/// The names that begin an expression, each with the keys it takes; the first is the one it is known by.
pub(crate) const EXPRESSIONS: &[&[&str]] = &[
    &["first"],
    &["from", "map", "else"],
    &["cases"],
    &["test"],
    &["not"],
    &["each", "item", "where"],
    &["concat"],
    &["find", "where", "take"],
    &["lookup", "key", "take"],
    &["join", "with"],
    &["split", "on", "take"],
    &["lower"],
    &["upper"],
    &["template"],
    &["date", "unit", "pattern", "zone"],
    &["literal"],
];

/// The expression that a map is, by the key that names it.
pub(crate) fn expression(map: &Map<String, Json>) -> Option<&'static [&'static str]> {
    EXPRESSIONS.iter().copied().find(|keys| keys.first().is_some_and(|name| map.contains_key(*name)))
}

impl Compiler<'_> {
    pub(super) fn shape(&mut self, value: &Json, ty: &Type, at: &At) -> Option<Shape> {
        Some(match ty {
            Type::List { item, key } => {
                let list = self.list(value, item, key.as_ref(), at)?;
                Shape::List(Box::new(Listed { unique: super::list::is_unique(&list), list }))
            }
            Type::Object { fields } => Shape::Object(Box::new(self.object(value, fields, None, at)?)),
            Type::Map => Shape::Object(Box::new(self.map(value, at)?)),
            scalar => Shape::Scalar(self.scalar(value, Some(scalar), at)?, cast(scalar)),
        })
    }

    /// Complains about keys that the expression does not take. Whether there were none.
    pub(super) fn check_keys(&mut self, map: &Map<String, Json>, keys: &[&str], at: &At) -> bool {
        let mut fits = true;
        for name in map.keys().filter(|name| !keys.contains(&name.as_str())) {
            let what = keys.first().copied().unwrap_or_default();
            let hint = did_you_mean(name, keys.iter().copied()).unwrap_or_else(|| one_of(keys.iter().copied()));
            self.problem(&at.member(name), format!("`{what}` takes no `{name}`"), Some(hint));
            fits = false;
        }
        fits
    }

    /// A map that is no expression where only one can stand.
    pub(super) fn unknown_expression(&mut self, map: &Map<String, Json>, at: &At) {
        let known = EXPRESSIONS.iter().filter_map(|keys| keys.first().copied());
        let Some(name) = map.keys().next() else {
            self.problem(at, "an empty map says nothing", Some("remove it, or write a path or a constant".into()));
            return;
        };
        let nearest = map.keys().find_map(|name| did_you_mean(name, known.clone()));
        self.problem(&at.member(name), format!("`{name}` is no expression"), nearest.or_else(|| Some(one_of(known))));
    }

    /// The key that an expression cannot do without.
    pub(super) fn needed<'m>(&mut self, map: &'m Map<String, Json>, key: &str, at: &At) -> Option<&'m Json> {
        let value = map.get(key);
        if value.is_none() {
            let what = expression(map).and_then(|keys| keys.first().copied()).unwrap_or_default();
            self.problem(at, format!("`{what}` needs `{key}`"), None);
        }
        value
    }

    /// A text that an option of an expression must be.
    pub(super) fn text_option<'m>(&mut self, value: &'m Json, what: &str, at: &At) -> Option<&'m str> {
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.problem(at, format!("`{what}` must be a text"), None);
        }
        text
    }
}

/// What a scalar of this type must become.
pub(crate) fn cast(ty: &Type) -> Cast {
    match ty {
        Type::DateTime => Cast::DateTime,
        Type::Date => Cast::Date,
        Type::Boolean => Cast::Boolean,
        Type::Integer => Cast::Integer,
        Type::Number => Cast::Number,
        Type::DecimalString => Cast::Decimal,
        Type::Enum { values, open } => Cast::Enum(Box::new(Enumeration {
            values: Keys::new(values.iter().map(|choice| (choice.value.clone().into_bytes(), 0))),
            open: *open,
        })),
        Type::Id | Type::String | Type::Email | Type::Url | Type::List { .. } | Type::Object { .. } | Type::Map => {
            Cast::Text
        }
    }
}
