//! The command line.

mod app;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rollcall_connector::Catalog;

pub use app::{AddAppArguments, AppCommand};

/// Who has access to what, in every SaaS product.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// A folder of connectors that adds to those built in, or replaces some.
    #[arg(long, global = true, value_name = "DIR", env = "ROLLCALL_CONNECTORS")]
    pub connectors: Option<PathBuf>,
}

const EXIT_CODES: &str = "Exit codes:
  0  everything that was asked for was done, and the answer is whole
  1  the provider's fault, or a check that found mistakes
  2  what was asked for cannot be done as asked: an unknown name, a missing setting, …
  3  records were printed, but people may be missing (the summary on stderr says which and why)

Environment: ROLLCALL_CONNECTORS (as --connectors), ROLLCALL_LOG (for example `debug`), ROLLCALL_DATA, ROLLCALL_DATABASE,
ROLLCALL_MASTER_KEY (a server's; see `rollcall serve --help`).";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all records of a resource: users, groups, roles, …
    List(Box<ListArguments>),
    /// Read one record by its id.
    Get(Box<GetArguments>),
    /// The connectors: what there is, what they do, whether they are right.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Play products on this machine, for demos and tests.
    Sandbox(SandboxArguments),
    /// Answer the HTTP API.
    Serve(ServeArguments),
    /// Print the description of the HTTP API (OpenAPI 3.1).
    Openapi,
    /// Show it all on this machine: products played by the sandbox, accounts, the server, a first listing.
    Demo(DemoArguments),
    /// The accounts of a server: connect one, see them, remove one.
    #[command(subcommand)]
    Account(AccountCommand),
    /// The OAuth apps of a server, with which people sign in at providers: set one, see them, remove one.
    #[command(subcommand)]
    App(AppCommand),
    /// The tokens with which the API is called.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The environments of a server: accounts and tokens of one know nothing of another's.
    #[command(subcommand)]
    Environment(EnvironmentCommand),
    /// The keys under which credentials are sealed.
    #[command(subcommand)]
    Key(KeyCommand),
}

/// Where a server keeps what it knows.
#[derive(Args, Clone, Debug)]
pub struct StoreArguments {
    /// The folder of the database and the master key.
    #[arg(long, value_name = "DIR", env = "ROLLCALL_DATA", default_value = "rollcall-data")]
    pub data: PathBuf,
    /// A PostgreSQL database instead of the folder's SQLite: `postgres://user:password@host/name`.
    #[arg(long, value_name = "URL", env = "ROLLCALL_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The file with the master key, one key a line, the current one first; made when it is not there. Instead of it the environment variable
    /// ROLLCALL_MASTER_KEY may hold the keys, separated by commas.
    #[arg(long, value_name = "FILE", env = "ROLLCALL_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct ServeArguments {
    #[command(flatten)]
    pub store: StoreArguments,
    /// Where to listen. There is no TLS: put a proxy in front of anything but loopback.
    #[arg(long, value_name = "ADDR", env = "ROLLCALL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What callers and browsers reach this server by; links and OAuth redirects start with it.
    #[arg(long, value_name = "URL", env = "ROLLCALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// A host that accounts may name although its address is private, such as a GitLab in the own network. May be given several times.
    #[arg(long = "allow-private", value_name = "HOST", env = "ROLLCALL_ALLOW_PRIVATE", value_delimiter = ',')]
    pub allow_private: Vec<String>,
    /// Requests per second of one token.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub requests_per_second: u32,
    /// Seconds that the caller of a page waits at most, the provider's pauses included.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub patience: u64,
    /// The longest pause, in seconds, that a provider may ask for inside a page; a longer one is passed on as 429.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub max_pause: u64,
    /// Hours that a cursor can be used.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub cursor_hours: u64,
    /// Log lines as text for people instead of JSON.
    #[arg(long)]
    pub log_text: bool,
}

const SERVE_EXAMPLES: &str = "Examples:
  rollcall serve                                  everything in the folder `rollcall-data`
  rollcall token create                           a token for the API, in another shell
  rollcall serve --database postgres://rollcall@db/rollcall --listen 0.0.0.0:8080 --public-url https://rollcall.example.com

Log level: ROLLCALL_LOG (default `info`).";

#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Where the server listens; the products take free ports.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How many users each product has.
    #[arg(long, value_name = "N", default_value_t = 137)]
    pub users: u64,
    /// The products to play.
    #[arg(
        long,
        value_name = "SLUGS",
        value_delimiter = ',',
        default_value = "okta,github,slack,zendesk,google-workspace"
    )]
    pub products: Vec<String>,
    /// Show the listing and end.
    #[arg(long)]
    pub once: bool,
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Connect an account: its credential is tried by a real call, then sealed and saved.
    #[command(
        after_help = "Example:\n  rollcall account add okta --set domain=acme.okta.com --set token=env:OKTA_TOKEN"
    )]
    Add(Box<AddArguments>),
    /// The accounts that there are.
    List {
        #[command(flatten)]
        store: StoreArguments,
        #[arg(long, default_value = "default")]
        environment: String,
        #[arg(long)]
        json: bool,
    },
    /// Remove an account and its credential.
    Remove {
        id: String,
        #[command(flatten)]
        store: StoreArguments,
        #[arg(long, default_value = "default")]
        environment: String,
    },
}

