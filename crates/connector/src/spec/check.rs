//! The comparison itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::matching;
use super::schema::{self, Has};
use super::{Operation, Spec};
use crate::calls::{self, Call, Role};
use crate::connector::{Connector, MethodName};
use crate::definition::{Evidence, Format, Page, Place, Size};
use crate::paths::{ELEMENT, steps};
use crate::plan::{EachPlan, ParentsPlan, Plan};

/// What the comparison found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// By resource.
    pub resources: BTreeMap<String, ResourceReport>,
    pub differences: Vec<Difference>,
}

/// One resource.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResourceReport {
    /// Calls that are operations of the description.
    pub operations: usize,
    /// Calls that the description does not have, by what they are for. Extracts describe people, groups and roles; other calls cannot be judged.
    pub beyond: BTreeSet<String>,
    /// Source paths that the description has.
    pub paths: usize,
    /// Source paths below a member that the description leaves open.
    pub open: usize,
    /// Parameters that the description has.
    pub parameters: usize,
    pub differences: usize,
    /// What differs on purpose, as evidence.yaml says.
    pub deviations: usize,
}

impl ResourceReport {
    /// Whether every request and every path is in the description.
    #[must_use]
    pub fn is_specified(&self) -> bool {
        self.operations > 0 && self.paths > 0 && self.beyond.is_empty() && self.differences == 0
    }
}

/// Something that the description does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// Into `connector.yaml`.
    pub pointer: String,
    pub message: String,
}

/// Compares a connector with descriptions.
#[must_use]
pub fn check(connector: &Connector, specs: &[Spec], evidence: Option<&Evidence>) -> Report {
    let plans = calls::plans(connector);
    let all = calls::calls(connector, &plans);
    let allowed: BTreeSet<String> =
        evidence.into_iter().flat_map(|e| &e.deviations).flat_map(|d| d.paths.iter().cloned()).collect();
    let mut checker = Checker {
        specs,
        bases: calls::bases(connector),
        allowed,
        report: Report::default(),
        items: BTreeMap::new(),
        unknown: BTreeSet::new(),
    };
    for plan in &plans {
        let own: Vec<&Call<'_>> = all.iter().filter(|call| call.plan.is_some_and(|p| std::ptr::eq(p, plan))).collect();
        checker.plan(plan, &own);
    }
    checker.sources(&plans);
    checker.report.differences.sort();
    checker.report.differences.dedup();
    let differences = checker.report.differences.clone();
    for (resource, report) in &mut checker.report.resources {
        let own = |d: &&Difference| {
            d.pointer.starts_with(&format!("/resources/{resource}/"))
                || d.pointer.starts_with(&format!("/unified/{resource}/"))
        };
        report.differences = differences.iter().filter(own).count();
    }
    checker.report
}

struct Checker<'a> {
    specs: &'a [Spec],
    bases: Vec<String>,
    allowed: BTreeSet<String>,
    report: Report,
    /// The records of a resource, by context: a mapping reads what several calls give.
    items: BTreeMap<(String, Option<String>), Vec<Item<'a>>>,
    /// The same, where a call is not in the description: what it gives is not known.
    unknown: BTreeSet<(String, Option<String>)>,
}

/// The schema of what a call gives, and the steps from our items down to it.
struct Item<'a> {
    schema: Vec<&'a Value>,
    /// The description's records lie this much below our items.
    below: Vec<String>,
    /// Elements stand in members of this name (lists in XML).
    wrapped: bool,
}

