//! Connecting an account: what was filled in is tried by a real call before it is saved.

use std::time::SystemTime;

use rollcall_connector::{Connector, MethodName};
use rollcall_engine::{FaultKind, Limits, ListRequest, Listing};
use rollcall_model::Model;
use rollcall_store::{Account, AccountStatus, Credential, NewAccount, NewAudit};
use serde_json::{Value, json};
use url::Url;

use crate::accounts::{Given, base_url, credential};
use crate::api::accounts::{Create, split};
use crate::error::ApiError;
use crate::state::App;

/// Connects an account: checks what was filled in, tries it by a real call, and saves it.
///
/// # Errors
/// Values that cannot be used, the provider's refusal, or the store's.
pub async fn add(app: &App, environment: &str, create: Create, actor: &str) -> Result<(Account, Validation), ApiError> {
    let connector = app.accounts.connector(&create.integration)?;
    let (settings, values) = split(&connector, &create.settings, &create.credential)?;
    let base = create.base_url.as_deref().map(base_url).transpose()?;
    let auth = auth_kind(&connector, create.auth.as_deref(), &settings, &values, base.as_ref())?;
    let new = NewAccount {
        environment_id: environment.to_owned(),
        connector: connector.id().to_owned(),
        label: create.label,
        auth,
        settings,
        credential: credential(&values, None),
        base_url: create.base_url,
        external_id: create.tenant_id,
        overrides: json!({}),
        status: AccountStatus::Active,
    };
    let validation = if create.validate {
        validate(app, draft(&new), &new.credential).await?
    } else {
        // Whoever wants no call still gets the settings checked.
        app.accounts.connect(draft(&new), &new.credential, false)?;
        Validation::skipped()
    };
    let account = app.store.create_account(new).await?;
    let entry = NewAudit {
        environment_id: Some(environment.to_owned()),
        actor: actor.to_owned(),
        action: "account.created".to_owned(),
        target: Some(account.id.clone()),
        request_id: crate::request_id::current(),
        details: json!({"integration": account.connector}),
    };
    app.store.audit(entry).await?;
    Ok((account, validation))
}

/// What was tried.
#[derive(Clone, Debug)]
pub struct Validation {
    /// The call that succeeded.
    pub call: Option<String>,
    pub note: Option<String>,
}

impl Validation {
    /// Nothing was tried, as the caller wished.
    #[must_use]
    pub fn skipped() -> Self {
        Self { call: None, note: Some("not tried".to_owned()) }
    }

    /// On the wire.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({"validated": self.call.is_some(), "call": self.call, "note": self.note})
    }
}

/// The kind of credential that is meant.
///
/// # Errors
/// An unknown kind, or values that do not fit.
pub fn auth_kind(
    connector: &Connector,
    auth: Option<&str>,
    settings: &Given,
    values: &Given,
    base_url: Option<&Url>,
) -> Result<String, ApiError> {
    let mut given = settings.clone();
    given.extend(values.iter().map(|(name, value)| (name.clone(), value.clone())));
    rollcall_connector::Account::new(connector.definition(), auth, &given, base_url)
        .map(|account| account.auth)
        .map_err(|problems| crate::accounts::refused(connector, &problems))
}

/// The values in a credential.
#[must_use]
pub fn values(credential: &Credential) -> Given {
    match credential.expose().get("values") {
        Some(Value::Object(values)) => {
            values.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => Given::new(),
    }
}

/// An account as it would be, for trying it.
#[must_use]
pub fn draft(new: &NewAccount) -> Account {
    Account {
        id: String::new(),
        environment_id: new.environment_id.clone(),
        connector: new.connector.clone(),
        label: new.label.clone(),
        auth: new.auth.clone(),
        settings: new.settings.clone(),
        base_url: new.base_url.clone(),
        external_id: new.external_id.clone(),
        overrides: new.overrides.clone(),
        status: new.status,
        last_error: None,
        created_at: SystemTime::UNIX_EPOCH,
        updated_at: SystemTime::UNIX_EPOCH,
        version: 0,
        credential_version: 0,
    }
}

/// Tries an account by reading the first page of something that the connector lists.
///
/// # Errors
/// Values that cannot be used, or the provider's refusal.
pub async fn validate(app: &App, account: Account, credential: &Credential) -> Result<Validation, ApiError> {
    let connected = app.accounts.connect(account, credential, false)?;
    let limits = Limits {
        request_timeout: app.config.exchange_timeout,
        wait_max: app.config.pause_max,
        call_timeout: app.config.page_patience,
        ..Limits::default()
    };
    // People first: what most calls will read.
    for resource in &Model::user_directory().resources {
        if connected.connector.method(&resource.name, MethodName::List).is_none() {
            continue;
        }
        let request = ListRequest {
            resource: resource.name.clone(),
            limit: Some(1),
            exclude: resource.fields.iter().map(|f| f.name.clone()).filter(|name| name != "id").collect(),
            ..ListRequest::default()
        };
        let session = connected.session(limits.clone());
        let read = match Listing::start(session, request).await {
            Ok(mut listing) => listing.next().await.map(|_| ()),
            Err(fault) => Err(fault),
        };
        match read {
            Ok(()) => return Ok(Validation { call: Some(format!("{} list", resource.name)), note: None }),
            // This list needs to be told where: another may not.
            Err(fault) if !fault.missing_parameters.is_empty() => {}
            Err(fault)
                if fault.kind == FaultKind::BadRequest
                    && fault.status.is_none()
                    && fault.hint.as_deref().is_some_and(|h| h.starts_with("give one of")) => {}
            Err(fault) => {
                let mut error = ApiError::from(fault);
                error.message = format!("the account was not saved: {}", error.message);
                return Err(error);
            }
        }
    }
    connected.session(limits).prepare().await.map_err(ApiError::from)?;
    Ok(Validation {
        call: None,
        note: Some("nothing can be listed without parameters; only the sign-in was tried".to_owned()),
    })
}
