//! What a model is made of. The files are read in `load`.

use std::sync::LazyLock;

use crate::load;

/// A set of resources that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub name: String,
    pub resources: Vec<Resource>,
}

/// One kind of record: users, groups, and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub name: String,
    pub description: String,
    pub methods: Vec<Method>,
    /// In the order in which a record is written.
    pub fields: Vec<Field>,
    /// What a list may be asked for.
    pub parameters: Vec<Parameter>,
    /// The fields by which a list can be sorted.
    pub sortable: Vec<String>,
}

/// What can be done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    List,
    Get,
}

/// One member of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub required: bool,
    pub description: String,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A text that names something; numbers are written as texts, digit for digit.
    Id,
    String,
    Email,
    Url,
    /// RFC 3339 in UTC.
    DateTime,
    /// `YYYY-MM-DD`.
    Date,
    Boolean,
    Integer,
    Number,
    /// A decimal number as a text, so that amounts of money keep their digits.
    DecimalString,
    /// `open`: a value of the provider is passed on when none of `values` fits.
    Enum {
        values: Vec<Choice>,
        open: bool,
    },
    List {
        item: Box<Type>,
        /// What tells one item from another; lists of plain values have none.
        key: Option<Key>,
    },
    Object {
        fields: Vec<Field>,
    },
    /// An object whose member names are the provider's and whose values are texts.
    Map,
}

/// One value of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub value: String,
    pub description: String,
}

/// What tells one item of a list from another.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The first of these fields that an item has is its key.
    pub any_of: Vec<String>,
    /// Fields that make the same key another item: a role in one group is not that role in another.
    pub within: Vec<String>,
}

/// One thing a list may be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub ty: Type,
    pub description: String,
    /// The field it compares, dotted into lists and objects. Without it the parameter is for the provider alone.
    pub of: Option<String>,
    /// Beside the bare value.
    pub operators: Vec<Operator>,
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    In,
    Gt,
    Gte,
    Lt,
    Lte,
}

impl Model {
    /// The model of people, groups, roles, licences and what belongs to them.
    #[must_use]
    pub fn user_directory() -> &'static Self {
        // A fault in the embedded files leaves the model empty, which the tests of this crate would show: they compare it name by name.
        static MODEL: LazyLock<Model> = LazyLock::new(|| {
            load::embedded().unwrap_or(Model { name: "user-directory".to_owned(), resources: Vec::new() })
        });
        &MODEL
    }

    /// Reads a model from `(file name, text)` pairs.
    ///
    /// # Errors
    /// The first mistake found, with its file and line.
    pub fn parse(name: &str, files: &[(&str, &str)]) -> Result<Self, load::Error> {
        load::model(name, files)
    }

    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }
}

impl Resource {
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The field at a dotted path that may lead into lists and objects: `emails.email`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Field> {
        let mut fields = self.fields.as_slice();
        let mut found = None;
        for name in path.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            fields = field.ty.fields();
            found = Some(field);
        }
        found
    }
}

impl Type {
    /// The fields of an object, or of the objects of a list; empty for all other types.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Object { fields } => fields,
            Self::List { item, .. } => item.fields(),
            _ => &[],
        }
    }

    /// The name by which the model's files call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::String => "string",
            Self::Email => "email",
            Self::Url => "url",
            Self::DateTime => "datetime",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::DecimalString => "decimal_string",
            Self::Enum { .. } => "enum",
            Self::List { .. } => "list",
            Self::Object { .. } => "object",
            Self::Map => "map",
        }
    }

    /// Whether it is one value rather than a list, an object or a map.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Object { .. } | Self::Map)
    }
}

impl Method {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
        }
    }
}

impl Operator {
    /// Its name in a query: `created_at[gte]=…`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
        }
    }
}
