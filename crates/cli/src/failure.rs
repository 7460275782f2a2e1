//! Why a command ended without doing its work, and its exit code.

use std::fmt;

use rollcall_connector::Finding;
use rollcall_connector::catalog::CatalogError;
use rollcall_engine::{Fault, FaultKind};

/// A provider's fault, or a check that found something.
pub const FAULT: u8 = 1;
/// What was asked for cannot be done as asked.
pub const BAD_INPUT: u8 = 2;
/// Records were printed, and people may be missing.
pub const PARTIAL: u8 = 3;

/// Why a command ended.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for cannot be done as asked.
    Input {
        message: String,
        hint: Option<String>,
    },
    Fault(Box<Fault>),
    Findings(Vec<(Finding, Option<String>)>),
    Other(anyhow::Error),
}

impl Failure {
    /// Bad input with a remedy.
    pub fn input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Input { message: message.into(), hint: Some(hint.into()) }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Input { .. } => BAD_INPUT,
            Self::Fault(fault) if fault.kind == FaultKind::BadRequest && fault.status.is_none() => BAD_INPUT,
            Self::Fault(_) | Self::Findings(_) | Self::Other(_) => FAULT,
        }
    }

    /// Whether the reader of the output went away.
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Other(fault) => fault
                .chain()
                .filter_map(|f| f.downcast_ref::<std::io::Error>())
                .any(|f| f.kind() == std::io::ErrorKind::BrokenPipe),
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { message, hint } => with_hint(f, message, None, hint.as_deref()),
            Self::Fault(fault) => with_hint(f, &fault.message, fault.provider_said.as_deref(), fault.hint.as_deref()),
            Self::Findings(findings) => {
                for (index, (finding, source)) in findings.iter().enumerate() {
                    let text = finding.render(source.as_deref());
                    let text = if index == 0 { text.strip_prefix("error: ").unwrap_or(&text).to_owned() } else { text };
                    writeln!(f, "{}", text.trim_end())?;
                }
                Ok(())
            }
            Self::Other(fault) => write!(f, "{fault:#}"),
        }
    }
}

fn with_hint(f: &mut fmt::Formatter<'_>, message: &str, said: Option<&str>, hint: Option<&str>) -> fmt::Result {
    write!(f, "{message}")?;
    if let Some(said) = said {
        write!(f, "\n  provider said: \"{said}\"")?;
    }
    if let Some(hint) = hint {
        write!(f, "\nhint: {hint}")?;
    }
    Ok(())
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<rollcall_store::Error> for Failure {
    fn from(fault: rollcall_store::Error) -> Self {
        Self::Input { message: fault.to_string(), hint: fault.hint().map(str::to_owned) }
    }
}

impl From<rollcall_server::ApiError> for Failure {
    fn from(fault: rollcall_server::ApiError) -> Self {
        if fault.remote.is_some() {
            return Self::Other(anyhow::anyhow!("{}", fault.message));
        }
        Self::Input { message: fault.message, hint: None }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(fault: anyhow::Error) -> Self {
        Self::Other(fault)
    }
}

impl From<std::io::Error> for Failure {
    fn from(fault: std::io::Error) -> Self {
        Self::Other(fault.into())
    }
}

/// A connector that cannot be had, with its findings shown at their lines.
pub fn of_catalog(catalog: &rollcall_connector::Catalog, fault: CatalogError) -> Failure {
    match fault {
        CatalogError::Unknown { name, near } => {
            let hint = if near.is_empty() {
                "`rollcall connector list` shows all".to_owned()
            } else {
                format!("did you mean {}?", near.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or "))
            };
            Failure::input(format!("there is no connector `{name}`"), hint)
        }
        CatalogError::Broken { findings, .. } => Failure::Findings(with_sources(catalog, findings)),
    }
}

/// Findings with the texts of their files.
pub fn with_sources(catalog: &rollcall_connector::Catalog, findings: Vec<Finding>) -> Vec<(Finding, Option<String>)> {
    findings
        .into_iter()
        .map(|finding| {
            let source = finding
                .file
                .split_once('/')
                .and_then(|(id, path)| catalog.file(id, path))
                .map(std::borrow::Cow::into_owned);
            (finding, source)
        })
        .collect()
}
