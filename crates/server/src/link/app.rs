//! OAuth apps of an environment: the client id and secret of accounts that have none of their own. They are read for each sign-in and never
//! copied into an account, so a secret that was replaced serves at once. An app's secret must not be led elsewhere by whoever fills in a form:
//! the settings that name the host of the token endpoint are those of the app, or lead to the vendor's own hosts.

use rollcall_connector::Connector;
use rollcall_connector::account::inputs;
use rollcall_connector::definition::{Definition, FieldKind, Grant, OAuth2};
use rollcall_connector::hosts::HostPattern;
use rollcall_connector::template::{Position, Template};
use rollcall_store::{Account, Credential, OAuthApp, Store};
use serde_json::Value;
use url::Url;

use crate::accounts::Given;
use crate::error::ApiError;

/// The entry of a kind of credential for which somebody signs in at the provider, in a browser.
pub fn browser<'a>(definition: &'a Definition, auth: &str) -> Option<&'a OAuth2> {
    let oauth2 = definition.auth.get(auth)?.oauth2.as_ref()?;
    (oauth2.grant == Grant::AuthorizationCode && oauth2.authorize.is_some()).then_some(oauth2)
}

/// The app that an account of this kind uses, when it has no client of its own.
///
/// # Errors
/// The store's.
pub async fn of(
    store: &Store,
    environment: &str,
    connector: &Connector,
    auth: &str,
    values: &Given,
) -> Result<Option<(OAuthApp, Credential)>, ApiError> {
    if browser(connector.definition(), auth).is_none() || values.contains_key("client_id") {
        return Ok(None);
    }
    let found = store.app_with_secret(environment, connector.id()).await?;
    Ok(found.filter(|(app, _)| app.auth == auth))
}

/// The credential, with the client of the environment's app where it has none.
///
/// # Errors
/// An account that the app is not for.
pub async fn filled(
    store: &Store,
    connector: &Connector,
    account: &Account,
    credential: Credential,
) -> Result<Credential, ApiError> {
    let values = crate::connect::values(&credential);
    let environment = &account.environment_id;
    let Some((app, secret)) = of(store, environment, connector, &account.auth, &values).await? else {
        return Ok(credential);
    };
    fits(connector, &app, account)?;
    let mut credential = credential;
    let whole = credential.expose_mut().entry("values").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if let Value::Object(values) = whole {
        values.insert("client_id".to_owned(), Value::from(app.client_id));
        values.extend(secret.expose().iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Ok(credential)
}

/// Settings of an app that must be given with it: those that decide which host its secret is sent to.
pub fn deciding(connector: &Connector, auth: &str) -> Vec<String> {
    let definition = connector.definition();
    let Some(oauth2) = browser(definition, auth) else { return Vec::new() };
    let mut deciding: Vec<String> = Vec::new();
    for template in endpoints(oauth2) {
        let (names, suffix) = authority(template);
        for name in names {
            if !is_vendors(definition, auth, &name, suffix.as_deref()) && !deciding.contains(&name) {
                deciding.push(name);
            }
        }
    }
    deciding
}

/// Refuses to give an app's secret to an account with other hosts than the app's.
fn fits(connector: &Connector, app: &OAuthApp, account: &Account) -> Result<(), ApiError> {
    let foreign = |what: &str| {
        ApiError::bad_request(format!(
            "the OAuth app of this environment is for another {what}; give `client_id` and `client_secret` with the account, or set the app anew \
             with `PUT /integration/{}/app`",
            connector.id()
        ))
    };
    if account.base_url != app.base_url {
        return Err(foreign("`base_url`"));
    }
    for (name, value) in &app.settings {
        if account.settings.get(name).is_none_or(|own| !own.trim().eq_ignore_ascii_case(value.trim())) {
            return Err(foreign(&format!("`{name}`")));
        }
    }
    if let Some(name) = deciding(connector, &app.auth).into_iter().find(|name| !app.settings.contains_key(name)) {
        return Err(foreign(&format!("`{name}`")));
    }
    let lookup = |name: &str| rendered(connector.definition(), &account.auth, name, account.settings.get(name));
    for template in browser(connector.definition(), &app.auth).map(endpoints).unwrap_or_default() {
        let (names, suffix) = authority(template);
        if let (false, Some(suffix)) = (names.is_empty(), suffix) {
            // A text such as `evil.example/` in `{company}.vendor.com` would lead elsewhere: what counts is where the whole leads.
            let url = Template::parse(template).ok().and_then(|t| t.render(Position::Plain, &|n| lookup(n)).ok());
            let host = url.and_then(|url| Url::parse(&url).ok()?.host_str().map(str::to_owned));
            if !host.is_some_and(|host| HostPattern::new(&format!("*{suffix}")).matches(&host)) {
                return Err(foreign("host"));
            }
        }
    }
    Ok(())
}

/// Where the client secret is sent.
fn endpoints(oauth2: &OAuth2) -> Vec<&str> {
    [Some(oauth2.token.as_str()), oauth2.refresh_token.as_deref()].into_iter().flatten().collect()
}

/// The names in the host of a URL's template, and the literal end of the host that follows the last one, when it is part of a name.
fn authority(template: &str) -> (Vec<String>, Option<String>) {
    let after_scheme = template.split_once("://").map_or(template, |(_, rest)| rest);
    let authority = after_scheme.split('/').next().unwrap_or_default();
    let names = Template::parse(authority).map(|t| t.names().map(str::to_owned).collect()).unwrap_or_default();
    let suffix = authority.rsplit_once('}').map(|(_, end)| end.to_owned());
    (names, suffix.filter(|end| end.starts_with('.') && end.len() > 1))
}

/// Whether a setting in a host can lead to the vendor's own hosts only.
fn is_vendors(definition: &Definition, auth: &str, name: &str, suffix: Option<&str>) -> bool {
    let known = inputs(definition, auth);
    let Some((_, field)) = known.iter().find(|(known, _)| known == name) else { return false };
    match field.is {
        FieldKind::Choice => true,
        FieldKind::Host | FieldKind::Url => {
            !field.allow.is_empty() && !field.allow.iter().any(|pattern| pattern == "*")
        }
        FieldKind::Text | FieldKind::Integer | FieldKind::Boolean => suffix.is_some(),
    }
}

/// The value that templates see.
fn rendered(definition: &Definition, auth: &str, name: &str, given: Option<&String>) -> Option<String> {
    let known = inputs(definition, auth);
    let (_, field) = known.iter().find(|(known, _)| known == name)?;
    let text = given.map(|text| text.trim()).filter(|text| !text.is_empty());
    let text = text.or_else(|| field.default.as_ref().and_then(Value::as_str))?;
    match field.is {
        FieldKind::Choice => field.values.get(text).cloned(),
        _ => Some(text.to_owned()),
    }
}
