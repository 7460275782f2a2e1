//! `date`: how a time is written where the usual forms do not say it.

use rollcall_model::Type;
use serde_json::{Map, Value as Json};

use super::{At, Compiler};
use crate::plan::{Date, Scalar};
use crate::problem::{did_you_mean, one_of};
use crate::time::{self, Format, Unit};

impl Compiler<'_> {
    pub(super) fn date(&mut self, map: &Map<String, Json>, ty: Option<&Type>, at: &At) -> Option<Scalar> {
        if let Some(ty) = ty.filter(|ty| !matches!(ty, Type::DateTime | Type::Date | Type::String)) {
            self.problem(at, format!("`date` gives a time, and `{}` is of type {}", at.field, ty.name()), None);
            return None;
        }
        let from = self.scalar(map.get("date")?, None, &at.member("date"))?;
        let format = match (map.get("unit"), map.get("pattern"), map.get("zone")) {
            (None, None, None) => Format::Common,
            (Some(unit), None, None) => Format::Unit(self.unit(unit, &at.member("unit"))?),
            (None, Some(pattern), zone) => self.pattern(pattern, zone, at)?,
            (None, None, Some(_)) => {
                self.problem(&at.member("zone"), "`zone` needs `pattern`", None);
                return None;
            }
            (Some(_), ..) => {
                self.problem(
                    &at.member("unit"),
                    "`unit` is for numbers and stands alone",
                    Some("remove it, or `pattern` and `zone`".into()),
                );
                return None;
            }
        };
        Some(Scalar::Date(Box::new(Date { from, format })))
    }

    fn unit(&mut self, value: &Json, at: &At) -> Option<Unit> {
        let name = self.text_option(value, "unit", at)?;
        match name {
            "seconds" => Some(Unit::Seconds),
            "milliseconds" => Some(Unit::Milliseconds),
            "microseconds" => Some(Unit::Microseconds),
            "filetime" => Some(Unit::Filetime),
            _ => {
                let known = ["seconds", "milliseconds", "microseconds", "filetime"];
                self.problem(
                    at,
                    format!("unknown unit `{name}`"),
                    did_you_mean(name, known).or_else(|| Some(one_of(known))),
                );
                None
            }
        }
    }

    fn pattern(&mut self, pattern: &Json, zone: Option<&Json>, at: &At) -> Option<Format> {
        let inner = at.member("pattern");
        let pattern = self.text_option(pattern, "pattern", &inner)?;
        if let Some(fault) = time::pattern_fault(pattern) {
            self.problem(
                &inner,
                format!("`{pattern}` is no pattern of a date: {fault}"),
                Some("such as `%Y-%m-%d %H:%M`".into()),
            );
            return None;
        }
        let mut offset = 0;
        if let Some(zone) = zone {
            let inner = at.member("zone");
            let text = self.text_option(zone, "zone", &inner)?;
            let Some(known) = time::zone(text) else {
                self.problem(
                    &inner,
                    format!("unknown zone `{text}`"),
                    Some("`utc`, or a fixed offset such as `+02:00`".into()),
                );
                return None;
            };
            offset = known;
        }
        Some(Format::Pattern { pattern: pattern.to_owned(), offset })
    }
}
