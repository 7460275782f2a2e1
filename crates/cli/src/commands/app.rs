//! `rollcall app`: the OAuth apps with which people sign in at providers.

use std::process::ExitCode;
use std::sync::Arc;

use rollcall_connector::Catalog;
use rollcall_engine::clock::SystemClock;
use rollcall_server::{App, Config, NewApp, app_shown, set_app};
use rollcall_store::{NewAudit, Store};
use serde_json::{Value, json};

use super::serve::public_url;
use crate::args::{AddAppArguments, AppCommand};
use crate::failure::Failure;
use crate::{inputs, output, store};

pub async fn run(catalog: Catalog, command: AppCommand) -> Result<ExitCode, Failure> {
    match command {
        AppCommand::Add(arguments) => set(catalog, *arguments).await,
        AppCommand::List { store: arguments, environment, public_url, json } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?.id;
            let apps = kept.apps(&environment).await?;
            let app = server(kept, catalog, public_url.as_deref())?;
            let mut shown = Vec::with_capacity(apps.len());
            for one in &apps {
                // One that was removed meanwhile is no longer there.
                if let Some((_, secret)) = app.store.app_with_secret(&environment, &one.connector).await? {
                    shown.push(app_shown(&app, one, !secret.expose().is_empty()));
                }
            }
            if json {
                output::line(serde_json::to_string_pretty(&shown).unwrap_or_default().as_bytes())?;
            } else {
                let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
                output::grid(&["product", "auth", "client id", "secret", "settings", "redirect address"], &rows)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        AppCommand::Remove { connector, store: arguments, environment } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            // The app of a product whose connector is gone can still be removed.
            let slug = catalog.resolve(&connector).unwrap_or(connector);
            if !kept.delete_app(&environment.id, &slug).await? {
                return Err(Failure::input(
                    format!("there is no OAuth app for `{slug}` in the environment `{}`", environment.name),
                    "`rollcall app list` shows them",
                ));
            }
            kept.audit(NewAudit {
                environment_id: Some(environment.id),
                actor: "cli".to_owned(),
                action: "app.removed".to_owned(),
                target: Some(slug),
                request_id: None,
                details: json!({}),
            })
            .await?;
            output::note("removed, and its secret with it");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn set(catalog: Catalog, arguments: AddAppArguments) -> Result<ExitCode, Failure> {
    let mut given = inputs::settings(&arguments.settings)?;
    let connector = inputs::connector(&catalog, &arguments.connector)?.id().to_owned();
    let client_id = given.remove("client_id").ok_or_else(|| {
        Failure::input(
            "`client_id` is missing",
            "give the id that the provider shows with the OAuth app: `--set client_id=…`",
        )
    })?;
    let new = NewApp {
        auth: arguments.auth,
        client_id,
        client_secret: given.remove("client_secret"),
        settings: given.into_iter().map(|(name, value)| (name, Value::from(value))).collect(),
        base_url: arguments.base_url,
    };
    let kept = store::open(&arguments.store).await?;
    let environment = store::environment(&kept, &arguments.environment).await?;
    let app = server(kept, catalog, arguments.public_url.as_deref())?;
    let (kept, has_secret) = set_app(&app, &environment.id, &connector, new, "cli").await?;
    let shown = app_shown(&app, &kept, has_secret);
    if arguments.json {
        output::line(serde_json::to_string_pretty(&shown).unwrap_or_default().as_bytes())?;
    } else {
        let kind = if has_secret { "its secret is sealed" } else { "a public client, without a secret" };
        output::note(&format!("set the OAuth app of {connector} ({}): {kind}", kept.auth));
        output::note("register this redirect address at the provider:");
        output::line(text(&shown, "redirect_uri").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The server's own state: it knows the redirect address and checks as the API does.
fn server(kept: Store, catalog: Catalog, url: Option<&str>) -> Result<Arc<App>, Failure> {
    let mut config = Config::default();
    if let Some(url) = url {
        config.public_url = public_url(url)?;
    }
    Ok(App::new(config, kept, Arc::new(catalog), Arc::new(SystemClock))?)
}

fn row(app: &Value) -> Vec<String> {
    let settings = app["settings"].as_object().into_iter().flatten();
    let settings: Vec<String> =
        settings.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    let secret = if app["has_client_secret"] == true { "sealed" } else { "none" };
    vec![
        text(&app["integration"], "name"),
        text(app, "auth"),
        text(app, "client_id"),
        secret.to_owned(),
        settings.join(" "),
        text(app, "redirect_uri"),
    ]
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
