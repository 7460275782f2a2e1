//! Expressions that give one value.

use rollcall_model::Type;
use serde_json::{Map, Value as Json};

use super::{At, Compiler, shape};
use crate::keys::Keys;
use crate::path;
use crate::plan::{Case, Find, Join, Lookup, Part, Piece, Scalar, Split, ValueMap};
use crate::problem::{did_you_mean, one_of};

impl<'a> Compiler<'a> {
    /// An expression for a scalar. `ty` is what its constants must be; none where a text is made of it.
    pub(super) fn scalar(&mut self, value: &Json, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        match value {
            Json::String(text) if path::is_path(text) => self.source(text, at).map(Scalar::Path),
            Json::String(_) | Json::Number(_) | Json::Bool(_) => self.constant(value, ty, at).map(Scalar::Constant),
            Json::Null => {
                self.problem(at, "nothing is given", Some("remove the field, or write a path or a constant".into()));
                None
            }
            Json::Array(choices) => self.first(choices, ty, at),
            Json::Object(map) => self.scalar_map(map, ty, at),
        }
    }

    /// As `scalar`, where `null` says that nothing is to be written.
    fn outcome(&mut self, value: &Json, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        if value.is_null() { Some(Scalar::Nothing) } else { self.scalar(value, ty, at) }
    }

    fn scalar_map(&mut self, map: &Map<String, Json>, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        let Some(keys) = shape::expression(map) else {
            self.unknown_expression(map, at);
            return None;
        };
        let name = keys.first().copied().unwrap_or_default();
        let fits = self.check_keys(map, keys, at);
        let inner = at.member(name);
        let value = map.get(name)?;
        let scalar = match name {
            "first" => match value.as_array() {
                Some(choices) => self.first(choices, ty, &inner),
                None => {
                    self.problem(&inner, "`first` takes a list", None);
                    None
                }
            },
            "from" => self.value_map(map, ty, at),
            "cases" => self
                .cases(value, &inner, |compiler, then, at| compiler.outcome(then, ty, at))
                .map(|cases| Scalar::Cases(cases.into())),
            "test" => {
                self.must_be_boolean(name, ty, at)?;
                self.condition(value, &inner).map(|condition| Scalar::Test(Box::new(condition)))
            }
            "not" => {
                self.must_be_boolean(name, ty, at)?;
                self.scalar(value, Some(&Type::Boolean), &inner).map(|inner| Scalar::Not(Box::new(inner)))
            }
            "find" => self.find(map, ty, at),
            "lookup" => self.lookup_one(map, at),
            "join" => self.join(map, at),
            "split" => match self.split(map, at)? {
                Split { take: Part::All, .. } => {
                    let hint = "`take: 0` is the first part, `take: -1` the last, `take: rest` all after the first";
                    self.problem(at, "`split` needs `take` here", Some(hint.into()));
                    None
                }
                split => Some(Scalar::Split(Box::new(split))),
            },
            "lower" => self.scalar(value, None, &inner).map(|inner| Scalar::Lower(Box::new(inner))),
            "upper" => self.scalar(value, None, &inner).map(|inner| Scalar::Upper(Box::new(inner))),
            "template" => self.template(value, &inner),
            "date" => self.date(map, ty, at),
            "literal" => self.constant(value, ty, &inner).map(Scalar::Constant),
            _ => {
                let hint =
                    "a list has `each` and `concat`; one value of it is taken by `find` or by its place, as in `.a.0`";
                self.problem(at, format!("`{name}` gives a list, and `{}` is one value", at.field), Some(hint.into()));
                None
            }
        }?;
        fits.then_some(scalar)
    }

    fn first(&mut self, choices: &[Json], ty: Option<&Type>, at: &At) -> Option<Scalar> {
        if choices.is_empty() {
            self.problem(at, "an empty list says nothing", Some("remove it, or write a path or a constant".into()));
            return None;
        }
        let compiled: Vec<_> =
            choices.iter().enumerate().map(|(index, choice)| self.scalar(choice, ty, &at.item(index))).collect();
        compiled.into_iter().collect::<Option<Vec<_>>>().map(|choices| Scalar::First(choices.into()))
    }

    fn must_be_boolean(&mut self, name: &str, ty: Option<&Type>, at: &At) -> Option<()> {
        match ty {
            None | Some(Type::Boolean) => Some(()),
            Some(ty) => {
                let hint = "write `{from: …, map: {true: …, false: …}}` or `cases` around it";
                self.problem(
                    at,
                    format!("`{name}` gives a boolean, and `{}` is of type {}", at.field, ty.name()),
                    Some(hint.into()),
                );
                None
            }
        }
    }

