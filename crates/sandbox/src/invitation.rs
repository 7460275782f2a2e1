//! How to call a sandbox: the ready-made command.

use std::fmt;

use rollcall_connector::account::inputs;
use rollcall_connector::definition::{Definition, FieldKind};

/// The command that lists the users of a sandbox.
#[derive(Clone, Debug)]
pub struct Invitation {
    connector: String,
    auth: Option<String>,
    settings: Vec<(String, String)>,
    base_url: String,
}

impl Invitation {
    /// The command for a connector played at an address. `None`: it signs with a key that only its owner has.
    #[must_use]
    pub fn new(definition: &Definition, base_url: &str) -> Option<Self> {
        let first = definition.auth.keys().next()?;
        let (name, _) =
            definition.auth.iter().find(|(_, auth)| auth.jwt.is_none() && auth.client_certificate.is_none())?;
        let oauth_code = definition
            .auth
            .get(name)
            .and_then(|auth| auth.oauth2.as_ref())
            .is_some_and(|oauth2| oauth2.grant == rollcall_connector::definition::Grant::AuthorizationCode);
        let mut settings = Vec::new();
        for (input, field) in inputs(definition, name) {
            // An app's consent cannot be given here, but the token that it would bring can.
            let token = oauth_code && input == "access_token";
            if (field.optional || field.default.is_some()) && !token {
                continue;
            }
            let value = match field.is {
                FieldKind::Host | FieldKind::Url => match &field.example {
                    Some(example) => example.clone(),
                    None => continue,
                },
                FieldKind::Text => "sandbox".to_owned(),
                FieldKind::Integer => "1".to_owned(),
                FieldKind::Boolean => "false".to_owned(),
                FieldKind::Choice => field.values.keys().next().unwrap_or_default().to_owned(),
            };
            settings.push((input, value));
        }
        let auth = (name != first).then(|| name.to_owned());
        Some(Self { connector: definition.id.clone(), auth, settings, base_url: base_url.to_owned() })
    }
}

impl Invitation {
    /// The kind of credential, where it is not the connector's first.
    #[must_use]
    pub fn auth(&self) -> Option<&str> {
        self.auth.as_deref()
    }

    /// Settings and the credential's fields with their values.
    #[must_use]
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rollcall list users --connector {}", self.connector)?;
        if let Some(auth) = &self.auth {
            write!(f, " --auth {auth}")?;
        }
        for (name, value) in &self.settings {
            write!(f, " --set {name}={value}")?;
        }
        write!(f, " --base-url {}", self.base_url)
    }
}
