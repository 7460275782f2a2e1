//! What a caller asks for, checked against the model and the connector before anything is sent.

use std::collections::BTreeMap;

use rollcall_connector::{Connector, MethodName, nearest};
use rollcall_model::{Model, Operator, Parameter, Resource, Type};

use crate::fault::{Fault, FaultKind};

/// A list call.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub resource: String,
    pub filters: Vec<Filter>,
    /// Unified parameters that go to the provider: `organization_id`, `product`, ….
    pub parameters: BTreeMap<String, String>,
    pub sort: Option<SortBy>,
    /// At most so many records.
    pub limit: Option<u64>,
    /// Unified fields to leave out.
    pub exclude: Vec<String>,
    /// Whether records carry `remote_data`.
    pub remote_data: bool,
    /// Provider parameters, passed on as they are.
    pub remote_query: Vec<(String, String)>,
    /// The provider's pages alone are wanted: nothing is held back to be united or sorted.
    pub raw: bool,
}

/// One condition on a unified field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The name the caller used: `status`, `created_at`, `role_id`, `emails.email`.
    pub name: String,
    /// The field path it compares: `roles.id`.
    pub path: String,
    pub comparison: Comparison,
    pub kind: ValueKind,
}

/// How it compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equals one of these.
    OneOf(Vec<String>),
    Gt(String),
    Gte(String),
    Lt(String),
    Lte(String),
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Text,
    /// Compared without letter case.
    Email,
    Instant,
    Boolean,
    Number,
}

/// Sorting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    pub field: String,
    pub descending: bool,
}

fn refuse(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, message)
}

/// The model's resource, if the connector has the method.
///
/// # Errors
/// An unknown resource (with the nearest), or one the connector lacks (with those it has).
pub fn resource(connector: &Connector, name: &str, method: MethodName) -> Result<&'static Resource, Fault> {
    let model = Model::user_directory();
    let Some(resource) = model.resource(name) else {
        let names: Vec<&str> = model.resources.iter().map(|r| r.name.as_str()).collect();
        let fault = refuse(format!("unknown resource `{name}`"));
        return Err(match nearest(name, names.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint(format!("there are {}", names.join(", "))),
        });
    };
    if connector.method(name, method).is_none() {
        let mut has: Vec<String> =
            connector.methods_by_resource().map(|(r, m, _)| format!("{r} {}", m.as_str())).collect();
        has.sort();
        return Err(refuse(format!("{} has no `{name} {}`", connector.id(), method.as_str()))
            .hint(format!("it has {}", has.join(", "))));
    }
    Ok(resource)
}

/// Reads `name` and `value` of one filter, as `field`, `field.op` or `field.sub`: `status=active`, `created_at.gte=2024-01-01`, `emails.email=a@example.com`.
///
/// # Errors
/// An unknown name (with the nearest), an operator the field does not take, or a value that is not of its type.
pub fn filter(resource: &Resource, name: &str, value: &str) -> Result<Filter, Fault> {
    let (base, suffix) = name.split_once('.').unwrap_or((name, ""));
    let Some(parameter) = resource.parameter(base) else {
        let names: Vec<&str> = resource.parameters.iter().map(|p| p.name.as_str()).collect();
        let fault = refuse(format!("`{}` has no filter `{base}`", resource.name));
        return Err(match nearest(base, names.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint(format!("there are {}", names.join(", "))),
        });
    };
    let (path, operator) = place(resource, parameter, suffix)?;
    let ty = resource.find(&path).map_or(&parameter.ty, |field| &field.ty);
    let kind = kind_of(ty).ok_or_else(|| {
        let members: Vec<String> = ty.fields().iter().map(|f| format!("`{base}.{}`", f.name)).collect();
        refuse(format!("`{base}` is not one value")).hint(format!("filter on one of {}", members.join(", ")))
    })?;
    let values: Vec<String> = if operator == Some(Operator::In) {
        value.split(',').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect()
    } else {
        vec![value.trim().to_owned()]
    };
    for value in &values {
        check_value(kind, ty, name, value)?;
    }
    let single = || values.first().cloned().unwrap_or_default();
    let comparison = match operator {
        None | Some(Operator::In) => Comparison::OneOf(values.clone()),
        Some(Operator::Gt) => Comparison::Gt(single()),
        Some(Operator::Gte) => Comparison::Gte(single()),
        Some(Operator::Lt) => Comparison::Lt(single()),
        Some(Operator::Lte) => Comparison::Lte(single()),
    };
    Ok(Filter { name: name.to_owned(), path, comparison, kind })
}

