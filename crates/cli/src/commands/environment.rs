//! `rollcall environment`.

use std::process::ExitCode;

use crate::args::EnvironmentCommand;
use crate::failure::Failure;
use crate::{output, store};

pub async fn run(command: EnvironmentCommand) -> Result<ExitCode, Failure> {
    match command {
        EnvironmentCommand::Create { name, store: arguments } => {
            let environment = store::open(&arguments).await?.create_environment(&name).await?;
            output::line(environment.id.as_bytes())?;
        }
        EnvironmentCommand::List { store: arguments } => {
            let environments = store::open(&arguments).await?.environments().await?;
            let rows: Vec<Vec<String>> = environments.into_iter().map(|e| vec![e.id, e.name]).collect();
            output::grid(&["id", "name"], &rows)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
