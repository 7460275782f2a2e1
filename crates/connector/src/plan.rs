//! One method of one resource, compiled: what to send, how pages chain, where the records are, how they map.
//! A plan holds no values of an account; the engine brings those.

use std::collections::BTreeSet;

use rollcall_mapping::condition::Condition;
use rollcall_model::Model;
use serde_json::{Map as JsonMap, Value};

use crate::connector::{Connector, MethodName};
use crate::definition::{self, Each, Enrich, Format, Items, Lookup, Method, Page, ParentList, Pass};
use crate::request::{Mistake, RequestParts, RequestTemplate};
use crate::template::Template;

/// What a listing asks of the mapping.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Unified fields to leave out.
    pub exclude: Vec<String>,
    /// Whether records carry `remote_data`.
    pub remote_data: bool,
    /// The chosen branch of a `choose`.
    pub choice: Option<String>,
}

/// A compiled method.
#[derive(Debug)]
pub struct Plan {
    pub resource: String,
    pub method: MethodName,
    pub source: Method,
    /// Empty when the method is `find_in_list`.
    pub walks: Vec<Walk>,
    pub each: Option<EachPlan>,
    /// Only those that the mapping uses.
    pub lookups: Vec<LookupPlan>,
    pub enrich: Vec<EnrichPlan>,
    pub tables: Vec<TablePlan>,
    pub mapping: rollcall_mapping::Plan,
    /// Names of the mapping's contexts, in its order.
    pub contexts: Vec<String>,
    pub failed_when: Option<Condition>,
}

/// One walk of an endpoint.
#[derive(Debug)]
pub struct Walk {
    pub name: String,
    pub request: RequestTemplate,
    pub items: Items,
    pub items_optional: bool,
    pub format: Format,
    pub page: Page,
    /// Unified statuses that can come from it; any when empty.
    pub status: Vec<String>,
    /// `$pass`, as JSON.
    pub set: Option<Value>,
    pub optional: bool,
    pub when: Option<Template>,
}

/// A fan-out.
#[derive(Debug)]
pub struct EachPlan {
    pub source: Each,
    pub parents: ParentsPlan,
    pub given: Option<Template>,
}

/// Where the parents come from.
#[derive(Debug)]
pub enum ParentsPlan {
    Values(Vec<Value>),
    Walk {
        walk: Box<Walk>,
        keep: Vec<(String, String)>,
        condition: Option<Condition>,
    },
    /// The list of another resource of this connector; the parent is the unified record.
    Resource(String),
}

/// A table fetched once per listing.
#[derive(Debug)]
pub struct LookupPlan {
    pub name: String,
    pub source: Lookup,
    /// `None` for a constant table.
    pub walk: Option<Walk>,
    pub each: Option<EachPlan>,
    pub condition: Option<Condition>,
    /// Whether a field that is asked for reads it.
    pub needed: bool,
}

/// A second call per record.
#[derive(Debug)]
pub struct EnrichPlan {
    pub name: String,
    pub source: Enrich,
    pub walk: Walk,
    pub when: Option<Template>,
    /// Whether a field that is asked for reads it.
    pub needed: bool,
}

/// A table inside the page.
#[derive(Debug)]
pub struct TablePlan {
    pub name: String,
    pub source: definition::TableInPage,
    pub condition: Option<Condition>,
}

/// Why a method cannot be compiled: pointers into `connector.yaml`.
pub type Mistakes = Vec<Mistake>;

impl Plan {
    /// Compiles a method.
    ///
    /// # Errors
    /// Every mistake, with its JSON pointer into the connector's file.
    pub fn compile(
        connector: &Connector,
        resource: &str,
        method: MethodName,
        options: &Options,
    ) -> Result<Self, Mistakes> {
        let root = format!("/resources/{resource}/{}", method.as_str());
        let Some(written) = connector.method(resource, method) else {
            return Err(vec![(format!("/resources/{resource}"), format!("`{resource}` has no `{}`", method.as_str()))]);
        };
        let (written, root) = match (&written.choose, &options.choice) {
            (Some(choose), choice) => {
                let name = choice.as_ref().or(choose.default.as_ref()).map_or("", String::as_str);
                match choose.of.get(name).or_else(|| choose.of.first().map(|(_, first)| first)) {
                    Some(branch) => (branch, format!("{root}/choose/of/{name}")),
                    None => return Err(vec![(format!("{root}/choose/of"), "`of` names no method".to_owned())]),
                }
            }
            (None, _) => (written, root),
        };
        Compiler { connector, mistakes: Vec::new() }.plan(resource, method, written, &root, options)
    }
}

