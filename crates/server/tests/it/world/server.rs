//! A server on a socket, until it is dropped.

use std::sync::Arc;

use rollcall_server::{App, serve};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct Running {
    pub url: String,
    serving: JoinHandle<()>,
}

impl Running {
    pub async fn start(app: Arc<App>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(serve(app, listener, std::future::pending()));
        Self { url, serving }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
