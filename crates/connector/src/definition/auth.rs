//! How a credential signs requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Body, Field, Map};

/// One way to sign in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    #[serde(default)]
    pub label: Option<String>,
    /// What the operator gives.
    #[serde(default)]
    pub fields: Map<Field>,
    /// Least permissions, as the provider names them.
    #[serde(default)]
    pub permissions: Vec<String>,
    #[serde(default)]
    pub docs: Option<String>,
    /// Replaces `http.base` with this credential.
    #[serde(default)]
    pub base: Option<String>,
    /// Headers on every call.
    #[serde(default)]
    pub header: Map<String>,
    /// Query parameters on every call.
    #[serde(default)]
    pub query: Map<String>,
    /// Members of every JSON or form body.
    #[serde(default)]
    pub body: Map<String>,
    #[serde(default)]
    pub basic: Option<BasicAuth>,
    #[serde(default)]
    pub oauth2: Option<OAuth2>,
    #[serde(default)]
    pub jwt: Option<Jwt>,
    #[serde(default)]
    pub session: Option<Session>,
    #[serde(default)]
    pub oauth1: Option<OAuth1>,
    #[serde(default)]
    pub digest: Option<Digest>,
    #[serde(default)]
    pub sigv4: Option<SigV4>,
    #[serde(default)]
    pub hmac: Option<Hmac>,
    #[serde(default)]
    pub client_certificate: Option<ClientCertificate>,
    /// No credential at all.
    #[serde(default)]
    pub none: Option<NoAuth>,
}

/// No credential at all.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoAuth {}

/// HTTP Basic (RFC 7617).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    pub username: String,
    #[serde(default)]
    pub password: String,
}

/// OAuth 2.0 (RFC 6749, 7636).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth2 {
    #[serde(default)]
    pub grant: Grant,
    /// Where the operator's browser is sent.
    #[serde(default)]
    pub authorize: Option<String>,
    /// The token endpoint.
    pub token: String,
    /// The endpoint for refreshing, when it is another one.
    #[serde(default)]
    pub refresh_token: Option<String>,
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Between scopes; a space by default.
    #[serde(default)]
    pub scope_separator: Option<String>,
    #[serde(default)]
    pub pkce: bool,
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// The form of the token request.
    #[serde(default)]
    pub body: TokenBody,
    /// More members of the token request; of the authorize URL too when `extra_authorize` is not given.
    #[serde(default)]
    pub extra: Map<String>,
    /// More parameters of the authorize URL.
    #[serde(default)]
    pub extra_authorize: Map<String>,
    /// Where the token stands in the answer; `.access_token` by default.
    #[serde(default)]
    pub token_path: Option<String>,
    /// Whether refresh tokens are issued.
    #[serde(default = "yes")]
    pub refresh: bool,
    /// Path of a base URL in the token answer: then `{instance_url}`.
    #[serde(default)]
    pub instance_url: Option<String>,
    /// Username and password of the `password` grant.
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub password: Option<String>,
}

fn yes() -> bool {
    true
}

/// How a token is obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    #[default]
    AuthorizationCode,
    ClientCredentials,
    Password,
}

/// Where client id and secret travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    #[default]
    Body,
    Basic,
}

/// The form of a token request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenBody {
    #[default]
    Form,
    Json,
}

/// A signed assertion (RFC 7519, 7523).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// RS256, RS384, RS512, ES256, ES384, PS256 or HS256.
    pub algorithm: String,
    /// PEM private key, or the shared secret of HS algorithms.
    #[serde(default)]
    pub key: Option<String>,
    /// A JSON key file as cloud consoles hand out; its `private_key` signs and its members are template names.
    #[serde(default)]
    pub key_file: Option<String>,
    /// The `kid` header.
    #[serde(default)]
    pub key_id: Option<String>,
    /// Claims beside `iat` and `exp`; texts are templates.
    #[serde(default)]
    pub claims: Map<Value>,
    #[serde(default = "hour")]
    pub lifetime_seconds: u32,
    /// Exchanges the assertion for a token.
    #[serde(default)]
    pub exchange: Option<ExchangeToken>,
}

fn hour() -> u32 {
    3600
}

/// The exchange of an assertion for a token.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeToken {
    /// The token endpoint.
    pub token: String,
    /// The `grant_type` of a form post with `assertion`; without it the assertion is sent as Bearer in an empty POST.
    #[serde(default)]
    pub grant: Option<String>,
    #[serde(default)]
    pub extra: Map<String>,
    #[serde(default)]
    pub token_path: Option<String>,
    #[serde(default)]
    pub instance_url: Option<String>,
}

/// A login call that gives a token or cookies.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub login: Login,
    /// Where the token is in the login's answer.
    #[serde(default)]
    pub token: Option<TokenSource>,
    /// Cookies of the login are sent on.
    #[serde(default)]
    pub cookies: bool,
    /// A second call, which may use `{access_token}`.
    #[serde(default)]
    pub then: Option<Login>,
    /// Where the token is in the second answer.
    #[serde(default)]
    pub then_token: Option<TokenSource>,
    #[serde(default)]
    pub lifetime_seconds: Option<u32>,
}

/// A path in the body, or a header.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum TokenSource {
    Path(String),
    Header(super::page::AtHeader),
}

/// A call of a session.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[serde(default)]
    pub get: Option<String>,
    #[serde(default)]
    pub post: Option<String>,
    #[serde(default)]
    pub query: Map<Value>,
    #[serde(default)]
    pub headers: Map<String>,
    #[serde(default)]
    pub body: Option<Body>,
    #[serde(default)]
    pub basic: Option<BasicAuth>,
}

/// OAuth 1.0a (RFC 5849).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth1 {
    pub consumer_key: String,
    pub consumer_secret: String,
    #[serde(default)]
    pub token: Option<String>,
    #[serde(default)]
    pub token_secret: Option<String>,
    /// HMAC-SHA1 or HMAC-SHA256.
    #[serde(default = "hmac_sha256")]
    pub signature: String,
    #[serde(default)]
    pub realm: Option<String>,
}

fn hmac_sha256() -> String {
    "HMAC-SHA256".to_owned()
}

/// HTTP Digest (RFC 7616).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    pub username: String,
    pub password: String,
}

/// AWS Signature Version 4.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SigV4 {
    pub service: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    #[serde(default)]
    pub session_token: Option<String>,
}

/// A signature over parts of the request.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// sha1, sha256 or sha512.
    pub algorithm: String,
    pub key: String,
    /// What is signed: `{date}`, `{method}`, `{host}`, `{path}`, `{params}` (sorted, encoded), `{body}`.
    pub message: String,
    #[serde(default)]
    pub encoding: Encoding,
    #[serde(default)]
    pub date: HmacDate,
    /// Headers; `{signature}` and `{date}` are known.
    pub header: Map<String>,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// How `{date}` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HmacDate {
    #[default]
    Rfc2822,
    Iso8601,
    Epoch,
}

/// Mutual TLS.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// PEM certificate chain.
    pub certificate: String,
    /// PEM private key.
    pub private_key: String,
}
