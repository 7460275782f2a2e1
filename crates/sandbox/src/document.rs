//! Answers around their records: the envelope is that of the case's own answer, in the case's own form.

use bytes::Bytes;
use rollcall_connector::definition::{Columns, Format, Items};
use serde_json::Value;

use crate::mark::Pieces;
use crate::pages::{self, Onward};
use crate::place;

/// Where the records go while the envelope is written.
const HERE: char = '\u{E0FF}';

/// An envelope.
#[derive(Clone, Debug)]
pub struct Document {
    envelope: Value,
    format: Format,
    items: Items,
    /// Names of rows' cells or CSV's columns.
    columns: Vec<String>,
}

impl Document {
    /// The envelope of an answer: `body` is what came, `items` the records in it.
    pub fn new(format: &Format, items: &Items, body: &[u8], records: &[Value]) -> Self {
        let tree = match (format, items) {
            (Format::Json, _) | (_, Items::Rows(_)) => serde_json::from_slice(body).unwrap_or_default(),
            _ => rollcall_engine::format::to_json(format, items, body)
                .ok()
                .and_then(|json| serde_json::from_slice(&json).ok())
                .unwrap_or_default(),
        };
        let columns = match (items, format) {
            (Items::Rows(rows), _) => match &rows.columns {
                Columns::Path(path) => {
                    place::all(&tree, path).unwrap_or_default().iter().map(rollcall_connector::request::text).collect()
                }
                Columns::Header(_) => place::at(&tree, &rows.rows)
                    .and_then(|rows| rows.get(0))
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .map(rollcall_connector::request::text)
                    .collect(),
            },
            (_, Format::Csv) => {
                records.first().and_then(Value::as_object).map(|row| row.keys().cloned().collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Self { envelope: tree, format: format.clone(), items: items.clone(), columns }
    }

    /// The envelope itself.
    pub fn envelope_mut(&mut self) -> &mut Value {
        &mut self.envelope
    }

    /// A record as it stands in the answer, holes included.
    pub fn record(&self, record: &Value, key: Option<&str>) -> String {
        match (&self.items, &self.format) {
            (Items::Rows(_), _) => Value::Array(
                self.columns.iter().map(|column| record.get(column).cloned().unwrap_or_default()).collect(),
            )
            .to_string(),
            (_, Format::Xml(_)) => {
                let mut text = String::new();
                xml(self.element(), record, &mut text);
                text
            }
            (_, Format::Csv) => csv_line(
                self.columns
                    .iter()
                    .map(|column| record.get(column).map(rollcall_connector::request::text).unwrap_or_default()),
            ),
            (Items::ValuesOf(_), _) => format!("{}:{record}", Value::from(key.unwrap_or_default())),
            _ => record.to_string(),
        }
    }

    /// The same, cut at its holes.
    pub fn pieces(&self, record: &Value, key: Option<&str>) -> Pieces {
        let quoted = !matches!(self.format, Format::Xml(_) | Format::Csv);
        Pieces::cut(&self.record(record, key), quoted)
    }

    /// What stands between records.
    pub fn separator(&self) -> &'static [u8] {
        match self.format {
            Format::Xml(_) => b"",
            Format::Csv | Format::Ndjson => b"\n",
            Format::Json => b",",
        }
    }

    /// A whole answer; `write` writes the records with separators between them.
    pub fn page(&self, onward: &Onward, write: &mut dyn FnMut(&mut Vec<u8>)) -> Bytes {
        let mut out = Vec::new();
        match self.format {
            Format::Ndjson => write(&mut out),
            Format::Csv => {
                out.extend_from_slice(csv_line(self.columns.iter().cloned()).as_bytes());
                out.push(b'\n');
                write(&mut out);
            }
            Format::Json | Format::Xml(_) => {
                let text = self.around(onward);
                let (front, back) = text.split_once(HERE).unwrap_or((&text, ""));
                out.extend_from_slice(front.as_bytes());
                let begin = out.len();
                write(&mut out);
                // A header row stands before the records, with a separator only when there are any.
                if out.len() == begin && out.last() == Some(&b',') {
                    out.pop();
                }
                out.extend_from_slice(back.as_bytes());
            }
        }
        Bytes::from(out)
    }

    /// An answer with one record, where the case has one or a list of one.
    pub fn single(&self, record: &Value) -> Bytes {
        let mut tree = self.envelope.clone();
        let path = match &self.items {
            Items::Path(path) => path.trim_end_matches("[]"),
            Items::One(one) => one.one.as_str(),
            _ => ".",
        };
        let is_list = place::at(&tree, path).is_some_and(Value::is_array);
        place::put(&mut tree, path, if is_list { Value::Array(vec![record.clone()]) } else { record.clone() });
        if let (Format::Xml(_), Value::Object(root)) = (&self.format, &tree) {
            let mut text = String::new();
            root.iter().for_each(|(name, value)| xml(name, value, &mut text));
            return Bytes::from(text);
        }
        Bytes::from(tree.to_string())
    }

    fn around(&self, onward: &Onward) -> String {
        let mut tree = self.envelope.clone();
        let is_xml = matches!(self.format, Format::Xml(_));
        if tree.is_object() {
            for (path, what) in &onward.body {
                pages::put(&mut tree, path, what, !is_xml);
            }
        }
        let here = Value::from(HERE.to_string());
        let (path, open, close) = match &self.items {
            Items::Path(path) => (path.as_str(), "[", "]"),
            Items::ValuesOf(values) => (values.values_of.as_str(), "{", "}"),
            Items::Rows(rows) => (rows.rows.as_str(), "[", "]"),
            Items::One(one) => (one.one.as_str(), "", ""),
        };
        if path == "." && !is_xml {
            return format!("{open}{}{HERE}{close}", self.header_row());
        }
        let path = path.strip_suffix("[]").unwrap_or(path);
        place::put(&mut tree, path, here);
        if is_xml {
            let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
            if let Value::Object(root) = &tree {
                root.iter().for_each(|(name, value)| xml(name, value, &mut text));
            }
            return text;
        }
        tree.to_string().replacen(&format!("\"{HERE}\""), &format!("{open}{}{HERE}{close}", self.header_row()), 1)
    }

    fn header_row(&self) -> String {
        match &self.items {
            Items::Rows(rows) if matches!(&rows.columns, Columns::Header(header) if header.header) => {
                format!("{},", Value::from(self.columns.clone()))
            }
            _ => String::new(),
        }
    }

    fn element(&self) -> &str {
        match &self.items {
            Items::Path(path) => path.trim_end_matches("[]").rsplit('.').next().unwrap_or("item"),
            Items::One(one) => one.one.rsplit('.').next().unwrap_or("item"),
            _ => "item",
        }
    }
}

fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// XML from what was read as JSON: `@name` becomes an attribute again, an array repeated elements.
fn xml(name: &str, value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| xml(name, item, out)),
        Value::String(text) if text.chars().eq([HERE]) => out.push(HERE),
        Value::Null => {
            out.push_str(&format!("<{name} xsi:nil=\"true\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"/>"))
        }
        Value::Object(members) => {
            out.push_str(&format!("<{name}"));
            for (attribute, value) in members.iter().filter_map(|(name, value)| Some((name.strip_prefix('@')?, value)))
            {
                out.push_str(&format!(" {attribute}=\"{}\"", escaped(&rollcall_connector::request::text(value))));
            }
            out.push('>');
            for (child, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
                match child.as_str() {
                    "#text" => out.push_str(&escaped(&rollcall_connector::request::text(value))),
                    child => xml(child, value, out),
                }
            }
            out.push_str(&format!("</{name}>"));
        }
        scalar => out.push_str(&format!("<{name}>{}</{name}>", escaped(&rollcall_connector::request::text(scalar)))),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use rollcall_connector::definition::XmlFormat;
    use rollcall_engine::format::to_json;
    use serde_json::json;

    use super::*;

    fn again(format: &Format, items: &Items, body: &[u8], records: &[Value]) -> Value {
        let document = Document::new(format, items, body, records);
        let lines: Vec<String> = records.iter().map(|record| document.record(record, None)).collect();
        let page = document.page(&Onward::default(), &mut |out| {
            out.extend_from_slice(lines.join(std::str::from_utf8(document.separator()).unwrap()).as_bytes())
        });
        serde_json::from_slice(&to_json(format, items, &page).unwrap()).unwrap()
    }

    #[test]
    fn every_form_reads_back_as_what_it_was() {
        let path = |path: &str| Items::Path(path.to_owned());
        let json_body = br#"{"n":1,"users":[{"id":"a"}]}"#;
        assert_eq!(
            again(&Format::Json, &path(".users"), json_body, &[json!({"id": "b"}), json!({"id": "c"})]),
            json!({"n": 1, "users": [{"id": "b"}, {"id": "c"}]})
        );
        let xml = Format::Xml(XmlFormat { arrays: vec!["user".to_owned()] });
        let body = b"<R kind=\"x\"><users><user><id>a</id></user></users><next>y</next></R>";
        assert_eq!(
            again(&xml, &path(".R.users.user"), body, &[json!({"id": "b&c"})]),
            json!({"R": {"@kind": "x", "users": {"user": [{"id": "b&c"}]}, "next": "y"}})
        );
        assert_eq!(
            again(&Format::Csv, &path("."), b"id,name\na,\"x, y\"\n", &[json!({"id": "b", "name": "z, \"q\""})]),
            json!([{"id": "b", "name": "z, \"q\""}])
        );
        let rows: Items = serde_json::from_value(json!({"rows": ".rows", "columns": {"header": true}})).unwrap();
        assert_eq!(
            again(&Format::Json, &rows, br#"{"rows":[["id","n"],["a",1]]}"#, &[json!({"id": "b", "n": 2})]),
            json!([{"id": "b", "n": 2}])
        );
        assert_eq!(again(&Format::Json, &rows, br#"{"rows":[["id","n"],["a",1]]}"#, &[]), json!([]));
    }
}
