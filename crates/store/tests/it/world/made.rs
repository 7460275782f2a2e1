//! Accounts, credentials and tokens as tests need them.

use std::collections::BTreeMap;

use rollcall_store::{AccountStatus, Credential, NewAccount, NewToken, TokenKind};
use serde_json::{Map, Value, json};

pub fn credential(token: &str) -> Credential {
    Credential::new(Map::from_iter([("token".to_owned(), json!(token)), ("expires_in".to_owned(), json!(3600))]))
}

pub fn new_account(environment_id: &str) -> NewAccount {
    NewAccount {
        environment_id: environment_id.to_owned(),
        connector: "acme".to_owned(),
        label: None,
        auth: "api_token".to_owned(),
        settings: BTreeMap::new(),
        credential: credential("secret"),
        base_url: None,
        external_id: None,
        overrides: json!({}),
        status: AccountStatus::Active,
    }
}

pub fn new_token(environment_id: &str) -> NewToken {
    NewToken {
        environment_id: environment_id.to_owned(),
        kind: TokenKind::Environment,
        account_id: None,
        label: None,
        scopes: Vec::new(),
        expires_at: None,
        details: Value::Null,
    }
}

pub fn link(environment_id: &str) -> NewToken {
    NewToken { kind: TokenKind::Link, ..new_token(environment_id) }
}
