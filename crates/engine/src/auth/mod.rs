//! How an account's credential signs requests: `docs/reference/connector-format.md`, *auth*. One file per kind; this one holds what they
//! share: which kinds an entry combines, and the token state, of which there is one per account.

mod digest;
mod fixed;
mod hmac;
mod jwt;
mod keeper;
mod key;
mod oauth1;
mod oauth2;
mod pkce;
mod random;
mod session;
mod sigv4;
mod state;
mod token;
mod values;
mod words;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use rollcall_connector::Account;
use rollcall_connector::definition::{Auth, FaultKind};
use rollcall_connector::request::Request;
use rollcall_connector::template::Template;
use rollcall_model::Secret;

use crate::fault::Fault;
use crate::transport::{Answer, Wire};
use state::State;
use values::Values;

pub use keeper::{Keeping, KeptTokens, TokenKeeper, Tokens};
pub use pkce::Pkce;
pub use state::Generation;

/// A call that is under way.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send + 'a>>;

/// Sends token and login requests for an [`Authenticator`].
pub trait Caller: Send + Sync {
    /// Sends one request with an absolute URL to a declared host. Every answer that came is an `Ok`, whatever its status: the provider's
    /// words are read here. Transient faults have been retried already.
    fn call(&self, request: Request) -> Calling<'_>;

    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// Where renewed tokens are kept, if anywhere.
    fn keeper(&self) -> Option<&dyn TokenKeeper> {
        None
    }
}

/// One account's credential: what it adds to requests, and the tokens it has obtained.
pub struct Authenticator {
    values: Values,
    fixed: fixed::Fixed,
    source: Option<Source>,
    signer: Option<Signer>,
    certificate: Option<(Template, Template)>,
    /// Held while a token is fetched: callers that need one at the same time wait for the same.
    flight: tokio::sync::Mutex<()>,
}

/// What gives `{access_token}`.
enum Source {
    OAuth2(Box<oauth2::Client>),
    Jwt(Box<jwt::Assertion>),
    Session(Box<session::SignIn>),
}

/// What signs a serialised request.
enum Signer {
    OAuth1(Box<oauth1::Consumer>),
    Digest(Box<digest::Responder>),
    SigV4(Box<sigv4::Aws>),
    Hmac(Box<hmac::Signature>),
}

impl Authenticator {
    /// Reads an auth entry for an account. `base` is `http.base` as the connector writes it; the entry's own `base` wins. Login calls that
    /// are paths go below it.
    ///
    /// # Errors
    /// A template that cannot be read, or kinds that exclude each other: mistakes of the connector.
    pub fn new(auth: &Auth, base: &str, account: Arc<Account>) -> Result<Self, Fault> {
        let mut state = State::default();
        let source = Self::source(auth, auth.base.as_deref().unwrap_or(base), &account, &mut state)?;
        let signer = Self::signer(auth)?;
        let certificate = match &auth.client_certificate {
            Some(pair) => Some((values::parse(&pair.certificate)?, values::parse(&pair.private_key)?)),
            None => None,
        };
        let bearer = match &source {
            Some(Source::Session(session)) => session.is_bearer(),
            Some(_) => true,
            None => false,
        };
        let fixed = fixed::Fixed::new(auth, bearer)?;
        let values = Values::new(account, state);
        Ok(Self { values, fixed, source, signer, certificate, flight: tokio::sync::Mutex::new(()) })
    }

    fn source(auth: &Auth, base: &str, account: &Account, state: &mut State) -> Result<Option<Source>, Fault> {
        Ok(match (&auth.oauth2, &auth.jwt, &auth.session) {
            (None, None, None) => None,
            (Some(oauth2), None, None) => {
                let client = oauth2::Client::new(oauth2)?;
                client.given(account, state);
                Some(Source::OAuth2(Box::new(client)))
            }
            (None, Some(jwt), None) => Some(Source::Jwt(Box::new(jwt::Assertion::new(jwt)?))),
            (None, None, Some(session)) => Some(Source::Session(Box::new(session::SignIn::new(session, base)?))),
            _ => return Err(mistake("`oauth2`, `jwt` and `session` exclude each other in an auth entry")),
        })
    }

    fn signer(auth: &Auth) -> Result<Option<Signer>, Fault> {
        Ok(match (&auth.oauth1, &auth.digest, &auth.sigv4, &auth.hmac) {
            (None, None, None, None) => None,
            (Some(oauth1), None, None, None) => Some(Signer::OAuth1(Box::new(oauth1::Consumer::new(oauth1)?))),
            (None, Some(digest), None, None) => Some(Signer::Digest(Box::new(digest::Responder::new(digest)?))),
            (None, None, Some(sigv4), None) => Some(Signer::SigV4(Box::new(sigv4::Aws::new(sigv4)?))),
            (None, None, None, Some(hmac)) => Some(Signer::Hmac(Box::new(hmac::Signature::new(hmac)?))),
            _ => return Err(mistake("`oauth1`, `digest`, `sigv4` and `hmac` exclude each other in an auth entry")),
        })
    }