#[derive(Debug, Args)]
pub struct AddArguments {
    /// The product: `okta`, `github`, … (`rollcall connector list` shows all).
    pub connector: String,
    /// A setting or a part of the credential. The value may be `env:NAME` or `file:PATH`.
    #[arg(long = "set", short, value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// The kind of credential, where the connector has several.
    #[arg(long, value_name = "KIND")]
    pub auth: Option<String>,
    /// Replaces scheme, host and port of every call.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// A name for people.
    #[arg(long)]
    pub label: Option<String>,
    /// Your own name for whose account this is.
    #[arg(long)]
    pub tenant: Option<String>,
    /// Save without a call.
    #[arg(long)]
    pub no_validate: bool,
    /// A host of this account whose address is private.
    #[arg(long = "allow-private", value_name = "HOST", env = "ROLLCALL_ALLOW_PRIVATE", value_delimiter = ',')]
    pub allow_private: Vec<String>,
    #[arg(long, default_value = "default")]
    pub environment: String,
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub store: StoreArguments,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown once.
    Create {
        /// What it may do; everything when not given.
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
        scopes: Vec<String>,
        /// Only for this account.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Hours until it expires; never when not given (an hour for one account).
        #[arg(long, value_name = "HOURS")]
        expires_in: Option<u64>,
        #[arg(long)]
        label: Option<String>,
        #[arg(long, default_value = "default")]
        environment: String,
        #[command(flatten)]
        store: StoreArguments,
    },
    /// The tokens that there are, without the tokens themselves.
    List {
        #[arg(long, default_value = "default")]
        environment: String,
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Revoke a token by its id.
    Revoke {
        id: String,
        #[arg(long, default_value = "default")]
        environment: String,
        #[command(flatten)]
        store: StoreArguments,
    },
}

#[derive(Debug, Subcommand)]
pub enum EnvironmentCommand {
    /// Make an environment.
    Create {
        name: String,
        #[command(flatten)]
        store: StoreArguments,
    },
    /// The environments that there are.
    List {
        #[command(flatten)]
        store: StoreArguments,
    },
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Seal everything anew: under a new data key, wrapped by the current master key. Afterwards older master keys can be removed.
    Rotate {
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Print a new master key.
    Generate,
}

/// How to reach an account.
#[derive(Debug, Args)]
pub struct AccountArguments {
    /// The product: `okta`, `github`, … (`rollcall connector list` shows all).
    #[arg(long, short, value_name = "SLUG")]
    pub connector: String,
    /// A setting or a part of the credential. The value may be `env:NAME` or `file:PATH`, so that secrets stay out of the shell's history.
    #[arg(long = "set", short, value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// The kind of credential, where the connector has several.
    #[arg(long, value_name = "KIND")]
    pub auth: Option<String>,
    /// Replaces scheme, host and port of every call: for proxies, on-premise servers and tests.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Seconds that one exchange with the provider may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
    /// The longest wait, in seconds, that the provider can ask for (rate limits) before the call is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub max_wait: u64,
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListArguments {
    /// What to list: users, groups, roles, licenses, organizations, workspaces, …
    pub resource: String,
    #[command(flatten)]
    pub account: AccountArguments,
    /// Only records that meet this: `status=active`, `created_at.gte=2024-01-01`, `emails.email=a@example.com`, `status.in=active,invited`.
    #[arg(long = "filter", short, value_name = "FIELD[.OP]=VALUE")]
    pub filters: Vec<String>,
    /// A parameter of the unified API that the product needs or understands: `organization_id=42`.
    #[arg(long = "query", short, value_name = "NAME=VALUE")]
    pub query: Vec<String>,
    /// A parameter of the provider's own API, passed on as it is.
    #[arg(long = "remote-query", value_name = "NAME=VALUE")]
    pub remote_query: Vec<String>,
    /// Sort by a field; `-field` sorts downwards.
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Stop after so many records.
    #[arg(long, short = 'n', value_name = "N")]
    pub limit: Option<u64>,
    /// Fields to leave out, separated by commas.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Leave the provider's own record out.
    #[arg(long)]
    pub no_remote_data: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Nothing on stderr but errors.
    #[arg(long)]
    pub quiet: bool,
}

const LIST_EXAMPLES: &str = "Examples:
  rollcall list users --connector okta --set domain=acme.okta.com --set token=env:OKTA_TOKEN
  rollcall list users --connector github --set organization=acme --set token=file:token.txt --format csv > people.csv
  rollcall list users --connector slack --set token=env:SLACK_TOKEN --filter status=active --sort -created_at --limit 20

Records go to stdout, the summary (whether the list is whole, and what could not be read) to stderr.";

#[derive(Debug, Args)]
pub struct GetArguments {
    /// What to read: users, groups, …
    pub resource: String,
    /// The unified id.
    pub id: String,
    #[command(flatten)]
    pub account: AccountArguments,
    /// A parameter of the unified API that the product needs.
    #[arg(long = "query", short, value_name = "NAME=VALUE")]
    pub query: Vec<String>,
    /// Fields to leave out, separated by commas.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Leave the provider's own record out.
    #[arg(long)]
    pub no_remote_data: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: the main fields in columns.
    Table,
    /// A JSON array.
    Json,
    /// A JSON object a line, as records come in.
    Ndjson,
    /// Comma-separated values; lists are joined by `; `.
    Csv,
    /// The provider's own answers, unmapped, a page after the other.
    Raw,
    /// Collections that refer to each other by id, for loading into tables.
    Normalized,
    /// The records beside the requests, the completeness record and the plan.
    Debug,
}

#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// All connectors.
    List {
        #[arg(long)]
        json: bool,
    },
    /// What a connector needs and gives.
    Show {
        slug: String,
        /// The whole definition, after `extends`.
        #[arg(long)]
        expanded: bool,
        #[arg(long)]
        json: bool,
    },
    /// Look for mistakes in connectors' files; all when none is named.
    Check {
        slugs: Vec<String>,
        #[arg(long)]
        json: bool,
        /// The folder with the vendors' machine-readable descriptions.
        #[arg(long, value_name = "DIR")]
        specs: Option<PathBuf>,
        /// The folder with recorded exchanges.
        #[arg(long, value_name = "DIR")]
        recordings: Option<PathBuf>,
        /// Write what the descriptions and recordings show into this file, from which tiers are computed.
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "connectors/proofs.json")]
        write_proofs: Option<PathBuf>,
    },
    /// What a call would send, and where each field comes from; or what a rule of `check` is about.
    Explain {
        /// A connector, or the name of a rule.
        slug: String,
        #[arg(default_value = "users")]
        resource: String,
        #[arg(default_value = "list")]
        method: String,
        #[arg(long = "query", short, value_name = "NAME=VALUE")]
        query: Vec<String>,
        #[arg(long)]
        json: bool,
    },
    /// Start a new connector: a folder to fill in, from a description or a sample where there is one.
    New {
        slug: String,
        /// The vendor's description of its API (an extract as in `specs/`, or OpenAPI in JSON).
        #[arg(long, value_name = "FILE")]
        spec: Option<PathBuf>,
        /// An answer of the provider, as JSON.
        #[arg(long, value_name = "FILE")]
        sample: Option<PathBuf>,
        /// Where to put the folder.
        #[arg(long, value_name = "DIR", default_value = "connectors")]
        folder: PathBuf,
    },
    /// Run connectors' cases; all when none is named.
    Test {
        slugs: Vec<String>,
        #[arg(long)]
        json: bool,
    },
    /// Run connectors against recorded exchanges.
    Replay {
        /// A folder of recordings: one product's, or one with a folder per product.
        folder: PathBuf,
        /// Use this connector, whatever the folder is called.
        #[arg(long, value_name = "SLUG")]
        connector: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// How many connectors give each field and filter, beside the targets.
    Coverage {
        #[arg(long)]
        json: bool,
        /// The table of targets.
        #[arg(long, value_name = "FILE")]
        targets: Option<PathBuf>,
    },
    /// The JSON Schema of `connector.yaml`.
    Schema,
}

#[derive(Debug, Args)]
pub struct SandboxArguments {
    /// The connectors whose products to play.
    #[arg(required = true)]
    pub slugs: Vec<String>,
    /// Where to listen; each further product takes the next port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7700")]
    pub listen: SocketAddr,
    /// How many users each product has.
    #[arg(long, value_name = "N", default_value_t = 137)]
    pub users: u64,
    /// How many records each other list has; those of the connector's cases when not given.
    #[arg(long, value_name = "N")]
    pub others: Option<u64>,
    /// Something that goes wrong, on the second page where there is one: unauthorized, forbidden, throttled, throttled-no-hint, server-error,
    /// timeout, cut-body, truncated, html, repeated-cursor, empty-page, huge-page.
    #[arg(long, value_name = "FAULT")]
    pub fault: Option<String>,
    /// The page on which it goes wrong, from 0.
    #[arg(long, value_name = "PAGE", requires = "fault")]
    pub page: Option<u64>,
    /// How often it goes wrong before all is well again; always when not given.
    #[arg(long, value_name = "N", requires = "fault")]
    pub times: Option<u32>,
}

impl Arguments {
    /// The connectors that this call knows.
    pub fn catalog(&self) -> Catalog {
        match &self.connectors {
            Some(folder) => Catalog::with_folder(folder.clone()),
            None => Catalog::embedded(),
        }
    }
}
