//! Tokens: good ones are known, all others are nothing, and a link is used once.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use rollcall_store::{Error, NewToken, Store, Token, TokenKind};
use serde_json::json;

use crate::world::{World, link, new_account, new_token};

on_both!(
    a_token_is_known_by_its_text,
    only_the_text_itself_is_good,
    a_token_ends,
    a_revoked_token_is_nothing,
    a_token_stays_in_its_environment,
    a_link_is_used_once,
    a_link_is_for_accounts_of_its_environment,
    of_parallel_uses_of_a_link_one_wins,
);

async fn environment(store: &Store) -> String {
    store.create_environment("one").await.unwrap().id
}

async fn a_token_is_known_by_its_text(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    let mut made = Vec::new();
    for (kind, account_id, prefix) in [
        (TokenKind::Environment, None, "rce_"),
        (TokenKind::Account, Some(account.clone()), "rca_"),
        (TokenKind::Link, None, "rcl_"),
        (TokenKind::Link, Some(account), "rcl_"),
    ] {
        let new = NewToken {
            environment_id: environment.clone(),
            kind,
            account_id: account_id.clone(),
            label: Some("✓".to_owned()),
            scopes: vec!["users".to_owned(), "groups".to_owned()],
            expires_at: Some(world.clock.after(60)),
            details: json!({"connectors": ["acme"]}),
        };
        let (token, text) = store.create_token(new.clone()).await.unwrap();
        let expected = Token {
            id: token.id.clone(),
            environment_id: new.environment_id,
            kind,
            account_id,
            label: new.label,
            scopes: new.scopes,
            details: new.details,
            created_at: world.clock.now(),
            expires_at: new.expires_at,
            revoked_at: None,
            used_at: None,
            used_by: None,
        };
        assert_eq!(token, expected);
        assert!(text.starts_with(prefix), "{text}");
        assert_eq!(world.store().await.token(&text).await.unwrap(), Some(expected));
        let secret = &text[prefix.len() + 33..];
        assert!(
            !world.holds(secret.as_bytes()).await && !world.holds(text.as_bytes()).await,
            "only its digest is stored"
        );
        assert!(world.holds(digest(&SHA256, text.as_bytes()).as_ref()).await);
        made.push(token);
    }
    assert_eq!(store.tokens(&environment).await.unwrap(), made);
}

async fn only_the_text_itself_is_good(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let (_, text) = store.create_token(new_token(&environment)).await.unwrap();
    let (_, other) = store.create_token(new_token(&environment)).await.unwrap();
    let with_checksum = |body: &str| {
        let sum = URL_SAFE_NO_PAD.encode(&digest(&SHA256, body.as_bytes()).as_ref()[..4]);
        format!("{body}{sum}")
    };
    let body = &text[..text.len() - 6];
    assert_eq!(with_checksum(body), text, "the checksum is made as the store makes it");
    let (head, secret) = body.split_at(37);
    let guess = URL_SAFE_NO_PAD.encode([7; 32]);
    for wrong in [
        with_checksum(&format!("{head}{guess}")),
        with_checksum(&format!("{}{secret}", &other[..37])),
        with_checksum(&body.replacen("rce_", "rca_", 1)),
        with_checksum(&body.replacen("rce_", "rcl_", 1)),
        with_checksum(&format!("rce_{}_{secret}", "0".repeat(32))),
        format!("Bearer {text}"),
        text.to_lowercase(),
        String::new(),
        "\0".to_owned(),
    ] {
        assert_ne!(wrong, text);
        assert_eq!(store.token(&wrong).await.unwrap(), None, "{wrong}");
    }
    assert!(store.token(&text).await.unwrap().is_some());
}

async fn a_token_ends(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let new = NewToken { expires_at: Some(world.clock.after(60)), ..new_token(&environment) };
    let (_, text) = store.create_token(new).await.unwrap();
    let (_, endless) = store.create_token(new_token(&environment)).await.unwrap();
    world.clock.forward(Duration::from_micros(59_999_999));
    assert!(store.token(&text).await.unwrap().is_some());
    world.clock.forward(Duration::from_micros(1));
    assert_eq!(store.token(&text).await.unwrap(), None);
    world.clock.forward(Duration::from_secs(100 * 365 * 86_400));
    assert!(store.token(&endless).await.unwrap().is_some());
}