    fn value_map(&mut self, map: &Map<String, Json>, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        let from = map.get("from").and_then(|from| self.scalar(from, None, &at.member("from")));
        let inner = at.member("map");
        let table = self.needed(map, "map", at)?;
        let Some(table) = table.as_object().filter(|table| !table.is_empty()) else {
            self.problem(&inner, "`map` takes a map from the provider's values to ours", None);
            return None;
        };
        let mut targets = Vec::new();
        let mut keys = Vec::new();
        let mut whole = true;
        for (key, target) in table {
            let at = inner.member(key);
            keys.push((key.trim().as_bytes().to_vec(), targets.len() as u32));
            let target = if target.is_null() { Some(None) } else { self.constant(target, ty, &at).map(Some) };
            whole &= target.is_some();
            targets.push(target.flatten());
        }
        let otherwise = match map.get("else") {
            None => None,
            Some(value) => Some(self.outcome(value, ty, &at.member("else"))?),
        };
        let open = matches!(ty, Some(Type::Enum { open: true, .. }));
        let map = ValueMap { from: from?, keys: Keys::new(keys), targets, otherwise, open };
        whole.then(|| Scalar::Map(Box::new(map)))
    }

    /// Cases whose outcomes are compiled by `then`.
    pub(super) fn cases<E>(
        &mut self,
        value: &Json,
        at: &At,
        mut then: impl FnMut(&mut Self, &Json, &At) -> Option<E>,
    ) -> Option<Vec<Case<E>>> {
        let Some(cases) = value.as_array().filter(|cases| !cases.is_empty()) else {
            self.problem(at, "`cases` takes a list of `{when: …, then: …}`", None);
            return None;
        };
        let mut compiled = Some(Vec::new());
        for (index, case) in cases.iter().enumerate() {
            let at = at.item(index);
            let one = self.case(case, index + 1 == cases.len(), &at, &mut then);
            match (&mut compiled, one) {
                (Some(cases), Some(case)) => cases.push(case),
                _ => compiled = None,
            }
        }
        compiled
    }

