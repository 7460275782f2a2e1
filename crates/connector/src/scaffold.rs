//! The beginning of a connector: a folder to fill in. What a description or a sample shows is taken over; what they do not show is marked
//! `FILL IN:` and claims nothing.

mod description;
mod sample;
mod write;

use serde_json::Value;

pub use description::Description;

/// Marks what a person must still write.
pub const MARK: &str = "FILL IN:";

/// The files of a new connector: paths below its folder, and their texts.
///
/// # Errors
/// A name that is none, or a description or sample that cannot be read.
pub fn files(slug: &str, spec: Option<&str>, sample: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let kebab = !slug.is_empty()
        && slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !slug.starts_with('-')
        && !slug.ends_with('-');
    if !kebab {
        return Err(format!("`{slug}` is not a connector's name: use lower-case letters, digits and `-`"));
    }
    let description = spec.map(description::read).transpose()?.unwrap_or_default();
    let sample: Option<Value> = sample
        .map(|text| serde_json::from_str(text).map_err(|fault| format!("the sample is not JSON: {fault}")))
        .transpose()?;
    let shown = sample.as_ref().map(sample::look).unwrap_or_default();
    Ok(vec![
        ("connector.yaml".to_owned(), write::connector(slug, &description, &shown)),
        ("README.md".to_owned(), write::readme(slug)),
        ("evidence.yaml".to_owned(), write::evidence(&description)),
        ("cases/basic/case.yaml".to_owned(), write::case(&description, &shown)),
        ("cases/basic/users.1.json".to_owned(), write::body(sample.as_ref(), &shown)),
        ("cases/basic/expected.json".to_owned(), "[]\n".to_owned()),
    ])
}
