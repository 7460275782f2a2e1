//! A server on a socket over a store of its own, with two environments and a token of each.

mod client;
mod clock;
mod gate;
mod line;
mod people;
mod products;
mod provider;
mod server;
mod waiting;

use std::sync::{Arc, OnceLock};

use rollcall_connector::Catalog;
use rollcall_postgres_fixture::Database;
use rollcall_server::{App, Config};
use rollcall_store::{Environment, Location, MasterKeys, NewToken, Store, TokenKind};
use serde_json::json;

pub use client::{Answer, Client, users_path};
pub use clock::TestClock;
pub use gate::Gate;
pub use line::Line;
pub use people::{directory, ids, page, person, rich_person};
pub use products::{acme, connect};
pub use provider::{Provider, Seen, answer, json_answer};
pub use server::Running;
pub use waiting::until;

/// The list of people, which most tests ask.
pub const USERS: &str = "/unified/user-directory/users";

/// Runs tests over both stores.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::world::World::new().await).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::world::World::postgres().await).await;
            })+
        }
    };
}

/// A server with what a test needs of it.
pub struct World {
    pub app: Arc<App>,
    pub store: Store,
    pub clock: TestClock,
    /// The master key, in base64.
    pub key: String,
    pub environment: Environment,
    /// Calls with a token of `environment`.
    pub client: Client,
    /// Calls with a token of `other`.
    pub stranger: Client,
    location: Location,
    _running: Running,
    /// Dropped with the world.
    _database: Option<Database>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Over a store in memory, with other settings of the server.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::build(Location::SqliteMemory, None, MasterKeys::generate_base64().unwrap(), change).await
    }

    pub async fn postgres() -> Self {
        Self::postgres_with(|_| {}).await
    }

    pub async fn postgres_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = rollcall_postgres_fixture::database().await.unwrap_or_else(|error| panic!("{error}"));
        let location = Location::parse(database.url()).unwrap();
        Self::build(location, Some(database), MasterKeys::generate_base64().unwrap(), change).await
    }

    /// Over a store at a place of the test's own.
    pub async fn at(location: Location, key: String, change: impl FnOnce(&mut Config)) -> Self {
        Self::build(location, None, key, change).await
    }

    async fn build(
        location: Location,
        database: Option<Database>,
        key: String,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = TestClock::default();
        let keys = MasterKeys::from_base64(&key, &[]).unwrap();
        let store = Store::open(&location, keys, clock.of_store()).await.unwrap();
        let environment = store.create_environment("production").await.unwrap();
        let other = store.create_environment("staging").await.unwrap();
        let mut config = Config { private_hosts: vec!["127.0.0.1".to_owned()], ..Config::default() };
        change(&mut config);
        let app = app(config, &store, &clock);
        let running = Running::start(Arc::clone(&app)).await;
        let client = Client::new(&running.url, &token(&store, &environment.id).await);
        let stranger = Client::new(&running.url, &token(&store, &other.id).await);
        Self { app, store, clock, key, environment, client, stranger, location, _running: running, _database: database }
    }

    /// The same server started anew: the same store and keys, nothing in memory.
    pub async fn restarted(&self) -> (Running, Client) {
        self.another(&self.store).await
    }

    /// A node with other master keys, the current one first.
    pub async fn node_with(&self, keys: &[&str]) -> (Running, Client) {
        let keys = MasterKeys::from_base64(keys[0], &keys[1..]).unwrap();
        let store = Store::open(&self.location, keys, self.clock.of_store()).await.unwrap();
        self.another(&store).await
    }

    /// Another node: a store of its own on the same database, where there can be one.
    pub async fn other_node(&self) -> (Running, Client) {
        match self.location {
            Location::SqliteMemory => self.restarted().await,
            _ => self.node_with(&[&self.key]).await,
        }
    }

    async fn another(&self, store: &Store) -> (Running, Client) {
        let running = Running::start(app(self.app.config.clone(), store, &self.clock)).await;
        let client = self.client.at(&running.url);
        (running, client)
    }

    /// A token of `environment`.
    pub async fn token(&self, change: impl FnOnce(&mut NewToken)) -> Client {
        let mut new = new_token(&self.environment.id);
        change(&mut new);
        let (_, text) = self.store.create_token(new).await.unwrap();
        self.client.with(&text)
    }
}

fn app(config: Config, store: &Store, clock: &TestClock) -> Arc<App> {
    App::new(config, store.clone(), catalog(), Arc::new(clock.clone())).unwrap()
}

/// The connectors of the binary, and those made up for these tests.
pub fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/connectors");
    Arc::clone(CATALOG.get_or_init(|| Arc::new(Catalog::with_folder(folder.into()))))
}

fn new_token(environment_id: &str) -> NewToken {
    NewToken {
        environment_id: environment_id.to_owned(),
        kind: TokenKind::Environment,
        account_id: None,
        label: None,
        scopes: Vec::new(),
        expires_at: None,
        details: json!({}),
    }
}

async fn token(store: &Store, environment_id: &str) -> String {
    store.create_token(new_token(environment_id)).await.unwrap().1
}
