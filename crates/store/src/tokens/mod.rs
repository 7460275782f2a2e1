//! Tokens: shown once, stored as a digest.

mod presented;

use std::time::SystemTime;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde_json::Value;

use crate::accounts::json;
use crate::database::{Cells, execute, row, rows};
use crate::error::{Error, Result};
use crate::ids;
use crate::store::{Store, expired, storable_or_none};
use crate::time::micros;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// All accounts of an environment.
    Environment,
    /// One account.
    Account,
    /// One attempt to connect an account.
    Link,
}

/// A token, without the text that is presented.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub id: String,
    pub environment_id: String,
    pub kind: TokenKind,
    pub account_id: Option<String>,
    pub label: Option<String>,
    pub scopes: Vec<String>,
    pub details: Value,
    pub created_at: SystemTime,
    pub expires_at: Option<SystemTime>,
    pub revoked_at: Option<SystemTime>,
    /// When a link token was used, and the account that came of it.
    pub used_at: Option<SystemTime>,
    pub used_by: Option<String>,
}

#[derive(Clone, Debug)]
pub struct NewToken {
    pub environment_id: String,
    pub kind: TokenKind,
    /// Demanded for an account token; allowed for a link token, to sign in an account again; refused for an environment token.
    pub account_id: Option<String>,
    pub label: Option<String>,
    pub scopes: Vec<String>,
    pub expires_at: Option<SystemTime>,
    pub details: Value,
}

impl TokenKind {
    pub(crate) const ALL: [Self; 3] = [Self::Environment, Self::Account, Self::Link];

    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Account => "account",
            Self::Link => "link",
        }
    }

    /// What its tokens begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Environment => "rce_",
            Self::Account => "rca_",
            Self::Link => "rcl_",
        }
    }
}

impl Token {
    fn read(row: &impl Cells) -> Result<Self> {
        let kind = row.text("kind")?;
        Ok(Self {
            id: row.text("id")?,
            environment_id: row.text("environment_id")?,
            kind: TokenKind::ALL.into_iter().find(|known| known.word() == kind).ok_or_else(|| Error::Unexpected {
                doing: "reading a token",
                reason: "its kind is not one that is known here".to_owned(),
            })?,
            account_id: row.text_or_none("account_id")?,
            label: row.text_or_none("label")?,
            scopes: row.json("scopes")?,
            details: row.json("details")?,
            created_at: row.time("created_at")?,
            expires_at: row.time_or_none("expires_at")?,
            revoked_at: row.time_or_none("revoked_at")?,
            used_at: row.time_or_none("used_at")?,
            used_by: row.text_or_none("used_by")?,
        })
    }
}

macro_rules! columns {
    () => {
        "id, environment_id, kind, account_id, label, scopes, details, created_at, expires_at, revoked_at, used_at, used_by"
    };
}

impl Store {
    /// Makes a token and gives its text, which cannot be had again.
    pub async fn create_token(&self, new: NewToken) -> Result<(Token, String)> {
        storable_or_none("the label of a token", new.label.as_deref())?;
        match (new.kind, &new.account_id) {
            (TokenKind::Account, None) => {
                return Err(Error::Unfit { what: "an account token", expected: "for an account" });
            }
            (TokenKind::Environment, Some(_)) => {
                return Err(Error::Unfit { what: "an environment token", expected: "for no account" });
            }
            _ => {}
        }
        let id = self.new_id()?;
        let text = presented::make(new.kind, &id)?;
        let created = row!(
            self.database().writer(),
            "creating a token",
            Token::read,
            concat!(
                "INSERT INTO tokens (id, environment_id, kind, account_id, label, scopes, details, digest, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ",
                columns!()
            ),
            &id,
            &new.environment_id,
            new.kind.word(),
            &new.account_id,
            &new.label,
            json(&new.scopes)?,
            new.details.to_string(),
            presented::digest_of(&text),
            self.now(),
            new.expires_at.map(micros),
        );
        match created {
            Ok(Some(token)) => Ok((token, text)),
            Ok(None) => Err(Error::Unexpected { doing: "creating a token", reason: "no row came back".to_owned() }),
            Err(Error::Dangling { .. }) => Err(match new.account_id {
                Some(id) if self.environment(&new.environment_id).await?.is_some() => {
                    Error::Absent { what: "account", id }
                }
                _ => Error::Absent { what: "environment", id: new.environment_id },
            }),
            Err(error) => Err(error),
        }
    }

    /// The token that is presented, when it is good: of the right form, known, not expired, not revoked, and no link that was used.
    pub async fn token(&self, presented: &str) -> Result<Option<Token>> {
        let found = self.token_as_it_is(presented).await?;
        Ok(found.filter(|token| {
            token.revoked_at.is_none()
                && !(token.kind == TokenKind::Link && token.used_at.is_some())
                && !expired(token.expires_at, self.now())
        }))
    }

    /// The token that is presented, also when it is no longer good: who holds one may be told why it is refused.
    pub async fn token_as_it_is(&self, presented: &str) -> Result<Option<Token>> {
        let Some(presented) = presented::parse(presented) else { return Ok(None) };
        let found = row!(
            self.database().reader(),
            "looking for a token",
            |row| Ok((Token::read(row)?, row.bytes("digest")?)),
            concat!("SELECT ", columns!(), ", digest FROM tokens WHERE id = $1"),
            &presented.id,
        )?;
        let Some((token, digest)) = found else { return Ok(None) };
        let own = verify_slices_are_equal(&digest, &presented.digest).is_ok() && token.kind == presented.kind;
        Ok(own.then_some(token))
    }

    /// All tokens of an environment, also those that are no longer good, until they are swept; oldest first.
    pub async fn tokens(&self, environment_id: &str) -> Result<Vec<Token>> {
        if !ids::is_id(environment_id) {
            return Ok(Vec::new());
        }
        rows!(
            self.database().reader(),
            "listing tokens",
            Token::read,
            concat!("SELECT ", columns!(), " FROM tokens WHERE environment_id = $1 ORDER BY id"),
            environment_id,
        )
    }

    /// Whether there was such a token that was not revoked before.
    pub async fn revoke_token(&self, environment_id: &str, id: &str) -> Result<bool> {
        if !ids::is_id(environment_id) || !ids::is_id(id) {
            return Ok(false);
        }
        let revoked = execute!(
            self.database().writer(),
            "revoking a token",
            "UPDATE tokens SET revoked_at = $3 WHERE environment_id = $1 AND id = $2 AND revoked_at IS NULL",
            environment_id,
            id,
            self.now(),
        )?;
        Ok(revoked > 0)
    }

    /// Uses a link token for an account of its environment. Of several tries one succeeds; so none does when it has expired or was revoked.
    pub async fn use_link(&self, token_id: &str, account_id: &str) -> Result<bool> {
        if !ids::is_id(token_id) || !ids::is_id(account_id) {
            return Ok(false);
        }
        let used = execute!(
            self.database().writer(),
            "using a link",
            "UPDATE tokens SET used_at = $3, used_by = $2 \
             WHERE id = $1 AND kind = 'link' AND used_at IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) \
             AND (account_id IS NULL OR account_id = $2) \
             AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = $2 AND accounts.environment_id = tokens.environment_id)",
            token_id,
            account_id,
            self.now(),
        )?;
        Ok(used > 0)
    }
}
