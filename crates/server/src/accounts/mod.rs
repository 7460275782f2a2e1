//! Integrated accounts at work: the connector, the credential, and the conversation with the provider, kept between calls so that a
//! sign-in, a discovered address or a rate limit serves them all.

mod caught;
mod keeper;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::future::Cache;
use rollcall_connector::catalog::CatalogError;
use rollcall_connector::{Catalog, Connector};
use rollcall_engine::auth::TokenKeeper;
use rollcall_engine::clock::Clock;
use rollcall_engine::transport::{HttpClient, HttpTransport};
use rollcall_engine::{Fault, FaultKind, Limits, Session, SessionParts, hosts};
use rollcall_store::{Account, AccountStatus, Credential, Store};
use serde_json::json;
use url::Url;

use crate::config::Config;
use crate::error::ApiError;
use crate::link;
pub use caught::Caught;
use keeper::StoreKeeper;
pub use values::{Given, credential, refused};

/// Accounts kept ready at most.
const READY_MAX: u64 = 10_000;
/// An account that is not used for so long is let go.
const IDLE: Duration = Duration::from_secs(600);

/// An account ready for calls.
pub struct Connected {
    pub account: Account,
    pub connector: Arc<Connector>,
    /// The connector's version.
    pub fingerprint: String,
    /// The account and where it leads: with other settings it is another list.
    pub identity: String,
    session: Arc<Session>,
    versions: Versions,
    /// Microseconds after `since` when the store was asked last.
    checked: AtomicU64,
    since: Instant,
    /// Whether the account is known to be in order: spares a write for each call that succeeds.
    pub(crate) active: std::sync::atomic::AtomicBool,
}

/// Versions of what it was made of; renewed tokens change the second without making it stale.
struct Versions {
    account: i64,
    credential: Arc<AtomicI64>,
}

impl Connected {
    /// A call.
    #[must_use]
    pub fn session(&self, limits: Limits) -> Arc<Session> {
        self.session.again(limits)
    }

    /// The account as it is now, in the same conversation: the one change is what a call has noted in it. A sign-in that was refused stays
    /// refused for its time, which it would not in a new conversation.
    fn with(&self, account: Account) -> Option<Self> {
        let own = &self.account;
        let noted = (account.status, &account.last_error) != (own.status, &own.last_error);
        let alone = account.version == self.versions.account + 1
            && account.credential_version == self.versions.credential.load(Ordering::Acquire);
        (noted && alone).then(|| Self {
            connector: Arc::clone(&self.connector),
            fingerprint: self.fingerprint.clone(),
            identity: self.identity.clone(),
            session: Arc::clone(&self.session),
            versions: Versions { account: account.version, credential: Arc::clone(&self.versions.credential) },
            checked: AtomicU64::new(self.checked.load(Ordering::Acquire)),
            since: self.since,
            active: std::sync::atomic::AtomicBool::new(account.status == AccountStatus::Active),
            account,
        })
    }
}

/// Where tokens go that a conversation renews.
pub enum Keep {
    /// With the account, for all nodes.
    WithAccount,
    /// To whoever tries a credential that is not saved yet.
    Caught(Caught),
}

/// All accounts.
pub struct Accounts {
    store: Store,
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    client: HttpClient,
    private_hosts: Vec<String>,
    ready: Cache<String, Arc<Connected>>,
    memory: Duration,
    exchange_timeout: Duration,
}

