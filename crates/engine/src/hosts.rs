//! The hosts that a connector with an account may call.

use std::sync::Arc;

use rollcall_connector::definition::FieldKind;
use rollcall_connector::hosts::HostPattern;
use rollcall_connector::template::{Position, Template};
use rollcall_connector::{Account, Connector};
use serde_json::Value;
use url::Url;

use crate::auth::Authenticator;
use crate::fault::Fault;
use crate::transport::NetworkPolicy;

/// The policy of an account: what the connector declares, and as private what the operator typed.
#[must_use]
pub fn policy(connector: &Connector, account: &Account, base_url: Option<&Url>) -> NetworkPolicy {
    if let Some((host, port)) = base_url.and_then(origin) {
        return NetworkPolicy {
            hosts: vec![HostPattern::new(&host)],
            private: vec![host.clone()],
            ports: vec![(host, port)],
        };
    }
    let typed = typed_origins(connector, account);
    let mut ports = origins(connector, account);
    ports.extend(typed.iter().cloned());
    let private = typed.into_iter().map(|(host, _)| host).collect();
    NetworkPolicy { hosts: patterns(connector, account), private, ports }
}

/// The PEM pair of mutual TLS that the account's credential holds, if it is one.
///
/// # Errors
/// A credential that cannot be used.
pub fn client_certificate(connector: &Connector, account: &Arc<Account>) -> Result<Option<(String, String)>, Fault> {
    let definition = connector.definition();
    let Some(entry) = definition.auth.get(&account.auth).filter(|entry| entry.client_certificate.is_some()) else {
        return Ok(None);
    };
    Ok(Authenticator::new(entry, &definition.http.base, Arc::clone(account))?.client_certificate())
}

/// Whether a host is one of the declared ones.
#[must_use]
pub fn declared(connector: &Connector, account: &Account, host: &str) -> bool {
    patterns(connector, account).iter().any(|pattern| pattern.matches(host))
}

/// Hosts and ports that the operator typed into `url` and `host` settings which take any host.
fn typed_origins(connector: &Connector, account: &Account) -> Vec<Origin> {
    let inputs = rollcall_connector::account::inputs(connector.definition(), &account.auth);
    inputs
        .iter()
        .filter(|(_, field)| {
            matches!(field.is, FieldKind::Host | FieldKind::Url) && field.allow.iter().any(|pattern| pattern == "*")
        })
        .filter_map(|(name, _)| origin_of(&account.value(name)?))
        .collect()
}

fn patterns(connector: &Connector, account: &Account) -> Vec<HostPattern> {
    let declared = connector.definition().http.hosts.iter().map(|host| HostPattern::new(host));
    declared.chain(origins(connector, account).iter().map(|(host, _)| HostPattern::new(host))).collect()
}

/// A host with its port.
type Origin = (String, u16);

/// Where the URLs lead that the connector writes, with the account's values.
fn origins(connector: &Connector, account: &Account) -> Vec<Origin> {
    let definition = connector.definition();
    let mut texts = vec![definition.http.base.clone()];
    if let Some(auth) = definition.auth.get(&account.auth) {
        texts.extend(auth.base.clone());
        texts.extend(auth.oauth2.iter().flat_map(|o| [Some(o.token.clone()), o.refresh_token.clone()]).flatten());
        texts.extend(auth.jwt.iter().filter_map(|j| j.exchange.as_ref()).map(|e| e.token.clone()));
        for login in auth.session.iter().flat_map(|s| [Some(&s.login), s.then.as_ref()]).flatten() {
            texts.extend([login.get.clone(), login.post.clone()].into_iter().flatten());
        }
    }
    texts.extend(definition.http.discover.iter().flat_map(|(_, d)| [d.get.clone(), d.post.clone()]).flatten());
    let mut origins = Vec::new();
    for text in texts.iter().filter(|text| text.contains("://") || text.starts_with('{')) {
        let rendered =
            Template::parse(text).ok().and_then(|t| t.render(Position::Plain, &|name| account.value(name)).ok());
        origins.extend(rendered.as_deref().and_then(origin_of));
    }
    // Absolute URLs of methods.
    collect(&connector.source().json, &mut origins, account);
    origins
}

/// Hosts of every `get` and `post` that is a whole URL.
fn collect(value: &Value, origins: &mut Vec<Origin>, account: &Account) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if matches!(key.as_str(), "get" | "post") && text.starts_with("https://") => {
                        let rendered = Template::parse(text).ok().and_then(|t| {
                            t.render(Position::Path, &|name| {
                                Some(account.value(name).unwrap_or_else(|| "x".to_owned()))
                            })
                            .ok()
                        });
                        origins.extend(rendered.as_deref().and_then(origin_of));
                    }
                    other => collect(other, origins, account),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, origins, account)),
        _ => {}
    }
}

fn origin_of(text: &str) -> Option<Origin> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    origin(&Url::parse(&full).ok()?)
}

fn origin(url: &Url) -> Option<Origin> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), url.port_or_known_default()?))
}
