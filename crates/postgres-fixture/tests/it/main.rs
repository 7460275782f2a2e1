//! The server itself: databases apart from each other, stop and start, and the end of the server with its last user.

use std::path::Path;
use std::time::{Duration, Instant};

use rollcall_postgres_fixture::{Server, database};
use sqlx::{Connection, Executor, PgConnection};

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (one, other) = (database().await.unwrap(), database().await.unwrap());
    assert_ne!(one.url(), other.url());
    for database in [&one, &other] {
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        connection.execute("CREATE TABLE things (id BIGINT)").await.unwrap();
    }
    let url = one.url().to_owned();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    drop(one);
    assert!(connection.execute("SELECT 1").await.is_err(), "it is dropped under those that use it");
    assert!(PgConnection::connect(&url).await.is_err());
    PgConnection::connect(other.url()).await.unwrap();
}

#[tokio::test]
async fn a_private_server_stops_starts_and_ends_with_its_user() {
    let server = Server::private().unwrap();
    let database = server.database().await.unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    connection.execute("CREATE TABLE things (id BIGINT); INSERT INTO things VALUES (1); CHECKPOINT").await.unwrap();
    server.stop().unwrap();
    assert!(connection.execute("SELECT 1").await.is_err());
    assert!(PgConnection::connect(database.url()).await.is_err());
    server.start().unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    assert_eq!(connection.execute("SELECT id FROM things").await.unwrap().rows_affected(), 1);

    let folder = server.folder().to_owned();
    let pid = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let process = Path::new("/proc").join(pid.lines().next().unwrap());
    assert!(process.exists());
    drop((connection, database, server));
    let begin = Instant::now();
    while (folder.exists() || process.exists()) && begin.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!folder.exists() && !process.exists(), "the guard has ended it");
}
