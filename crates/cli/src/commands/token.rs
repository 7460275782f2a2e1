//! `rollcall token`.

use std::process::ExitCode;
use std::time::Duration;

use rollcall_engine::clock::{Clock as _, SystemClock};
use rollcall_server::SCOPES;
use rollcall_store::{NewAudit, NewToken, TokenKind};
use serde_json::json;

use crate::args::TokenCommand;
use crate::failure::Failure;
use crate::{output, store};

const HOUR: Duration = Duration::from_secs(3600);

pub async fn run(command: TokenCommand) -> Result<ExitCode, Failure> {
    match command {
        TokenCommand::Create { scopes, account, expires_in, label, environment, store: arguments } => {
            let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
            if let Some(wrong) = scopes.iter().find(|scope| !names.contains(&scope.as_str())) {
                let hint = match rollcall_connector::nearest(wrong, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", names.join(", ")),
                };
                return Err(Failure::input(format!("unknown scope `{wrong}`"), hint));
            }
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            if let Some(id) = &account
                && kept.account(&environment.id, id).await?.is_none()
            {
                return Err(Failure::input(
                    format!("there is no account `{id}` in the environment `{}`", environment.name),
                    "`rollcall account list` shows them",
                ));
            }
            let hours = expires_in.or_else(|| account.as_ref().map(|_| 1));
            let lifetime = hours.map(|hours| HOUR * u32::try_from(hours).unwrap_or(u32::MAX));
            let new = NewToken {
                environment_id: environment.id.clone(),
                kind: if account.is_some() { TokenKind::Account } else { TokenKind::Environment },
                account_id: account,
                label,
                scopes,
                expires_at: lifetime.map(|lifetime| SystemClock.now() + lifetime),
                details: json!({}),
            };
            let (token, secret) = kept.create_token(new).await?;
            kept.audit(entry(&environment.id, "token.created", &token.id)).await?;
            output::line(secret.as_bytes())?;
            output::note("It is shown this once. Send it as `Authorization: Bearer <token>`.");
            Ok(ExitCode::SUCCESS)
        }
        TokenCommand::List { environment, store: arguments } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            let rows: Vec<Vec<String>> = kept
                .tokens(&environment.id)
                .await?
                .into_iter()
                .map(|token| {
                    let state = if token.revoked_at.is_some() {
                        "revoked"
                    } else if token.expires_at.is_some_and(|at| at <= SystemClock.now()) {
                        "expired"
                    } else {
                        "valid"
                    };
                    let text = |value: Option<String>| value.unwrap_or_default();
                    vec![
                        token.id,
                        token.kind.word().to_owned(),
                        text(token.label),
                        text(token.account_id),
                        token.scopes.join(","),
                        state.to_owned(),
                    ]
                })
                .collect();
            output::grid(&["id", "kind", "label", "account", "scopes", "state"], &rows)?;
            Ok(ExitCode::SUCCESS)
        }
        TokenCommand::Revoke { id, environment, store: arguments } => {
            let kept = store::open(&arguments).await?;
            let environment = store::environment(&kept, &environment).await?;
            if !kept.revoke_token(&environment.id, &id).await? {
                return Err(Failure::input(format!("there is no token `{id}`"), "`rollcall token list` shows them"));
            }
            kept.audit(entry(&environment.id, "token.revoked", &id)).await?;
            output::note("revoked; servers that run take notice within a second");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn entry(environment: &str, action: &str, target: &str) -> NewAudit {
    NewAudit {
        environment_id: Some(environment.to_owned()),
        actor: "cli".to_owned(),
        action: action.to_owned(),
        target: Some(target.to_owned()),
        request_id: None,
        details: json!({}),
    }
}
