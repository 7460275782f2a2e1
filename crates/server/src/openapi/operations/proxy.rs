//! The providers' own resources.

use serde_json::{Value, json};

use crate::openapi::access::Access;
use crate::openapi::operation::{Operation, schema};
use crate::openapi::parameters::path;

const METHODS: [(&str, &str, &str); 5] = [
    ("get", "get_proxy", "Read something of the provider's own"),
    ("post", "post_proxy", "Send something to the provider"),
    ("put", "put_proxy", "Replace something at the provider"),
    ("patch", "patch_proxy", "Change something at the provider"),
    ("delete", "delete_proxy", "Remove something at the provider"),
];

/// All verbs that are passed on.
pub fn operations() -> Vec<Operation> {
    METHODS.iter().map(|(method, id, summary)| operation(method, id, summary)).collect()
}

fn operation(method: &'static str, id: &str, summary: &str) -> Operation {
    let reads = method == "get";
    let access = Access::Scope(if reads { "proxy:read" } else { "proxy:write" });
    let reference = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let mut parameters = vec![
        path("path", "A path of the provider's API below the connector's base URL; it may hold slashes"),
        reference("integrated_account_id"),
        reference("remote_query"),
    ];
    if reads {
        parameters.push(reference("next_cursor"));
    }
    let json = if reads { json!({"anyOf": [schema("NativePage"), schema("Raw")]}) } else { schema("Raw") };
    let content = json!({"application/json": {"schema": json}, "*/*": {"schema": schema("Raw")}});
    let description = if reads {
        "Every parameter goes to the provider as it is. A list that the connector knows how to page is answered a page at a time, in an envelope around the records as they came; anything else as the provider answers it"
    } else {
        "Every parameter and the body go to the provider as they are, once: what may have changed something is never sent again. The audit log keeps that it was done"
    };
    let headers = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    let written = Operation::at(method, "/proxy/{*path}", "/proxy/{path}".to_owned(), id, access)
        .tag("proxy")
        .summary(summary)
        .description(description)
        .parameters(parameters)
        .answer(200, "The provider's answer; other successes of the provider keep their status", &headers, content)
        .errors(&[400, 404, 413, 414, 415, 422, 500, 502, 504])
        .provider_errors();
    if reads { written } else { written.with("requestBody", body()) }
}

fn body() -> Value {
    json!({
        "required": false,
        "description": "Any text, passed on with its content type",
        "content": {"application/json": {"schema": {}}, "text/plain": {"schema": {"type": "string"}}},
    })
}
