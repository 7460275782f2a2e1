//! Signing in at a provider: the authorization code grant with PKCE (RFC 6749, 7636, 9700). What must be remembered until the browser comes
//! back lies sealed in the store under its `state`, is taken once, and ends after ten minutes.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use rollcall_connector::Connector;
use rollcall_engine::Limits;
use rollcall_engine::auth::Pkce;
use rollcall_store::{Account, AccountStatus};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::accounts::{Caught, Given, credential};
use crate::connect;
use crate::error::ApiError;
use crate::link::app::browser;
use crate::link::attempt::{Attempt, apart};
use crate::state::App;

/// How long somebody may take at the provider.
pub const LIFETIME: Duration = Duration::from_secs(600);

/// The address that the provider sends browsers back to; to be registered with the OAuth app.
pub fn redirect_uri(app: &App) -> String {
    format!("{}/connect/callback", app.config.public_url)
}

/// Whether the credential is still to be given, by somebody who signs in.
pub fn is_needed(connector: &Connector, auth: &str, values: &Given) -> bool {
    let has = |name: &str| values.get(name).is_some_and(|value| !value.trim().is_empty());
    browser(connector.definition(), auth).is_some() && !has("access_token") && !has("refresh_token")
}

/// A sign-in that may begin.
pub struct Beginning {
    /// Where the browser is sent.
    pub authorize_url: String,
    state: String,
    verifier: Option<String>,
}

/// What is kept until the browser comes back.
#[derive(Serialize, Deserialize)]
struct Kept {
    attempt: Attempt,
    verifier: Option<String>,
}

impl Beginning {
    /// Checks what was filled in and makes the address; nothing is kept yet.
    ///
    /// # Errors
    /// Values that cannot be used, or no client.
    pub async fn of(app: &App, attempt: &Attempt) -> Result<Self, ApiError> {
        let connected = attempt.connected(app, Caught::default()).await?;
        let session = connected.session(Limits::default());
        if session.value("client_id").is_none() {
            return Err(ApiError::bad_request(format!(
                "`client_id` is missing: give it with the account, or set an app for all accounts with `PUT /integration/{}/app`; its redirect \
                 address is `{}`",
                attempt.connector,
                redirect_uri(app)
            ))
            .details(json!({"problems": [{"name": "client_id", "message": "`client_id` is missing"}]})));
        }
        let wants_pkce = browser(connected.connector.definition(), &attempt.auth).is_some_and(|oauth2| oauth2.pkce);
        let pkce = if wants_pkce { Some(Pkce::new()?) } else { None };
        let state = random()?;
        let authorize_url = session.auth().authorize_url(&redirect_uri(app), &state, pkce.as_ref())?;
        // The browser is sent there whoever filled in the host: never to a script.
        if !Url::parse(&authorize_url).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err(ApiError::bad_request("the provider's sign-in page has no address that a browser can go to"));
        }
        Ok(Self { authorize_url, state, verifier: pkce.map(|pkce| pkce.verifier().expose().clone()) })
    }

    /// Keeps what is needed when the browser comes back, and gives the address that it is sent to.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(self, app: &App, attempt: Attempt) -> Result<String, ApiError> {
        let environment = attempt.environment.clone();
        let kept = serde_json::to_value(Kept { attempt, verifier: self.verifier }).map_err(|_| unreadable())?;
        app.store.put_sign_in(&self.state, &environment, app.now() + LIFETIME, &kept).await?;
        Ok(self.authorize_url)
    }
}

