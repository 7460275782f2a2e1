//! The values that an entry's templates may use, and rendering with them.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use rollcall_connector::Account;
use rollcall_connector::definition::FaultKind;
use rollcall_connector::template::{Position, Template, Unrendered};

use super::mistake;
use super::state::State;
use crate::fault::Fault;

/// What templates see.
pub(super) struct Values {
    pub account: Arc<Account>,
    state: RwLock<State>,
}

impl Values {
    pub fn new(account: Arc<Account>, state: State) -> Self {
        Self { account, state: RwLock::new(state) }
    }

    // A panic elsewhere leaves the state whole: each change is one call.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.state().value(name).or_else(|| self.account.value(name))
    }

    /// The same, and the time.
    pub fn at(&self, name: &str, now: SystemTime) -> Option<String> {
        match name {
            "now" => jiff::Timestamp::try_from(now).ok().map(|time| format!("{time:.0}")),
            "today" => jiff::Timestamp::try_from(now).ok().map(|time| time.strftime("%Y-%m-%d").to_string()),
            name => self.get(name),
        }
    }

    /// Everything that must not stand in a message.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.state().secrets();
        secrets.extend(self.account.secrets().map(str::to_owned));
        secrets
    }
}

/// Reads a template of the connector.
pub(super) fn parse(text: &str) -> Result<Template, Fault> {
    Template::parse(text).map_err(|message| mistake(format!("a template of the auth entry cannot be read: {message}")))
}

/// The text, or nothing when a value in it is not given.
pub(super) fn optional(template: &Template, value: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, Fault> {
    match template.render(Position::Plain, value) {
        Ok(text) => Ok(Some(text)),
        Err(Unrendered::Missing(_)) => Ok(None),
        Err(other) => Err(mistake(other.to_string())),
    }
}

/// The text; a value that is not given is a fault.
pub(super) fn required(template: &Template, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    rendered(template, Position::Plain, value)
}

/// A URL; values in it are encoded as parts of a path, unless one is the whole beginning.
pub(super) fn url(template: &Template, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    // Hosts and bases come whole; what stands after the host is a segment each. Only the part after the host may be encoded.
    let plain = rendered(template, Position::Plain, value)?;
    let skeleton = template.skeleton();
    let host_is_literal = matches!(skeleton.first(), Some(Some(text)) if text.splitn(4, '/').count() == 4);
    if host_is_literal { rendered(template, Position::Path, value) } else { Ok(plain) }
}

fn rendered(template: &Template, position: Position, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    template.render(position, value).map_err(|problem| match problem {
        Unrendered::Missing(name) => missing(&name),
        other => mistake(other.to_string()),
    })
}

/// A field that the operator has to give.
pub(super) fn missing(name: &str) -> Fault {
    Fault::new(FaultKind::Credential, format!("the credential lacks `{name}`"))
        .hint(format!("give `{name}` for this account"))
}
