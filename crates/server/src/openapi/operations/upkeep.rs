//! What operators ask.

use serde_json::{Map, Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};

/// Liveness, readiness, metrics.
pub fn operations() -> Vec<Operation> {
    let of = |route: &'static str, id: &str, summary: &str| {
        Operation::new("get", route, id, Access::Anyone).tag("operations").summary(summary)
    };
    vec![
        of("/ping", "get_ping", "Whether the server answers").json(200, "It does", schema("Ping")).errors(&[]),
        of("/health", "get_health", "Whether the process runs").json(200, "It does", schema("Health")).errors(&[]),
        of("/ready", "get_ready", "Whether the store answers").json(200, "It does", schema("Ready")).json(
            503,
            "It does not",
            schema("Ready"),
        ),
        of("/metrics", "get_metrics", "Metrics for Prometheus").answer(
            200,
            "Metrics; no label names an account, a token or a person",
            &[],
            json!({"text/plain": {"schema": {"type": "string"}}}),
        ),
    ]
}

/// Schemas of these answers.
pub fn schemas() -> Map<String, Value> {
    let all = json!({
        "Ping": {
            "type": "object",
            "properties": {"message": {"const": "pong"}, "version": {"type": "string"}},
            "required": ["message", "version"],
        },
        "Health": {
            "type": "object",
            "properties": {
                "status": {"const": "ok"},
                "version": {"type": "string"},
                "uptime_seconds": {"type": "integer", "minimum": 0},
            },
            "required": ["status", "version", "uptime_seconds"],
        },
        "Ready": {
            "type": "object",
            "properties": {"status": {"enum": ["ready", "not ready"]}, "reason": {"type": "string"}},
            "required": ["status"],
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
