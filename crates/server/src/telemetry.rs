//! Metrics for Prometheus. Labels are of small, fixed sets: no account, no token, no path that callers choose.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rollcall_engine::{Completeness, Fault, fault};

const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The process's recorder; the first call installs it.
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Somebody who embeds the server may have installed one: then theirs counts.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        })
        .clone()
}

fn describe() {
    describe_counter!("rollcall_http_requests_total", "Requests answered, by route, method and status");
    describe_histogram!("rollcall_http_request_seconds", "Time until the answer began, by route");
    describe_gauge!("rollcall_http_requests_in_flight", "Requests under way, streams included");
    describe_counter!("rollcall_provider_requests_total", "Exchanges with providers, retries included, by connector");
    describe_counter!("rollcall_provider_faults_total", "Faults of providers, by connector and kind");
    describe_counter!("rollcall_records_total", "Unified records given to callers, by connector and resource");
}

/// A request was answered.
pub fn answered(route: &'static str, method: &str, status: u16, took: Duration) {
    let method = match method {
        "GET" => "GET",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    };
    counter!("rollcall_http_requests_total", "route" => route, "method" => method, "status" => status.to_string())
        .increment(1);
    histogram!("rollcall_http_request_seconds", "route" => route).record(took.as_secs_f64());
}

/// A request under way, until this is dropped.
pub struct InFlight(());

impl InFlight {
    pub fn new() -> Self {
        gauge!("rollcall_http_requests_in_flight").increment(1.0);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("rollcall_http_requests_in_flight").decrement(1.0);
    }
}

/// A listing has given records. The connector comes from the catalogue, so the label is bounded.
pub fn listed(done: &Completeness, requests: u64, records: u64) {
    let connector = done.connector.clone();
    counter!("rollcall_provider_requests_total", "connector" => connector.clone()).increment(requests);
    counter!("rollcall_records_total", "connector" => connector, "resource" => done.resource.clone())
        .increment(records);
}

/// A provider was at fault.
pub fn failed(connector: &str, fault: &Fault) {
    counter!("rollcall_provider_faults_total", "connector" => connector.to_owned(), "kind" => fault::kind_name(fault.kind))
        .increment(1);
}
