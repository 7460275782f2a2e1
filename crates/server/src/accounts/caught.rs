//! Tokens of a credential that is only being tried: a provider may accept a refresh token once, so what a try has brought must be saved with
//! the account, or the account is lost.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use rollcall_engine::auth::{Keeping, KeptTokens, TokenKeeper, Tokens};

/// The newest tokens of a try.
#[derive(Clone, Default)]
pub struct Caught(Arc<Mutex<Option<Tokens>>>);

impl Caught {
    /// What was given, if anything was.
    pub fn take(&self) -> Option<Tokens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl TokenKeeper for Caught {
    fn lock(&self) -> Keeping<'_, Box<dyn KeptTokens>> {
        // A try is one conversation, which renews one at a time by itself.
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn KeptTokens>) })
    }
}

impl KeptTokens for Caught {
    fn load(&self) -> Keeping<'_, Option<Tokens>> {
        Box::pin(async { Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()) })
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> Keeping<'a, ()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokens.clone());
        Box::pin(async { Ok(()) })
    }

    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }
}