impl<'a> Checker<'a> {
    fn plan(&mut self, plan: &Plan, calls: &[&Call<'_>]) {
        self.report.resources.entry(plan.resource.clone()).or_default();
        let specs = self.specs;
        let own = format!("{}.{}", plan.resource, plan.method.as_str());
        let known = specs
            .iter()
            .flat_map(|spec| &spec.operations)
            .any(|op| op.op == own || op.op.starts_with(&format!("{own}.")));
        let mut described = false;
        for call in calls {
            let pointer = pointer(plan, call);
            let context = match call.role {
                Role::Records => Some((plan.resource.clone(), None)),
                Role::Enrich => Some((plan.resource.clone(), Some(call.name.clone()))),
                _ => None,
            };
            let Some(operation) = matching::operation(specs, call, &self.bases) else {
                self.unknown.extend(context);
                let target: String =
                    call.request.target.skeleton().into_iter().map(|part| part.unwrap_or("{}")).collect();
                let request = format!("{} {target}", call.request.verb.as_str());
                if !self.excused(&plan.resource, &[&request, &target]) {
                    self.resource(&plan.resource).beyond.insert(format!("{} ({request})", call.label()));
                }
                continue;
            };
            described |= call.role == Role::Records;
            self.resource(&plan.resource).operations += 1;
            self.parameters(plan, call, operation, &pointer);
            let item = self.item(plan, call, operation, &pointer);
            match (item, context) {
                (Some(item), Some(context)) => self.items.entry(context).or_default().push(item),
                (None, Some(context)) => drop(self.unknown.insert(context)),
                (Some(item), None) if call.role == Role::Parents => self.parents(plan, call, &item, &pointer),
                (Some(item), None) => self.lookup(plan, call, &item),
                (None, None) => {}
            }
        }
        // The description knows this reading, and by none of our requests.
        let asks = calls.iter().any(|call| call.role == Role::Records);
        if known
            && asks
            && !described
            && self.report.resources.get(&plan.resource).is_some_and(|r| {
                r.beyond.iter().any(|b| b.starts_with(&format!("{} {}", plan.resource, plan.method.as_str())))
            })
        {
            let pointer = format!("/resources/{}/{}", plan.resource, plan.method.as_str());
            self.differ(&pointer, format!("the description has `{own}`, but by another method or path"));
        }
    }

    fn resource(&mut self, resource: &str) -> &mut ResourceReport {
        self.report.resources.entry(resource.to_owned()).or_default()
    }

    fn differ(&mut self, pointer: &str, message: String) {
        self.report.differences.push(Difference { pointer: pointer.to_owned(), message });
    }

    /// Whether evidence.yaml names one of these as a deviation.
    fn excused(&mut self, resource: &str, names: &[&str]) -> bool {
        let excused = names.iter().any(|name| self.allowed.contains(*name));
        if excused {
            self.resource(resource).deviations += 1;
        }
        excused
    }

    fn parameters(&mut self, plan: &Plan, call: &Call<'_>, operation: &Operation, pointer: &str) {
        let (mut query, mut body) = (call.query_names(), call.body_names());
        if let Some(walk) = call.walk {
            for (place, name) in paging(&walk.page) {
                match place {
                    Place::Query => query.push(name),
                    Place::Json | Place::Form => body.push(name),
                    Place::Header | Place::Variable | Place::Path => {}
                }
            }
        }
        if call.role == Role::Records && plan.method == MethodName::List {
            for (_, filter) in plan.source.filter.iter() {
                let operators = [&filter.gt, &filter.gte, &filter.lt, &filter.lte];
                let names = filter.param.iter().chain(operators.into_iter().flatten().map(|target| &target.param));
                if call.request.verb == crate::request::Verb::Get {
                    query.extend(names.cloned())
                }
            }
            query.extend(plan.source.sort.iter().map(|sort| sort.param.clone()));
        }
        let wire = |name: &str| operation.wire.as_ref().is_some_and(|wire| wire.get(name).is_some());
        let described = |places: &[&str]| operation.params.iter().any(|param| places.contains(&param.place.as_str()));
        let known = |name: &str, places: &[&str]| {
            operation
                .params
                .iter()
                .any(|param| places.contains(&param.place.as_str()) && same_parameter(&param.name, name))
        };
        for name in query {
            if wire(&name) || known(&name, QUERY) {
                self.resource(&plan.resource).parameters += 1;
            } else if !self.excused(&plan.resource, &[&name]) {
                self.differ(pointer, format!("`{}` has no query parameter `{name}`", operation.op));
            }
        }
        let properties = operation.body.as_ref().and_then(|body| body.get("properties")).and_then(Value::as_object);
        // An operation whose body is not described says nothing about its members.
        if properties.is_none() && !described(BODY) {
            return;
        }
        for name in body {
            let top = name.split('.').next().unwrap_or_default();
            if wire(top) || known(top, BODY) || properties.is_some_and(|p| p.contains_key(top)) {
                self.resource(&plan.resource).parameters += 1;
            } else if !self.excused(&plan.resource, &[&name, top]) {
                self.differ(pointer, format!("`{}` has no body member `{top}`", operation.op));
            }
        }
    }

    /// Relates our items to the description's.
    fn item(&mut self, plan: &Plan, call: &Call<'_>, operation: &'a Operation, pointer: &str) -> Option<Item<'a>> {
        let walk = call.walk?;
        let wrapped = matches!(walk.format, Format::Xml(_));
        let Some(path) = calls::items_path(&walk.items) else {
            return Some(Item { schema: vec![&operation.item_schema], below: Vec::new(), wrapped });
        };
        let plain = |path: &str| -> Vec<String> {
            steps(path).into_iter().filter(|step| step != ELEMENT && !(wrapped && step == "member")).collect()
        };
        let mut own = plain(path);
        if wrapped {
            // Envelopes of XML answers, which descriptions leave out.
            own.retain(|step| !step.ends_with("Response") && !step.ends_with("Result"));
        }
        let spec = plain(&operation.items_path.clone().unwrap_or_default().replace("[]", "[]."));
        // `*` of a description: an object keyed by id.
        let spec: Vec<String> = spec.into_iter().filter(|step| step != "*").collect();
        if let Some(rest) = after(&own, &spec) {
            let rest = rest.to_vec();
            let rest = rest.as_slice();
            let found = schema::at(&operation.item_schema, &with_elements(&operation.item_schema, rest));
            if found.is_empty() && !rest.is_empty() {
                if schema::has(&operation.item_schema, rest) == Has::Open {
                    return None;
                }
                if !self.excused(&plan.resource, &[path]) {
                    self.differ(
                        pointer,
                        format!(
                            "the records of `{}` are at `{}`, not at `{path}`",
                            operation.op,
                            operation.items_path.as_deref().unwrap_or_default()
                        ),
                    );
                }
                return None;
            }
            return Some(Item {
                schema: if rest.is_empty() { vec![&operation.item_schema] } else { found },
                below: Vec::new(),
                wrapped,
            });
        }
        if let Some(rest) = spec.strip_prefix(own.as_slice()) {
            return Some(Item { schema: vec![&operation.item_schema], below: rest.to_vec(), wrapped });
        }
        if !self.excused(&plan.resource, &[path]) {
            self.differ(
                pointer,
                format!(
                    "the records of `{}` are at `{}`, not at `{path}`",
                    operation.op,
                    operation.items_path.as_deref().unwrap_or_default()
                ),
            );
        }
        None
    }

