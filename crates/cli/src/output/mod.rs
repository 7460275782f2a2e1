//! What goes to stdout and stderr. Machine output on stdout; words for people on stderr.

mod csv;
mod json;
mod table;

use std::io::{self, Write as _};

use rollcall_connector::Connector;
use rollcall_engine::shape::Normalizer;
use rollcall_engine::{Batch, Completeness, Exchange, ListRequest};

use crate::args::Format;
use crate::failure::Failure;

/// Prints records in one format.
pub trait Printer {
    /// Takes records.
    fn batch(&mut self, batch: &Batch) -> io::Result<()>;
    /// Takes a provider's page.
    fn page(&mut self, _page: &[u8]) -> io::Result<()> {
        Ok(())
    }
    /// The listing ended well, or partial.
    fn end(&mut self, completeness: &Completeness, trace: &[Exchange]) -> io::Result<()>;
    /// The listing broke off: what was printed must not look whole.
    fn broken(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The printer of a format.
pub fn printer(format: Format, connector: &Connector, request: &ListRequest) -> Result<Box<dyn Printer>, Failure> {
    Ok(match format {
        Format::Ndjson => Box::new(json::Lines),
        Format::Json => Box::new(json::Array::default()),
        Format::Raw => Box::new(json::Raw),
        Format::Normalized => Box::new(json::Normalized(Normalizer::new(&request.resource))),
        Format::Debug => Box::new(json::Debug::new(connector, request)?),
        Format::Table => Box::new(table::Table::new(&request.resource)),
        Format::Csv => Box::new(csv::Csv::new(connector, request)?),
    })
}

/// The table of a resource.
pub fn table(resource: &str) -> table::Table {
    table::Table::new(resource)
}

/// A line on stdout.
pub fn line(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A text on stdout.
pub fn text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A note on stderr.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// An error on stderr.
pub fn error(text: &str) {
    let _ = writeln!(io::stderr(), "error: {}", text.trim_end());
}

/// A piece of a status line on stderr.
pub fn status(text: &str) {
    let mut err = io::stderr();
    let _ = write!(err, "{text}");
    let _ = err.flush();
}

/// Rows in columns on stdout.
pub fn grid(header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    use std::io::IsTerminal as _;
    let mut grid = comfy_table::Table::new();
    grid.load_style(comfy_table::presets::NOTHING);
    if io::stdout().is_terminal() {
        grid.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    }
    grid.set_header(header.to_vec());
    for row in rows {
        grid.add_row(row.clone());
    }
    text(&grid.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>())
}
