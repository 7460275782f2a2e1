//! How many connectors give what, beside the model: computed over the whole catalogue.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_connector::definition::{self, Parameter};
use rollcall_connector::{Catalog, Connector, MethodName, calls, coverage};
use rollcall_model::{Method, Model};
use serde_json::Value;

/// What the catalogue gives; nothing by default.
#[derive(Default)]
pub struct Counts {
    /// Connectors that can be read.
    pub connectors: u64,
    /// Resource, kind, name → connectors, and those whose provider does it.
    entries: BTreeMap<(String, String, String), (u64, u64)>,
    /// Resource, dotted field → connectors.
    fields: BTreeMap<(String, String), u64>,
    /// Resource → connectors that have it.
    having: BTreeMap<String, u64>,
    /// Resource, method → connectors that have it.
    methods: BTreeMap<(String, &'static str), u64>,
    /// Resource, parameter → what connectors say of it.
    taken: BTreeMap<(String, String), Vec<Taken>>,
}

/// What one connector says of a parameter of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub connector: String,
    pub method: MethodName,
    pub required: bool,
    /// Needed unless one of these is given.
    pub unless: Vec<String>,
    pub help: Option<String>,
    /// The values it takes, where they are few.
    pub values: Vec<String>,
    pub default: Option<Value>,
}

/// Connectors that support something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Support {
    pub connectors: u64,
    pub by_provider: u64,
}

impl Counts {
    /// Counts over all connectors.
    #[must_use]
    pub fn of(catalog: &Catalog) -> Self {
        let coverage = coverage::count(catalog, &[]);
        let mut counts = Self { connectors: coverage.connectors, ..Self::default() };
        for entry in coverage.entries {
            counts.entries.insert((entry.resource, entry.kind, entry.name), (entry.connectors, entry.by_provider));
        }
        for connector in catalog.ids().iter().filter_map(|id| catalog.connector(id).ok()) {
            counts.add(&connector);
        }
        counts
    }

    fn add(&mut self, connector: &Connector) {
        for resource in connector.definition().resources.keys() {
            *self.having.entry(resource.to_owned()).or_default() += 1;
        }
        let mut given: BTreeSet<(String, String)> = BTreeSet::new();
        for plan in calls::plans(connector) {
            given.extend(plan.mapping.fields().iter().map(|field| (plan.resource.clone(), field.clone())));
            given.extend(plan.mapping.sources().iter().map(|from| (plan.resource.clone(), from.field.clone())));
        }
        for place in given {
            *self.fields.entry(place).or_default() += 1;
        }
        for (resource, method, written) in connector.methods_by_resource() {
            *self.methods.entry((resource.to_owned(), method.as_str())).or_default() += 1;
            for (name, taken) in takes(connector.id(), method, written) {
                self.taken.entry((resource.to_owned(), name)).or_default().push(taken);
            }
        }
    }

    /// Connectors that give a field, dotted into lists and objects.
    #[must_use]
    pub fn field(&self, resource: &str, path: &str) -> Option<u64> {
        Model::user_directory().resource(resource)?.find(path)?;
        Some(self.fields.get(&(resource.to_owned(), path.to_owned())).copied().unwrap_or_default())
    }

    /// Connectors that support a parameter, whether it filters or goes to the provider.
    #[must_use]
    pub fn parameter(&self, resource: &str, name: &str) -> Support {
        ["filter", "parameter"]
            .iter()
            .map(|kind| self.entry(resource, kind, name))
            .max_by_key(|s| s.connectors)
            .unwrap_or_default()
    }

    /// Connectors whose list can be sorted by a field.
    #[must_use]
    pub fn sort(&self, resource: &str, field: &str) -> Support {
        self.entry(resource, "sort", field)
    }

    fn entry(&self, resource: &str, kind: &str, name: &str) -> Support {
        let found = self.entries.get(&(resource.to_owned(), kind.to_owned(), name.to_owned()));
        found
            .map(|(connectors, by_provider)| Support { connectors: *connectors, by_provider: *by_provider })
            .unwrap_or_default()
    }

    /// Connectors that have a resource.
    #[must_use]
    pub fn having(&self, resource: &str) -> u64 {
        self.having.get(resource).copied().unwrap_or_default()
    }

    /// Connectors that have a method of a resource.
    #[must_use]
    pub fn method(&self, resource: &str, method: Method) -> u64 {
        self.methods.get(&(resource.to_owned(), method.name())).copied().unwrap_or_default()
    }

    /// What connectors say of a parameter that they take.
    #[must_use]
    pub fn taken(&self, resource: &str, name: &str) -> &[Taken] {
        self.taken.get(&(resource.to_owned(), name.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    /// The parameters that connectors take for a method.
    pub fn names_taken(&self, resource: &str, method: MethodName) -> impl Iterator<Item = &str> {
        self.taken
            .iter()
            .filter(move |((of, _), taken)| of == resource && taken.iter().any(|taken| taken.method == method))
            .map(|((_, name), _)| name.as_str())
    }
}

/// The parameters of a method, those of all its branches, and the one that chooses between them.
#[must_use]
pub fn takes(connector: &str, method: MethodName, written: &definition::Method) -> Vec<(String, Taken)> {
    let taken = |parameter: &Parameter, of_all: bool| Taken {
        connector: connector.to_owned(),
        method,
        required: parameter.required && parameter.default.is_none() && of_all,
        unless: parameter.required_unless.clone(),
        help: parameter.help.clone(),
        values: parameter.values.clone(),
        default: parameter.default.clone(),
    };
    let mut all: Vec<(String, Taken)> =
        written.parameters.iter().map(|(name, parameter)| (name.to_owned(), taken(parameter, true))).collect();
    if let Some(choose) = &written.choose {
        for (name, parameter) in choose.of.iter().flat_map(|(_, branch)| branch.parameters.iter()) {
            if !all.iter().any(|(known, _)| known == name) {
                all.push((name.to_owned(), taken(parameter, false)));
            }
        }
        let own = Taken {
            connector: connector.to_owned(),
            method,
            required: choose.default.is_none(),
            unless: Vec::new(),
            help: None,
            values: choose.of.keys().map(str::to_owned).collect(),
            default: choose.default.clone().map(Value::from),
        };
        all.push((choose.parameter.clone(), own));
    }
    all
}
