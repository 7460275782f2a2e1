//! `name=value` pairs, and an account made of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rollcall_connector::{Account, Catalog, Connector};
use rollcall_engine::clock::SystemClock;
use rollcall_engine::transport::HttpTransport;
use rollcall_engine::{Limits, Session, SessionParts, hosts};
use url::Url;

use crate::args::AccountArguments;
use crate::failure::{self, Failure};

/// The largest file that `file:` reads.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Splits `name=value`.
pub fn pair(text: &str, option: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::input(
            format!("`{option} {text}` is not `name=value`"),
            format!("write `{option} name=value`"),
        )),
    }
}

/// All pairs of an option; a name given twice is a mistake.
pub fn pairs(texts: &[String], option: &str) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let (name, value) = pair(text, option)?;
        if pairs.insert(name.clone(), value).is_some() {
            return Err(Failure::input(format!("`{option} {name}=…` is given twice"), "give it once"));
        }
    }
    Ok(pairs)
}

/// The values of `--set`, read from where they lie.
pub fn settings(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    for (name, text) in pairs(texts, "--set")? {
        given.insert(name.clone(), value(&name, &text)?);
    }
    Ok(given)
}

/// The value itself, or what `env:NAME` or `file:PATH` holds (without the last line break).
fn value(name: &str, text: &str) -> Result<String, Failure> {
    if let Some(variable) = text.strip_prefix("env:") {
        return std::env::var(variable).map_err(|_| {
            Failure::input(
                format!("`{name}`: the environment has no variable `{variable}`"),
                format!("set it: `export {variable}=…`"),
            )
        });
    }
    if let Some(path) = text.strip_prefix("file:") {
        let too_large = std::fs::metadata(path).is_ok_and(|meta| meta.len() > FILE_BYTES_MAX);
        if too_large {
            return Err(Failure::input(
                format!("`{name}`: the file `{path}` is larger than {FILE_BYTES_MAX} bytes"),
                "name the file that holds only the value",
            ));
        }
        let text = std::fs::read_to_string(path).map_err(|fault| {
            Failure::input(format!("`{name}`: cannot read the file `{path}`: {fault}"), "check the path")
        })?;
        return Ok(text.trim_end_matches(['\n', '\r']).to_owned());
    }
    Ok(text.to_owned())
}

/// The connector that was named.
pub fn connector(catalog: &Catalog, slug: &str) -> Result<Arc<Connector>, Failure> {
    catalog.connector(slug).map_err(|fault| failure::of_catalog(catalog, fault))
}

/// A session with the account that was described.
pub fn session(connector: &Arc<Connector>, arguments: &AccountArguments) -> Result<Arc<Session>, Failure> {
    let given = settings(&arguments.settings)?;
    let base_url = arguments.base_url.as_deref().map(base_url).transpose()?;
    let account = Account::new(connector.definition(), arguments.auth.as_deref(), &given, base_url.as_ref()).map_err(
        |problems| {
            let message = problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("\nerror: ");
            let hints: Vec<String> = problems.iter().map(|p| p.hint.clone()).collect();
            Failure::input(
                message,
                format!(
                    "{}\n      `rollcall connector show {}` lists what it asks for",
                    hints.join("\n      "),
                    connector.id()
                ),
            )
        },
    )?;
    let limits = Limits {
        request_timeout: Duration::from_secs(arguments.timeout.max(1)),
        wait_max: Duration::from_secs(arguments.max_wait),
        ..Limits::default()
    };
    let policy = hosts::policy(connector, &account, base_url.as_ref());
    let account = Arc::new(account);
    let identity = hosts::client_certificate(connector, &account)?;
    let transport = HttpTransport::new(policy, identity)
        .map_err(|fault| Failure::input(fault.to_string(), "check the client certificate"))?;
    let parts = SessionParts {
        connector: Arc::clone(connector),
        account,
        transport: Arc::new(transport),
        clock: Arc::new(SystemClock),
        limits,
        base_url,
        keeper: None,
    };
    Ok(Session::new(parts)?)
}

fn base_url(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none()
    });
    url.ok_or_else(|| {
        Failure::input(
            format!("`--base-url {text}` is not a URL"),
            "write it like `http://127.0.0.1:8080` or `https://proxy.example.com/okta`",
        )
    })
}