    /// Signs in, or renews what has expired; cheap when there is nothing to do. Afterwards [`Self::value`] answers `access_token`.
    ///
    /// # Errors
    /// The provider refuses the credential, or cannot be reached.
    pub async fn prepare(&self, caller: &dyn Caller) -> Result<(), Fault> {
        let Some(source) = &self.source else { return Ok(()) };
        if self.values.state().is_fresh(caller.now()) {
            return Ok(());
        }
        let _flight = self.flight.lock().await;
        if self.values.state().is_fresh(caller.now()) {
            return Ok(());
        }
        self.renew(source, caller).await
    }

    /// Fetches a token. The caller holds `flight`.
    async fn renew(&self, source: &Source, caller: &dyn Caller) -> Result<(), Fault> {
        // Asking again with each waiting request may lock the account.
        if let Some(refused) = self.values.state().refused(caller.now()) {
            return Err(refused);
        }
        if let (Source::OAuth2(client), Some(keeper)) = (source, caller.keeper())
            && client.keeps()
        {
            let kept = keeper.lock().await?;
            let renewed = self.renew_kept(client, kept.as_ref(), caller).await;
            kept.release().await;
            return renewed;
        }
        let granted = match source {
            Source::OAuth2(client) => client.obtain(&self.values, caller).await,
            Source::Jwt(assertion) => assertion.obtain(&self.values, caller).await,
            Source::Session(session) => session.obtain(&self.values, caller).await,
        };
        self.settle(granted, caller.now())
    }

    fn settle(&self, granted: Result<state::Granted, Fault>, now: SystemTime) -> Result<(), Fault> {
        match granted {
            Ok(granted) => {
                self.values.state_mut().store(granted);
                Ok(())
            }
            Err(fault) => {
                if fault.kind == FaultKind::Credential {
                    self.values.state_mut().refuse(fault.clone(), now);
                }
                Err(fault)
            }
        }
    }

    /// Renews under the exclusive right: what somebody else has renewed meanwhile is taken over, and what is new is kept before it is used.
    async fn renew_kept(
        &self,
        client: &oauth2::Client,
        kept: &dyn KeptTokens,
        caller: &dyn Caller,
    ) -> Result<(), Fault> {
        let stored = kept.load().await?;
        if self.take_over(stored) && self.values.state().is_fresh(caller.now()) {
            return Ok(());
        }
        let mut granted = client.obtain(&self.values, caller).await;
        // Whoever does not know of the right may have renewed in between; then what is kept now has not been tried yet.
        let refused = granted.as_ref().is_err_and(|fault| fault.kind == FaultKind::Credential);
        let stored = if refused { kept.load().await? } else { None };
        if self.take_over(stored) {
            if self.values.state().is_fresh(caller.now()) {
                return Ok(());
            }
            granted = client.obtain(&self.values, caller).await;
        }
        if let Ok(granted) = &granted {
            let tokens = granted.tokens(self.values.state().refresh_token());
            kept.save(&tokens).await?;
        }
        self.settle(granted, caller.now())
    }

    /// Takes tokens that were kept, if they are others than those in use.
    fn take_over(&self, tokens: Option<Tokens>) -> bool {
        let Some(tokens) = tokens else { return false };
        let mut state = self.values.state_mut();
        let (access, refresh) = (state.value("access_token"), state.refresh_token());
        if !tokens.differ(access.as_deref(), refresh.as_deref()) {
            return false;
        }
        state.store(state::Granted::kept(tokens));
        true
    }

    /// Starts with tokens that were kept.
    pub fn restore(&self, tokens: Tokens) {
        let _ = self.take_over(Some(tokens));
    }