    /// The mapping's paths, each of which some call of the resource must give.
    fn sources(&mut self, plans: &[Plan]) {
        let items = std::mem::take(&mut self.items);
        let mut judged = BTreeSet::new();
        for plan in plans {
            for origin in plan.mapping.sources() {
                let top = origin.field.split('.').next().unwrap_or_default().to_owned();
                for source in &origin.paths {
                    let context = (plan.resource.clone(), source.context.clone());
                    let Some(given) = items.get(&context) else { continue };
                    if !judged.insert((context.clone(), origin.field.clone(), source.path.clone())) {
                        continue;
                    }
                    // An enrichment of many items is an array of them.
                    let mut path = steps(&source.path);
                    if source.context.is_some() && path.first().is_some_and(|first| first == ELEMENT) {
                        path.remove(0);
                    }
                    let best = given.iter().map(|item| has(item, &path)).max().unwrap_or(Has::No);
                    let best = if best == Has::No && self.unknown.contains(&context) { Has::Open } else { best };
                    let written = format!(
                        "{}{}",
                        source.context.as_ref().map(|c| format!("${c}")).unwrap_or_default(),
                        source.path
                    );
                    self.count(
                        &plan.resource,
                        best,
                        &[&written, &source.path],
                        &format!("/unified/{}/fields/{top}", plan.resource),
                        &origin.field,
                    );
                }
            }
        }
    }

    fn parents(&mut self, plan: &Plan, call: &Call<'_>, item: &Item<'a>, pointer: &str) {
        if let Some(EachPlan { parents: ParentsPlan::Walk { keep, .. }, .. }) = call.each {
            for (name, path) in keep {
                self.judge(&plan.resource, item, &steps(path), path, pointer, name);
            }
        }
    }

    fn lookup(&mut self, plan: &Plan, call: &Call<'_>, item: &Item<'a>) {
        let Some(lookup) = plan.lookups.iter().find(|lookup| lookup.name == call.name) else { return };
        let pointer = format!("/lookups/{}", lookup.name);
        for path in lookup
            .source
            .key
            .iter()
            .chain(lookup.source.keep.iter().map(|(_, path)| path))
            .filter(|path| path.starts_with('.'))
        {
            self.judge(&plan.resource, item, &steps(path), path, &pointer, &lookup.name);
        }
    }

