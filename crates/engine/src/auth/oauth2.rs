//! OAuth 2.0: the authorization code, client credentials and password grants (RFC 6749), PKCE (RFC 7636), refreshing, and the ways in
//! which token endpoints deviate.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollcall_connector::Account;
use rollcall_connector::definition::{ClientAuth, FaultKind, Grant, Map, OAuth2, TokenBody};
use rollcall_connector::request::{Request, RequestBody, Verb};
use rollcall_connector::template::Template;
use serde_json::Value;
use url::Url;

use super::pkce::Pkce;
use super::state::{Granted, State};
use super::token::Shape;
use super::values::{self, Values};
use super::words::Refusal;
use super::{Caller, mistake};
use crate::fault::Fault;

/// An `oauth2` entry.
pub(super) struct Client {
    grant: Grant,
    authorize: Option<Template>,
    token: Template,
    refresh_url: Option<Template>,
    scopes: Vec<Template>,
    scope_separator: String,
    client_auth: ClientAuth,
    body: TokenBody,
    extra: Vec<(String, Template)>,
    extra_authorize: Vec<(String, Template)>,
    shape: Shape,
    refreshes: bool,
    username: Template,
    password: Template,
}

type Members = Vec<(String, String)>;

/// Members that are secret though no field of the account holds them.
const SPENT: [&str; 3] = ["code", "code_verifier", "refresh_token"];

impl Client {
    pub fn new(entry: &OAuth2) -> Result<Self, Fault> {
        let authorize_extra = if entry.extra_authorize.is_empty() { &entry.extra } else { &entry.extra_authorize };
        Ok(Self {
            grant: entry.grant,
            authorize: entry.authorize.as_deref().map(values::parse).transpose()?,
            token: values::parse(&entry.token)?,
            refresh_url: entry.refresh_token.as_deref().map(values::parse).transpose()?,
            scopes: entry.scopes.iter().map(|scope| values::parse(scope)).collect::<Result<_, _>>()?,
            scope_separator: entry.scope_separator.clone().unwrap_or_else(|| " ".to_owned()),
            client_auth: entry.client_auth,
            body: entry.body,
            extra: templates(&entry.extra)?,
            extra_authorize: templates(authorize_extra)?,
            shape: Shape::new(entry.token_path.as_deref(), entry.instance_url.as_deref())?,
            refreshes: entry.refresh,
            username: values::parse(entry.username.as_deref().unwrap_or("{username}"))?,
            password: values::parse(entry.password.as_deref().unwrap_or("{password}"))?,
        })
    }

    /// Starts with the tokens that the operator has.
    pub fn given(&self, account: &Account, state: &mut State) {
        state.given(account.value("access_token"), account.value("refresh_token"));
    }

    /// Whether its tokens must outlive the process.
    pub fn keeps(&self) -> bool {
        self.grant == Grant::AuthorizationCode
    }

    /// Whether a refused token can be replaced without the operator.
    pub fn is_renewable(&self, values: &Values) -> bool {
        match self.grant {
            Grant::AuthorizationCode => {
                self.refreshes && values.state().refresh_token().is_some() && values.get("client_id").is_some()
            }
            Grant::ClientCredentials => values.get("client_id").is_some(),
            Grant::Password => true,
        }
    }

    /// A new token by the entry's grant.
    pub async fn obtain(&self, values: &Values, caller: &dyn Caller) -> Result<Granted, Fault> {
        let since = caller.now();
        let (url, members, purpose) = match self.grant {
            Grant::AuthorizationCode => {
                (self.refresh_url.as_ref().unwrap_or(&self.token), self.refreshing(values, since)?, "refresh the token")
            }
            Grant::ClientCredentials => (
                &self.token,
                self.members(values, since, vec![pair("grant_type", "client_credentials")], true)?,
                "give a token",
            ),
            Grant::Password => {
                let lookup = |name: &str| values.at(name, since);
                let username = values::required(&self.username, &lookup)?;
                let password = values::required(&self.password, &lookup)?;
                let members =
                    vec![pair("grant_type", "password"), pair("username", username), pair("password", password)];
                (&self.token, self.members(values, since, members, true)?, "give a token")
            }
        };
        self.fetch(values, url, members, purpose, since, caller).await
    }

    /// The exchange of a code (RFC 6749 section 4.1.3).
    pub async fn exchange_code(
        &self,
        values: &Values,
        code: &str,
        redirect_uri: &str,
        pkce: Option<&Pkce>,
        caller: &dyn Caller,
    ) -> Result<Granted, Fault> {
        let mut members =
            vec![pair("grant_type", "authorization_code"), pair("code", code), pair("redirect_uri", redirect_uri)];
        members.extend(pkce.map(|pkce| pair("code_verifier", pkce.verifier().expose())));
        let since = caller.now();
        let members = self.members(values, since, members, false)?;
        self.fetch(values, &self.token, members, "exchange the code", since, caller).await
    }

