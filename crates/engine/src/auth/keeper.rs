//! Where renewed tokens are kept, so that they outlive this process and are renewed once, however many processes use the account.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use rollcall_model::Secret;

use crate::fault::Fault;

/// The tokens of an authorization.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub access_token: Option<Secret<String>>,
    pub refresh_token: Option<Secret<String>>,
    pub instance_url: Option<String>,
    /// When the access token was given.
    pub since: Option<SystemTime>,
    /// When it ends, as far as the provider says.
    pub until: Option<SystemTime>,
}

impl Tokens {
    /// Whether these are others than those.
    pub(super) fn differ(&self, access_token: Option<&str>, refresh_token: Option<&str>) -> bool {
        let exposed = |token: &Option<Secret<String>>| token.as_ref().map(|token| token.expose().clone());
        exposed(&self.access_token).as_deref() != access_token
            || exposed(&self.refresh_token).as_deref() != refresh_token
    }
}

/// A keeper's answer, later.
pub type Keeping<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// Keeps the tokens of one account.
pub trait TokenKeeper: Send + Sync {
    /// Waits for the exclusive right to renew: a provider may accept a refresh token once only.
    fn lock(&self) -> Keeping<'_, Box<dyn KeptTokens>>;
}

/// Kept tokens under the exclusive right to renew them.
pub trait KeptTokens: Send + Sync {
    /// What is kept now.
    fn load(&self) -> Keeping<'_, Option<Tokens>>;

    /// Keeps these instead. Called before they are used: a used refresh token that is not kept is an account lost.
    fn save<'a>(&'a self, tokens: &'a Tokens) -> Keeping<'a, ()>;

    /// Gives the right up.
    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
