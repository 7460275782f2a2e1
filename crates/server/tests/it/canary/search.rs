//! Where a secret could be, and in which forms.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use super::log;
use crate::world::{Answer, World};

pub struct Search {
    folder: PathBuf,
    /// Name and form.
    needles: Vec<(String, String)>,
    /// Where, and what.
    texts: Vec<(&'static str, String)>,
}

impl Drop for Search {
    fn drop(&mut self) {
        self.needles.iter().for_each(|(_, needle)| log::look_no_more_for(needle));
    }
}

impl Search {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), needles: Vec::new(), texts: Vec::new() }
    }

    /// A secret, as it is and as it may be written.
    pub fn secret(&mut self, name: &str, secret: &str) {
        let escaped = serde_json::Value::from(secret).to_string();
        let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let forms = [
            secret.to_owned(),
            escaped.trim_matches('"').to_owned(),
            percent.replace('+', "%20"),
            percent,
            STANDARD.encode(secret),
            secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ];
        for form in forms {
            if !self.needles.iter().any(|(_, known)| *known == form) {
                log::look_for(&form);
                self.needles.push((name.to_owned(), form));
            }
        }
    }

    /// An answer that somebody got.
    pub fn answer(&mut self, answer: &Answer) {
        self.texts.push(("an answer", format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))));
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            self.texts.push(("a header", format!("{name}: {value}")));
        }
    }

    /// What something prints of itself.
    pub fn printed(&mut self, text: &str) {
        self.texts.push(("what is printed", text.to_owned()));
    }

    /// Fails when a secret is anywhere.
    pub async fn finish(mut self, world: &World) {
        self.answer(&world.client.get("/metrics").await);
        assert!(self.texts.len() > 10 && log::lines() > 100, "there was something to search");
        let found = self.found();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    pub async fn finds(&mut self, world: &World) -> bool {
        let metrics = world.client.get("/metrics").await;
        self.answer(&metrics);
        !self.found().is_empty()
    }

    pub fn finds_in_log(&self) -> bool {
        self.needles.iter().any(|(_, needle)| !log::found(needle).is_empty())
    }

    pub fn finds_in_files(&self) -> bool {
        !self.in_files().is_empty()
    }

    fn found(&self) -> Vec<String> {
        let mut found = self.in_files();
        for (name, needle) in &self.needles {
            for (place, text) in &self.texts {
                if let Some(at) = text.find(needle.as_str()) {
                    found.push(format!("{name} in {place}: …{}", around(text, at, needle.len())));
                }
            }
            found.extend(log::found(needle).into_iter().map(|line| format!("{name} in the log: {line}")));
        }
        found
    }

    fn in_files(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap();
            for (name, needle) in &self.needles {
                if memmem::find(&bytes, needle.as_bytes()).is_some() {
                    found.push(format!("{name} in {}", entry.file_name().to_string_lossy()));
                }
            }
        }
        found
    }
}

fn around(text: &str, at: usize, length: usize) -> &str {
    let from = (at.saturating_sub(200)..=at).find(|at| text.is_char_boundary(*at)).unwrap_or(at);
    let to = (at + length..text.len()).find(|to| *to >= at + length + 100 && text.is_char_boundary(*to));
    &text[from..to.unwrap_or(text.len())]
}
