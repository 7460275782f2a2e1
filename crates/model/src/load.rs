//! Reads the files of a model. `model/README.md` says what they may hold.

use rollcall_yaml::{Document, Entry, Node, Value};

use crate::schema::{Choice, Field, Key, Method, Model, Operator, Parameter, Resource, Type};

/// Why a file is not a resource of a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Error {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$((concat!($name, ".yaml"), include_str!(concat!("../../../model/user-directory/", $name, ".yaml")))),+]
    };
}

/// In the order in which documentation lists them.
const USER_DIRECTORY: &[(&str, &str)] = files![
    "users",
    "groups",
    "roles",
    "licenses",
    "organizations",
    "workspaces",
    "me",
    "activities",
    "role_assignments",
    "utilization",
    "billing",
];

pub(crate) fn embedded() -> Result<Model, Error> {
    model("user-directory", USER_DIRECTORY)
}

pub(crate) fn model(name: &str, files: &[(&str, &str)]) -> Result<Model, Error> {
    let mut resources: Vec<Resource> = Vec::new();
    for (file, text) in files {
        let document = rollcall_yaml::parse(text).map_err(|error| Error {
            file: (*file).to_owned(),
            line: error.place.line,
            column: error.place.column,
            message: error.message,
        })?;
        let resource = Reader { file }.resource(&document, &resources)?;
        resources.push(resource);
    }
    Ok(Model { name: name.to_owned(), resources })
}

type Read<T> = Result<T, Error>;

struct Reader<'a> {
    file: &'a str,
}

