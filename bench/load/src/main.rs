//! Callers of the API, as many as wanted, on one thread.
//!
//! `rollcall-bench-load saturate --url U --token T --connections N --seconds S`
//!     each connection asks for page after page, following cursors; prints requests and records
//! `rollcall-bench-load pace --url U --token T --rate R --seconds S`
//!     asks R times a second whether or not answers have come; prints how long answers took
//! `rollcall-bench-load stream --url U --token T --connections N`
//!     each connection reads one stream to its end; prints lines, and how many ended with a trailer that says complete
//!
//! Figures are printed as `name value`, a line each.

mod connection;

use std::{
    cell::RefCell,
    collections::HashMap,
    error::Error,
    io::Write,
    rc::Rc,
    time::{Duration, Instant},
};

use connection::Connection;
use tokio::task::{JoinSet, LocalSet};

type Failure = Box<dyn Error + Send + Sync>;

/// Pages after which a list is begun anew.
const PAGES_MAX: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().ok_or("what to do: saturate, pace or stream")?;
    let mut options = HashMap::new();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
        options.insert(name.trim_start_matches("--").to_owned(), value);
    }
    let options = Rc::new(Options(options));
    LocalSet::new()
        .run_until(async move {
            match what.as_str() {
                "saturate" => saturate(options).await,
                "pace" => pace(options).await,
                "stream" => stream(options).await,
                other => Err(format!("no such thing to do: {other}").into()),
            }
        })
        .await
}

struct Options(HashMap<String, String>);

impl Options {
    fn text(&self, name: &str) -> Result<&str, Failure> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("--{name} is missing").into())
    }

    fn number(&self, name: &str) -> Result<f64, Failure> {
        Ok(self.text(name)?.parse()?)
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        Connection::open(self.text("url")?, self.0.get("token").map(String::as_str)).await
    }
}

fn print(name: &str, value: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{name} {value}")?)
}

#[derive(Default)]
struct Counts {
    requests: u64,
    bytes: u64,
    took: Vec<f64>,
}

async fn saturate(options: Rc<Options>) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs_f64(options.number("seconds")?);
    let counts = Rc::new(RefCell::new(Counts::default()));
    let mut callers = JoinSet::new();
    for _ in 0..options.number("connections")? as usize {
        let (options, counts) = (Rc::clone(&options), Rc::clone(&counts));
        callers.spawn_local(async move {
            let mut connection = options.connect().await?;
            let (mut cursor, mut pages) = (None::<String>, 0);
            while Instant::now() < until {
                let began = Instant::now();
                let body = connection.get(cursor.as_deref()).await?;
                let mut counts = counts.borrow_mut();
                counts.requests += 1;
                counts.bytes += body.len() as u64;
                counts.took.push(began.elapsed().as_secs_f64());
                pages += 1;
                cursor = if pages < PAGES_MAX { connection::next_cursor(&body) } else { None };
                if cursor.is_none() {
                    pages = 0;
                }
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    report(&mut counts.borrow_mut())
}

async fn pace(options: Rc<Options>) -> Result<(), Failure> {
    let rate = options.number("rate")?;
    let wanted = (rate * options.number("seconds")?) as u64;
    let counts = Rc::new(RefCell::new(Counts::default()));
    let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
    let mut callers = JoinSet::new();
    let begin = Instant::now();
    for index in 0..wanted {
        let due = begin + Duration::from_secs_f64(index as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        let (options, counts, idle) = (Rc::clone(&options), Rc::clone(&counts), Rc::clone(&idle));
        callers.spawn_local(async move {
            let free = idle.borrow_mut().pop();
            let mut connection = match free {
                Some(connection) => connection,
                None => options.connect().await?,
            };
            // From when it should have been asked: who waits for a connection waits too.
            let body = connection.get(None).await?;
            let mut counts = counts.borrow_mut();
            counts.requests += 1;
            counts.bytes += body.len() as u64;
            counts.took.push(due.elapsed().as_secs_f64());
            idle.borrow_mut().push(connection);
            Ok::<_, Failure>(())
        });
        while let Some(ended) = callers.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    report(&mut counts.borrow_mut())
}

async fn stream(options: Rc<Options>) -> Result<(), Failure> {
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..options.number("connections")? as usize {
        let options = Rc::clone(&options);
        callers.spawn_local(async move { options.connect().await?.lines().await });
    }
    let (mut lines, mut complete) = (0, 0);
    while let Some(ended) = callers.join_next().await {
        let (count, is_complete) = ended??;
        lines += count;
        complete += u64::from(is_complete);
    }
    print("lines", lines)?;
    print("complete", complete)?;
    print("seconds", began.elapsed().as_secs_f64())
}

fn report(counts: &mut Counts) -> Result<(), Failure> {
    counts.took.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let index = ((counts.took.len() as f64 - 1.0) * part).round() as usize;
        counts.took.get(index).copied().unwrap_or_default() * 1e3
    };
    print("requests", counts.requests)?;
    print("bytes", counts.bytes)?;
    print("p50_ms", at(0.5))?;
    print("p99_ms", at(0.99))
}
