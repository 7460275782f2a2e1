//! What a link offers: which products may be connected, and with what an account of one is made.

use rollcall_connector::Connector;
use rollcall_store::{Account, Token};
use serde::Deserialize;

use crate::accounts::Given;
use crate::connect;
use crate::error::ApiError;
use crate::link::app;
use crate::link::attempt::Attempt;
use crate::link::begin::complete;
use crate::link::form::Ready;
use crate::state::App;

/// A link, as it was made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// Connectors that may be connected; all when empty.
    pub integrations: Vec<String>,
    pub tenant_id: Option<String>,
    pub redirect_uri: Option<String>,
    /// The account that is connected anew.
    pub integrated_account_id: Option<String>,
}

impl Offer {
    /// What a link token says.
    #[must_use]
    pub fn of(token: &Token) -> Self {
        // Written by this server; a part that is missing offers nothing more.
        serde_json::from_value(token.details.clone()).unwrap_or_default()
    }

    #[must_use]
    pub fn has(&self, connector: &str) -> bool {
        self.integrations.is_empty() || self.integrations.iter().any(|id| id == connector)
    }

    /// The account that is connected anew, if the link is for one; and if somebody signs in to it at the provider, everything that this
    /// takes beside the tokens, so that who signs in again needs to know no client secret.
    ///
    /// # Errors
    /// It is gone.
    pub async fn account(&self, app: &App, token: &Token) -> Result<Option<(Account, Option<Given>)>, ApiError> {
        let Some(id) = &self.integrated_account_id else { return Ok(None) };
        let found = app.store.account_with_credential(&token.environment_id, id).await?;
        let (account, credential) = found.ok_or_else(|| {
            ApiError::not_found("the account that this link connects anew is no longer there; ask for a new link")
        })?;
        let connector = app.accounts.connector(&account.connector)?;
        let mut known = connect::values(&credential);
        known.retain(|name, _| !matches!(name.as_str(), "access_token" | "refresh_token"));
        let is_known = app::browser(connector.definition(), &account.auth).is_some() && known.contains_key("client_id");
        Ok(Some((account, is_known.then_some(known))))
    }

    /// What is there already for signing in at the provider.
    ///
    /// # Errors
    /// The account that is connected anew is gone.
    pub async fn ready(&self, app: &App, token: &Token, connector: &Connector) -> Result<Option<Ready>, ApiError> {
        if let Some((account, Some(_))) = self.account(app, token).await? {
            return Ok(Some(Ready { auth: account.auth, settings: Given::new(), whole: true }));
        }
        let own = app.store.app_with_secret(&token.environment_id, connector.id()).await?;
        Ok(own.map(|(own, _)| Ready { auth: own.auth, settings: own.settings, whole: false }))
    }

    /// What somebody filled in, as an attempt.
    ///
    /// # Errors
    /// Values that do not fit the connector or the account.
    pub async fn attempt(
        &self,
        app: &App,
        token: &Token,
        connector: &Connector,
        auth: Option<&str>,
        (mut settings, mut values): (Given, Given),
    ) -> Result<Attempt, ApiError> {
        let account = self.account(app, token).await?;
        let mut base_url = None;
        if let Some((account, known)) = &account {
            // Which organization an account reads is not changed by who signs in to it: its lists would be of other people.
            if settings.iter().any(|(name, value)| account.settings.get(name) != Some(value)) {
                return Err(ApiError::bad_request(
                    "the settings of an account that is connected anew stay as they are",
                ));
            }
            settings.clone_from(&account.settings);
            base_url.clone_from(&account.base_url);
            if let Some(known) = known.as_ref().filter(|_| auth == Some(account.auth.as_str())) {
                for (name, value) in known {
                    values.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        let environment = &token.environment_id;
        if let Some((own, _)) = app::of(&app.store, environment, connector, auth.unwrap_or_default(), &values).await?
            && account.is_none()
        {
            complete(&mut settings, own.settings);
            base_url = own.base_url;
        }
        let base = base_url.as_deref().map(crate::accounts::base_url).transpose()?;
        let auth = connect::auth_kind(connector, auth, &settings, &values, base.as_ref())?;
        Ok(Attempt {
            environment: environment.clone(),
            connector: connector.id().to_owned(),
            auth,
            settings,
            values,
            base_url,
            label: token.label.clone(),
            tenant_id: self.tenant_id.clone(),
            account: account.map(|(account, _)| account.id),
            link: Some(token.id.clone()),
            redirect_uri: self.redirect_uri.clone(),
            validate: true,
            actor: format!("link:{}", token.id),
            request_id: crate::request_id::current(),
        })
    }
}
