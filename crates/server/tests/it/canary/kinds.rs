//! Kinds of credentials of the made-up product, with secrets that can be told from everything else.

use serde_json::{Map, Value, json};

#[derive(Clone, Copy)]
pub struct Kind {
    /// The kind of credential.
    pub name: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// What the provider gives at a sign-in: access token, refresh token.
    pub given: Option<(&'static str, &'static str)>,
    /// Forms that come of several.
    made: &'static [&'static str],
}

pub const KINDS: [Kind; 6] = [
    Kind { name: "api_token", fields: &[("token", "canary-token-3f9a71c2")], given: None, made: &[] },
    Kind { name: "query_key", fields: &[("key", "canary-key-58b1+/= e0")], given: None, made: &[] },
    Kind {
        name: "password",
        fields: &[("login", "ada"), ("password", "canary-password-77d0")],
        given: None,
        // Base64 of both.
        made: &["YWRhOmNhbmFyeS1wYXNzd29yZC03N2Qw"],
    },
    Kind {
        name: "session",
        fields: &[("user", "ada"), ("passphrase", "canary-passphrase-91e4")],
        given: Some(("canary-session-c0ffee42", "")),
        made: &[],
    },
    Kind {
        name: "app",
        fields: &[("client_id", "app-1"), ("client_secret", "canary-client-secret-0b6d")],
        given: Some(("canary-access-2d88f1", "canary-refresh-of-app-1a")),
        // Base64 of id and secret.
        made: &["YXBwLTE6Y2FuYXJ5LWNsaWVudC1zZWNyZXQtMGI2ZA=="],
    },
    Kind {
        name: "consent",
        fields: &[
            ("client_id", "app-1"),
            ("client_secret", "canary-client-secret-44aa"),
            ("access_token", "canary-old-access-9c"),
            ("refresh_token", "canary-old-refresh-9c"),
        ],
        given: Some(("canary-new-access-5e1", "canary-new-refresh-5e1")),
        made: &[],
    },
];

impl Kind {
    /// Every secret, by its name.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, String)> {
        let filled = self.fields.iter().filter(|(_, value)| value.starts_with("canary")).copied();
        let given =
            self.given.into_iter().flat_map(|(access, refresh)| [("access token", access), ("refresh token", refresh)]);
        let made = self.made.iter().map(|made| ("a form of it", *made));
        filled
            .chain(given)
            .chain(made)
            .filter(|(_, secret)| !secret.is_empty())
            .map(|(name, secret)| (name, secret.to_owned()))
    }

    pub fn credential(&self) -> Value {
        Value::Object(
            self.fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect::<Map<_, _>>(),
        )
    }

    /// What connects an account with it.
    pub fn connecting(&self, url: &str, validate: bool) -> Value {
        json!({
            "integration": "acme", "auth": self.name, "credential": self.credential(), "base_url": url, "validate": validate,
        })
    }
}
