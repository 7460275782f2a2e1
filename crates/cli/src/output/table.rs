//! A table for people.

use std::io::{self, IsTerminal as _};

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table as Grid};
use rollcall_engine::{Batch, Completeness, Exchange};
use serde_json::Value;

use super::Printer;
use super::csv::flat;

/// The longest cell when the width is not that of a terminal.
const CELL_MAX: usize = 60;

/// The main fields in columns; columns without any value are left out.
pub struct Table {
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(resource: &str) -> Self {
        let columns: &[&str] = match resource {
            "users" | "me" => &[
                "id",
                "name",
                "username",
                "emails",
                "status",
                "user_type",
                "title",
                "roles",
                "groups",
                "last_login_at",
                "last_active_at",
            ],
            "groups" => &["id", "name", "description", "group_type", "organization", "created_at"],
            "roles" => &["id", "name", "label", "description", "type"],
            "licenses" => &["id", "name", "status", "assigned_quantity", "available_quantity", "is_paid"],
            "activities" => &["id", "action", "actor", "entity", "entity_type", "created_at"],
            "role_assignments" => &["id", "user_id", "role_id", "group_id", "workspace"],
            _ => &["id", "name", "description", "status", "created_at"],
        };
        Self { columns, rows: Vec::new() }
    }
}

impl Printer for Table {
    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        for record in batch.records() {
            let record: Value = serde_json::from_slice(record).map_err(io::Error::other)?;
            self.rows.push(
                self.columns
                    .iter()
                    .map(|column| printable(&record.get(*column).map(flat).unwrap_or_default()))
                    .collect(),
            );
        }
        Ok(())
    }

    fn end(&mut self, _: &Completeness, _: &[Exchange]) -> io::Result<()> {
        let used: Vec<usize> = (0..self.columns.len())
            .filter(|index| self.rows.iter().any(|row| row.get(*index).is_some_and(|cell| !cell.is_empty())))
            .collect();
        let pick = |row: &[String]| used.iter().filter_map(|index| row.get(*index).cloned()).collect::<Vec<_>>();
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        if io::stdout().is_terminal() {
            grid.set_content_arrangement(ContentArrangement::Dynamic);
        }
        grid.set_header(pick(&self.columns.iter().map(|c| c.to_uppercase()).collect::<Vec<_>>()));
        for row in &self.rows {
            grid.add_row(pick(row));
        }
        if self.rows.is_empty() {
            return super::text("(none)\n");
        }
        let text: String = grid.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        super::text(&text)
    }
}

/// Without control characters, which could play tricks on a terminal; long texts are cut.
fn printable(text: &str) -> String {
    let mut clean: String = text
        .chars()
        .map(|c| {
            if c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .take(CELL_MAX + 1)
        .collect();
    if clean.chars().count() > CELL_MAX {
        clean.pop();
        clean.pop();
        clean.push('…');
    }
    clean
}
