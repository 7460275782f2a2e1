//! One operation of the document, built a line at a time.

use serde_json::{Map, Value, json};

use super::access::Access;
use super::errors;

/// A method of a route.
#[derive(Clone, Debug)]
pub struct Operation {
    /// As it is written in the routes.
    pub route: &'static str,
    /// As it stands in the document: the model and the resource are named there.
    pub path: String,
    pub method: &'static str,
    pub access: Access,
    members: Map<String, Value>,
    responses: Map<String, Value>,
}

impl Operation {
    /// An operation at a path that is the same in both.
    #[must_use]
    pub fn new(method: &'static str, route: &'static str, id: &str, access: Access) -> Self {
        Self::at(method, route, route.to_owned(), id, access)
    }

    /// An operation whose path the document writes out.
    #[must_use]
    pub fn at(method: &'static str, route: &'static str, path: String, id: &str, access: Access) -> Self {
        let mut members = Map::new();
        members.insert("operationId".to_owned(), Value::from(id));
        members.insert("security".to_owned(), access.security());
        Self { route, path, method, access, members, responses: Map::new() }
    }

    /// A heading under which documentation shows it.
    #[must_use]
    pub fn tag(self, tag: &str) -> Self {
        self.with("tags", json!([tag]))
    }

    #[must_use]
    pub fn summary(self, text: impl Into<String>) -> Self {
        self.with("summary", Value::from(text.into()))
    }

    #[must_use]
    pub fn description(self, text: impl Into<String>) -> Self {
        self.with("description", Value::from(text.into()))
    }

    #[must_use]
    pub fn parameters(self, parameters: Vec<Value>) -> Self {
        self.with("parameters", Value::Array(parameters))
    }

    /// A JSON body, with an example.
    #[must_use]
    pub fn body(self, schema: &str, required: bool, example: Value) -> Self {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        self.with(
            "requestBody",
            json!({"required": required, "content": {"application/json": {"schema": schema, "example": example}}}),
        )
    }

    /// Any other member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// An answer with a JSON body.
    #[must_use]
    pub fn json(self, status: u16, description: &str, schema: Value) -> Self {
        self.answer(status, description, &[], json!({"application/json": {"schema": schema}}))
    }

    /// An answer.
    #[must_use]
    pub fn answer(mut self, status: u16, description: &str, headers: &[&str], content: Value) -> Self {
        let mut response = json!({"description": description, "headers": errors::headers(headers)});
        if !content.is_null() {
            response["content"] = content;
        }
        self.responses.insert(status.to_string(), response);
        self
    }

    /// Errors of these statuses; the ones that come with a token are added.
    #[must_use]
    pub fn errors(mut self, statuses: &[u16]) -> Self {
        let with_token: &[u16] = match self.access {
            Access::Anyone => &[],
            _ => &[401, 403, 429, 503],
        };
        let mut all: Vec<u16> = statuses.iter().chain(with_token).copied().collect();
        all.sort_unstable();
        all.dedup();
        for status in all {
            if let Some(response) = errors::reference(status) {
                self.responses.insert(status.to_string(), response);
            }
        }
        self
    }

    /// Whatever else a provider may answer.
    #[must_use]
    pub fn provider_errors(mut self) -> Self {
        self.responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/ProviderError"}));
        self
    }

    /// The operation as it stands in the document.
    #[must_use]
    pub fn written(mut self) -> Value {
        self.members.insert("responses".to_owned(), Value::Object(self.responses));
        Value::Object(self.members)
    }
}

/// A reference to a schema.
#[must_use]
pub fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
