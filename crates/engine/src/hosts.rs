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
    let mut policy = NetworkPolicy { hosts: patterns(connector, account), private: Vec::new() };
    if let Some(host) = base_url.and_then(Url::host_str) {
        policy.private.push(bare(host));
        policy.hosts = vec![HostPattern::new(host)];
        return policy;
    }
    policy.private.extend(typed_hosts(connector, account));
    policy
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

/// Hosts that the operator typed into `url` and `host` settings which take any host.
fn typed_hosts(connector: &Connector, account: &Account) -> Vec<String> {
    let inputs = rollcall_connector::account::inputs(connector.definition(), &account.auth);
    inputs
        .iter()
        .filter(|(_, field)| {
            matches!(field.is, FieldKind::Host | FieldKind::Url) && field.allow.iter().any(|pattern| pattern == "*")
        })
        .filter_map(|(name, _)| host_of(&account.value(name)?))
        .collect()
}

fn patterns(connector: &Connector, account: &Account) -> Vec<HostPattern> {
    let definition = connector.definition();
    let mut hosts: Vec<HostPattern> = definition.http.hosts.iter().map(|host| HostPattern::new(host)).collect();
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
    for text in texts.iter().filter(|text| text.contains("://") || text.starts_with('{')) {
        let rendered =
            Template::parse(text).ok().and_then(|t| t.render(Position::Plain, &|name| account.value(name)).ok());
        if let Some(host) = rendered.as_deref().and_then(host_of) {
            hosts.push(HostPattern::new(&host));
        }
    }
    // Absolute URLs of methods.
    collect(&connector.source().json, &mut hosts, account);
    hosts
}

/// Hosts of every `get` and `post` that is a whole URL.
fn collect(value: &Value, hosts: &mut Vec<HostPattern>, account: &Account) {
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
                        hosts.extend(rendered.as_deref().and_then(host_of).map(|host| HostPattern::new(&host)));
                    }
                    other => collect(other, hosts, account),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, hosts, account)),
        _ => {}
    }
}

fn host_of(text: &str) -> Option<String> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    Url::parse(&full).ok()?.host_str().map(bare)
}

fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}