    fn case<E>(
        &mut self,
        value: &Json,
        last: bool,
        at: &At,
        then: &mut impl FnMut(&mut Self, &Json, &At) -> Option<E>,
    ) -> Option<Case<E>> {
        let Some(map) = value.as_object() else {
            self.problem(at, "a case is a map with `when` and `then`", None);
            return None;
        };
        let known = ["when", "then"];
        let mut fits = true;
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let hint = did_you_mean(name, known)
                .unwrap_or_else(|| "what holds in all other cases is a last `{then: …}`".into());
            self.problem(&at.member(name), format!("a case takes no `{name}`"), Some(hint));
            fits = false;
        }
        if !map.contains_key("when") && !last {
            self.problem(at, "a case without `when` hides those behind it", Some("move it to the end".into()));
        }
        let when = map.get("when").map(|when| self.condition(when, &at.member("when")));
        let Some(outcome) = map.get("then") else {
            self.problem(at, "a case needs `then`", None);
            return None;
        };
        let then = then(self, outcome, &at.member("then"))?;
        let when = match when {
            None => None,
            Some(condition) => Some(condition?),
        };
        fits.then_some(Case { when, then })
    }

    fn find(&mut self, map: &Map<String, Json>, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        let (walk, element) = self.walk(map.get("find")?, "find", at)?;
        let condition = self.needed(map, "where", at);
        let condition = condition.and_then(|value| self.condition(value, &at_key(&element, at, "where")));
        let take = self.needed(map, "take", at);
        let take = take.and_then(|value| self.scalar(value, ty, &at_key(&element, at, "take")));
        Some(Scalar::Find(Box::new(Find { walk, condition: condition?, take: take? })))
    }

    fn lookup_one(&mut self, map: &Map<String, Json>, at: &At) -> Option<Scalar> {
        let (mut lookup, table) = self.lookup(map, at)?;
        if table.many {
            let hint = "it gives a list: use it on a list field, or as `each`";
            self.problem(at, format!("the table `{}` holds many for a key", table.name), Some(hint.into()));
            return None;
        }
        if lookup.take.is_none() {
            match table.kept {
                [only] => lookup.take = Some(only.as_bytes().into()),
                kept => {
                    let hint = one_of(kept.iter().copied());
                    self.problem(at, "`lookup` needs `take` here", Some(hint));
                    return None;
                }
            }
        }
        Some(Scalar::Lookup(Box::new(lookup)))
    }

    /// A lookup and its table.
    pub(super) fn lookup(&mut self, map: &Map<String, Json>, at: &At) -> Option<(Lookup, super::Table<'a>)> {
        let scope = self.scope;
        let name = self.text_option(map.get("lookup")?, "lookup", &at.member("lookup"))?;
        let names = scope.tables.iter().map(|table| table.name);
        let key = self.needed(map, "key", at);
        let key = key.and_then(|key| self.scalar(key, None, &at.member("key")));
        let Some((place, table)) = scope.tables.iter().enumerate().find(|(_, table)| table.name == name) else {
            let hint = did_you_mean(name, names.clone()).or_else(|| (!scope.tables.is_empty()).then(|| one_of(names)));
            self.problem(&at.member("lookup"), format!("there is no table `{name}`"), hint);
            return None;
        };
        let mut take = None;
        if let Some(value) = map.get("take") {
            let at = at.member("take");
            let text = self.text_option(value, "take", &at)?;
            let text = text.strip_prefix('.').unwrap_or(text);
            if !table.kept.contains(&text) {
                let kept = table.kept.iter().copied();
                let hint = did_you_mean(text, kept.clone()).unwrap_or_else(|| one_of(kept));
                self.problem(&at, format!("the table `{name}` keeps no `{text}`"), Some(hint));
                return None;
            }
            take = Some(text.as_bytes().into());
        }
        if let Some(origin) = self.origin(at)
            && !origin.tables.iter().any(|known| known == name)
        {
            origin.tables.push(name.to_owned());
        }
        Some((Lookup { table: place, key: key?, take }, *table))
    }

    fn join(&mut self, map: &Map<String, Json>, at: &At) -> Option<Scalar> {
        let inner = at.member("join");
        let Some(parts) = map.get("join").and_then(Json::as_array).filter(|parts| !parts.is_empty()) else {
            self.problem(&inner, "`join` takes a list", None);
            return None;
        };
        let with = match map.get("with") {
            None => " ",
            Some(with) => self.text_option(with, "with", &at.member("with"))?,
        };
        let parts: Vec<_> = parts.iter().enumerate().map(|(i, part)| self.scalar(part, None, &inner.item(i))).collect();
        let parts = parts.into_iter().collect::<Option<_>>()?;
        Some(Scalar::Join(Box::new(Join { parts, with: with.into() })))
    }

    pub(super) fn split(&mut self, map: &Map<String, Json>, at: &At) -> Option<Split> {
        let from = self.scalar(map.get("split")?, None, &at.member("split"));
        let on = self.needed(map, "on", at);
        let on = on.and_then(|on| self.text_option(on, "on", &at.member("on")));
        let take = match map.get("take") {
            None => Part::All,
            Some(Json::String(rest)) if rest == "rest" => Part::Rest,
            Some(Json::Number(place)) if place.as_u64().is_some() => Part::At(place.as_u64()? as usize),
            Some(Json::Number(place)) if place.as_i64().is_some() => {
                Part::Back((place.as_i64()?.unsigned_abs() - 1) as usize)
            }
            Some(_) => {
                self.problem(&at.member("take"), "`take` is a number or `rest`", None);
                return None;
            }
        };
        Some(Split { from: from?, on: on?.into(), take })
    }

    /// `https://x/{.id}`: all its pieces, or nothing.
    fn template(&mut self, value: &Json, at: &At) -> Option<Scalar> {
        let text = self.text_option(value, "template", at)?;
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(brace);
            plain.push_str(before);
            if let Some(left) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
                plain.push_str(&after[..1]);
                rest = left;
                continue;
            }
            let Some((path, left)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) else {
                self.problem(
                    at,
                    format!("a brace stands alone in `{text}`"),
                    Some("write `{{` and `}}` for literal braces".into()),
                );
                return None;
            };
            if !path::is_path(path) {
                self.problem(
                    at,
                    format!("`{path}` in `{text}` is not a path"),
                    Some(format!("a path begins with a dot: `{{.{path}}}`")),
                );
                return None;
            }
            if !plain.is_empty() {
                parts.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(Piece::Path(self.source(path, at)?));
            rest = left;
        }
        plain.push_str(rest);
        if !parts.iter().any(|part| matches!(part, Piece::Path(_))) {
            self.problem(at, format!("there is no path in `{text}`"), Some("write it as a constant".into()));
            return None;
        }
        if !plain.is_empty() {
            parts.push(Piece::Text(plain.into()));
        }
        Some(Scalar::Template(parts.into()))
    }
}

/// The place of `key` of the expression at `at`, where paths start at the element.
pub(super) fn at_key(element: &At, at: &At, key: &str) -> At {
    At { pointer: at.pointer.member(key), ..element.clone() }
}
