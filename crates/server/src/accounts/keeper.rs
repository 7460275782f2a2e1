//! Renewed tokens go into the store before they are used, under a lease, so that several nodes renew once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rollcall_engine::auth::{Keeping, KeptTokens, TokenKeeper, Tokens};
use rollcall_engine::{Fault, FaultKind};
use rollcall_store::{Account, Lease, Store};

use super::values;

/// How long a renewal may take before another node may try: longer than an exchange with the provider and its retries.
const LEASE: Duration = Duration::from_secs(120);
/// How long somebody else's renewal is waited for.
const WAIT_MAX: Duration = Duration::from_secs(60);
const WAIT_STEP: Duration = Duration::from_millis(50);
/// Tries to save when the credential is being changed at the same time.
const SAVES_MAX: u32 = 10;

/// Keeps the tokens of one account.
pub struct StoreKeeper {
    store: Store,
    environment: String,
    account: String,
    /// The version of the credential that this node has.
    version: Arc<AtomicI64>,
    holder: String,
}

impl StoreKeeper {
    pub fn new(store: Store, account: &Account, version: Arc<AtomicI64>) -> Self {
        let mut holder = [0; 8];
        // Two holders of the same name would both believe to have the lease.
        let _ = aws_lc_rs::rand::fill(&mut holder);
        Self {
            store,
            environment: account.environment_id.clone(),
            account: account.id.clone(),
            version,
            holder: format!("{:016x}", u64::from_le_bytes(holder)),
        }
    }
}

impl TokenKeeper for StoreKeeper {
    fn lock(&self) -> Keeping<'_, Box<dyn KeptTokens>> {
        Box::pin(async move {
            let name = format!("renew:{}", self.account);
            let mut waited = Duration::ZERO;
            loop {
                let lease = self.store.acquire_lease(&name, &self.holder, LEASE).await.map_err(|f| failed(&f))?;
                if let Some(lease) = lease {
                    let kept = Kept {
                        store: self.store.clone(),
                        environment: self.environment.clone(),
                        account: self.account.clone(),
                        version: Arc::clone(&self.version),
                        lease,
                    };
                    return Ok(Box::new(kept) as Box<dyn KeptTokens>);
                }
                if waited >= WAIT_MAX {
                    return Err(Fault::new(
                        FaultKind::ProviderDown,
                        "another node has been renewing this account's tokens for too long",
                    )
                    .hint("try again later"));
                }
                tokio::time::sleep(WAIT_STEP).await;
                waited += WAIT_STEP;
            }
        })
    }
}

/// The tokens under the lease.
struct Kept {
    store: Store,
    environment: String,
    account: String,
    version: Arc<AtomicI64>,
    lease: Lease,
}

impl KeptTokens for Kept {
    fn load(&self) -> Keeping<'_, Option<Tokens>> {
        Box::pin(async move {
            let found = self.store.account_with_credential(&self.environment, &self.account).await;
            let Some((account, credential)) = found.map_err(|f| failed(&f))? else { return Ok(None) };
            self.version.store(account.credential_version, Ordering::Release);
            Ok(values::tokens_of(&credential))
        })
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> Keeping<'a, ()> {
        Box::pin(async move {
            let mut last = None;
            for _ in 0..SAVES_MAX {
                match self.try_save(tokens).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => {}
                    // A used refresh token that is not kept is an account lost: the store may come back.
                    Err(fault) if fault.is_transient() => {
                        last = Some(fault);
                        tokio::time::sleep(WAIT_STEP * 4).await;
                    }
                    Err(fault) => return Err(failed(&fault)),
                }
            }
            Err(last.map_or_else(
                || Fault::new(FaultKind::ProviderDown, "the account is being changed; its tokens could not be kept"),
                |fault| failed(&fault),
            ))
        })
    }

    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            // A lease that cannot be given back ends by itself.
            if let Err(fault) = self.store.release_lease(&self.lease).await {
                tracing::debug!(%fault, "the lease could not be given back");
            }
        })
    }
}

impl Kept {
    async fn try_save(&self, tokens: &Tokens) -> rollcall_store::Result<bool> {
        let found = self.store.account_with_credential(&self.environment, &self.account).await?;
        // Who removes the account meanwhile wants no tokens kept.
        let Some((account, credential)) = found else { return Ok(true) };
        let credential = values::with_tokens(credential, tokens);
        let saved = self.store.save_credential(&self.account, account.credential_version, &credential).await?;
        if let Some(version) = saved {
            self.version.store(version, Ordering::Release);
        }
        Ok(saved.is_some())
    }
}

fn failed(fault: &rollcall_store::Error) -> Fault {
    tracing::warn!(%fault, "the tokens cannot be kept");
    Fault::new(FaultKind::ProviderDown, "the account's tokens cannot be kept: the store cannot be reached")
        .hint("try again later")
}