    /// The authorization request (RFC 6749 section 4.1.1).
    pub fn authorize_url(
        &self,
        values: &Values,
        redirect_uri: &str,
        state: &str,
        pkce: Option<&Pkce>,
    ) -> Result<String, Fault> {
        let Some(authorize) = &self.authorize else {
            return Err(mistake("this auth entry has no `authorize` address"));
        };
        let lookup = |name: &str| values.get(name);
        let text = values::url(authorize, &lookup)?;
        let mut url = Url::parse(&text).map_err(|_| mistake(format!("`{text}` is not a URL")))?;
        let mut members = vec![
            pair("response_type", "code"),
            pair("client_id", values.get("client_id").ok_or_else(|| values::missing("client_id"))?),
            pair("redirect_uri", redirect_uri),
            pair("state", state),
        ];
        members.extend(self.scope(&lookup)?);
        if let Some(pkce) = pkce {
            members.extend([pair("code_challenge", pkce.challenge()), pair("code_challenge_method", "S256")]);
        }
        overlay(&mut members, &self.extra_authorize, &lookup)?;
        url.query_pairs_mut().extend_pairs(members);
        Ok(url.into())
    }

    fn refreshing(&self, values: &Values, now: SystemTime) -> Result<Members, Fault> {
        let Some(refresh_token) = values.state().refresh_token() else {
            return Err(Fault::new(
                FaultKind::Credential,
                "the credential has neither an access token that is valid nor a refresh token",
            )
            .hint("give `access_token`, or `refresh_token` with `client_id` and `client_secret`"));
        };
        if values.get("client_id").is_none() {
            return Err(values::missing("client_id"));
        }
        let members = vec![pair("grant_type", "refresh_token"), pair("refresh_token", refresh_token)];
        // Without `scope` the new token has the scopes of the old one.
        self.members(values, now, members, false)
    }

    /// The grant's members with scope, client and extras; an extra replaces a member of its name.
    fn members(
        &self,
        values: &Values,
        now: SystemTime,
        mut members: Members,
        with_scope: bool,
    ) -> Result<Members, Fault> {
        let lookup = |name: &str| values.at(name, now);
        if with_scope {
            members.extend(self.scope(&lookup)?);
        }
        let client_id = values.get("client_id");
        let client_secret = values.get("client_secret");
        // A public client has no secret: it names itself in the body (section 3.2.1).
        if self.client_auth == ClientAuth::Body || client_secret.is_none() {
            members.extend(client_id.map(|id| pair("client_id", id)));
            members.extend(client_secret.map(|secret| pair("client_secret", secret)));
        }
        overlay(&mut members, &self.extra, &lookup)?;
        Ok(members)
    }

    fn scope(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<(String, String)>, Fault> {
        let mut scopes = Vec::new();
        for scope in &self.scopes {
            scopes.extend(values::optional(scope, lookup)?);
        }
        Ok((!scopes.is_empty()).then(|| pair("scope", scopes.join(&self.scope_separator))))
    }

    /// Id and secret as HTTP Basic has them, which is a form of the secret that no field holds.
    pub fn basic(&self, values: &Values) -> Option<String> {
        let (ClientAuth::Basic, Some(id), Some(secret)) =
            (self.client_auth, values.get("client_id"), values.get("client_secret"))
        else {
            return None;
        };
        Some(basic(&id, &secret))
    }

    async fn fetch(
        &self,
        values: &Values,
        url: &Template,
        members: Members,
        purpose: &str,
        since: SystemTime,
        caller: &dyn Caller,
    ) -> Result<Granted, Fault> {
        let url = values::url(url, &|name| values.at(name, since))?;
        let mut headers = vec![pair("Accept", "application/json")];
        if let Some(credential) = self.basic(values) {
            headers.push(pair("Authorization", format!("Basic {credential}")));
        }
        let spent: Vec<String> =
            members.iter().filter(|(name, _)| SPENT.contains(&name.as_str())).map(|(_, value)| value.clone()).collect();
        let body = match self.body {
            TokenBody::Form => RequestBody::Form(members),
            TokenBody::Json => {
                let object = members.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
                RequestBody::Json { value: Value::Object(object), content_type: None }
            }
        };
        let answer = caller.call(post(&url, headers, body)).await?;
        let Some(mut granted) = self.shape.read(&answer, since) else {
            let secrets = values.secrets().into_iter().chain(spent).chain(self.basic(values)).collect();
            let refusal = Refusal { url: &url, purpose, answer: &answer, secrets, now: since, is_login: false };
            return Err(refusal.fault());
        };
        granted.keep = self.grant == Grant::AuthorizationCode;
        Ok(granted)
    }
}

/// A POST; the query of the URL becomes the request's.
pub(super) fn post(url: &str, headers: Vec<(String, String)>, body: RequestBody) -> Request {
    let (url, query) = match url.split_once('?') {
        Some((front, query)) => (front, url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()),
        None => (url, Vec::new()),
    };
    Request { verb: Verb::Post, url: url.to_owned(), query, headers, body }
}

/// Id and secret for HTTP Basic: form-encoded first (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
}

pub(super) fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

pub(super) fn templates(map: &Map<String>) -> Result<Vec<(String, Template)>, Fault> {
    map.iter().map(|(name, text)| Ok((name.to_owned(), values::parse(text)?))).collect()
}

/// Adds extras; one whose value is not given is left out.
pub(super) fn overlay(
    members: &mut Members,
    extra: &[(String, Template)],
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Fault> {
    for (name, template) in extra {
        if let Some(value) = values::optional(template, lookup)? {
            members.retain(|(known, _)| known != name);
            members.push((name.clone(), value));
        }
    }
    Ok(())
}
