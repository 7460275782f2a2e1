//! What handlers may reach.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use metrics_exporter_prometheus::PrometheusHandle;
use rollcall_connector::Catalog;
use rollcall_engine::clock::Clock;
use rollcall_store::Store;

use crate::accounts::Accounts;
use crate::caller::Tokens;
use crate::config::Config;
use crate::cursor::Cursors;
use crate::error::ApiError;
use crate::parked::Parked;

/// The server's state: one per process, shared by all requests.
pub struct App {
    pub config: Config,
    pub store: Store,
    pub catalog: Arc<Catalog>,
    pub clock: Arc<dyn Clock>,
    pub(crate) accounts: Accounts,
    pub(crate) tokens: Tokens,
    pub(crate) cursors: Cursors,
    pub(crate) parked: Parked,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) started: Instant,
}

impl App {
    /// A server over a store and a catalogue.
    ///
    /// # Errors
    /// Keys or TLS that cannot be used.
    pub fn new(
        config: Config,
        store: Store,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, ApiError> {
        let cursors = Cursors::new(store.keys(), config.cursor_lifetime)?;
        let accounts = Accounts::new(&config, store.clone(), Arc::clone(&catalog), Arc::clone(&clock))?;
        Ok(Arc::new(Self {
            accounts,
            tokens: Tokens::new(&config, store.clone()),
            parked: Parked::new(config.parked_bytes_max),
            cursors,
            metrics: crate::telemetry::recorder(),
            started: clock.instant(),
            config,
            store,
            catalog,
            clock,
        }))
    }

    /// The wall clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }
}
