//! JSON in its forms.

use std::io::{self, Write as _};

use rollcall_connector::{Connector, MethodName};
use rollcall_engine::shape::Normalizer;
use rollcall_engine::{Batch, Completeness, Exchange, ListRequest, explain};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Printer;
use crate::failure::Failure;

/// A record a line.
pub struct Lines;

impl Printer for Lines {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        io::stdout().lock().write_all(&batch.bytes)
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        io::stdout().lock().flush()
    }
}

/// An array. When the listing breaks off it is not closed, so that no parser takes it for whole.
#[derive(Default)]
pub struct Array {
    begun: bool,
}

impl Printer for Array {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for record in batch.records() {
            out.write_all(if self.begun { b",\n" } else { b"[\n" })?;
            out.write_all(record)?;
            self.begun = true;
        }
        Ok(())
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(if self.begun { b"\n]\n" } else { b"[]\n" })?;
        out.flush()
    }
}

/// The provider's pages as they came.
pub struct Raw;

impl Printer for Raw {
    fn batch(&mut self, _: &Batch) -> io::Result<()> {
        Ok(())
    }

    fn page(&mut self, page: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(page)?;
        if !page.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        io::stdout().lock().flush()
    }
}

/// Collections by id, printed at the end.
pub struct Normalized(pub Normalizer);

impl Printer for Normalized {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        batch.records().for_each(|record| self.0.add(record));
        Ok(())
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        super::line(json!({ "result": self.0.collections() }).to_string().as_bytes())
    }
}

/// Everything about a call, printed at the end.
pub struct Debug {
    explanation: Value,
    records: Vec<Box<RawValue>>,
}

impl Debug {
    pub fn new(connector: &Connector, request: &ListRequest) -> Result<Self, Failure> {
        let explanation = explain::explain(connector, request, MethodName::List).ok();
        Ok(Self { explanation: serde_json::to_value(explanation).unwrap_or_default(), records: Vec::new() })
    }
}

impl Printer for Debug {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        self.records.extend(batch.records().filter_map(|record| serde_json::from_slice(record).ok()));
        Ok(())
    }

    fn end(&mut self, completeness: &Completeness, trace: &[Exchange]) -> io::Result<()> {
        #[derive(serde::Serialize)]
        struct Answer<'a> {
            result: &'a [Box<RawValue>],
            completeness: &'a Completeness,
            exchanges: &'a [Exchange],
            plan: &'a Value,
        }
        let answer = Answer { result: &self.records, completeness, exchanges: trace, plan: &self.explanation };
        super::line(serde_json::to_string_pretty(&answer).map_err(io::Error::other)?.as_bytes())
    }
}
