//! What an operator filled in, checked against what the connector asks for.

use std::collections::BTreeMap;

use rollcall_model::Secret;
use serde_json::Value;

use crate::definition::{Auth, Definition, Field, FieldKind, Grant};
use crate::finding::nearest;
use crate::hosts::HostPattern;

/// The values of one connection: settings and the fields of the chosen credential.
#[derive(Clone, Debug)]
pub struct Account {
    /// The chosen auth entry.
    pub auth: String,
    values: BTreeMap<String, Given>,
}

#[derive(Clone, Debug)]
enum Given {
    Plain(String),
    Hidden(Secret<String>),
}

/// One thing that is wrong with what was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// The setting or field it is about.
    pub name: String,
    pub message: String,
    pub hint: String,
}

/// What may be filled in: name, field, and whether it belongs to the credential.
#[must_use]
pub fn inputs(definition: &Definition, auth_name: &str) -> Vec<(String, Field)> {
    let mut inputs: Vec<(String, Field)> = definition.settings.iter().map(|(n, f)| (n.to_owned(), f.clone())).collect();
    if let Some(auth) = definition.auth.get(auth_name) {
        inputs.extend(auth.fields.iter().map(|(name, field)| (name.to_owned(), field.clone())));
        for (name, field) in implied(auth) {
            if !inputs.iter().any(|(known, _)| *known == name) {
                inputs.push((name, field));
            }
        }
    }
    inputs
}

/// The fields that OAuth grants bring with them.
fn implied(auth: &Auth) -> Vec<(String, Field)> {
    let field = |label: &str, secret: bool, optional: bool| Field {
        label: label.to_owned(),
        help: None,
        example: None,
        is: FieldKind::Text,
        allow: Vec::new(),
        values: Default::default(),
        default: None,
        optional,
        secret,
    };
    let Some(oauth2) = &auth.oauth2 else { return Vec::new() };
    let mut fields = vec![
        ("client_id".to_owned(), field("Client id", false, oauth2.grant != Grant::ClientCredentials)),
        ("client_secret".to_owned(), field("Client secret", true, oauth2.grant != Grant::ClientCredentials)),
        ("access_token".to_owned(), field("Access token", true, true)),
    ];
    if oauth2.grant == Grant::AuthorizationCode {
        fields.push(("refresh_token".to_owned(), field("Refresh token", true, true)));
    }
    fields
}

impl Account {
    /// Checks what was filled in. `auth` names the entry; when not given, the first whose fields are all there. `origin` (scheme, host and
    /// port that replace those of every call) stands in for hosts and URLs that were not filled in.
    ///
    /// # Errors
    /// All problems at once.
    pub fn new(
        definition: &Definition,
        auth: Option<&str>,
        given: &BTreeMap<String, String>,
        origin: Option<&url::Url>,
    ) -> Result<Self, Vec<InputProblem>> {
        let auth_name = chosen(definition, auth, given)?;
        let mut problems = Vec::new();
        let known = inputs(definition, &auth_name);
        let mut values = BTreeMap::new();
        for name in given.keys() {
            if !known.iter().any(|(known, _)| known == name) {
                problems.push(unknown(definition, &auth_name, name, &known));
            }
        }
        for (name, field) in &known {
            let text = match given.get(name) {
                Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                _ => field.default.as_ref().map(text_of),
            };
            match text {
                Some(text) => match check(field, &text) {
                    Ok(text) if field.secret => drop(values.insert(name.clone(), Given::Hidden(Secret::new(text)))),
                    Ok(text) => drop(values.insert(name.clone(), Given::Plain(text))),
                    Err(message) => problems.push(InputProblem {
                        name: name.clone(),
                        message: format!("`{name}` {message}"),
                        hint: field.help.clone().unwrap_or_else(|| example(field)),
                    }),
                },
                None if field.optional => {}
                None if origin.is_some() && matches!(field.is, FieldKind::Host | FieldKind::Url) => {
                    let (Some(origin), url) = (origin, field.is == FieldKind::Url) else { continue };
                    let value = if url { origin.origin().ascii_serialization() } else { authority(origin) };
                    values.insert(name.clone(), Given::Plain(value));
                }
                None => problems.push(InputProblem {
                    name: name.clone(),
                    message: format!("`{name}` ({}) is missing", field.label),
                    hint: format!(
                        "give it with `--set {name}={}`",
                        if field.secret {
                            "env:NAME".to_owned()
                        } else {
                            field.example.clone().unwrap_or_else(|| "…".to_owned())
                        }
                    ),
                }),
            }
        }
        if problems.is_empty() { Ok(Self { auth: auth_name, values }) } else { Err(problems) }
    }

    /// The value of a setting or field, for use in a request. Dotted names look into JSON values: `service_account.client_email`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        if let Some(given) = self.values.get(name) {
            return Some(given.expose().to_owned());
        }
        let (outer, inner) = name.split_once('.')?;
        let json: Value = serde_json::from_str(self.values.get(outer)?.expose()).ok()?;
        json.get(inner).map(text_of)
    }

    /// All secret values, so that what is printed can be searched for them.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.values.values().filter_map(|given| match given {
            Given::Hidden(secret) => Some(secret.expose().as_str()),
            Given::Plain(_) => None,
        })
    }

    /// Names and values that may be shown.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(|(name, given)| match given {
            Given::Plain(value) => Some((name.as_str(), value.as_str())),
            Given::Hidden(_) => None,
        })
    }
}