    /// A value that templates may use: what the sign-in gave, else what was learnt, else what the operator gave.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.values.get(name)
    }

    /// Takes a value that the session has found (`http.discover`), for the entry's own templates.
    pub fn learn(&self, name: &str, value: String) {
        self.values.state_mut().learn(name, value);
    }

    /// Adds header, query, body and Basic credentials to a request that is not serialised yet. The generation says which sign-in they
    /// come from; [`Self::challenged`] wants it back.
    ///
    /// # Errors
    /// A value that is not given or cannot travel where the connector puts it.
    pub fn apply(&self, request: &mut Request) -> Result<Generation, Fault> {
        let state = self.values.state();
        let generation = state.generation();
        let cookies = state.cookies_for(&request.url);
        drop(state);
        self.fixed.apply(request, &self.values)?;
        if let Some(cookies) = cookies {
            fixed::add_cookies(request, &cookies);
        }
        Ok(generation)
    }

    /// Signs the serialised request. To be called in each attempt, with the current time.
    ///
    /// # Errors
    /// A value that is not given, or a request that cannot be signed this way.
    pub fn sign(&self, wire: &mut Wire, now: SystemTime) -> Result<(), Fault> {
        self.fixed.sign(wire, &self.values, now, matches!(self.signer, Some(Signer::Hmac(_))))?;
        match &self.signer {
            Some(Signer::OAuth1(consumer)) => consumer.sign(wire, &self.values, now),
            Some(Signer::Digest(responder)) => responder.sign(wire, &self.values),
            Some(Signer::SigV4(aws)) => aws.sign(wire, &self.values, now),
            Some(Signer::Hmac(signature)) => signature.sign(wire, &self.values, now, &self.fixed),
            None => Ok(()),
        }
    }

    /// The provider refused the credential (401, or what the connector's error rules say): whether the request is worth sending once more,
    /// because a challenge was taken or the token renewed. To be called at most once per request, with what [`Self::apply`] gave for it.
    ///
    /// # Errors
    /// The renewal failed.
    pub async fn challenged(&self, sent: Generation, answer: &Answer, caller: &dyn Caller) -> Result<bool, Fault> {
        if let Some(Signer::Digest(responder)) = &self.signer {
            return responder.challenged(answer);
        }
        let Some(source) = &self.source else { return Ok(false) };
        let _flight = self.flight.lock().await;
        // Another request met the same refusal first and has renewed the token meanwhile.
        if self.values.state().generation() != sent {
            return Ok(true);
        }
        let renewable = match source {
            Source::OAuth2(client) => client.is_renewable(&self.values),
            Source::Jwt(assertion) => assertion.is_renewable(&self.values, caller.now()),
            Source::Session(_) => true,
        };
        if !renewable {
            return Ok(false);
        }
        self.renew(source, caller).await.map(|()| true)
    }

    /// All secrets that were obtained or derived, beside those of the account, so that what is printed can be searched for them.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.values.state().secrets();
        secrets.extend(self.fixed.secrets(&self.values));
        match &self.source {
            Some(Source::Jwt(assertion)) => secrets.extend(assertion.secrets(&self.values)),
            Some(Source::OAuth2(client)) => secrets.extend(client.basic(&self.values)),
            Some(Source::Session(_)) | None => {}
        }
        secrets
    }

    /// The PEM pair (certificate chain, private key) of mutual TLS, when the entry has one and the operator gave it.
    #[must_use]
    pub fn client_certificate(&self) -> Option<(String, String)> {
        let (certificate, private_key) = self.certificate.as_ref()?;
        let text = |template| values::optional(template, &|name| self.values.get(name)).ok().flatten();
        Some((key::unescaped(&text(certificate)?), key::unescaped(&text(private_key)?)))
    }

    /// What has to be kept for the next start: fields of the account with their new values. Each is given once.
    #[must_use]
    pub fn take_updates(&self) -> Vec<(String, Secret<String>)> {
        self.values.state_mut().take_updates()
    }

    /// Where the operator's browser is sent to allow access (RFC 6749 section 4.1.1, RFC 7636).
    ///
    /// # Errors
    /// The entry has no authorization code grant, or a value is not given.
    pub fn authorize_url(&self, redirect_uri: &str, state: &str, pkce: Option<&Pkce>) -> Result<String, Fault> {
        match &self.source {
            Some(Source::OAuth2(client)) => client.authorize_url(&self.values, redirect_uri, state, pkce),
            _ => Err(mistake("this auth entry has no `oauth2`")),
        }
    }

    /// Exchanges the code that came back from the browser; the tokens are then in use, and in [`Self::take_updates`].
    ///
    /// # Errors
    /// The provider refuses the code, or cannot be reached.
    pub async fn exchange_code(
        &self,
        code: &str,
        redirect_uri: &str,
        pkce: Option<&Pkce>,
        caller: &dyn Caller,
    ) -> Result<(), Fault> {
        let Some(Source::OAuth2(client)) = &self.source else { return Err(mistake("this auth entry has no `oauth2`")) };
        let _flight = self.flight.lock().await;
        let granted = client.exchange_code(&self.values, code, redirect_uri, pkce, caller).await?;
        if let Some(keeper) = caller.keeper() {
            let kept = keeper.lock().await?;
            let saved = kept.save(&granted.tokens(None)).await;
            kept.release().await;
            saved?;
        }
        self.values.state_mut().store(granted);
        Ok(())
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Some(Source::OAuth2(_)) => "oauth2",
            Some(Source::Jwt(_)) => "jwt",
            Some(Source::Session(_)) => "session",
            None => "none",
        };
        f.debug_struct("Authenticator")
            .field("source", &source)
            .field("state", &*self.values.state())
            .finish_non_exhaustive()
    }
}

/// A mistake of the connector that `rollcall connector check` should have found.
fn mistake(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, message).hint("run `rollcall connector check` on this connector")
}
