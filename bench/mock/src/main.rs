//! A provider that answers from memory, faster than any client asks: the other end of each measurement.
//!
//! `rollcall-bench-mock --data DIR [--port 0] [--rounds 1] [--shapes okta,slack,gitlab,google]`
//!
//! It plays the paging of four providers and refuses what they refuse: a call without its credential, a parameter
//! or cursor it does not know. With `--rounds N` the generated people are served N times over as different people.
//! Once it listens it prints its base URL on one line.

mod body;
mod records;
mod reply;
mod shapes;

use std::{
    collections::HashMap,
    convert::Infallible,
    error::Error,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use records::Records;
use shapes::{Ask, Shape};
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

struct Options {
    data: PathBuf,
    port: u16,
    rounds: usize,
    shapes: Vec<String>,
}

/// The lists of each shape that is served, by shape and list name.
type Lists = HashMap<&'static str, HashMap<&'static str, Records>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = read_options(std::env::args().skip(1))?;
    let lists = Arc::new(load(&options)?);
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let lists = Arc::clone(&lists);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let lists = Arc::clone(&lists);
                async move { Ok::<_, Infallible>(answer(&lists, request).await) }
            });
            // A client that goes away in the middle is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(lists: &Lists, request: Request<Incoming>) -> reply::Reply {
    let Some(shape) = shapes::ALL.iter().find(|shape| shape.path == request.uri().path()) else {
        return reply::plain(404, "no such path");
    };
    if !shape.methods.contains(request.method()) {
        return reply::plain(405, "this method is not played");
    }
    let Some(ask) = Ask::read(request).await else {
        return reply::plain(400, "the body is not a small form");
    };
    match lists.get(shape.name) {
        Some(lists) if (shape.is_signed)(&ask) => (shape.answer)(&ask, lists),
        Some(_) => (shape.refusal)(),
        None => reply::plain(404, "this shape is not loaded"),
    }
}

fn load(options: &Options) -> Result<Lists, Failure> {
    let mut lists = Lists::new();
    for name in &options.shapes {
        let shape =
            shapes::ALL.iter().find(|shape| shape.name == name).ok_or_else(|| format!("there is no shape `{name}`"))?;
        let mut of_shape = HashMap::new();
        for list in shape.lists {
            let path = options.data.join(shape.name).join(format!("{list}.records"));
            of_shape.insert(*list, read_list(&path, shape, options.rounds)?);
        }
        lists.insert(shape.name, of_shape);
    }
    Ok(lists)
}

fn read_list(path: &Path, shape: &Shape, rounds: usize) -> Result<Records, Failure> {
    let data = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(Records::new(&data, shape.separator, rounds))
}

fn read_options(mut arguments: impl Iterator<Item = String>) -> Result<Options, Failure> {
    let mut options = Options {
        data: PathBuf::new(),
        port: 0,
        rounds: 1,
        shapes: shapes::ALL.iter().map(|shape| shape.name.to_owned()).collect(),
    };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--data" => options.data = value.into(),
            "--port" => options.port = value.parse()?,
            "--rounds" => options.rounds = value.parse()?,
            "--shapes" => options.shapes = value.split(',').map(str::to_owned).collect(),
            _ => return Err(format!("there is no option {name}").into()),
        }
    }
    if options.data.as_os_str().is_empty() {
        return Err("--data is needed".into());
    }
    Ok(options)
}
