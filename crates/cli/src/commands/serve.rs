//! `rollcall serve`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rollcall_connector::Catalog;
use rollcall_engine::clock::SystemClock;
use rollcall_server::{App, Config, serve};
use tokio::net::TcpListener;
use url::Url;

use crate::args::ServeArguments;
use crate::failure::Failure;
use crate::{output, store};

pub async fn run(catalog: Catalog, arguments: ServeArguments) -> Result<ExitCode, Failure> {
    let kept = store::open(&arguments.store).await?;
    let listener = TcpListener::bind(arguments.listen).await.map_err(|fault| {
        Failure::input(
            format!("cannot listen on `{}`: {fault}", arguments.listen),
            "choose another address with `--listen`",
        )
    })?;
    let address = listener.local_addr()?;
    let public_url = match &arguments.public_url {
        Some(text) => public_url(text)?,
        None => format!("http://{address}"),
    };
    let config = Config {
        public_url: public_url.clone(),
        private_hosts: arguments.allow_private,
        requests_per_second: arguments.requests_per_second,
        requests_burst: arguments.requests_per_second.saturating_mul(2),
        page_patience: Duration::from_secs(arguments.patience),
        pause_max: Duration::from_secs(arguments.max_pause),
        cursor_lifetime: Duration::from_secs(arguments.cursor_hours.saturating_mul(3600)),
        ..Config::default()
    };
    let app = App::new(config, kept.clone(), Arc::new(catalog), Arc::new(SystemClock))?;
    output::note(&format!("rollcall listens on {public_url}"));
    let mut tokens = 0;
    for environment in kept.environments().await? {
        tokens += kept.tokens(&environment.id).await?.len();
    }
    if tokens == 0 {
        output::note("There is no token yet. In another shell, with the same `--data` or `--database`:");
    } else {
        output::note("Beside it, with the same `--data` or `--database`:");
    }
    output::note("  rollcall token create                      makes a token for the API");
    output::note("  rollcall account add <product> --set …     connects an account");
    output::note(&format!("  {public_url}/docs   says what can be asked"));
    serve(app, listener, stopped()).await;
    kept.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The address of this server for others, without a slash at the end.
pub fn public_url(text: &str) -> Result<String, Failure> {
    let usable = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none());
    if !usable {
        return Err(Failure::input(
            format!("`--public-url {text}` is not a URL"),
            "write it like `https://rollcall.example.com`",
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Until the process is asked to end.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
