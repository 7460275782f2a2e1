//! Listening: connections with bounds on their number and on how long a request may take to arrive, and an end that lets answers finish.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::routes::router;
use crate::state::App;

/// Connections at once.
const CONNECTIONS_MAX: usize = 10_000;
/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long answers may take to finish at the end.
const GRACE: Duration = Duration::from_secs(20);
/// How often what has expired is removed.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Serves until `stop` is done, then lets answers under way finish.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let service: Router = router(Arc::clone(&app));
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(64 * 1024);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(256);
    let chores = tokio::spawn(chores(app));
    tokio::pin!(stop);
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(fault) => {
                // Out of file handles, or a connection that ended at once: neither is a reason to stop.
                tracing::warn!(%fault, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let connection = builder
            .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service.clone()))
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(fault) = connection.await {
                tracing::debug!(%fault, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("answers were still under way at the end"),
    }
    chores.abort();
}

/// What has to be done now and then.
async fn chores(app: Arc<App>) {
    let mut upkeep = tokio::time::interval(UPKEEP_EVERY);
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            _ = upkeep.tick() => app.metrics.run_upkeep(),
            _ = sweep.tick() => {
                app.tokens.tidy();
                if let Err(fault) = app.store.sweep().await {
                    tracing::warn!(%fault, "what has expired could not be removed");
                }
            }
        }
    }
}