struct Compiler<'a> {
    connector: &'a Connector,
    mistakes: Mistakes,
}

impl Compiler<'_> {
    fn plan(
        mut self,
        resource: &str,
        method: MethodName,
        written: &Method,
        root: &str,
        options: &Options,
    ) -> Result<Plan, Mistakes> {
        let walks = self.walks(written, root);
        let each = written.each.as_ref().and_then(|each| self.each(each, &format!("{root}/each")));
        let mut enrich: Vec<EnrichPlan> =
            written.enrich.iter().map(|(name, e)| self.enrich(name, e, &format!("{root}/enrich/{name}"))).collect();
        let tables: Vec<TablePlan> = written
            .tables
            .iter()
            .map(|(name, table)| TablePlan {
                name: name.to_owned(),
                source: table.clone(),
                condition: self.condition(table.where_.as_ref(), &format!("{root}/tables/{name}/where")),
            })
            .collect();
        let mut contexts = vec!["key".to_owned(), "pass".to_owned()];
        contexts.extend(each.as_ref().map(|each| each.source.name.clone()));
        contexts.extend(enrich.iter().map(|e| e.name.clone()));
        // Both methods share the mapping: what only the other one reads is known by name, and has no value here.
        let other = self.other(resource, method);
        for name in other.iter().flat_map(|m| m.enrich.keys().chain(m.each.iter().map(|each| each.name.as_str()))) {
            if !contexts.iter().any(|known| known == name) {
                contexts.push(name.to_owned());
            }
        }
        let fields = self.fields(resource, method);
        // What nobody asked for is not fetched.
        let wanted: Vec<&Value> = fields
            .iter()
            .filter(|(name, _)| !options.exclude.contains(name))
            .map(|(_, expression)| expression)
            .collect();
        for plan in &mut enrich {
            plan.needed = wanted.iter().any(|expression| names_context(expression, &plan.name));
        }
        let mut asked = BTreeSet::new();
        wanted.iter().for_each(|expression| lookup_names(expression, &mut asked));
        let mut lookups = self.lookups(&fields);
        for lookup in &mut lookups {
            lookup.needed = asked.contains(&lookup.name);
        }
        let mapping = self.mapping(resource, &fields, &contexts, &tables, &lookups, other.as_ref(), options);
        let errors = &self.connector.definition().http.errors;
        let failed_when = self.condition(errors.failed_when.as_ref(), "/http/errors/failed_when");
        match mapping {
            Some(mapping) if self.mistakes.is_empty() => Ok(Plan {
                resource: resource.to_owned(),
                method,
                source: written.clone(),
                walks,
                each,
                lookups,
                enrich,
                tables,
                mapping,
                contexts,
                failed_when,
            }),
            _ => Err(self.mistakes),
        }
    }

    /// The mapping's expressions: `fields`, with `get`'s own over them for a `get`.
    fn fields(&mut self, resource: &str, method: MethodName) -> JsonMap<String, Value> {
        let Some(unified) = self.connector.definition().unified.get(resource) else {
            self.mistakes.push(("/unified".to_owned(), format!("`{resource}` has methods but no mapping")));
            return JsonMap::new();
        };
        let mut fields = unified.fields.clone();
        if let (MethodName::Get, Some(own)) = (method, &unified.get) {
            for (name, expression) in own {
                if expression.is_null() {
                    fields.shift_remove(name);
                } else {
                    fields.insert(name.clone(), expression.clone());
                }
            }
        }
        fields
    }

    /// The other method of the resource.
    fn other(&self, resource: &str, method: MethodName) -> Option<Method> {
        let other = if method == MethodName::List { MethodName::Get } else { MethodName::List };
        self.connector.method(resource, other).cloned()
    }

    #[expect(clippy::too_many_arguments, reason = "what a mapping may read")]
    fn mapping(
        &mut self,
        resource: &str,
        fields: &JsonMap<String, Value>,
        contexts: &[String],
        tables: &[TablePlan],
        lookups: &[LookupPlan],
        other: Option<&Method>,
        options: &Options,
    ) -> Option<rollcall_mapping::Plan> {
        let Some(model) = Model::user_directory().resource(resource) else {
            self.mistakes.push((format!("/resources/{resource}"), format!("the model has no resource `{resource}`")));
            return None;
        };
        let kept = |keep: &definition::Map<String>| keep.keys().map(str::to_owned).collect::<Vec<_>>();
        let mut declared: Vec<(String, Vec<String>, bool)> =
            tables.iter().map(|t| (t.name.clone(), kept(&t.source.keep), false)).collect();
        declared.extend(lookups.iter().map(|l| (l.name.clone(), l.kept(), l.source.many)));
        for (name, table) in other.iter().flat_map(|m| m.tables.iter()) {
            if !declared.iter().any(|(known, _, _)| known == name) {
                declared.push((name.to_owned(), kept(&table.keep), false));
            }
        }
        let keeps: Vec<Vec<&str>> =
            declared.iter().map(|(_, keep, _)| keep.iter().map(String::as_str).collect()).collect();
        let tables: Vec<rollcall_mapping::Table<'_>> = declared
            .iter()
            .zip(&keeps)
            .map(|((name, _, many), keep)| rollcall_mapping::Table { name, kept: keep, many: *many })
            .collect();
        let contexts: Vec<&str> = contexts.iter().map(String::as_str).collect();
        let scope = rollcall_mapping::Scope { contexts: &contexts, tables: &tables };
        let mapping_options = rollcall_mapping::Options { exclude: &options.exclude, remote_data: options.remote_data };
        match rollcall_mapping::compile(model, &Value::Object(fields.clone()), &scope, &mapping_options) {
            Ok(mut plan) => {
                let unified = &self.connector.definition().unified;
                let redact = unified.get(resource).map_or(&[][..], |unified| &unified.redact);
                match rollcall_mapping::Redaction::compile(redact) {
                    Ok(redaction) => plan.redact(redaction),
                    Err(problems) => self.mistakes.extend(
                        problems.into_iter().map(|p| (format!("/unified/{resource}/redact{}", p.pointer), p.message)),
                    ),
                }
                Some(plan)
            }
            Err(problems) => {
                for problem in problems {
                    let message = match problem.hint.filter(|h| !h.is_empty()) {
                        Some(hint) => format!("{}\u{0}{hint}", problem.message),
                        None => problem.message,
                    };
                    self.mistakes.push((format!("/unified/{resource}/fields{}", problem.pointer), message));
                }
                None
            }
        }
    }

    fn walks(&mut self, written: &Method, root: &str) -> Vec<Walk> {
        if written.find_in_list {
            return Vec::new();
        }
        if written.passes.is_empty() {
            return self.walk(&Pass::default(), written, root, root, "all").into_iter().collect();
        }
        let mut walks = Vec::new();
        for (index, pass) in written.passes.iter().enumerate() {
            let name = pass
                .name
                .clone()
                .unwrap_or_else(|| if index == 0 { "all".to_owned() } else { format!("pass {}", index + 1) });
            walks.extend(self.walk(pass, written, root, &format!("{root}/passes/{index}"), &name));
        }
        walks
    }

    fn walk(&mut self, pass: &Pass, written: &Method, root: &str, pass_root: &str, name: &str) -> Option<Walk> {
        let replaces = pass.get.is_some() || pass.post.is_some();
        let mut query = written.query.clone();
        for (name, value) in pass.query.iter() {
            query.0.retain(|(known, _)| known != name);
            if !value.is_null() {
                query.0.push((name.to_owned(), value.clone()));
            }
        }
        let mut headers = written.headers.clone();
        for (name, value) in pass.headers.iter() {
            headers.0.retain(|(known, _)| known != name);
            headers.0.push((name.to_owned(), value.clone()));
        }
        let parts = RequestParts {
            get: if replaces { pass.get.as_deref() } else { written.get.as_deref() },
            post: if replaces { pass.post.as_deref() } else { written.post.as_deref() },
            query: &query,
            headers: &headers,
            body: pass.body.as_ref().or(written.body.as_ref()),
            auth: &written.auth,
        };
        let request = self.request(&parts, if replaces { pass_root } else { root })?;
        Some(Walk {
            name: name.to_owned(),
            request,
            items: pass.items.clone().or_else(|| written.items.clone()).unwrap_or_else(root_items),
            items_optional: written.items_optional,
            format: written.format.clone(),
            page: pass.page.clone().or_else(|| written.page.clone()).unwrap_or_else(no_paging),
            status: pass.status.clone(),
            set: (!pass.set.is_empty()).then(|| Value::Object(pass.set.clone())),
            optional: pass.optional,
            when: self.template(pass.when.as_deref(), &format!("{pass_root}/when")),
        })
    }

    fn request(&mut self, parts: &RequestParts<'_>, root: &str) -> Option<RequestTemplate> {
        match RequestTemplate::compile(parts, &self.connector.definition().http.headers) {
            Ok(request) => Some(request),
            Err(mistakes) => {
                self.mistakes
                    .extend(mistakes.into_iter().map(|(pointer, message)| (format!("{root}{pointer}"), message)));
                None
            }
        }
    }

    fn each(&mut self, each: &Each, root: &str) -> Option<EachPlan> {
        let parents = match (&each.from, each.values.is_empty()) {
            (Some(from), true) => match &from.resource {
                Some(resource) => {
                    if self.connector.method(resource, MethodName::List).is_none() {
                        self.mistakes.push((format!("{root}/from/resource"), format!("`{resource}` has no `list`")));
                    }
                    ParentsPlan::Resource(resource.clone())
                }
                None => self.parents(from, &format!("{root}/from"))?,
            },
            (None, false) => ParentsPlan::Values(each.values.clone()),
            _ => {
                self.mistakes.push((root.to_owned(), "a fan-out has either `from` or `values`".to_owned()));
                return None;
            }
        };
        Some(EachPlan {
            source: each.clone(),
            parents,
            given: self.template(each.given.as_deref(), &format!("{root}/given")),
        })
    }

    fn parents(&mut self, from: &ParentList, root: &str) -> Option<ParentsPlan> {
        let parts = RequestParts {
            get: from.get.as_deref(),
            post: from.post.as_deref(),
            query: &from.query,
            headers: &from.headers,
            body: from.body.as_ref(),
            auth: &[],
        };
        let request = self.request(&parts, root)?;
        let keep: Vec<(String, String)> = if from.keep.is_empty() {
            vec![("id".to_owned(), ".id".to_owned())]
        } else {
            from.keep.iter().map(|(n, p)| (n.to_owned(), p.clone())).collect()
        };
        if !keep.iter().any(|(name, _)| name == "id") {
            self.mistakes.push((format!("{root}/keep"), "`keep` needs an `id`".to_owned()));
        }
        let condition = self.condition(from.where_.as_ref(), &format!("{root}/where"));
        let walk = Walk {
            name: "parents".to_owned(),
            request,
            items: from.items.clone().unwrap_or_else(root_items),
            items_optional: from.items_optional,
            format: from.format.clone(),
            page: from.page.clone().unwrap_or_else(no_paging),
            status: Vec::new(),
            set: None,
            optional: false,
            when: None,
        };
        Some(ParentsPlan::Walk { walk: Box::new(walk), keep, condition })
    }

    fn enrich(&mut self, name: &str, enrich: &Enrich, root: &str) -> EnrichPlan {
        let parts = RequestParts {
            get: enrich.get.as_deref(),
            post: enrich.post.as_deref(),
            query: &enrich.query,
            headers: &enrich.headers,
            body: enrich.body.as_ref(),
            auth: &[],
        };
        let request = self.request(&parts, root);
        let items = enrich.items.clone().map_or_else(root_items, Items::Path);
        EnrichPlan {
            name: name.to_owned(),
            source: enrich.clone(),
            walk: Walk {
                name: name.to_owned(),
                request: request.unwrap_or_else(RequestTemplate::nowhere),
                items,
                items_optional: true,
                format: enrich.format.clone(),
                page: enrich.page.clone().unwrap_or_else(no_paging),
                status: Vec::new(),
                set: None,
                optional: !enrich.required,
                when: None,
            },
            when: self.template(enrich.when.as_deref(), &format!("{root}/when")),
            needed: true,
        }
    }

    /// The lookups that the expressions name.
    fn lookups(&mut self, fields: &JsonMap<String, Value>) -> Vec<LookupPlan> {
        let mut used = BTreeSet::new();
        fields.values().for_each(|expression| lookup_names(expression, &mut used));
        let definition = self.connector.definition();
        let wanted: Vec<(String, Lookup)> = definition
            .lookups
            .iter()
            .filter(|(name, _)| used.contains(*name))
            .map(|(n, l)| (n.to_owned(), l.clone()))
            .collect();
        wanted.into_iter().map(|(name, lookup)| self.lookup(&name, lookup)).collect()
    }

    fn lookup(&mut self, name: &str, lookup: Lookup) -> LookupPlan {
        let root = format!("/lookups/{name}");
        let walk = if lookup.table.is_some() {
            None
        } else {
            if lookup.key.is_none() {
                self.mistakes.push((root.clone(), "`key` is missing".to_owned()));
            }
            let parts = RequestParts {
                get: lookup.get.as_deref(),
                post: lookup.post.as_deref(),
                query: &lookup.query,
                headers: &lookup.headers,
                body: lookup.body.as_ref(),
                auth: &[],
            };
            self.request(&parts, &root).map(|request| Walk {
                name: name.to_owned(),
                request,
                items: lookup.items.clone().unwrap_or_else(root_items),
                items_optional: lookup.items_optional,
                format: lookup.format.clone(),
                page: lookup.page.clone().unwrap_or_else(no_paging),
                status: Vec::new(),
                set: None,
                optional: lookup.optional,
                when: None,
            })
        };
        let each = lookup.each.as_ref().and_then(|each| self.each(each, &format!("{root}/each")));
        let condition = self.condition(lookup.where_.as_ref(), &format!("{root}/where"));
        LookupPlan { name: name.to_owned(), source: lookup, walk, each, condition, needed: true }
    }

    fn condition(&mut self, written: Option<&Value>, pointer: &str) -> Option<Condition> {
        match Condition::compile(written?, &[]) {
            Ok(condition) => Some(condition),
            Err(problems) => {
                self.mistakes.extend(problems.into_iter().map(|p| (format!("{pointer}{}", p.pointer), p.message)));
                None
            }
        }
    }

    fn template(&mut self, text: Option<&str>, pointer: &str) -> Option<Template> {
        match Template::parse(text?) {
            Ok(template) => Some(template),
            Err(message) => {
                self.mistakes.push((pointer.to_owned(), message));
                None
            }
        }
    }
}

