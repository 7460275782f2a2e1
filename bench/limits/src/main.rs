//! What a program cannot beat that lists people over HTTP: the same two passes over the same pages, but with
//! next to nothing done to them.
//!
//! `rollcall-bench-limits copy|validate BASE_URL`
//!
//! - `copy` writes each page to standard output as it comes, unread: the cost of the network and the file.
//! - `validate` writes nothing, and checks that each page is JSON, record by record: the cost of looking at it.
//!
//! A plain HTTP/1.1 connection of `hyper`, one thread, no TLS, pages followed by their `Link` header.

mod pages;

use std::{
    error::Error,
    io::{Write, stderr, stdout},
};

use pages::{Connection, Page};
use serde::de::IgnoredAny;

type Failure = Box<dyn Error + Send + Sync>;

const PASSES: [&str; 2] = ["/api/v1/users?limit=200", "/api/v1/users?limit=200&filter=status+eq+%22DEPROVISIONED%22"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [limit, base] = arguments.as_slice() else {
        return Err("usage: rollcall-bench-limits copy|validate BASE_URL".into());
    };
    let mut connection = Connection::open(base).await?;
    match limit.as_str() {
        "copy" => copy(&mut connection).await,
        "validate" => validate(&mut connection).await,
        _ => Err(format!("there is no limit `{limit}`").into()),
    }
}

async fn copy(connection: &mut Connection) -> Result<(), Failure> {
    let mut out = stdout().lock();
    for pass in PASSES {
        let mut next = Some(pass.to_owned());
        while let Some(target) = next {
            let mut page = connection.get(&target).await?;
            while let Some(piece) = page.piece().await? {
                out.write_all(&piece)?;
            }
            next = page.next;
        }
    }
    Ok(())
}

async fn validate(connection: &mut Connection) -> Result<(), Failure> {
    let mut records = 0;
    let mut body = Vec::new();
    for pass in PASSES {
        let mut next = Some(pass.to_owned());
        while let Some(target) = next {
            let mut page: Page = connection.get(&target).await?;
            body.clear();
            while let Some(piece) = page.piece().await? {
                body.extend_from_slice(&piece);
            }
            records += serde_json::from_slice::<Vec<IgnoredAny>>(&body)?.len();
            next = page.next;
        }
    }
    writeln!(stderr(), "{records}")?;
    Ok(())
}