/// The field path and the operator of a suffix.
fn place(resource: &Resource, parameter: &Parameter, suffix: &str) -> Result<(String, Option<Operator>), Fault> {
    let of = parameter.of.clone().unwrap_or_else(|| parameter.name.clone());
    if suffix.is_empty() {
        // A list is asked by its key: `emails=a@example.com` means `emails.email`.
        let ty = resource.find(&of).map(|field| &field.ty);
        if let Some(Type::List { key: Some(key), .. }) = ty
            && let [only] = key.any_of.as_slice()
        {
            return Ok((format!("{of}.{only}"), None));
        }
        return Ok((of, None));
    }
    let (inner, last) = suffix.rsplit_once('.').map_or(("", suffix), |(front, last)| (front, last));
    let operator = [Operator::In, Operator::Gt, Operator::Gte, Operator::Lt, Operator::Lte]
        .into_iter()
        .find(|op| op.name() == last);
    let path = match (operator, inner) {
        (Some(_), "") => of,
        (Some(_), inner) => format!("{of}.{inner}"),
        (None, _) => format!("{of}.{suffix}"),
    };
    if resource.find(&path).is_none() {
        let known: Vec<&str> = resource
            .find(&parameter.of.clone().unwrap_or_default())
            .map(|f| f.ty.fields().iter().map(|f| f.name.as_str()).collect())
            .unwrap_or_default();
        let operators: Vec<&str> = parameter.operators.iter().map(|op| op.name()).collect();
        let all: Vec<&str> = known.into_iter().chain(operators).collect();
        let fault = refuse(format!("`{}` has no member or operator `{suffix}`", parameter.name));
        return Err(match nearest(suffix, all.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean `{}.{near}`?", parameter.name)),
            None => fault.hint(if all.is_empty() {
                "give the bare value".to_owned()
            } else {
                format!("there are {}", all.join(", "))
            }),
        });
    }
    if let Some(operator) = operator
        && operator != Operator::In
        && inner.is_empty()
        && !parameter.operators.contains(&operator)
    {
        return Err(refuse(format!("`{}` cannot be compared with `{}`", parameter.name, operator.name()))
            .hint("dates take `gt`, `gte`, `lt`, `lte`; others a bare value or `in`"));
    }
    Ok((path, operator))
}

fn kind_of(ty: &Type) -> Option<ValueKind> {
    Some(match ty {
        Type::Email => ValueKind::Email,
        Type::DateTime | Type::Date => ValueKind::Instant,
        Type::Boolean => ValueKind::Boolean,
        Type::Integer | Type::Number => ValueKind::Number,
        Type::Id | Type::String | Type::Url | Type::Enum { .. } | Type::DecimalString => ValueKind::Text,
        Type::List { item, .. } if item.is_scalar() => return kind_of(item),
        Type::List { .. } | Type::Object { .. } | Type::Map => return None,
    })
}

fn check_value(kind: ValueKind, ty: &Type, name: &str, value: &str) -> Result<(), Fault> {
    let wrong =
        |expected: &str| refuse(format!("`{value}` is not a value of `{name}`")).hint(format!("expected {expected}"));
    match kind {
        ValueKind::Instant if instant(value).is_none() => {
            Err(wrong("a date or time like `2024-05-01` or `2024-05-01T12:00:00Z`"))
        }
        ValueKind::Boolean if !matches!(value, "true" | "false") => Err(wrong("`true` or `false`")),
        ValueKind::Number if value.parse::<f64>().is_err() => Err(wrong("a number")),
        _ => match ty {
            Type::Enum { values, open: false } if !values.iter().any(|choice| choice.value == value) => {
                let names: Vec<&str> = values.iter().map(|choice| choice.value.as_str()).collect();
                Err(wrong(&format!("one of {}", names.join(", "))))
            }
            _ if value.is_empty() => Err(wrong("a value")),
            _ => Ok(()),
        },
    }
}

/// Nanoseconds since 1970 of a time in RFC 3339, ISO 8601 or `YYYY-MM-DD` (UTC).
#[must_use]
pub fn instant(text: &str) -> Option<i128> {
    rollcall_mapping::time::parse(text)
        .map(|instant| i128::from(instant.seconds) * 1_000_000_000 + i128::from(instant.nanos))
}

/// Reads a sort: `field` or `-field`.
///
/// # Errors
/// A field that cannot be sorted by, with those that can.
pub fn sort(resource: &Resource, text: &str) -> Result<SortBy, Fault> {
    let (field, descending) = text.strip_prefix('-').map_or((text, false), |field| (field, true));
    if !resource.sortable.iter().any(|name| name == field) {
        let fault = refuse(format!("`{}` cannot be sorted by `{field}`", resource.name));
        return Err(fault.hint(format!("it can be sorted by {}", resource.sortable.join(", "))));
    }
    Ok(SortBy { field: field.to_owned(), descending })
}

/// Checks names of fields to leave out.
///
/// # Errors
/// A name that is no field, with the nearest.
pub fn exclude(resource: &Resource, names: &[String]) -> Result<(), Fault> {
    for name in names {
        if name != "remote_data" && resource.field(name).is_none() {
            let fields: Vec<&str> = resource.fields.iter().map(|f| f.name.as_str()).collect();
            let fault = refuse(format!("`{}` has no field `{name}`", resource.name));
            return Err(match nearest(name, fields.iter().copied()) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint(format!("there are {}", fields.join(", "))),
            });
        }
    }
    Ok(())
}