impl Accounts {
    pub fn new(config: &Config, store: Store, catalog: Arc<Catalog>, clock: Arc<dyn Clock>) -> Result<Self, ApiError> {
        let client = HttpClient::new(config.private_hosts.clone(), None)
            .map_err(|fault| ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, format!("no way out: {fault}")))?;
        Ok(Self {
            store,
            catalog,
            clock,
            client,
            private_hosts: config.private_hosts.clone(),
            ready: Cache::builder().max_capacity(READY_MAX).time_to_idle(IDLE).build(),
            memory: config.memory,
            exchange_timeout: config.exchange_timeout,
        })
    }

    /// The account, if it is in the environment.
    ///
    /// # Errors
    /// 404 for one that is not there or not in this environment; a connector that is gone.
    pub async fn get(&self, environment: &str, id: &str) -> Result<Arc<Connected>, ApiError> {
        let none = || {
            ApiError::not_found(format!("there is no integrated account `{id}`; `GET /integrated-account` lists them"))
        };
        if let Some(known) = self.ready.get(id).await {
            if known.account.environment_id != environment {
                return Err(none());
            }
            if self.is_fresh(&known) {
                return Ok(known);
            }
            let account = self.store.account(environment, id).await?.ok_or_else(none)?;
            let same = account.version == known.versions.account
                && account.credential_version == known.versions.credential.load(Ordering::Acquire);
            if same {
                known.checked.store(self.elapsed(&known), Ordering::Release);
                return Ok(known);
            }
            if let Some(known) = known.with(account) {
                known.checked.store(self.elapsed(&known), Ordering::Release);
                let known = Arc::new(known);
                self.ready.insert(id.to_owned(), Arc::clone(&known)).await;
                return Ok(known);
            }
        }
        let (account, credential) = self.store.account_with_credential(environment, id).await?.ok_or_else(none)?;
        let connected = Arc::new(self.connect(account, credential, Keep::WithAccount).await?);
        self.ready.insert(id.to_owned(), Arc::clone(&connected)).await;
        Ok(connected)
    }

    /// An account with a credential, which need not be saved yet.
    ///
    /// # Errors
    /// Settings or a credential that cannot be used.
    pub async fn connect(&self, account: Account, credential: Credential, keep: Keep) -> Result<Connected, ApiError> {
        let connector = self.connector(&account.connector)?;
        let base_url = account.base_url.as_deref().map(base_url).transpose()?;
        let credential = link::app::filled(&self.store, &connector, &account, credential).await?;
        let given = values::given(&account, &credential);
        let filled =
            rollcall_connector::Account::new(connector.definition(), Some(&account.auth), &given, base_url.as_ref())
                .map_err(|problems| values::refused(&connector, &problems))?;
        let mut policy = hosts::policy(&connector, &filled, base_url.as_ref());
        // Who makes an account is not who runs this server: private addresses are for the hosts that the operator allows.
        policy.private.retain(|host| self.private_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)));
        let filled = Arc::new(filled);
        let identity = hosts::client_certificate(&connector, &filled)?;
        let client = match identity {
            Some(identity) => HttpClient::new(self.private_hosts.clone(), Some(identity))
                .map_err(|fault| ApiError::bad_request(fault.to_string()))?,
            None => self.client.clone(),
        };
        let version = Arc::new(AtomicI64::new(account.credential_version));
        let keeper: Arc<dyn TokenKeeper> = match keep {
            Keep::WithAccount => Arc::new(StoreKeeper::new(self.store.clone(), &account, Arc::clone(&version))),
            Keep::Caught(caught) => Arc::new(caught),
        };
        let session = Session::new(SessionParts {
            connector: Arc::clone(&connector),
            account: filled,
            transport: Arc::new(HttpTransport::over(client, policy)),
            clock: Arc::clone(&self.clock),
            limits: Limits { request_timeout: self.exchange_timeout, ..Limits::default() },
            base_url,
            keeper: Some(keeper),
        })?;
        if let Some(tokens) = values::tokens_of(&credential) {
            session.auth().restore(tokens);
        }
        Ok(Connected {
            fingerprint: rollcall_connector::tier::fingerprint(&connector),
            identity: format!("{} {} {:?} {:?}", account.id, account.auth, account.base_url, account.settings),
            active: std::sync::atomic::AtomicBool::new(account.status == AccountStatus::Active),
            versions: Versions { account: account.version, credential: version },
            checked: AtomicU64::new(0),
            since: self.clock.instant(),
            account,
            connector,
            session,
        })
    }

    /// The connector of that name.
    ///
    /// # Errors
    /// 404 with the nearest names; 500 for one with mistakes.
    pub fn connector(&self, name: &str) -> Result<Arc<Connector>, ApiError> {
        self.catalog.connector(name).map_err(|fault| match fault {
            CatalogError::Unknown { name, near } => {
                let near = near.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or ");
                let near = if near.is_empty() {
                    "`GET /integration` lists all".to_owned()
                } else {
                    format!("did you mean {near}?")
                };
                ApiError::not_found(format!("there is no integration `{name}`; {near}"))
            }
            CatalogError::Broken { .. } => ApiError::new(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                format!("the connector `{name}` has mistakes; `rollcall connector check {name}` lists them"),
            ),
        })
    }

    /// Takes note of how a call went: a refused credential shows in the account, and an accepted one clears it.
    pub async fn note(&self, connected: &Connected, fault: Option<&Fault>) {
        let id = &connected.account.id;
        let outcome = match fault {
            Some(fault) if fault.kind == FaultKind::Credential => {
                connected.active.store(false, Ordering::Release);
                let error = json!({
                    "kind": "credential",
                    "message": fault.message,
                    "provider_said": fault.provider_said,
                    "code": fault.code,
                    "hint": fault.hint,
                });
                self.store.set_account_status(id, AccountStatus::NeedsReauth, Some(error)).await
            }
            None if !connected.active.swap(true, Ordering::AcqRel) => {
                self.store.set_account_status(id, AccountStatus::Active, None).await
            }
            _ => return,
        };
        if let Err(fault) = outcome {
            tracing::warn!(account = %id, %fault, "the account's status could not be saved");
        }
    }

    /// Forgets an account that was changed or removed here.
    pub async fn forget(&self, id: &str) {
        self.ready.invalidate(id).await;
    }

    /// Forgets all: what they share was changed.
    pub fn forget_all(&self) {
        self.ready.invalidate_all();
    }

    fn elapsed(&self, known: &Connected) -> u64 {
        u64::try_from(self.clock.instant().duration_since(known.since).as_micros()).unwrap_or(u64::MAX)
    }

    fn is_fresh(&self, known: &Connected) -> bool {
        let age = self.elapsed(known).saturating_sub(known.checked.load(Ordering::Acquire));
        u128::from(age) < self.memory.as_micros()
    }
}

/// A base URL of an account.
///
/// # Errors
/// 400 for a text that is none.
pub fn base_url(text: &str) -> Result<Url, ApiError> {
    // `http:///etc` would be read as the host `etc`.
    let is_written_out = text.split_once("://").is_some_and(|(_, rest)| !rest.starts_with(['/', '\\']));
    let url = Url::parse(text).ok().filter(|url| {
        is_written_out
            && matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    // Not repeated: it may hold a password or a token, which is one reason to refuse it.
    url.ok_or_else(|| {
        ApiError::bad_request(
            "`base_url` is not a plain URL: without a user, a query or a fragment; write it like `https://proxy.example.com/okta`",
        )
    })
}