impl LookupPlan {
    /// The members that a mapping can take from it.
    #[must_use]
    pub fn kept(&self) -> Vec<String> {
        if let Some(table) = &self.source.table {
            let members: BTreeSet<String> =
                table.values().filter_map(Value::as_object).flat_map(|row| row.keys().cloned()).collect();
            return members.into_iter().collect();
        }
        self.source.keep.keys().map(str::to_owned).collect()
    }
}

fn lookup_names(expression: &Value, used: &mut BTreeSet<String>) {
    match expression {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("lookup") {
                used.insert(name.clone());
            }
            members.values().for_each(|member| lookup_names(member, used));
        }
        Value::Array(items) => items.iter().for_each(|item| lookup_names(item, used)),
        _ => {}
    }
}

/// Whether an expression reads `$name`.
fn names_context(expression: &Value, name: &str) -> bool {
    let is = |text: &str| {
        text.strip_prefix('$')
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let within = |text: &str| is(text) || text.contains(&format!("{{${name}."));
    match expression {
        Value::String(text) => within(text),
        Value::Array(items) => items.iter().any(|item| names_context(item, name)),
        Value::Object(members) => members.iter().any(|(key, member)| within(key) || names_context(member, name)),
        _ => false,
    }
}

fn root_items() -> Items {
    Items::Path(".".to_owned())
}

fn no_paging() -> Page {
    Page::None(definition::PageOnly::default())
}
