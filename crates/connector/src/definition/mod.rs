//! The shape of `connector.yaml`, word for word as `docs/reference/connector-format.md` describes it.
//! These types are read twice: `schemars` makes the JSON Schema that editors and our own loader check files against, and `serde` decodes
//! what passed. Doc comments become the descriptions in the schema.

mod auth;
mod evidence;
mod http;
mod method;
mod page;
mod request;
mod settings;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use auth::{
    Auth, BasicAuth, ClientAuth, ClientCertificate, Digest, Encoding, ExchangeToken, Grant, Hmac, HmacDate, Jwt, Login,
    OAuth1, OAuth2, Session, SigV4, TokenBody, TokenSource,
};
pub use evidence::{Deviation, Evidence, ResourceEvidence, Source};
pub use http::{Discover, ErrorRule, Errors, FaultKind, Http, Rate, Reset, ResetUnit};
pub use method::{
    Batch, Choose, Each, EmptyMeans, Enrich, Filter, FilterTarget, KeepTable, Lookup, Method, Parameter, ParentList,
    Pass, Sort, TableInPage,
};
pub use page::{
    At, Page, PageContinue, PageCursor, PageLast, PageLink, PageNextUrl, PageNumber, PageOffset, PageOnly, Place, Size,
    Step, Until,
};
pub use request::{Body, Columns, Format, Graphql, Items, OneOrMany, XmlFormat};
pub use settings::{Field, FieldKind};

/// A map that keeps the file's order.
pub type Ordered<T> = Vec<(String, T)>;

/// One connector: who the provider is, how to sign in, how to call it, and how its records map to the model.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Version of the format. Now 1.
    pub schema: u32,
    /// The folder's name: kebab-case, the provider's own name.
    pub id: String,
    /// The provider's name as people write it.
    pub name: String,
    /// Other names by which the connector may be called.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What kind of product this is: identity, code, chat, ticketing, ….
    pub category: String,
    /// The provider's API documentation.
    pub docs: String,
    /// Another connector that this one is based on.
    #[serde(default)]
    pub extends: Option<String>,
    /// What the operator fills in, beside the credential.
    #[serde(default)]
    pub settings: Map<Field>,
    /// Ways to sign in; the first is the default.
    pub auth: Map<Auth>,
    /// How to call the provider.
    pub http: Http,
    /// Tables that are fetched once per listing.
    #[serde(default)]
    pub lookups: Map<Lookup>,
    /// The provider's endpoints, by unified resource.
    pub resources: Map<Methods>,
    /// How records become unified records, by resource.
    pub unified: Map<Unified>,
}

/// The methods of one resource.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Methods {
    /// Lists all records.
    #[serde(default)]
    pub list: Option<Method>,
    /// Reads one record by its id.
    #[serde(default)]
    pub get: Option<Method>,
}

/// The mapping of one resource.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unified {
    /// Field of the model → expression.
    pub fields: BTreeMapValue,
    /// What `get` maps beside or otherwise than the list.
    #[serde(default)]
    pub get: Option<BTreeMapValue>,
    /// Paths of the provider's record whose values are hidden in `remote_data`: hashes of passwords and the like.
    #[serde(default)]
    pub redact: Vec<String>,
}

/// Expressions by field name, kept as JSON: the mapping compiler reads them against the model.
pub type BTreeMapValue = serde_json::Map<String, Value>;

/// A map with text keys, in the file's order.
#[derive(Clone, Debug)]
pub struct Map<T>(pub Vec<(String, T)>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Map<T> {
    /// The value at `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Entries in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Keys in the file's order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first entry.
    #[must_use]
    pub fn first(&self) -> Option<(&str, &T)> {
        self.0.first().map(|(name, value)| (name.as_str(), value))
    }
}

impl<T: Serialize> Serialize for Map<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Map<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Map<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    entries.push(entry);
                }
                Ok(Map(entries))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Map<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <BTreeMap<String, T>>::json_schema(generator)
    }
    fn inline_schema() -> bool {
        true
    }
}
