//! The one shape of errors, the statuses that calls answer with, and the headers of answers.

use serde_json::{Map, Value, json};

use super::examples;

/// Statuses of errors: name of the response, meaning.
const STATUSES: [(u16, &str, &str); 15] = [
    (
        400,
        "BadRequest",
        "Something in the request cannot be met as asked: the message names it and the nearest right one. `details.missing_required_query_parameters` lists what has to be given",
    ),
    (
        401,
        "Unauthorized",
        "There is no valid token; or, with `truto_is_remote_error`, the provider refused the account's credential, and the account is `needs_reauth`",
    ),
    (
        403,
        "Forbidden",
        "The token may not do this: the message names the scope; or, with `truto_is_remote_error`, the account's credential may not: `truto_error_insight.forbidden_error` names what is missing",
    ),
    (404, "NotFound", "It is not there, or not for this token"),
    (
        405,
        "MethodNotAllowed",
        "The connector or the route has no such method; `Allow` and `details.methods` list those there are",
    ),
    (409, "Conflict", "It is in use, was used already, or two records have the same key"),
    (413, "PayloadTooLarge", "The body is too large"),
    (414, "UriTooLong", "The query is too long"),
    (415, "UnsupportedMediaType", "The body is of a kind that is not read"),
    (
        422,
        "Unprocessable",
        "It was understood and cannot be done: a bound was met, or the result cannot be keyed by the field",
    ),
    (
        429,
        "TooManyRequests",
        "The token calls too often; or, with `truto_is_remote_error`, the provider asks for a longer pause than is waited for here",
    ),
    (500, "InternalError", "Something went wrong here; the log says what, under the request's id"),
    (502, "BadGateway", "The provider gave no clean answer"),
    (503, "Unavailable", "The store cannot be reached; try again"),
    (504, "GatewayTimeout", "The provider gave no answer in time"),
];

/// The response of an error status in an operation.
#[must_use]
pub fn reference(status: u16) -> Option<Value> {
    let (_, name, _) = STATUSES.iter().find(|(known, _, _)| *known == status)?;
    Some(json!({"$ref": format!("#/components/responses/{name}")}))
}

/// All responses of errors, by name, and the one for statuses that a provider may choose.
#[must_use]
pub fn responses() -> Map<String, Value> {
    let mut all = Map::new();
    for (status, name, description) in STATUSES {
        let with = match status {
            401 => Some("WWW-Authenticate"),
            405 => Some("Allow"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        };
        let mut written = response(description, with.as_slice());
        if status == 400 {
            written["content"]["application/json"]["example"] = examples::error();
        }
        all.insert(name.to_owned(), written);
    }
    all.insert(
        "ProviderError".to_owned(),
        response("An error of the provider, under the provider's own status", &["Retry-After"]),
    );
    all
}

fn response(description: &str, with: &[&str]) -> Value {
    json!({
        "description": description,
        "headers": headers(with),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    })
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// Headers that every answer has.
const OF_EVERY: [&str; 2] = ["x-request-id", "traceparent"];

/// Headers by name, for an answer, beside those of every answer.
#[must_use]
pub fn headers(names: &[&str]) -> Value {
    OF_EVERY.iter().chain(names).map(|name| ((*name).to_owned(), header(name))).collect::<Map<_, _>>().into()
}

/// All headers.
#[must_use]
pub fn all_headers() -> Map<String, Value> {
    let text =
        |words: &str, example: &str| json!({"description": words, "schema": {"type": "string"}, "example": example});
    let number = |words: &str| json!({"description": words, "schema": {"type": "integer", "minimum": 0}});
    let all = json!({
        "traceparent": text("The request's place in the caller's trace (W3C Trace Context)", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        "x-request-id": text("The request's id: the caller's own if one was sent, and that of every line about it in the log", "0d9c5b3e8a7f4c2d1b6a9e80"),
        "rollcall-filter": text("Where each filter was applied", "status=provider, created_at=local"),
        "rollcall-sort": text("Where the list was sorted", "local"),
        "rollcall-completeness": text("Whether everything could be read (`whole`, `partial`), and what was counted", "whole; returned=100; received=100; repeated=0; filtered=0; pages=1; requests=1"),
        "rollcall-next-cursor": text("In the format `raw`: the cursor of the next page", "AWM1ZjE0…"),
        "Link": text("In the format `raw`: the next page", "</unified/user-directory/users?…>; rel=\"next\""),
        "ratelimit-limit": number("How many calls the provider allows in its window, where it tells"),
        "ratelimit-remaining": number("How many of them are left, where it tells"),
        "ratelimit-reset": number("Seconds until its window begins anew, where it tells"),
        "Retry-After": number("Seconds after which asking again may help"),
        "Allow": text("The methods that there are", "GET"),
        "WWW-Authenticate": text("How to sign in", "Bearer"),
        "ETag": text("The version of what was given; `If-None-Match` with it answers 304 while that is the newest", "\"3f8a91c2\""),
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}

/// The schemas of errors.
#[must_use]
pub fn schemas() -> Map<String, Value> {
    let insight = |value: Value| {
        json!({
            "type": "object",
            "properties": {"description": {"type": "string"}, "value": value},
            "required": ["description"],
        })
    };
    let strings = json!({"type": "array", "items": {"type": "string"}});
    let all = json!({
        "Error": {
            "type": "object",
            "properties": {
                "statusCode": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status"},
                "error": {"type": "string", "description": "Its words"},
                "message": {"type": "string", "description": "What happened, and what to do"},
                "details": {"$ref": "#/components/schemas/ErrorDetails"},
                "truto_is_remote_error": {"type": "boolean", "description": "There and true when the provider is at fault, or has refused"},
                "raw_response": {"description": "The provider's answer, clipped, without secrets"},
                "truto_error_insight": {"$ref": "#/components/schemas/ErrorInsight"},
            },
            "required": ["statusCode", "error", "message"],
        },
        "ErrorDetails": {
            "type": "object",
            "description": "For programs; what is in it depends on the error",
            "properties": {
                "missing_required_query_parameters": strings,
                "parameter": {"type": "string", "description": "The parameter that is not known"},
                "known": {"type": "array", "items": {"type": "string"}, "description": "Those that there are"},
                "methods": {"type": "array", "items": {"type": "string"}, "description": "The methods that the connector has"},
                "problems": {
                    "type": "array",
                    "description": "What is wrong with settings and the credential",
                    "items": {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "message": {"type": "string"}},
                        "required": ["name", "message"],
                    },
                },
            },
        },
        "ErrorInsight": {
            "type": "object",
            "description": "What is known about a provider's error, each key by itself",
            "properties": {
                "missing_required_query_parameters": insight(strings.clone()),
                "rate_limit_error": insight(json!({"type": "object", "properties": {"retry_after_seconds": {"type": "integer"}}})),
                "forbidden_error": insight(json!({"type": "object", "properties": {"missing_scopes": strings}})),
                "remote_error": insight(json!({
                    "type": "object",
                    "properties": {"code": {"type": "string"}, "status": {"type": ["integer", "null"]}},
                })),
            },
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
