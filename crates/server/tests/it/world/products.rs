//! Accounts of products, connected as anyone connects them.

use std::sync::Arc;

use rollcall_sandbox::{Invitation, Sandbox, SandboxOptions, serve};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::provider::Provider;
use super::{Client, World, catalog};

/// What connects an account of the made-up product.
pub fn acme(url: &str) -> Value {
    json!({"integration": "acme", "credential": {"token": "sandbox-token"}, "base_url": url, "validate": false})
}

impl World {
    /// An account of the made-up product.
    pub async fn acme(&self, provider: &Provider) -> String {
        connect(&self.client, &acme(&provider.url)).await
    }

    /// An account of a real product, played with so many people.
    pub async fn played(&self, slug: &str, users: u64) -> String {
        self.played_with(slug, SandboxOptions { users, ..SandboxOptions::default() }).await
    }

    pub async fn played_with(&self, slug: &str, options: SandboxOptions) -> String {
        let sandbox = Sandbox::new(&catalog(), slug, options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let invitation = Invitation::new(sandbox.connector().definition(), &url).unwrap();
        let values: Map<String, Value> =
            invitation.settings().iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
        let mut new = json!({"integration": slug, "credential": values, "base_url": url, "validate": false});
        if let Some(auth) = invitation.auth() {
            new["auth"] = auth.into();
        }
        // Ends with the test's runtime.
        tokio::spawn(serve(listener, Arc::new(sandbox)));
        connect(&self.client, &new).await
    }
}

/// Connects an account, and gives its id.
pub async fn connect(client: &Client, new: &Value) -> String {
    let account = client.post("/integrated-account", new).await.ok();
    account["id"].as_str().unwrap().to_owned()
}
