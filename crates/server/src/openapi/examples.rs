//! Invented records, one for each resource.

use serde_json::{Value, json};

/// An example of a resource's record, without `remote_data`.
#[must_use]
pub fn record(resource: &str) -> Value {
    match resource {
        "users" | "me" => user(),
        "groups" => json!({
            "id": "00g1emaKYZTWRYYRRTSK", "name": "Field engineering", "description": "Everybody who visits customers",
            "group_type": "group", "created_at": "2024-02-12T09:30:00Z", "updated_at": "2026-03-01T16:05:00Z",
        }),
        "roles" => json!({
            "id": "7", "name": "Billing manager", "label": "Billing manager", "description": "Sees and pays invoices",
            "type": "custom", "applicable_in": ["workspace"], "created_at": "2023-11-02T08:00:00Z",
        }),
        "licenses" => json!({
            "id": "pro-yearly", "name": "Pro", "available_quantity": 50, "assigned_quantity": 41,
            "unit_amount": "12.50", "currency": "EUR", "is_paid": true, "status": "active",
        }),
        "organizations" => json!({"id": "31", "name": "Lindqvist Ship Repair", "created_at": "2021-04-19T07:12:44Z"}),
        "workspaces" => json!({
            "id": "w-204", "name": "Dry dock", "status": "active",
            "organization": {"id": "31", "name": "Lindqvist Ship Repair"}, "created_at": "2022-01-03T11:00:00Z",
        }),
        "activities" => json!({
            "id": "evt_90031", "actor": {"type": "user", "user": {"id": "00u1ero7vZFVEIYLWPBN"}}, "action": "user_deactivated",
            "description": "Mara Lindqvist deactivated Tomás Okafor", "entity": "00u1k2RrLp8sXvQmT0w9", "entity_type": "user",
            "context": {"ip_address": "203.0.113.7"}, "created_at": "2026-05-04T13:21:09Z",
        }),
        "role_assignments" => json!({
            "id": "ra-5512", "user_id": "00u1ero7vZFVEIYLWPBN", "role_id": "7", "workspace": "w-204",
            "created_at": "2025-09-30T10:00:00Z",
        }),
        "utilization" => json!({
            "utilization_type": "licenses", "name": "Pro seats", "used_quantity": "41", "available_quantity": "50",
            "unit": "seats", "start_date": "2026-05-01", "end_date": "2026-05-31",
        }),
        "billing" => json!({
            "id": "sub-77", "name": "Pro", "billing_frequency": "yearly", "currency": "EUR", "unit_amount": "12.50",
            "quantity": "50", "total_amount": "625.00", "start_date": "2026-01-01", "end_date": "2026-12-31",
        }),
        _ => Value::Null,
    }
}

fn user() -> Value {
    json!({
        "id": "00u1ero7vZFVEIYLWPBN",
        "username": "mara.lindqvist@example.com",
        "name": "Mara Lindqvist",
        "first_name": "Mara",
        "last_name": "Lindqvist",
        "title": "Field engineer",
        "emails": [{"email": "mara.lindqvist@example.com", "is_primary": true, "type": "primary"}],
        "phones": [{"number": "+46 8 555 01 23", "type": "mobile"}],
        "status": "active",
        "user_type": "admin",
        "is_2fa_enabled": true,
        "roles": [{"id": "7", "name": "Billing manager"}],
        "groups": [{"id": "00g1emaKYZTWRYYRRTSK", "name": "Field engineering", "type": "group"}],
        "languages": ["sv"],
        "timezone": "Europe/Stockholm",
        "created_at": "2024-02-12T09:31:00Z",
        "updated_at": "2026-04-20T06:02:11Z",
        "last_login_at": "2026-05-29T07:45:00Z",
    })
}

/// A page with one record.
#[must_use]
pub fn page(record: &Value) -> Value {
    json!({
        "result": [record],
        "next_cursor": "AWM1ZjE0YjE0ZTQ2ZmM0Mw",
        "prev_cursor": null,
        "result_count": 1,
        "is_partial_response": false,
    })
}

/// A refused call.
#[must_use]
pub fn error() -> Value {
    json!({
        "statusCode": 400,
        "error": "Bad Request",
        "message": "unknown parameter `stauts`; did you mean `status`? (what is for the provider alone goes into `remote_query[stauts]`)",
        "details": {"parameter": "stauts"},
    })
}
