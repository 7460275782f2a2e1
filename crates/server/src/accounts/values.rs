//! What an account's credential holds: the values that were filled in, and the tokens that an authorization gave.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rollcall_connector::Connector;
use rollcall_connector::account::InputProblem;
use rollcall_engine::auth::Tokens;
use rollcall_model::Secret;
use rollcall_store::{Account, Credential};
use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// Settings and fields of a credential, by name.
pub type Given = BTreeMap<String, String>;

/// A credential of values that were filled in, and tokens.
#[must_use]
pub fn credential(values: &Given, tokens: Option<&Tokens>) -> Credential {
    let values: Map<String, Value> =
        values.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
    let mut whole = Map::new();
    whole.insert("values".to_owned(), Value::Object(values));
    if let Some(tokens) = tokens {
        whole.insert("tokens".to_owned(), written(tokens));
    }
    Credential::new(whole)
}

/// Everything that was filled in: settings and the credential's values.
pub fn given(account: &Account, credential: &Credential) -> Given {
    let mut given = account.settings.clone();
    if let Some(Value::Object(values)) = credential.expose().get("values") {
        given.extend(values.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))));
    }
    given
}

/// The tokens in a credential.
#[must_use]
pub fn tokens_of(credential: &Credential) -> Option<Tokens> {
    let tokens = credential.expose().get("tokens")?;
    let text = |name: &str| tokens.get(name).and_then(Value::as_str).map(str::to_owned);
    let time = |name: &str| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(tokens.get(name)?.as_u64()?));
    Some(Tokens {
        access_token: text("access_token").map(Secret::new),
        refresh_token: text("refresh_token").map(Secret::new),
        instance_url: text("instance_url"),
        since: time("since"),
        until: time("until"),
    })
}

/// The credential with other tokens.
pub fn with_tokens(mut credential: Credential, tokens: &Tokens) -> Credential {
    credential.expose_mut().insert("tokens".to_owned(), written(tokens));
    credential
}

fn written(tokens: &Tokens) -> Value {
    let seconds = |time: Option<SystemTime>| {
        time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|since| since.as_secs())
    };
    json!({
        "access_token": tokens.access_token.as_ref().map(|token| token.expose().clone()),
        "refresh_token": tokens.refresh_token.as_ref().map(|token| token.expose().clone()),
        "instance_url": tokens.instance_url,
        "since": seconds(tokens.since),
        "until": seconds(tokens.until),
    })
}

/// What is wrong with what was filled in, all at once.
pub fn refused(connector: &Connector, problems: &[InputProblem]) -> ApiError {
    let lines: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
    let problems: Vec<Value> =
        problems.iter().map(|problem| json!({"name": problem.name, "message": problem.message})).collect();
    ApiError::bad_request(format!("{}; `GET /integration/{}` lists what it asks for", lines.join("; "), connector.id()))
        .details(json!({"problems": problems}))
}
