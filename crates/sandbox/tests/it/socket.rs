//! The same over real HTTP.

use std::sync::Arc;
use std::time::Duration;

use rollcall_connector::Catalog;
use rollcall_connector::hosts::HostPattern;
use rollcall_engine::FaultKind;
use rollcall_engine::transport::{HttpTransport, NetworkPolicy, Sending, Transport, Wire};
use rollcall_sandbox::{Fault, Sandbox, SandboxOptions, serve};
use tokio::net::TcpListener;
use url::Url;

use crate::played::{Caller, Played};

/// Gives up soon: a provider that does not answer costs a test its patience.
struct Impatient(HttpTransport);

impl Transport for Impatient {
    fn send(&self, wire: Wire) -> Sending<'_> {
        self.0.send(Wire { timeout: Duration::from_millis(if cfg!(debug_assertions) { 1500 } else { 300 }), ..wire })
    }
}

/// Remembers the credential wrongly.
struct Forgetful(HttpTransport);

impl Transport for Forgetful {
    fn send(&self, mut wire: Wire) -> Sending<'_> {
        wire.headers.remove(http::header::AUTHORIZATION);
        self.0.send(wire)
    }
}

fn over_http(slug: &str, fault: Option<Fault>, way: fn(HttpTransport) -> Arc<dyn Transport>) -> Played {
    let catalog = Catalog::embedded();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = Url::parse(&format!("http://{address}")).unwrap();
        let sandbox = Sandbox::new(
            &catalog,
            slug,
            SandboxOptions { users: 500, fault, page_size_max: Some(100), ..SandboxOptions::default() },
        )
        .unwrap();
        let server = tokio::spawn(serve(listener, Arc::new(sandbox)));
        let policy = NetworkPolicy {
            hosts: vec![HostPattern::new("127.0.0.1")],
            private: vec!["127.0.0.1".to_owned()],
            ports: vec![("127.0.0.1".to_owned(), address.port())],
        };
        let transport = way(HttpTransport::new(policy, None).unwrap());
        let played = Caller::new(&catalog, slug, "users").through(transport, Some(base)).await;
        server.abort();
        played
    })
}

fn patient(transport: HttpTransport) -> Arc<dyn Transport> {
    Arc::new(transport)
}

fn impatient(transport: HttpTransport) -> Arc<dyn Transport> {
    Arc::new(Impatient(transport))
}

#[test]
fn links_cursors_and_forms_work_on_a_socket() {
    // Link headers and two passes; cursors in forms and lookups; XML in signed forms.
    for slug in ["okta", "slack", "aws-iam"] {
        let played = over_http(slug, None, patient);
        let completeness = played.outcome.as_ref().unwrap_or_else(|fault| panic!("{slug}: {fault}"));
        assert!(completeness.complete, "{}", completeness.summary());
        assert_eq!((played.ids.len(), played.distinct().len()), (500, 500), "{slug}");
    }
}

#[test]
fn what_breaks_on_a_socket_is_called_by_its_name() {
    for (fault, kind) in [
        (Fault::CutBody, FaultKind::ProviderDown),
        (Fault::Timeout, FaultKind::ProviderDown),
        (Fault::HugePage, FaultKind::LimitReached),
        (Fault::Html, FaultKind::UnexpectedShape),
        (Fault::Throttled, FaultKind::Throttled),
    ] {
        let played = over_http("okta", Some(fault), impatient);
        match played.outcome {
            Err(found) => assert_eq!(found.kind, kind, "{fault}: {found}"),
            Ok(completeness) => panic!("{fault}: {}", completeness.summary()),
        }
    }
}

#[test]
fn a_request_without_the_credential_is_refused() {
    let played = over_http("okta", None, |transport| Arc::new(Forgetful(transport)));
    assert_eq!(
        played.outcome.map(|_| ()).map_err(|fault| (fault.kind, fault.code)),
        Err((FaultKind::Credential, Some("E0000011".to_owned())))
    );
    assert!(played.ids.is_empty());
}

#[test]
fn the_command_that_is_offered_is_complete() {
    let catalog = Catalog::embedded();
    let okta = catalog.connector("okta").unwrap();
    let invitation = rollcall_sandbox::Invitation::new(okta.definition(), "http://127.0.0.1:7700").unwrap().to_string();
    assert_eq!(
        invitation,
        "rollcall list users --connector okta --set domain=acme.okta.com --set token=sandbox --base-url http://127.0.0.1:7700"
    );
}