impl Given {
    fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Hidden(secret) => secret.expose(),
        }
    }
}

/// Host and port.
fn authority(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The auth entry: the one named, or the first whose needed fields are all given, or the first.
fn chosen(
    definition: &Definition,
    auth: Option<&str>,
    given: &BTreeMap<String, String>,
) -> Result<String, Vec<InputProblem>> {
    if let Some(name) = auth {
        if definition.auth.get(name).is_some() {
            return Ok(name.to_owned());
        }
        let names: Vec<&str> = definition.auth.keys().collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`{}` signs in by {}", definition.id, names.join(", ")),
        };
        return Err(vec![InputProblem {
            name: "auth".to_owned(),
            message: format!("unknown auth kind `{name}`"),
            hint,
        }]);
    }
    let fits = |name: &&str| {
        let auth_inputs: Vec<(String, Field)> =
            inputs(definition, name).into_iter().filter(|(n, _)| definition.settings.get(n).is_none()).collect();
        let mut needed = auth_inputs.iter().filter(|(_, field)| !field.optional && field.default.is_none());
        let all = needed.all(|(name, _)| given.contains_key(name));
        let touches = auth_inputs.iter().any(|(name, _)| given.contains_key(name));
        all && touches
    };
    let first = definition.auth.keys().find(fits).or_else(|| definition.auth.keys().next());
    first.map(str::to_owned).ok_or_else(Vec::new)
}

fn unknown(definition: &Definition, auth: &str, name: &str, known: &[(String, Field)]) -> InputProblem {
    let elsewhere =
        definition.auth.keys().find(|other| *other != auth && inputs(definition, other).iter().any(|(n, _)| n == name));
    let hint = match (elsewhere, nearest(name, known.iter().map(|(n, _)| n.as_str()))) {
        (Some(other), _) => format!("`{name}` belongs to `--auth {other}`"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => {
            format!("there are {}", known.iter().map(|(n, _)| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        }
    };
    InputProblem { name: name.to_owned(), message: format!("`{}` has no setting `{name}`", definition.id), hint }
}

fn check(field: &Field, text: &str) -> Result<String, String> {
    match field.is {
        FieldKind::Text => Ok(text.to_owned()),
        FieldKind::Integer => text
            .parse::<i64>()
            .map(|n| n.to_string())
            .map_err(|_| format!("must be a whole number, not `{}`", shown(field, text))),
        FieldKind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok("true".to_owned()),
            "false" | "0" => Ok("false".to_owned()),
            _ => Err(format!("must be `true` or `false`, not `{}`", shown(field, text))),
        },
        FieldKind::Choice => field.values.get(text).cloned().ok_or_else(|| {
            let names: Vec<String> = field.values.keys().map(|k| format!("`{k}`")).collect();
            format!("must be one of {}, not `{}`", names.join(", "), shown(field, text))
        }),
        FieldKind::Host => {
            let host = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"))
                .unwrap_or(text)
                .trim_end_matches('/');
            let parsed = url::Url::parse(&format!("https://{host}/"))
                .map_err(|_| format!("must be a host name, not {}", named(field, text)))?;
            let bare = parsed.path() == "/"
                && parsed.query().is_none()
                && parsed.fragment().is_none()
                && parsed.username().is_empty()
                && parsed.password().is_none();
            let Some(name) = parsed.host_str().filter(|_| bare) else {
                return Err(format!("must be a host name, not {}", named(field, text)));
            };
            allowed(field, name)?;
            // As it was read: what was checked is what is called, also where the text has another spelling of the same host.
            Ok(parsed.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
        }
        FieldKind::Url => {
            let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
            let parsed = url::Url::parse(&full).map_err(|_| format!("must be a URL, not {}", named(field, text)))?;
            // `http:///etc` would be read as the host `etc`.
            let is_written_out = full.split_once("://").is_some_and(|(_, rest)| !rest.starts_with(['/', '\\']));
            let plain = is_written_out
                && matches!(parsed.scheme(), "http" | "https")
                && parsed.query().is_none()
                && parsed.fragment().is_none()
                && parsed.username().is_empty()
                && parsed.password().is_none();
            let Some(name) = parsed.host_str().filter(|_| plain) else {
                return Err("must be an http(s) URL without a query or a user".to_owned());
            };
            allowed(field, name)?;
            Ok(full.trim_end_matches('/').to_owned())
        }
    }
}

fn allowed(field: &Field, host: &str) -> Result<(), String> {
    let fits = field.allow.is_empty() || field.allow.iter().any(|pattern| HostPattern::new(pattern).matches(host));
    if fits {
        return Ok(());
    }
    let patterns: Vec<String> = field.allow.iter().map(|p| format!("`{p}`")).collect();
    Err(format!("is `{host}`, which is not one of {}", patterns.join(", ")))
}

fn shown<'a>(field: &Field, text: &'a str) -> &'a str {
    if field.secret { "[redacted]" } else { text }
}

/// A text that should have been a host or a URL: what comes with a user or a query may come with a password or a token.
fn named(field: &Field, text: &str) -> String {
    match text.contains(['@', '?', '#']) {
        true => "something with a user, a query or a fragment".to_owned(),
        false => format!("`{}`", shown(field, text)),
    }
}

fn example(field: &Field) -> String {
    field
        .example
        .as_ref()
        .map_or_else(|| format!("see `{}`", field.label), |example| format!("for example `{example}`"))
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
