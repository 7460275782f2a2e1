//! What is wrong with a connector's files: where, what, and what to do.

use std::fmt::Write as _;

use rollcall_yaml::Place;
use serde::Serialize;

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that found it: a name that `exceptions.txt` can hold.
    pub rule: String,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Path of the file below the catalogue: `okta/connector.yaml`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    #[serde(skip)]
    pub width: usize,
}

impl Finding {
    /// A finding at a place.
    #[must_use]
    pub fn new(rule: &str, file: &str, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            message: message.into(),
            hint: None,
            file: file.to_owned(),
            line: place.line.max(1),
            column: place.column.max(1),
            width: place.width.max(1),
        }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The finding as a person reads it, with the line it is about when `source` (the file's text) is given.
    #[must_use]
    pub fn render(&self, source: Option<&str>) -> String {
        let mut text = format!("error: {} [{}]\n", self.message, self.rule);
        let _ = writeln!(text, "  --> {}:{}:{}", self.file, self.line, self.column);
        if let Some(line) = source.and_then(|source| source.lines().nth(self.line - 1)) {
            let margin = self.line.to_string().len().max(3);
            let shown: String = line.chars().take(160).collect();
            let _ = writeln!(text, "{:margin$} |", "");
            let _ = writeln!(text, "{:>margin$} | {shown}", self.line);
            if self.column <= 160 {
                let carets = "^".repeat(self.width.min(161 - self.column));
                let _ = writeln!(text, "{:margin$} | {}{carets}", "", " ".repeat(self.column - 1));
            }
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }
}

/// The nearest of `names` to what was written, when it is near enough to be a slip.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    names
        .into_iter()
        .map(|name| (distance(&written, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count().max(written.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edits (insert, delete, replace, swap of neighbours) between two texts.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |r: usize, c: usize| rows.get(r).and_then(|row| row.get(c)).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(i, j) + usize::from(x != y)).min(at(i, j + 1) + 1).min(row.last().copied().unwrap_or(0) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(i - 1, j - 1) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}
