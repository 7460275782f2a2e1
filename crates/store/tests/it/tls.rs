//! TLS to PostgreSQL, as the URL says.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use rollcall_postgres_fixture::Server;
use rollcall_store::{Error, Location, MasterKeys, Result, Store};
use sqlx::{Connection, PgConnection};

use crate::world::Folder;

async fn open(url: &str) -> Result<Store> {
    let keys = MasterKeys::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &[])?;
    Store::open(&Location::parse(url)?, keys, Arc::new(SystemTime::now)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_checked_as_the_url_says() {
    let server = Server::private().unwrap_or_else(|error| panic!("{error}"));
    let database = server.database().await.unwrap();
    let name = Location::parse(database.url()).unwrap().to_string().rsplit('/').next().unwrap().to_owned();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("listen_addresses = '127.0.0.1'\nport = {port}\n");
    let url = |host: &str, parameters: &str| format!("postgres://rollcall@{host}:{port}/{name}?{parameters}");
    server.configure(&[], &listen).unwrap();
    open(&url("localhost", "sslmode=disable")).await.unwrap();
    let without = open(&url("localhost", "sslmode=require")).await;
    assert!(matches!(without, Err(Error::Refused { .. })), "this server has no TLS: {without:?}");

    let folder = Folder::new();
    make_certificates(folder.path());
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let files = [("server.pem", read("server.pem")), ("server.key", read("server.key"))];
    let files = files.each_ref().map(|(name, contents)| (*name, contents.as_slice()));
    server.configure(&files, "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n").unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (host, parameters, good) in [
        ("localhost", "sslmode=require".to_owned(), true),
        ("localhost", format!("sslmode=verify-full&sslrootcert={}", path("ca.pem")), true),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={}", path("ca.pem")), true),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={}", path("ca.pem")), false),
        ("localhost", format!("sslmode=verify-full&sslrootcert={}", path("other.pem")), false),
        ("localhost", "sslmode=verify-full".to_owned(), false),
    ] {
        let opened = open(&url(host, &parameters)).await;
        assert_eq!(opened.is_ok(), good, "{host} {parameters}: {opened:?}");
        let Ok(store) = opened else {
            assert!(matches!(opened, Err(Error::Refused { .. })), "{opened:?}");
            continue;
        };
        store.ready().await.unwrap();
        let (plain, encrypted) = connections(&url("localhost", "sslmode=disable")).await;
        assert!(plain == 0 && encrypted > 0, "{host} {parameters}: {plain} {encrypted}");
        store.close().await;
    }
}

/// How many of the stores' connections have no TLS, and how many have.
async fn connections(url: &str) -> (i64, i64) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let query = "SELECT COUNT(*) FILTER (WHERE NOT ssl), COUNT(*) FILTER (WHERE ssl) \
                 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'rollcall'";
    sqlx::query_as(query).fetch_one(&mut connection).await.unwrap()
}

/// Two authorities, and a certificate of the first one for `localhost`.
fn make_certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let done = done.expect("openssl, which comes with PostgreSQL's package");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    for name in ["ca", "other"] {
        openssl(&format!("req -x509 {new_key} -subj /CN={name} -keyout {name}.key -out {name}.pem"));
    }
    openssl(&format!(
        "req -x509 {new_key} -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
         -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem"
    ));
}