/// What the provider sends the browser back with.
#[derive(Default)]
pub struct Returned {
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

/// A sign-in that did not succeed.
pub struct Failed {
    pub error: ApiError,
    /// What it was for, when that is known.
    pub attempt: Option<Box<Attempt>>,
}

/// Ends a sign-in: exchanges the code, tries the account, and saves it.
///
/// # Errors
/// A state that is not known, the provider's refusal, or a link that was used meanwhile. Nothing is saved as active then.
pub async fn finish(app: &Arc<App>, returned: Returned) -> Result<(Attempt, Account), Failed> {
    let unknown = |error| Failed { error, attempt: None };
    let state = returned.state.as_deref().filter(|state| is_state(state)).ok_or_else(|| unknown(foreign()))?;
    let kept = app.store.take_sign_in(state).await.map_err(|fault| unknown(fault.into()))?;
    let kept = kept.ok_or_else(|| unknown(foreign()))?;
    let Kept { attempt, verifier } = serde_json::from_value(kept).map_err(|_| unknown(unreadable()))?;
    let outcome = match code_of(returned) {
        Ok(code) => {
            let (app, attempt) = (Arc::clone(app), attempt.clone());
            apart(async move { exchange(&app, &attempt, &code, verifier).await }).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(account) => Ok((attempt, account)),
        Err(error) => {
            note(app, &attempt, &error).await;
            Err(Failed { error, attempt: Some(Box::new(attempt)) })
        }
    }
}

async fn exchange(
    app: &Arc<App>,
    attempt: &Attempt,
    code: &str,
    verifier: Option<String>,
) -> Result<Account, ApiError> {
    let caught = Caught::default();
    let connected = attempt.connected(app, caught.clone()).await?;
    let limits = Limits {
        request_timeout: app.config.exchange_timeout,
        wait_max: app.config.pause_max,
        call_timeout: app.config.page_patience,
        ..Limits::default()
    };
    let pkce = verifier.map(Pkce::from_verifier);
    connected.session(limits).exchange_code(code, &redirect_uri(app), pkce.as_ref()).await?;
    if attempt.validate {
        connect::attempt(app, &connected).await?;
    }
    let tokens = caught.take();
    attempt.save(app, credential(&attempt.values, tokens.as_ref())).await
}

/// An account that waits for this sign-in says why it still does.
async fn note(app: &App, attempt: &Attempt, error: &ApiError) {
    let Some(id) = attempt.account.as_deref().filter(|_| attempt.link.is_none()) else { return };
    let waiting = match app.store.account(&attempt.environment, id).await {
        Ok(account) => account.is_some_and(|account| account.status == AccountStatus::Connecting),
        Err(_) => false,
    };
    if waiting {
        let error = json!({"kind": "sign_in", "message": error.message});
        if let Err(fault) = app.store.set_account_status(id, AccountStatus::Connecting, Some(error)).await {
            tracing::warn!(account = %id, %fault, "the account's status could not be saved");
        }
    }
}

/// The code, or what the provider says instead (RFC 6749 section 4.1.2.1).
fn code_of(returned: Returned) -> Result<String, ApiError> {
    if let Some(code) = returned.error {
        let clipped = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let mut message = match code.as_str() {
            "access_denied" => "access was not allowed at the provider; nothing was connected".to_owned(),
            other => format!("the provider refused the sign-in (`{}`); nothing was connected", clipped(other)),
        };
        if let Some(said) = returned.error_description.filter(|said| !said.trim().is_empty()) {
            message.push_str(&format!("; it said: \"{}\"", clipped(&said)));
        }
        return Err(ApiError::forbidden(message));
    }
    returned.code.filter(|code| !code.is_empty()).ok_or_else(|| {
        ApiError::bad_request("the provider sent the browser back without a code; nothing was connected; try again")
    })
}

const STATE_BYTES: usize = 32;
const STATE_CHARACTERS: usize = 43;

fn random() -> Result<String, ApiError> {
    let mut bytes = [0; STATE_BYTES];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Anybody may call with anything: the store is asked only for what it may have.
fn is_state(text: &str) -> bool {
    text.len() == STATE_CHARACTERS && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn foreign() -> ApiError {
    ApiError::bad_request(
        "this sign-in is not known: it was finished already, took longer than ten minutes, or was begun elsewhere; nothing was connected by this \
         page; begin again where you came from",
    )
}

fn unreadable() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the sign-in cannot be read; begin again")
}