impl Reader<'_> {
    fn resource(&self, document: &Document, earlier: &[Resource]) -> Read<Resource> {
        let root = &document.root;
        self.keys(root, &["resource", "methods", "description", "same_as", "fields", "parameters", "sortable"])?;
        let mut resource = Resource {
            name: self.text(root, "resource")?,
            description: self.text(root, "description")?,
            methods: Vec::new(),
            fields: Vec::new(),
            parameters: Vec::new(),
            sortable: Vec::new(),
        };
        for (method, node) in self.texts(root, "methods")? {
            resource.methods.push(match method.as_str() {
                "list" => Method::List,
                "get" => Method::Get,
                _ => return Err(self.error(node, format!("unknown method `{method}`"))),
            });
        }
        if let Some(same) = root.member("same_as") {
            let name = self.string(&same.node)?;
            let Some(other) = earlier.iter().find(|resource| resource.name == name) else {
                return Err(self.error(&same.node, format!("no resource `{name}` before this one")));
            };
            resource.fields.clone_from(&other.fields);
            resource.parameters.clone_from(&other.parameters);
            resource.sortable.clone_from(&other.sortable);
            return Ok(resource);
        }
        resource.fields = self.fields(root)?;
        for entry in self.members(root, "parameters")? {
            let parameter = self.parameter(entry, &resource)?;
            resource.parameters.push(parameter);
        }
        for (name, node) in self.texts(root, "sortable")? {
            if resource.field(&name).is_none() {
                return Err(self.error(node, format!("no field `{name}`")));
            }
            resource.sortable.push(name);
        }
        Ok(resource)
    }

    fn fields(&self, node: &Node) -> Read<Vec<Field>> {
        self.members(node, "fields")?.iter().map(|entry| self.field(entry)).collect()
    }

    fn field(&self, entry: &Entry) -> Read<Field> {
        let node = &entry.node;
        self.keys(node, &["type", "required", "description", "values", "open", "item", "key", "within", "fields"])?;
        Ok(Field {
            name: entry.key.clone(),
            ty: self.ty(node)?,
            required: self.flag(node, "required")?,
            description: self.text(node, "description")?,
        })
    }

    fn ty(&self, node: &Node) -> Read<Type> {
        let name = self.text(node, "type")?;
        Ok(match name.as_str() {
            "enum" => self.enumeration(node)?,
            "object" => Type::Object { fields: self.fields(node)? },
            "list" => {
                let Some(item) = node.member("item") else {
                    return Err(self.error(node, "`item` is missing".to_owned()));
                };
                Type::List { item: Box::new(self.item(&item.node)?), key: self.key(node)? }
            }
            _ => self.plain(&name, node)?,
        })
    }

    /// The name of a type, an enumeration, or the fields of an object.
    fn item(&self, node: &Node) -> Read<Type> {
        let Value::Map(entries) = &node.value else {
            return self.plain(&self.string(node)?, node);
        };
        if matches!(node.member("type"), Some(entry) if matches!(&entry.node.value, Value::String(name) if name == "enum"))
        {
            return self.enumeration(node);
        }
        Ok(Type::Object { fields: entries.iter().map(|entry| self.field(entry)).collect::<Read<_>>()? })
    }

    fn enumeration(&self, node: &Node) -> Read<Type> {
        let mut values = Vec::new();
        for entry in self.members(node, "values")? {
            values.push(Choice { value: entry.key.clone(), description: self.string(&entry.node)? });
        }
        Ok(Type::Enum { values, open: self.flag(node, "open")? })
    }

    fn key(&self, node: &Node) -> Read<Option<Key>> {
        if node.member("key").is_none() {
            return Ok(None);
        }
        let names = |name| Ok(self.texts(node, name)?.into_iter().map(|(text, _)| text).collect());
        Ok(Some(Key { any_of: names("key")?, within: names("within")? }))
    }

    fn plain(&self, name: &str, node: &Node) -> Read<Type> {
        Ok(match name {
            "id" => Type::Id,
            "string" => Type::String,
            "email" => Type::Email,
            "url" => Type::Url,
            "datetime" => Type::DateTime,
            "date" => Type::Date,
            "boolean" => Type::Boolean,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "decimal_string" => Type::DecimalString,
            "map" => Type::Map,
            _ => return Err(self.error(node, format!("unknown type `{name}`"))),
        })
    }

    fn parameter(&self, entry: &Entry, resource: &Resource) -> Read<Parameter> {
        let node = &entry.node;
        self.keys(node, &["of", "type", "description", "values"])?;
        let of = node.member("of").map(|of| self.string(&of.node)).transpose()?;
        let field = match &of {
            None => None,
            Some(path) => match resource.find(path) {
                Some(field) => Some(field),
                None => return Err(self.error(node, format!("no field `{path}`"))),
            },
        };
        let ty = match (node.member("type"), field) {
            (None, Some(field)) => field.ty.clone(),
            _ => self.ty(node)?,
        };
        let description = match (node.member("description"), field) {
            (None, Some(field)) => field.description.clone(),
            _ => self.text(node, "description")?,
        };
        let operators = match &ty {
            _ if of.is_none() => Vec::new(),
            Type::DateTime | Type::Date => vec![Operator::Gt, Operator::Gte, Operator::Lt, Operator::Lte],
            Type::Boolean => Vec::new(),
            _ => vec![Operator::In],
        };
        Ok(Parameter { name: entry.key.clone(), ty, description, of, operators })
    }

    fn keys(&self, node: &Node, known: &[&str]) -> Read<()> {
        let Value::Map(entries) = &node.value else {
            return Err(self.error(node, "expected a map".to_owned()));
        };
        match entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            None => Ok(()),
            Some(entry) => Err(self.error(&entry.node, format!("unknown key `{}`", entry.key))),
        }
    }

    fn members<'n>(&self, node: &'n Node, name: &str) -> Read<&'n [Entry]> {
        match node.member(name) {
            None => Ok(&[]),
            Some(entry) => match &entry.node.value {
                Value::Map(entries) => Ok(entries),
                _ => Err(self.error(&entry.node, format!("`{name}` must be a map"))),
            },
        }
    }

    fn texts<'n>(&self, node: &'n Node, name: &str) -> Read<Vec<(String, &'n Node)>> {
        match node.member(name) {
            None => Ok(Vec::new()),
            Some(entry) => match &entry.node.value {
                Value::List(items) => items.iter().map(|item| Ok((self.string(item)?, item))).collect(),
                _ => Err(self.error(&entry.node, format!("`{name}` must be a list"))),
            },
        }
    }

    fn text(&self, node: &Node, name: &str) -> Read<String> {
        match node.member(name) {
            Some(entry) => self.string(&entry.node),
            None => Err(self.error(node, format!("`{name}` is missing"))),
        }
    }

    fn flag(&self, node: &Node, name: &str) -> Read<bool> {
        match node.member(name) {
            None => Ok(false),
            Some(entry) => match entry.node.value {
                Value::Bool(value) => Ok(value),
                _ => Err(self.error(&entry.node, format!("`{name}` must be true or false"))),
            },
        }
    }

    fn string(&self, node: &Node) -> Read<String> {
        match &node.value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.error(node, "expected a text".to_owned())),
        }
    }

    fn error(&self, node: &Node, message: String) -> Error {
        Error { file: self.file.to_owned(), line: node.place.line, column: node.place.column, message }
    }
}
