//! OAuth apps: how rollcall is known to a provider, so that people sign in without giving a client id and secret of their own. One for each
//! connector of an environment; its secret is sealed as credentials are.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::accounts::json;
use crate::credential::Credential;
use crate::data_keys::{WrappedKey, with_newest_data_key};
use crate::database::{Cells, execute, row, rows};
use crate::error::{Error, Result};
use crate::ids;
use crate::store::{Store, storable, storable_or_none};

/// What the secrets of apps are sealed for.
pub(crate) const PURPOSE: &str = "OAuth app";

/// An app, without its secret.
#[derive(Clone, Debug, PartialEq)]
pub struct OAuthApp {
    pub environment_id: String,
    /// The connector's id.
    pub connector: String,
    /// The name of the way to sign in, as the connector has it.
    pub auth: String,
    pub client_id: String,
    /// Settings that accounts which use the app have: they say whom the secret is sent to.
    pub settings: BTreeMap<String, String>,
    pub base_url: Option<String>,
    pub created_at: SystemTime,
    pub updated_at: SystemTime,
}

#[derive(Clone, Debug)]
pub struct NewOAuthApp {
    pub environment_id: String,
    pub connector: String,
    pub auth: String,
    pub client_id: String,
    pub settings: BTreeMap<String, String>,
    pub base_url: Option<String>,
    /// `client_secret`, where the provider gave one.
    pub secret: Credential,
}

impl OAuthApp {
    fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self {
            environment_id: row.text("environment_id")?,
            connector: row.text("connector")?,
            auth: row.text("auth")?,
            client_id: row.text("client_id")?,
            settings: row.json("settings")?,
            base_url: row.text_or_none("base_url")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

macro_rules! columns {
    () => {
        "oauth_apps.environment_id, oauth_apps.connector, oauth_apps.auth, oauth_apps.client_id, oauth_apps.settings, \
         oauth_apps.base_url, oauth_apps.created_at, oauth_apps.updated_at"
    };
}

impl Store {
    /// Keeps an app in the place of the one that there was for the connector.
    pub async fn put_app(&self, new: NewOAuthApp) -> Result<OAuthApp> {
        let doing = "keeping an OAuth app";
        storable("the connector of an OAuth app", &new.connector)?;
        storable("the kind of an OAuth app", &new.auth)?;
        storable("the client id of an OAuth app", &new.client_id)?;
        storable_or_none("the base URL of an OAuth app", new.base_url.as_deref())?;
        let (id, now, settings) = (app_id(&new.environment_id, &new.connector), self.now(), json(&new.settings)?);
        let put = with_newest_data_key!(self, |key| {
            let sealed = key.seal(PURPOSE, &new.environment_id, &id, new.secret.to_bytes()?)?;
            let mut write = self.database().write(doing).await?;
            let app = row!(
                write.on(),
                doing,
                OAuthApp::read,
                concat!(
                    "INSERT INTO oauth_apps (id, environment_id, connector, auth, client_id, settings, base_url, secret, data_key_id, \
                     created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) \
                     ON CONFLICT (id) DO UPDATE SET auth = excluded.auth, client_id = excluded.client_id, settings = excluded.settings, \
                     base_url = excluded.base_url, secret = excluded.secret, data_key_id = excluded.data_key_id, \
                     updated_at = excluded.updated_at RETURNING ",
                    columns!()
                ),
                &id,
                &new.environment_id,
                &new.connector,
                &new.auth,
                &new.client_id,
                &settings,
                &new.base_url,
                sealed,
                &key.id,
                now,
            )?;
            execute!(write.on(), doing, TOUCH, &new.environment_id, &new.connector)?;
            write.commit(doing).await?;
            Ok(app)
        });
        match put {
            Ok(Some(app)) => Ok(app),
            Ok(None) => Err(Error::Unexpected { doing, reason: "no row came back".to_owned() }),
            Err(Error::Dangling { doing }) => Err(self.missing(&new.environment_id, doing).await),
            Err(error) => Err(error),
        }
    }

    /// The apps of an environment, by connector.
    pub async fn apps(&self, environment_id: &str) -> Result<Vec<OAuthApp>> {
        if !ids::is_id(environment_id) {
            return Ok(Vec::new());
        }
        rows!(
            self.database().reader(),
            "listing OAuth apps",
            OAuthApp::read,
            concat!("SELECT ", columns!(), " FROM oauth_apps WHERE environment_id = $1 ORDER BY id"),
            environment_id,
        )
    }

    pub async fn app_with_secret(
        &self,
        environment_id: &str,
        connector: &str,
    ) -> Result<Option<(OAuthApp, Credential)>> {
        if !ids::is_id(environment_id) || connector.contains('\0') {
            return Ok(None);
        }
        let id = app_id(environment_id, connector);
        let found = row!(
            self.database().reader(),
            "reading an OAuth app",
            |row| Ok((OAuthApp::read(row)?, row.bytes("secret")?, WrappedKey::read(row)?)),
            concat!(
                "SELECT ",
                columns!(),
                ", oauth_apps.secret, oauth_apps.data_key_id, data_keys.generation, data_keys.wrapped, data_keys.master_key_id \
                 FROM oauth_apps JOIN data_keys ON data_keys.id = oauth_apps.data_key_id WHERE oauth_apps.id = $1"
            ),
            &id,
        )?;
        let Some((app, bytes, key)) = found else { return Ok(None) };
        let plain = key.unwrap(self.keys())?.open(PURPOSE, &app.environment_id, &id, &bytes)?;
        let secret = serde_json::from_slice(&plain)
            .map(Credential::new)
            .map_err(|_| Error::DoesNotOpen { what: PURPOSE, id })?;
        Ok(Some((app, secret)))
    }

    /// Whether there was such an app.
    pub async fn delete_app(&self, environment_id: &str, connector: &str) -> Result<bool> {
        if !ids::is_id(environment_id) || connector.contains('\0') {
            return Ok(false);
        }
        let doing = "deleting an OAuth app";
        let mut write = self.database().write(doing).await?;
        let id = app_id(environment_id, connector);
        let deleted = execute!(write.on(), doing, "DELETE FROM oauth_apps WHERE id = $1", &id)?;
        execute!(write.on(), doing, TOUCH, environment_id, connector)?;
        write.commit(doing).await?;
        if deleted > 0 {
            self.database().forget().await?;
        }
        Ok(deleted > 0)
    }
}

/// Accounts may use the app: the nodes that hold one ready read it anew.
const TOUCH: &str = "UPDATE accounts SET version = version + 1 WHERE environment_id = $1 AND connector = $2";

/// One text, so that sealed apps are walked as other sealed records are.
fn app_id(environment_id: &str, connector: &str) -> String {
    format!("{environment_id}/{connector}")
}
