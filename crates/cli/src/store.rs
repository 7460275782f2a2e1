//! The store that a server and the commands beside it share.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use rollcall_engine::clock::{Clock as _, SystemClock};
use rollcall_store::{Environment, Location, MasterKeys, Store};

use crate::args::StoreArguments;
use crate::failure::Failure;

/// The environment that there is from the beginning.
pub const DEFAULT_ENVIRONMENT: &str = "default";

/// Opens the store; on an empty folder it is made, with its master key and the first environment.
pub async fn open(arguments: &StoreArguments) -> Result<Store, Failure> {
    let location = match &arguments.database {
        Some(url) => Location::parse(url)?,
        None => {
            folder(&arguments.data)?;
            Location::Sqlite(arguments.data.join("rollcall.sqlite"))
        }
    };
    let store = Store::open(&location, keys(arguments)?, clock()).await?;
    if store.environments().await?.is_empty() {
        match store.create_environment(DEFAULT_ENVIRONMENT).await {
            Ok(_) => {}
            // Another node was as quick.
            Err(fault) if store.environment(DEFAULT_ENVIRONMENT).await?.is_none() => return Err(fault.into()),
            Err(_) => {}
        }
    }
    Ok(store)
}

/// The wall clock for the store.
pub fn clock() -> Arc<dyn Fn() -> SystemTime + Send + Sync> {
    Arc::new(|| SystemClock.now())
}

/// The environment of that name or id.
pub async fn environment(store: &Store, name: &str) -> Result<Environment, Failure> {
    if let Some(environment) = store.environment(name).await? {
        return Ok(environment);
    }
    let names: Vec<String> = store.environments().await?.into_iter().map(|e| e.name).collect();
    Err(Failure::input(format!("there is no environment `{name}`"), format!("there are {}", names.join(", "))))
}

fn keys(arguments: &StoreArguments) -> Result<MasterKeys, Failure> {
    if let Ok(text) = std::env::var("ROLLCALL_MASTER_KEY") {
        let mut keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        let current = keys.next().unwrap_or_default();
        return Ok(MasterKeys::from_base64(current, &keys.collect::<Vec<_>>())?);
    }
    let file = match &arguments.master_key_file {
        Some(file) => file.clone(),
        None => {
            folder(&arguments.data)?;
            arguments.data.join("master.key")
        }
    };
    Ok(MasterKeys::load_or_create(&file)?)
}

fn folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder `{}`", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot close the folder `{}` to others", path.display()))?;
    }
    Ok(())
}
