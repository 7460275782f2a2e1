//! Why a command ended without doing its work, and its exit code.

use std::fmt;

use rollcall_connector::Finding;
use rollcall_connector::catalog::CatalogError;
use rollcall_engine::{Actor, Fault, FaultKind, kind_name};

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
            Self::Input { message, hint: remedy } => {
                write!(f, "{message}")?;
                hint(f, remedy.as_deref())
            }
            Self::Fault(fault) => {
                write!(f, "{}", fault.message)?;
                if let Some(said) = &fault.provider_said {
                    write!(f, "\n  provider said: \"{said}\"")?;
                }
                // A mistake in what was asked for says itself what it is.
                if self.code() == FAULT {
                    write!(f, "\n  kind: {} ({})", kind_name(fault.kind), who_acts(fault))?;
                }
                hint(f, fault.hint.as_deref())
            }
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

/// Who has to act, in words.
fn who_acts(fault: &Fault) -> &'static str {
    match fault.actor() {
        Actor::Operator => "yours to mend",
        Actor::Provider => "the provider's; trying again later may help",
        Actor::Us => "the provider answers otherwise than the connector says",
    }
}

fn hint(f: &mut fmt::Formatter<'_>, remedy: Option<&str>) -> fmt::Result {
    match remedy {
        Some(remedy) => write!(f, "\nhint: {remedy}"),
        None => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::{Failure, Fault, FaultKind};

    #[test]
    fn a_fault_says_whose_it_is() {
        let text = |kind, status| {
            let mut fault = Fault::new(kind, "acme failed").hint("do this");
            fault.status = status;
            fault.provider_said = Some("no".to_owned());
            Failure::from(fault).to_string()
        };
        assert_eq!(
            text(FaultKind::Throttled, Some(429)),
            "acme failed\n  provider said: \"no\"\n  kind: throttled (the provider's; trying again later may help)\nhint: do this"
        );
        assert!(text(FaultKind::Permission, None).contains("\n  kind: permission (yours to mend)\n"));
        assert!(
            text(FaultKind::UnexpectedShape, None)
                .contains("\n  kind: unexpected_shape (the provider answers otherwise than the connector says)\n")
        );
        // What was asked for wrongly is no fault of anybody's answer.
        assert!(!text(FaultKind::BadRequest, None).contains("kind:"));
        assert!(text(FaultKind::BadRequest, Some(400)).contains("\n  kind: bad_request (yours to mend)\n"));
    }
}
