//! `rollcall app`: its arguments.

use clap::{Args, Subcommand};

use super::StoreArguments;

#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Set the OAuth app of a product, in the place of the one that there was: accounts without a client of their own sign in with it.
    #[command(after_help = ADD_EXAMPLES)]
    Add(Box<AddAppArguments>),
    /// The OAuth apps that there are, without their secrets.
    List {
        #[command(flatten)]
        store: StoreArguments,
        #[arg(long, default_value = "default")]
        environment: String,
        /// What browsers reach the server by; the redirect address starts with it.
        #[arg(long, value_name = "URL", env = "ROLLCALL_PUBLIC_URL")]
        public_url: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Remove an OAuth app and its secret. Accounts that use it can renew no token any more.
    Remove {
        /// The product: `github`, `slack`, …
        connector: String,
        #[command(flatten)]
        store: StoreArguments,
        #[arg(long, default_value = "default")]
        environment: String,
    },
}

const ADD_EXAMPLES: &str = "Examples:
  rollcall app add github --set client_id=Iv1.0123456789abcdef --set client_secret=env:GITHUB_SECRET
  rollcall app add okta --set client_id=0oa1b2c3 --set client_secret=file:secret.txt --set domain=acme.okta.com

The answer names the redirect address to register at the provider; it starts with the server's `--public-url`.";

#[derive(Debug, Args)]
pub struct AddAppArguments {
    /// The product: `github`, `slack`, … (`rollcall connector list` shows all).
    pub connector: String,
    /// `client_id`, `client_secret` (not for a public client), or a setting that all accounts with this app have. The value may be `env:NAME`
    /// or `file:PATH`.
    #[arg(long = "set", short, value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// The kind of credential, where people sign in by several.
    #[arg(long, value_name = "KIND")]
    pub auth: Option<String>,
    /// Replaces scheme, host and port of every call.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// What browsers reach the server by; the redirect address starts with it.
    #[arg(long, value_name = "URL", env = "ROLLCALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    #[arg(long, default_value = "default")]
    pub environment: String,
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArguments,
}
