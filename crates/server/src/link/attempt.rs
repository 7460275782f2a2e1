//! An account that somebody is connecting: what was filled in, and what becomes of it once it was tried.

use std::sync::Arc;

use http::StatusCode;
use rollcall_store::{Account, AccountChange, AccountStatus, Credential, NewAccount, NewAudit};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::Instrument as _;
use url::Url;

use crate::accounts::{Caught, Given, Keep, credential};
use crate::connect::{self, Validation};
use crate::error::ApiError;
use crate::link::refusal;
use crate::state::App;

/// No `Debug`: the values are secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    pub environment: String,
    pub connector: String,
    pub auth: String,
    pub settings: Given,
    /// The credential's values.
    pub values: Given,
    pub base_url: Option<String>,
    pub label: Option<String>,
    pub tenant_id: Option<String>,
    /// The account that gets the credential; a new one when there is none.
    pub account: Option<String>,
    /// The id of the link token that this uses up.
    pub link: Option<String>,
    /// Where the browser goes afterwards.
    pub redirect_uri: Option<String>,
    /// Whether a real call must succeed first.
    pub validate: bool,
    /// Who acts, for the audit log, and in which request.
    pub actor: String,
    pub request_id: Option<String>,
}

impl Attempt {
    /// Tries the account by a real call and saves it. In a task of its own: a browser that goes away must not leave half of it done.
    ///
    /// # Errors
    /// The provider's refusal, or a link that was used meanwhile.
    pub async fn run(self, app: &Arc<App>) -> Result<(Account, Validation), ApiError> {
        let app = Arc::clone(app);
        apart(async move {
            let account = self.draft(&app).await?;
            let validation = connect::validate(&app, account, credential(&self.values, None)).await?;
            let credential = credential(&self.values, validation.tokens.as_ref());
            let account = self.save(&app, credential).await?;
            Ok((account, validation))
        })
        .await
    }

    /// The account as it would be.
    ///
    /// # Errors
    /// The account that was to be connected anew is gone.
    pub async fn draft(&self, app: &App) -> Result<Account, ApiError> {
        let Some(id) = &self.account else { return Ok(connect::draft(&self.new_account(AccountStatus::Active))) };
        let account = app.store.account(&self.environment, id).await?;
        let account = account.filter(|account| account.connector == self.connector).ok_or_else(gone)?;
        Ok(Account { auth: self.auth.clone(), ..account })
    }

    /// Connects without a call: what was filled in is checked, and a sign-in can begin.
    ///
    /// # Errors
    /// Values that cannot be used.
    pub async fn connected(&self, app: &App, caught: Caught) -> Result<crate::accounts::Connected, ApiError> {
        let account = self.draft(app).await?;
        app.accounts.connect(account, credential(&self.values, None), Keep::Caught(caught)).await
    }

    /// Saves what was tried. A link is used by it, once.
    ///
    /// # Errors
    /// A link that was used, revoked or has expired meanwhile; then nothing is left behind.
    pub async fn save(&self, app: &App, credential: Credential) -> Result<Account, ApiError> {
        let (account, action) = match &self.account {
            Some(id) => (self.renew(app, id, credential).await?, "account.connected"),
            None => (self.create(app, credential).await?, "account.created"),
        };
        app.accounts.forget(&account.id).await;
        app.tokens.forget_all();
        let entry = NewAudit {
            environment_id: Some(self.environment.clone()),
            actor: self.actor.clone(),
            action: action.to_owned(),
            target: Some(account.id.clone()),
            request_id: self.request_id.clone(),
            details: json!({"integration": self.connector, "auth": self.auth, "link": self.link}),
        };
        app.store.audit(entry).await?;
        Ok(account)
    }

    async fn create(&self, app: &App, credential: Credential) -> Result<Account, ApiError> {
        // A link is used for an account that is there, so the account comes first; not active, so that nobody takes one for connected that
        // is taken away again.
        let status = if self.link.is_some() { AccountStatus::Connecting } else { AccountStatus::Active };
        let new = NewAccount { credential, ..self.new_account(status) };
        let account = app.store.create_account(new).await?;
        let Some(link) = &self.link else { return Ok(account) };
        match app.store.use_link(link, &account.id).await {
            Ok(true) => {}
            lost => {
                app.store.delete_account(&self.environment, &account.id).await?;
                lost?;
                return Err(refusal::lost());
            }
        }
        let change = AccountChange { status: Some(AccountStatus::Active), ..AccountChange::default() };
        app.store.update_account(&self.environment, &account.id, change).await?.ok_or_else(gone)
    }

    async fn renew(&self, app: &App, id: &str, credential: Credential) -> Result<Account, ApiError> {
        if let Some(link) = &self.link
            && !app.store.use_link(link, id).await?
        {
            return Err(refusal::lost());
        }
        let change = AccountChange {
            auth: Some(self.auth.clone()),
            credential: Some(credential),
            status: Some(AccountStatus::Active),
            last_error: Some(None),
            ..AccountChange::default()
        };
        app.store.update_account(&self.environment, id, change).await?.ok_or_else(gone)
    }

    /// A new account with what was filled in.
    pub fn new_account(&self, status: AccountStatus) -> NewAccount {
        NewAccount {
            environment_id: self.environment.clone(),
            connector: self.connector.clone(),
            label: self.label.clone(),
            auth: self.auth.clone(),
            settings: self.settings.clone(),
            credential: credential(&self.values, None),
            base_url: self.base_url.clone(),
            external_id: self.tenant_id.clone(),
            overrides: json!({}),
            status,
        }
    }

    /// Where the browser goes with the account.
    pub fn way_on(&self, account: &Account) -> Option<String> {
        let mut url = Url::parse(self.redirect_uri.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("integrated_account_id", &account.id);
        Some(url.into())
    }
}

/// Runs to the end, whether somebody waits or not.
pub async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    let working = tokio::spawn(work.in_current_span());
    working.await.unwrap_or_else(|fault| {
        tracing::error!(%fault, "a task ended early");
        Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here; the log says what"))
    })
}

fn gone() -> ApiError {
    ApiError::not_found("the account that was to be connected is no longer there")
}