    fn judge(&mut self, resource: &str, item: &Item<'a>, path: &[String], written: &str, pointer: &str, field: &str) {
        self.count(resource, has(item, path), &[written], pointer, field);
    }

    fn count(&mut self, resource: &str, has: Has, written: &[&str], pointer: &str, field: &str) {
        match has {
            Has::Yes => self.resource(resource).paths += 1,
            Has::Open => self.resource(resource).open += 1,
            Has::No if self.excused(resource, written) => {}
            Has::No => self.differ(
                pointer,
                format!(
                    "`{}` (for `{field}`) is not in the description's record",
                    written.first().copied().unwrap_or_default()
                ),
            ),
        }
    }
}

/// Whether the records of a call have a path.
fn has(item: &Item<'_>, path: &[String]) -> Has {
    // Every GraphQL object says its type.
    if path == ["__typename"] {
        return Has::Yes;
    }
    let path: Vec<String> = path.iter().filter(|step| !(item.wrapped && *step == "member")).cloned().collect();
    // A member of the envelope: the description shows the record only.
    let Some(path) = path.strip_prefix(item.below.as_slice()) else { return Has::Open };
    // Below our items stands the description's list: the next step names one of its records.
    let element = path.first().is_some_and(|step| step == ELEMENT || step.bytes().all(|byte| byte.is_ascii_digit()));
    let path = if element && !item.below.is_empty() { path.get(1..).unwrap_or_default() } else { path };
    item.schema.iter().map(|schema| schema::has(schema, path)).max().unwrap_or(Has::No)
}

const QUERY: &[&str] = &["query", "querystring", "uri"];
const BODY: &[&str] = &["body", "form", "formData", "json"];

/// Arrays are written with and without brackets: `expand[]`.
fn same_parameter(described: &str, sent: &str) -> bool {
    let bare = |name: &str| name.trim_end_matches("[]").to_owned();
    bare(described) == bare(sent) || sent.split_once('[').is_some_and(|(front, _)| front == described)
}

/// Where and under which names paging puts its values.
fn paging(page: &Page) -> Vec<(Place, String)> {
    let size = |size: &Option<Size>| size.iter().map(|size| (size.place, size.param.clone())).collect::<Vec<_>>();
    match page {
        Page::None(p) => size(&p.size),
        Page::Scim(p) => vec![(Place::Query, "startIndex".to_owned())]
            .into_iter()
            .chain(if p.size.is_some() { size(&p.size) } else { vec![(Place::Query, "count".to_owned())] })
            .collect(),
        Page::Range(_) => Vec::new(),
        Page::Link(p) => size(&p.size),
        Page::NextUrl(p) => size(&p.size),
        Page::Cursor(p) => size(&p.size).into_iter().chain([(p.place, p.param.clone())]).collect(),
        Page::Page(p) => size(&p.size).into_iter().chain([(p.place, p.param.clone())]).collect(),
        Page::Offset(p) => size(&p.size).into_iter().chain([(p.place, p.param.clone())]).collect(),
        Page::Continue(p) => size(&p.size),
        Page::Last(p) => size(&p.size).into_iter().chain([(p.place, p.param.clone())]).collect(),
    }
}

/// What follows in `own` after all steps of `spec`, which must come in their order.
fn after<'p>(own: &'p [String], spec: &[String]) -> Option<&'p [String]> {
    if spec.is_empty() {
        return Some(own);
    }
    let mut rest = own;
    for wanted in spec {
        let at = rest.iter().position(|step| step == wanted)?;
        rest = rest.get(at + 1..)?;
    }
    Some(rest)
}

/// Steps through arrays that `[]` of the items walks, with their elements.
fn with_elements(schema: &Value, rest: &[String]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    for step in rest {
        path.push(step.clone());
        let element: Vec<String> = path.iter().cloned().chain([ELEMENT.to_owned()]).collect();
        if !schema::at(schema, &element).is_empty() {
            path = element;
        }
    }
    path
}

fn pointer(plan: &Plan, call: &Call<'_>) -> String {
    let root = format!("/resources/{}/{}", plan.resource, plan.method.as_str());
    match call.role {
        Role::Lookup => format!("/lookups/{}", call.name),
        Role::Enrich => format!("{root}/enrich/{}", call.name),
        Role::Parents => format!("{root}/each/from"),
        _ => root,
    }
}
