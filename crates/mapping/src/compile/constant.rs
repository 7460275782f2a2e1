//! Constants: checked against the type of the field, and kept in JSON.

use rollcall_model::Type;
use serde_json::Value as Json;

use super::{At, Compiler};
use crate::problem::{did_you_mean, one_of};
use crate::run::is_number;
use crate::slot::{CONSTANT, Kind, Value};
use crate::time;

impl Compiler<'_> {
    /// A constant of the field's type; of any type where a text is made of it.
    pub(super) fn constant(&mut self, value: &Json, ty: Option<&Type>, at: &At) -> Option<Value> {
        let text = match value {
            Json::String(text) => text.trim().to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            Json::Null | Json::Array(_) | Json::Object(_) => {
                self.problem(at, "a constant must be a text, a number, true or false", None);
                return None;
            }
        };
        if text.is_empty() {
            self.problem(at, "an empty text says nothing", Some("leave the field out".into()));
            return None;
        }
        let json = match ty {
            None => match value {
                Json::String(_) => Json::String(text),
                other => other.clone(),
            },
            Some(ty) => self.typed(value, text, ty, at)?,
        };
        if let Some(origin) = self.origin(at) {
            origin.constant = true;
        }
        Some(self.keep(&json))
    }

    fn typed(&mut self, value: &Json, text: String, ty: &Type, at: &At) -> Option<Json> {
        let is_text = !value.is_boolean();
        let json = match ty {
            Type::Id | Type::String | Type::Email | Type::Url if is_text => Json::String(text),
            Type::Boolean => match text.as_str() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => return self.refuse(&text, "true or false", at),
            },
            Type::Integer if is_number(text.as_bytes()) && !text.contains(['.', 'e', 'E']) => value.clone(),
            Type::Number if is_number(text.as_bytes()) => value.clone(),
            Type::DecimalString if is_number(text.as_bytes()) => Json::String(text),
            Type::DateTime | Type::Date => {
                let Some(instant) = time::parse(&text).filter(|_| value.is_string()) else {
                    return self.refuse(&text, "a time such as `2024-02-03T04:05:06Z`", at);
                };
                Json::String(if matches!(ty, Type::Date) { instant.date() } else { instant.to_string() })
            }
            Type::Enum { values, .. } => {
                let known = values.iter().map(|choice| choice.value.as_str());
                if known.clone().any(|value| value == text) {
                    Json::String(text)
                } else {
                    let hint = did_you_mean(&text, known.clone()).unwrap_or_else(|| one_of(known));
                    let place = if at.field.is_empty() { "the field".to_owned() } else { format!("`{}`", at.field) };
                    self.problem(at, format!("{place} has no value `{text}`"), Some(hint));
                    return None;
                }
            }
            other => return self.refuse(&text, &format!("a value of type {}", other.name()), at),
        };
        // Numbers given as texts become numbers, digit for digit.
        match (ty, &json) {
            (Type::Integer | Type::Number, Json::String(digits)) => serde_json::from_str(digits).ok(),
            _ => Some(json),
        }
    }

    fn refuse<T>(&mut self, text: &str, wanted: &str, at: &At) -> Option<T> {
        let hint = (text.contains('.') && !text.contains(' ')).then(|| format!("a path begins with a dot: `.{text}`"));
        self.problem(at, format!("`{}` needs {wanted}, not `{text}`", at.field), hint);
        None
    }

    /// Puts a constant among the others.
    pub(super) fn keep(&mut self, json: &Json) -> Value {
        let text = json.to_string();
        let kind = match json {
            Json::String(_) if text.contains('\\') => Kind::Escaped,
            Json::String(_) => Kind::Plain,
            Json::Bool(true) => Kind::True,
            Json::Bool(false) => Kind::False,
            _ => Kind::Number,
        };
        self.kept(&text, kind)
    }

    /// The same for any text.
    pub(super) fn kept(&mut self, text: &str, kind: Kind) -> Value {
        let constants = &mut self.core.constants;
        let known = memchr::memmem::find(constants, text.as_bytes());
        let start = known.unwrap_or(constants.len());
        if known.is_none() {
            constants.extend_from_slice(text.as_bytes());
        }
        Value::new(kind, CONSTANT, start, start + text.len())
    }
}
