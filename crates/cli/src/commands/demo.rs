//! `rollcall demo`: everything on one machine, without anything to fill in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rollcall_connector::Catalog;
use rollcall_engine::Batch;
use rollcall_engine::Completeness;
use rollcall_engine::clock::SystemClock;
use rollcall_engine::transport::{HttpTransport, NetworkPolicy, Transport as _, Wire};
use rollcall_sandbox::{Invitation, Sandbox, SandboxOptions, serve as play};
use rollcall_server::{App, Config, NewAccount, add, serve};
use rollcall_store::{Location, MasterKeys, NewToken, Store, TokenKind};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::serve::stopped;
use crate::args::DemoArguments;
use crate::failure::Failure;
use crate::output::{self, Printer as _};
use crate::store;

/// Records that are shown.
const SHOWN: usize = 10;
/// The largest answer that is read here.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

pub async fn run(catalog: Catalog, arguments: DemoArguments) -> Result<ExitCode, Failure> {
    let catalog = Arc::new(catalog);
    let listener = TcpListener::bind(arguments.listen).await.map_err(|fault| {
        Failure::input(
            format!("cannot listen on `{}`: {fault}", arguments.listen),
            "choose another address with `--listen 127.0.0.1:0`",
        )
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    let kept = memory().await?;
    let environment = store::environment(&kept, store::DEFAULT_ENVIRONMENT).await?;
    let config = Config { public_url: url.clone(), private_hosts: vec!["127.0.0.1".to_owned()], ..Config::default() };
    let app = App::new(config, kept.clone(), Arc::clone(&catalog), Arc::new(SystemClock))?;
    let mut accounts = Vec::new();
    for slug in &arguments.products {
        let (address, new) = product(&catalog, slug, arguments.users).await?;
        let (account, _) = add(&app, &environment.id, new, "demo").await?;
        output::note(&format!("{slug:<18} played on http://{address}, connected as {}", account.id));
        accounts.push(account.id);
    }
    let new = NewToken {
        environment_id: environment.id,
        kind: TokenKind::Environment,
        account_id: None,
        label: Some("demo".to_owned()),
        scopes: Vec::new(),
        expires_at: None,
        details: json!({}),
    };
    let (_, token) = kept.create_token(new).await?;
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(app, listener, async {
        let _ = stopping.await;
    }));
    let first = accounts.first().cloned().unwrap_or_default();
    let path = format!("/unified/user-directory/users?integrated_account_id={first}");
    show(&url, &path, &token).await?;
    output::note(&format!("\nThe API is on {url}, documented on {url}/docs. The same by hand:"));
    output::note(&format!("  curl -H 'Authorization: Bearer {token}' '{url}{path}'"));
    output::note(&format!("  curl -H 'Authorization: Bearer {token}' '{url}/integrated-account'"));
    if !arguments.once {
        output::note("Ctrl-C ends it; nothing is kept.");
        stopped().await;
    }
    let _ = stop.send(());
    let _ = serving.await;
    Ok(ExitCode::SUCCESS)
}

/// A store that is gone with the process.
async fn memory() -> Result<Store, Failure> {
    let keys = MasterKeys::from_base64(&MasterKeys::generate_base64()?, &[])?;
    let kept = Store::open(&Location::SqliteMemory, keys, store::clock()).await?;
    kept.create_environment(store::DEFAULT_ENVIRONMENT).await?;
    Ok(kept)
}

/// Plays a product, and says how to connect it.
async fn product(catalog: &Catalog, slug: &str, users: u64) -> Result<(SocketAddr, NewAccount), Failure> {
    let options = SandboxOptions { users, ..SandboxOptions::default() };
    let sandbox = Sandbox::new(catalog, slug, options).map_err(|fault| super::sandbox::problem(catalog, fault))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
    let address = listener.local_addr()?;
    let base_url = format!("http://{address}");
    let definition = sandbox.connector().definition();
    let invitation = Invitation::new(definition, &base_url).ok_or_else(|| {
        Failure::input(format!("`{slug}` signs with a key that only its owner has"), "choose other `--products`")
    })?;
    let credential: BTreeMap<String, Value> =
        invitation.settings().iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
    let new = NewAccount {
        integration: slug.to_owned(),
        auth: invitation.auth().map(str::to_owned),
        settings: BTreeMap::new(),
        credential,
        base_url: Some(base_url),
        label: Some(definition.name.clone()),
        tenant_id: None,
        validate: true,
        redirect_uri: None,
    };
    tokio::spawn(play(listener, Arc::new(sandbox)));
    Ok((address, new))
}

/// A first listing, asked for as anyone would.
async fn show(url: &str, path: &str, token: &str) -> Result<(), Failure> {
    let host = "127.0.0.1".to_owned();
    let address = Url::parse(&format!("{url}{path}&limit={SHOWN}&truto_ignore_remote_data=true")).context("no URL")?;
    let ports = address.port_or_known_default().map(|port| (host.clone(), port)).into_iter().collect();
    let policy = NetworkPolicy { hosts: Vec::new(), private: vec![host], ports };
    let transport = HttpTransport::new(policy, None).context("no way to call the server")?;
    let mut headers = http::HeaderMap::new();
    let bearer = http::HeaderValue::from_str(&format!("Bearer {token}")).context("the token is no header")?;
    headers.insert(http::header::AUTHORIZATION, bearer);
    let wire = Wire {
        method: http::Method::GET,
        url: address,
        headers,
        body: Default::default(),
        timeout: Duration::from_secs(60),
        max_bytes: ANSWER_BYTES_MAX,
    };
    let answer = transport.send(wire).await.context("the server does not answer")?;
    let body: Value = serde_json::from_slice(&answer.body).context("the server's answer is no JSON")?;
    let records = body.get("result").and_then(Value::as_array).cloned().unwrap_or_default();
    if !answer.status.is_success() || records.is_empty() {
        return Err(Failure::from(anyhow::anyhow!("the first listing failed: {body}")));
    }
    output::note(&format!("\nThe first {} users of the first account:", records.len()));
    let mut table = output::table("users");
    for record in &records {
        table.batch(&Batch::of(record.to_string().as_bytes()))?;
    }
    table.end(&Completeness::default(), &[])?;
    Ok(())
}
