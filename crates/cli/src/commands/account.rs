//! `rollcall account`.

use std::process::ExitCode;
use std::sync::Arc;

use rollcall_connector::Catalog;
use rollcall_engine::clock::SystemClock;
use rollcall_server::{App, Config, NewAccount, account_shown, add};
use rollcall_store::{AccountFilter, NewAudit};
use serde_json::{Value, json};

use crate::args::{AccountCommand, AddArguments};
use crate::failure::Failure;
use crate::{inputs, output, store};

/// Accounts that are shown at most.
const SHOWN_MAX: u32 = 10_000;

pub async fn run(catalog: Catalog, command: AccountCommand) -> Result<ExitCode, Failure> {
    match command {
        AccountCommand::Add(arguments) => connect(catalog, *arguments).await,
        AccountCommand::List { store: arguments, environment, json } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            let filter = AccountFilter { limit: SHOWN_MAX, ..AccountFilter::default() };
            let accounts = kept.accounts(&environment.id, filter).await?;
            if json {
                let shown: Vec<Value> = accounts.iter().map(account_shown).collect();
                output::line(serde_json::to_string_pretty(&shown).unwrap_or_default().as_bytes())?;
            } else {
                let rows: Vec<Vec<String>> = accounts
                    .into_iter()
                    .map(|a| {
                        let text = |value: Option<String>| value.unwrap_or_default();
                        vec![a.id, a.connector, text(a.label), text(a.external_id), a.auth, a.status.word().to_owned()]
                    })
                    .collect();
                output::grid(&["id", "product", "label", "tenant", "auth", "status"], &rows)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        AccountCommand::Remove { id, store: arguments, environment } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            if !kept.delete_account(&environment.id, &id).await? {
                return Err(Failure::input(
                    format!("there is no account `{id}` in the environment `{}`", environment.name),
                    "`rollcall account list` shows them",
                ));
            }
            kept.audit(NewAudit {
                environment_id: Some(environment.id),
                actor: "cli".to_owned(),
                action: "account.deleted".to_owned(),
                target: Some(id),
                request_id: None,
                details: json!({}),
            })
            .await?;
            output::note("removed, and its credential with it");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn connect(catalog: Catalog, arguments: AddArguments) -> Result<ExitCode, Failure> {
    let given = inputs::settings(&arguments.settings)?;
    inputs::connector(&catalog, &arguments.connector)?;
    let kept = store::open(&arguments.store).await?;
    let environment = store::environment(&kept, &arguments.environment).await?;
    let config = Config { private_hosts: arguments.allow_private, ..Config::default() };
    let app = App::new(config, kept, Arc::new(catalog), Arc::new(SystemClock))?;
    let new = NewAccount {
        integration: arguments.connector,
        auth: arguments.auth,
        settings: Default::default(),
        credential: given.into_iter().map(|(name, value)| (name, Value::from(value))).collect(),
        base_url: arguments.base_url,
        label: arguments.label,
        tenant_id: arguments.tenant,
        validate: !arguments.no_validate,
    };
    let (account, validation) = add(&app, &environment.id, new, "cli").await?;
    if arguments.json {
        let mut shown = account_shown(&account);
        shown["validation"] = validation.shown();
        output::line(serde_json::to_string_pretty(&shown).unwrap_or_default().as_bytes())?;
    } else {
        output::line(account.id.as_bytes())?;
        match &validation.call {
            Some(call) => output::note(&format!("connected {}: `{call}` succeeded", account.connector)),
            None => output::note(&format!("saved {}; {}", account.connector, validation.note.unwrap_or_default())),
        }
    }
    Ok(ExitCode::SUCCESS)
}