async fn a_revoked_token_is_nothing(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let other = store.create_environment("other").await.unwrap().id;
    let (token, text) = store.create_token(new_token(&environment)).await.unwrap();
    for (environment, id) in
        [(other.as_str(), token.id.as_str()), (&environment, &environment), ("", &token.id), (&environment, "\0")]
    {
        assert!(!store.revoke_token(environment, id).await.unwrap());
    }
    assert!(store.token(&text).await.unwrap().is_some());
    assert!(world.store().await.revoke_token(&environment, &token.id).await.unwrap());
    assert_eq!(store.token(&text).await.unwrap(), None);
    let revoked_at = Some(world.clock.now());
    world.clock.forward(Duration::from_secs(1));
    assert!(!store.revoke_token(&environment, &token.id).await.unwrap());
    assert_eq!(store.tokens(&environment).await.unwrap(), [Token { revoked_at, ..token }], "it stays in the list");
    assert_eq!(store.tokens(&other).await.unwrap(), []);
    assert_eq!(store.tokens("\0").await.unwrap(), []);
}

async fn a_token_stays_in_its_environment(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let other = store.create_environment("other").await.unwrap().id;
    let account = store.create_account(new_account(&other)).await.unwrap().id;
    let for_account =
        |kind, account: &str| NewToken { kind, account_id: Some(account.to_owned()), ..new_token(&environment) };
    for kind in [TokenKind::Account, TokenKind::Link] {
        let error = store.create_token(for_account(kind, &account)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("there is no account `{account}`"));
    }
    let error = store.create_token(new_token(&account)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no environment `{account}`"));
    let without = NewToken { kind: TokenKind::Account, ..new_token(&other) };
    let with = NewToken { account_id: Some(account), ..new_token(&other) };
    let label = NewToken { label: Some("\0".to_owned()), ..new_token(&other) };
    for new in [without, with, label] {
        assert!(matches!(store.create_token(new).await, Err(Error::Unfit { .. })));
    }
    assert_eq!(store.tokens(&environment).await.unwrap(), []);
}

async fn a_link_is_used_once(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let account = store.create_account(new_account(&environment)).await.unwrap().id;
    let make = async |new: NewToken| store.create_token(new).await.unwrap();
    let (used, text) = make(link(&environment)).await;
    assert!(store.use_link(&used.id, &account).await.unwrap());
    assert!(!store.use_link(&used.id, &account).await.unwrap());
    assert_eq!(store.token(&text).await.unwrap(), None);
    let listed = store.tokens(&environment).await.unwrap();
    assert_eq!(listed, [Token { used_at: Some(world.clock.now()), used_by: Some(account.clone()), ..used }]);

    let (revoked, _) = make(link(&environment)).await;
    store.revoke_token(&environment, &revoked.id).await.unwrap();
    let (expired, _) = make(NewToken { expires_at: Some(world.clock.after(1)), ..link(&environment) }).await;
    world.clock.forward(Duration::from_secs(1));
    let (no_link, text) = make(new_token(&environment)).await;
    for id in [revoked.id.as_str(), &expired.id, &no_link.id, &account, "", "\0"] {
        assert!(!store.use_link(id, &account).await.unwrap(), "{id}");
    }
    assert!(store.token(&text).await.unwrap().is_some());
}

async fn a_link_is_for_accounts_of_its_environment(world: World) {
    let store = world.store().await;
    let environment = environment(&store).await;
    let other = store.create_environment("other").await.unwrap().id;
    let foreign = store.create_account(new_account(&other)).await.unwrap().id;
    let mine = store.create_account(new_account(&environment)).await.unwrap().id;
    let bound = store.create_account(new_account(&environment)).await.unwrap().id;
    let (token, text) =
        store.create_token(NewToken { account_id: Some(bound.clone()), ..link(&environment) }).await.unwrap();
    for account in [foreign.as_str(), &mine, &environment, "\0"] {
        assert!(!store.use_link(&token.id, account).await.unwrap());
    }
    assert!(store.token(&text).await.unwrap().is_some());
    assert!(store.use_link(&token.id, &bound).await.unwrap());
    let (free, _) = store.create_token(link(&environment)).await.unwrap();
    for account in [foreign.as_str(), &environment] {
        assert!(!store.use_link(&free.id, account).await.unwrap());
    }
    assert!(store.use_link(&free.id, &mine).await.unwrap());
}

async fn of_parallel_uses_of_a_link_one_wins(world: World) {
    let nodes = [world.store().await, world.store().await];
    let environment = environment(&nodes[0]).await;
    let (token, _) = nodes[0].create_token(link(&environment)).await.unwrap();
    let mut accounts = Vec::new();
    for _ in 0..20 {
        accounts.push(nodes[0].create_account(new_account(&environment)).await.unwrap().id);
    }
    let uses = accounts.iter().enumerate().map(|(number, account)| {
        let (node, token, account) = (nodes[number % 2].clone(), token.id.clone(), account.clone());
        tokio::spawn(async move { node.use_link(&token, &account).await.unwrap() })
    });
    let used: Vec<bool> = join_all(uses).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(used.iter().filter(|&&used| used).count(), 1);
    let winner = used.iter().position(|&used| used).map(|number| accounts[number].clone());
    assert_eq!(nodes[1].tokens(&environment).await.unwrap()[0].used_by, winner);
}
