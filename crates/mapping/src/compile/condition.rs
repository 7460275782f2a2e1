//! Conditions: maps of paths to what they must be.

use serde_json::{Map, Value as Json};

use super::{At, Compiler};
use crate::keys::Keys;
use crate::path;
use crate::plan::{Condition, Test};
use crate::problem::{did_you_mean, one_of};

const TESTS: [&str; 6] = ["present", "absent", "not", "starts_with", "ends_with", "contains"];

impl Compiler<'_> {
    pub(crate) fn condition(&mut self, value: &Json, at: &At) -> Option<Condition> {
        let Some(map) = value.as_object().filter(|map| !map.is_empty()) else {
            self.problem(
                at,
                "a condition is a map of paths to what they must be",
                Some("such as `{.type: bot}`".into()),
            );
            return None;
        };
        let parts: Vec<_> = map.iter().map(|(key, value)| self.part(key, value, &at.member(key))).collect();
        let mut parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        if parts.len() == 1 { parts.pop() } else { Some(Condition::All(parts)) }
    }

    fn part(&mut self, key: &str, value: &Json, at: &At) -> Option<Condition> {
        match key {
            "any" => self.conditions(key, value, at).map(Condition::Any),
            "all" => self.conditions(key, value, at).map(Condition::All),
            "none" => self.conditions(key, value, at).map(Condition::None),
            _ if path::is_path(key) => {
                let place = self.source(key, at);
                let test = self.what(value, at);
                Some(Condition::Is(place?, test?))
            }
            _ => {
                let hint = did_you_mean(key, ["any", "all", "none"]);
                let hint = hint.unwrap_or_else(|| format!("paths begin with a dot: `.{key}`"));
                self.problem(at, format!("`{key}` is no path"), Some(hint));
                None
            }
        }
    }

    fn conditions(&mut self, key: &str, value: &Json, at: &At) -> Option<Vec<Condition>> {
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            self.problem(at, format!("`{key}` takes a list of conditions"), None);
            return None;
        };
        let parts: Vec<_> =
            list.iter().enumerate().map(|(index, value)| self.condition(value, &at.item(index))).collect();
        parts.into_iter().collect()
    }

    /// What a value must be.
    fn what(&mut self, value: &Json, at: &At) -> Option<Test> {
        match value {
            Json::Array(values) if !values.is_empty() => {
                let texts: Vec<_> =
                    values.iter().enumerate().map(|(index, value)| self.compared(value, &at.item(index))).collect();
                texts.into_iter().collect::<Option<Vec<_>>>().map(one_text_of)
            }
            Json::Object(map) if !map.is_empty() => self.tests(map, at),
            _ => Some(one_text_of(vec![self.compared(value, at)?])),
        }
    }

    fn tests(&mut self, map: &Map<String, Json>, at: &At) -> Option<Test> {
        let tests: Vec<_> = map.iter().map(|(name, value)| self.test(name, value, &at.member(name))).collect();
        let mut tests = tests.into_iter().collect::<Option<Vec<_>>>()?;
        if tests.len() == 1 { tests.pop() } else { Some(Test::All(tests)) }
    }

    fn test(&mut self, name: &str, value: &Json, at: &At) -> Option<Test> {
        Some(match name {
            "present" | "absent" => {
                let Some(wanted) = value.as_bool() else {
                    self.problem(at, format!("`{name}` must be true or false"), None);
                    return None;
                };
                if wanted == (name == "present") { Test::Present } else { Test::Absent }
            }
            "not" => Test::Not(Box::new(self.what(value, at)?)),
            "starts_with" => Test::StartsWith(self.compared(value, at)?),
            "ends_with" => Test::EndsWith(self.compared(value, at)?),
            "contains" => Test::Contains(self.compared(value, at)?),
            _ => {
                let hint = did_you_mean(name, TESTS).unwrap_or_else(|| one_of(TESTS));
                self.problem(at, format!("unknown test `{name}`"), Some(hint));
                return None;
            }
        })
    }

    /// The text that a value is compared with.
    fn compared(&mut self, value: &Json, at: &At) -> Option<Box<[u8]>> {
        let text = match value {
            Json::String(text) => text.trim().to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
        };
        if text.is_empty() {
            let hint = "`{absent: true}` is for what is missing, null or empty";
            self.problem(at, "a value is compared with a text, a number, true or false", Some(hint.into()));
            return None;
        }
        Some(text.into_bytes().into())
    }
}

fn one_text_of(texts: Vec<Box<[u8]>>) -> Test {
    Test::OneOf(Keys::new(texts.into_iter().map(|text| (text.into_vec(), 0))))
}
