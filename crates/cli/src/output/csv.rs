//! Comma-separated values. Held until the listing ended: half a file must not look like a whole one.

use std::io;

use rollcall_connector::{Connector, MethodName};
use rollcall_engine::{Batch, Completeness, Exchange, ListRequest, explain};
use rollcall_model::Model;
use serde_json::Value;

use super::Printer;
use crate::failure::Failure;

/// A table with a column per field that the connector gives.
pub struct Csv {
    columns: Vec<String>,
    writer: csv::Writer<Vec<u8>>,
}

impl Csv {
    pub fn new(connector: &Connector, request: &ListRequest) -> Result<Self, Failure> {
        let explanation = explain::explain(connector, request, MethodName::List)?;
        let claimed: Vec<&str> =
            explanation.fields.keys().map(|field| field.split('.').next().unwrap_or_default()).collect();
        let fields = Model::user_directory()
            .resource(&request.resource)
            .map(|r| r.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>())
            .unwrap_or_default();
        let columns: Vec<String> = fields
            .into_iter()
            .filter(|name| claimed.contains(&name.as_str()) && !request.exclude.contains(name))
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&columns).map_err(|fault| Failure::from(io::Error::other(fault)))?;
        Ok(Self { columns, writer })
    }
}

impl Printer for Csv {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        for record in batch.records() {
            let record: Value = serde_json::from_slice(record).map_err(io::Error::other)?;
            let row: Vec<String> =
                self.columns.iter().map(|column| record.get(column).map(flat).unwrap_or_default()).collect();
            self.writer.write_record(&row).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        let writer = std::mem::replace(&mut self.writer, csv::Writer::from_writer(Vec::new()));
        let bytes = writer.into_inner().map_err(|fault| io::Error::other(fault.to_string()))?;
        super::text(&String::from_utf8_lossy(&bytes))
    }
}

/// A value in one cell: lists by their names (or whatever tells their items apart), joined by `; `.
pub fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flat).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            ["name", "email", "number", "url", "id"].iter().find_map(|key| members.get(*key)).map_or_else(
                || members.iter().map(|(key, value)| format!("{key}={}", flat(value))).collect::<Vec<_>>().join(", "),
                flat,
            )
        }
        other => other.to_string(),
    }
}
