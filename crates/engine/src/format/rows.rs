//! Arrays of arrays with their column names. Cells are passed on byte for byte, so that long numbers stay what they are.

use std::collections::{BTreeMap, HashSet};

use rollcall_connector::definition::Columns;
use serde_json::value::RawValue;

use super::error::FormatError;
use super::path::{Path, Step, index};
use super::{Limits, seen};

/// An array of objects.
pub(super) fn convert(
    rows_path: &str,
    columns: &Columns,
    body: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let root: &RawValue = serde_json::from_slice(body).map_err(|error| {
        if body.trim_ascii_start().first().is_none_or(|byte| !matches!(byte, b'{' | b'[')) {
            FormatError::Other { expected: "JSON", saw: seen::describe(body) }
        } else {
            FormatError::broken(
                "JSON",
                u64::try_from(error.line()).unwrap_or(u64::MAX),
                if error.is_eof() { "the answer is cut off" } else { "it is not JSON" },
            )
        }
    })?;
    let path = parse(rows_path)?;
    let mut rows = Vec::new();
    for found in find(root, &path, rows_path)? {
        if matches!(path.steps().last(), Some(Step::Each)) {
            rows.push(found)
        } else {
            rows.extend(elements(found, rows_path)?)
        }
    }
    let mut rows = rows.into_iter().enumerate();
    let names = match columns {
        Columns::Path(columns) => {
            let mut names = Vec::new();
            for found in find(root, &parse(columns)?, columns)? {
                if found.get().starts_with('[') { names.extend(elements(found, columns)?) } else { names.push(found) }
            }
            names
        }
        Columns::Header(header) if header.header => match rows.next() {
            Some((_, first)) => elements(first, rows_path)?,
            None => return Err(FormatError::Rows("there is no header row".to_owned())),
        },
        Columns::Header(_) => return Err(FormatError::Rows("`columns: {header: false}` names no columns".to_owned())),
    };
    check(&names)?;
    let mut json = vec![b'['];
    for (number, row) in rows {
        let cells =
            elements(row, rows_path).map_err(|_| FormatError::Rows(format!("row {} is not an array", number + 1)))?;
        if cells.len() != names.len() {
            return Err(FormatError::Rows(format!(
                "there are {} columns, and row {} has {} cells",
                names.len(),
                number + 1,
                cells.len()
            )));
        }
        json.extend_from_slice(if json.len() > 1 { b",{" } else { b"{" });
        for (index, (name, cell)) in names.iter().zip(cells).enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(name.get().as_bytes());
            json.push(b':');
            json.extend_from_slice(cell.get().as_bytes());
        }
        json.push(b'}');
        if json.len() > limits.bytes {
            return Err(FormatError::TooLarge(limits.bytes));
        }
    }
    json.push(b']');
    Ok(json)
}

fn parse(path: &str) -> Result<Path, FormatError> {
    Path::parse(path).map_err(FormatError::Rows)
}

/// All values that a path leads to.
fn find<'a>(root: &'a RawValue, path: &Path, written: &str) -> Result<Vec<&'a RawValue>, FormatError> {
    let missing = || FormatError::Missing { path: written.to_owned() };
    let mut found = vec![root];
    for step in path.steps() {
        let mut next = Vec::new();
        for value in found {
            match step {
                Step::Each => next.extend(elements(value, written)?),
                Step::Name(name) if value.get().starts_with('[') => {
                    let items = elements(value, written)?;
                    next.push(index(name).and_then(|index| items.get(index).copied()).ok_or_else(missing)?);
                }
                Step::Name(name) => {
                    let members: BTreeMap<String, &RawValue> =
                        serde_json::from_str(value.get()).map_err(|_| missing())?;
                    next.push(members.get(name).copied().ok_or_else(missing)?);
                }
            }
        }
        found = next;
    }
    Ok(found)
}

fn elements<'a>(value: &'a RawValue, path: &str) -> Result<Vec<&'a RawValue>, FormatError> {
    serde_json::from_str(value.get()).map_err(|_| FormatError::Missing { path: path.to_owned() })
}

fn check(names: &[&RawValue]) -> Result<(), FormatError> {
    let mut seen = HashSet::new();
    for (index, name) in names.iter().enumerate() {
        let text: String = serde_json::from_str(name.get())
            .map_err(|_| FormatError::Rows(format!("the name of column {} is not a text", index + 1)))?;
        if text.trim().is_empty() {
            return Err(FormatError::Rows(format!("column {} has no name", index + 1)));
        }
        if let Some(twice) = seen.replace(text) {
            return Err(FormatError::Rows(format!("two columns are named `{twice}`")));
        }
    }
    Ok(())
}
