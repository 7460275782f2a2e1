//! An account that is made before somebody signs in to it: it waits as `connecting`, and the caller sends a browser to the provider.

use rollcall_store::{Account, AccountStatus, NewAudit};
use serde_json::json;
use url::Url;

use crate::accounts::{Given, base_url};
use crate::api::accounts::{Create, split};
use crate::caller::Caller;
use crate::connect;
use crate::error::ApiError;
use crate::link::app;
use crate::link::attempt::Attempt;
use crate::link::sign_in::{self, Beginning};
use crate::state::App;

/// Makes the account and gives the address where somebody signs in, when the credential is one that is given so; nothing otherwise.
///
/// # Errors
/// Values that cannot be used.
pub async fn account(app: &App, caller: &Caller, create: &Create) -> Result<Option<(Account, String)>, ApiError> {
    let redirect_uri = create.redirect_uri.as_deref().map(returning).transpose()?;
    let connector = app.accounts.connector(&create.integration)?;
    let (mut settings, values) = split(&connector, &create.settings, &create.credential)?;
    let (mut base, auth) = (create.base_url.clone(), create.auth.as_deref());
    let environment = caller.environment();
    if let Some((own, _)) = app::of(&app.store, environment, &connector, auth.unwrap_or_default(), &values).await? {
        complete(&mut settings, own.settings);
        base = base.or(own.base_url);
    }
    let origin = base.as_deref().map(base_url).transpose()?;
    let auth = match connect::auth_kind(&connector, auth, &settings, &values, origin.as_ref()) {
        Ok(auth) => auth,
        // Said by whoever makes the account from this.
        Err(_) if redirect_uri.is_none() => return Ok(None),
        Err(error) => return Err(error),
    };
    if !sign_in::is_needed(&connector, &auth, &values) {
        if redirect_uri.is_some() {
            return Err(ApiError::bad_request(
                "`redirect_uri` is for accounts to which somebody signs in at the provider",
            ));
        }
        return Ok(None);
    }
    let mut attempt = Attempt {
        environment: environment.to_owned(),
        connector: connector.id().to_owned(),
        auth,
        settings,
        values,
        base_url: base,
        label: create.label.clone(),
        tenant_id: create.tenant_id.clone(),
        account: None,
        link: None,
        redirect_uri,
        validate: create.validate,
        actor: caller.actor(),
        request_id: crate::request_id::current(),
    };
    let beginning = Beginning::of(app, &attempt).await?;
    let account = app.store.create_account(attempt.new_account(AccountStatus::Connecting)).await?;
    let entry = NewAudit {
        environment_id: Some(attempt.environment.clone()),
        actor: attempt.actor.clone(),
        action: "account.created".to_owned(),
        target: Some(account.id.clone()),
        request_id: attempt.request_id.clone(),
        details: json!({"integration": account.connector, "status": account.status.word()}),
    };
    app.store.audit(entry).await?;
    attempt.account = Some(account.id.clone());
    let authorize_url = beginning.keep(app, attempt).await?;
    Ok(Some((account, authorize_url)))
}

/// Settings that come with the environment's app, where none were given.
pub fn complete(settings: &mut Given, with: Given) {
    for (name, value) in with {
        settings.entry(name).or_insert(value);
    }
}

/// An address that a browser may be sent to afterwards.
///
/// # Errors
/// 400 for any other text.
pub fn returning(text: &str) -> Result<String, ApiError> {
    let usable = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        return Ok(text.to_owned());
    }
    Err(ApiError::bad_request("`redirect_uri` is not an address that a browser can go to"))
}
