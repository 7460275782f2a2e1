//! `rollcall key`.

use std::process::ExitCode;

use rollcall_store::MasterKeys;

use crate::args::KeyCommand;
use crate::failure::Failure;
use crate::{output, store};

pub async fn run(command: KeyCommand) -> Result<ExitCode, Failure> {
    match command {
        KeyCommand::Generate => output::line(MasterKeys::generate_base64()?.as_bytes())?,
        KeyCommand::Rotate { store: arguments } => {
            let rotation = store::open(&arguments).await?.rotate_keys().await?;
            output::note(&format!(
                "new data key {}; {} sealed anew, {} older keys wrapped under the current master key",
                rotation.data_key_id, rotation.resealed, rotation.rewrapped
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
