//! What the shape alone does not show: names that must exist, templates, mappings, and what belongs together.

use std::collections::BTreeSet;

use rollcall_model::Model;

use crate::connector::{Connector, MethodName};
use crate::definition::{Auth, Method};
use crate::finding::nearest;
use crate::plan::{EachPlan, Options, ParentsPlan, Plan, Walk};
use crate::template::Template;
use crate::{Finding, account};

/// Names that are known in every request.
const ALWAYS: &[&str] = &["now", "today", "access_token", "instance_url", "cursor"];

/// Gives the connector back, or everything that is wrong with it.
pub(crate) fn check(connector: Connector) -> Result<Connector, Vec<Finding>> {
    let mut checker = Checker { connector: &connector, findings: Vec::new() };
    checker.identity();
    checker.auth();
    checker.http();
    checker.resources();
    let mut findings = checker.findings;
    findings.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
    findings.dedup();
    if findings.is_empty() { Ok(connector) } else { Err(findings) }
}

struct Checker<'a> {
    connector: &'a Connector,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn add(&mut self, rule: &str, pointer: &str, message: impl Into<String>, hint: Option<String>) {
        let mut finding = self.connector.source().text.finding(rule, pointer, message);
        finding.hint = hint;
        self.findings.push(finding);
    }

    fn identity(&mut self) {
        let definition = self.connector.definition();
        let folder = self.connector.source().text.file.split('/').next().unwrap_or_default().to_owned();
        if definition.schema != 1 {
            self.add(
                "schema_version",
                "/schema",
                format!("format version {} is not known", definition.schema),
                Some("this program reads version 1".to_owned()),
            );
        }
        if definition.id != folder {
            self.add(
                "id_matches_folder",
                "/id",
                format!("the id `{}` is not the folder's name `{folder}`", definition.id),
                Some(format!("write `id: {folder}`")),
            );
        }
        let kebab = definition.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !definition.id.starts_with('-')
            && !definition.id.ends_with('-');
        if !kebab || definition.id.is_empty() {
            self.add(
                "id_matches_folder",
                "/id",
                format!("the id `{}` is not kebab-case", definition.id),
                Some("use lower-case letters, digits and `-`".to_owned()),
            );
        }
        if definition.auth.is_empty() {
            self.add(
                "shape",
                "/auth",
                "`auth` has no entry",
                Some("add one; `none: {none: {}}` where no credential is needed".to_owned()),
            );
        }
    }

    fn account_names(&self, auths: &[String]) -> BTreeSet<String> {
        let definition = self.connector.definition();
        let mut names: BTreeSet<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
        names.extend(definition.http.discover.keys().map(str::to_owned));
        for auth in definition.auth.keys().filter(|auth| auths.is_empty() || auths.iter().any(|a| a == auth)) {
            names.extend(account::inputs(definition, auth).into_iter().map(|(name, _)| name));
        }
        names
    }

    /// Every name must be known, or begin with the prefix of something that has members.
    fn names(
        &mut self,
        pointer: &str,
        used: impl IntoIterator<Item = String>,
        known: &BTreeSet<String>,
        prefixes: &[String],
    ) {
        for name in used {
            let outer = name.split('.').next().unwrap_or_default();
            let dotted_field = name.contains('.') && known.contains(outer);
            if known.contains(&name) || dotted_field || (name.contains('.') && prefixes.iter().any(|p| p == outer)) {
                continue;
            }
            let hint = match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => {
                    format!("known here: {}", known.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
                }
            };
            self.add("undeclared_setting", pointer, format!("`{{{name}}}` is not declared"), Some(hint));
        }
    }

    fn template(&mut self, pointer: &str, text: &str, known: &BTreeSet<String>, prefixes: &[String]) {
        match Template::parse(text) {
            Ok(template) => {
                self.names(pointer, template.names().map(str::to_owned).collect::<Vec<_>>(), known, prefixes)
            }
            Err(message) => self.add("template", pointer, message, None),
        }
    }

    fn auth(&mut self) {
        let definition = self.connector.definition();
        for (name, auth) in definition.auth.iter() {
            let known = self.account_names(&[name.to_owned()]);
            let root = format!("/auth/{name}");
            if signing_kinds(auth) == 0 {
                self.add("shape", &root, format!("auth entry `{name}` does not say how it signs"), Some("give `header`, `query`, `basic`, `oauth2`, `jwt`, `session`, `oauth1`, `digest`, `sigv4`, `hmac`, `client_certificate` or `none`".to_owned()));
            }
            for (kind, map) in [("header", &auth.header), ("query", &auth.query), ("body", &auth.body)] {
                for (member, text) in map.iter() {
                    self.template(&format!("{root}/{kind}/{member}"), text, &known, &[]);
                }
            }
            if let Some(base) = &auth.base {
                self.template(&format!("{root}/base"), base, &known, &[]);
            }
            if let Some(basic) = &auth.basic {
                self.template(&format!("{root}/basic/username"), &basic.username, &known, &[]);
                self.template(&format!("{root}/basic/password"), &basic.password, &known, &[]);
            }
            if let Some(oauth2) = &auth.oauth2 {
                self.template(&format!("{root}/oauth2/token"), &oauth2.token, &known, &[]);
                for (key, text) in
                    [("authorize", &oauth2.authorize), ("username", &oauth2.username), ("password", &oauth2.password)]
                {
                    if let Some(text) = text {
                        self.template(&format!("{root}/oauth2/{key}"), text, &known, &[]);
                    }
                }
            }
            if let Some(sigv4) = &auth.sigv4 {
                for (key, text) in [
                    ("service", &sigv4.service),
                    ("region", &sigv4.region),
                    ("access_key", &sigv4.access_key),
                    ("secret_key", &sigv4.secret_key),
                ] {
                    self.template(&format!("{root}/sigv4/{key}"), text, &known, &[]);
                }
            }
            if let Some(digest) = &auth.digest {
                self.template(&format!("{root}/digest/username"), &digest.username, &known, &[]);
                self.template(&format!("{root}/digest/password"), &digest.password, &known, &[]);
            }
            for (field, entry) in auth.fields.iter() {
                let sounds_secret =
                    ["token", "password", "secret", "private_key", "api_key"].iter().any(|word| field.ends_with(word));
                if sounds_secret && !entry.secret {
                    self.add(
                        "secret_not_marked",
                        &format!("{root}/fields/{field}"),
                        format!("`{field}` is not marked as secret"),
                        Some("add `secret: true`".to_owned()),
                    );
                }
            }
        }
    }

    fn http(&mut self) {
        let definition = self.connector.definition();
        let known = self.account_names(&[]);
        self.template("/http/base", &definition.http.base, &known, &[]);
        if definition.http.base.starts_with("http://") {
            self.add(
                "not_https",
                "/http/base",
                "the base is not https",
                Some("secrets must not travel in the clear".to_owned()),
            );
        }
        for (name, text) in definition.http.headers.iter() {
            self.template(&format!("/http/headers/{name}"), text, &known, &[]);
        }
        for (name, discover) in definition.http.discover.iter() {
            if let Some(text) = discover.get.as_ref().or(discover.post.as_ref()) {
                self.template(&format!("/http/discover/{name}"), text, &known, &[]);
            }
        }
    }

    fn resources(&mut self) {
        for (resource, name, method) in self.connector.methods_by_resource() {
            let root = format!("/resources/{resource}/{}", name.as_str());
            if Model::user_directory().resource(resource).is_none() {
                let names: Vec<&str> = Model::user_directory().resources.iter().map(|r| r.name.as_str()).collect();
                let hint = nearest(resource, names.iter().copied()).map_or_else(
                    || format!("there are {}", names.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.add(
                    "unknown_resource",
                    &format!("/resources/{resource}"),
                    format!("the model has no resource `{resource}`"),
                    Some(hint),
                );
                continue;
            }
            match &method.choose {
                Some(choose) => {
                    for choice in choose.of.keys() {
                        self.method(resource, name, Some(choice), &format!("{root}/choose/of/{choice}"));
                    }
                }
                None => self.method(resource, name, None, &root),
            }
        }
        for (resource, _) in self.connector.definition().unified.iter() {
            if self.connector.methods(resource).is_none() {
                self.add(
                    "unused_mapping",
                    &format!("/unified/{resource}"),
                    format!("`{resource}` is mapped but has no methods"),
                    Some("add them under `resources`, or remove the mapping".to_owned()),
                );
            }
        }
    }

    fn method(&mut self, resource: &str, name: MethodName, choice: Option<&str>, root: &str) {
        let options = Options { choice: choice.map(str::to_owned), ..Options::default() };
        let plan = match Plan::compile(self.connector, resource, name, &options) {
            Ok(plan) => plan,
            Err(mistakes) => {
                for (pointer, message) in mistakes {
                    let (message, hint) = match message.split_once('\u{0}') {
                        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
                        None => (message, None),
                    };
                    self.add("compile", &pointer, message, hint);
                }
                return;
            }
        };
        let method = &plan.source;
        let mut known = self.account_names(&method.auth);
        known.extend(method.parameters.keys().map(|p| format!("query.{p}")));
        if name == MethodName::Get {
            known.insert("id".to_owned());
            if method.find_in_list && self.connector.method(resource, MethodName::List).is_none() {
                self.add(
                    "find_in_list",
                    root,
                    "`find_in_list` without a list",
                    Some(format!("add `resources.{resource}.list`")),
                );
            }
        }
        let mut prefixes: Vec<String> = Vec::new();
        if let Some(each) = &plan.each {
            self.each(each, &format!("{root}/each"), &known);
            prefixes.push(each.source.name.clone());
        }
        for walk in &plan.walks {
            self.walk(walk, root, &known, &prefixes);
        }
        for enrich in &plan.enrich {
            let mut known = known.clone();
            known.extend(["id".to_owned(), "record".to_owned()]);
            prefixes.push("record".to_owned());
            self.walk(&enrich.walk, &format!("{root}/enrich/{}", enrich.name), &known, &prefixes);
        }
        for lookup in &plan.lookups {
            let mut prefixes = Vec::new();
            let pointer = format!("/lookups/{}", lookup.name);
            if let Some(each) = &lookup.each {
                self.each(each, &format!("{pointer}/each"), &known);
                prefixes.push(each.source.name.clone());
            }
            if let Some(walk) = &lookup.walk {
                self.walk(walk, &pointer, &known, &prefixes);
            }
        }
        self.pushdown(resource, method, root, &plan);
    }

    fn walk(&mut self, walk: &Walk, pointer: &str, known: &BTreeSet<String>, prefixes: &[String]) {
        self.names(pointer, walk.request.names(), known, prefixes);
        if let Some(when) = &walk.when {
            self.names(pointer, when.names().map(str::to_owned).collect::<Vec<_>>(), known, prefixes);
        }
    }

    fn each(&mut self, each: &EachPlan, pointer: &str, known: &BTreeSet<String>) {
        if let Some(given) = &each.given {
            self.names(&format!("{pointer}/given"), given.names().map(str::to_owned).collect::<Vec<_>>(), known, &[]);
        }
        if let ParentsPlan::Walk { walk, .. } = &each.parents {
            self.walk(walk, &format!("{pointer}/from"), known, &[]);
        }
    }

    fn pushdown(&mut self, resource: &str, method: &Method, root: &str, plan: &Plan) {
        let Some(model) = Model::user_directory().resource(resource) else { return };
        let parameters: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
        for (kind, keys) in
            [("filter", method.filter.keys().collect::<Vec<_>>()), ("parameters", method.parameters.keys().collect())]
        {
            for key in keys {
                if model.parameter(key).is_none() && model.field(key).is_none() {
                    let hint = nearest(key, parameters.iter().copied()).map_or_else(
                        || format!("there are {}", parameters.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.add(
                        "unknown_parameter",
                        &format!("{root}/{kind}/{key}"),
                        format!("the model's `{resource}` has no parameter `{key}`"),
                        Some(hint),
                    );
                }
            }
        }
        for (key, filter) in method.filter.iter() {
            let texts = filter.template.iter().chain(
                [&filter.gt, &filter.gte, &filter.lt, &filter.lte]
                    .into_iter()
                    .flatten()
                    .filter_map(|t| t.template.as_ref()),
            );
            for text in texts {
                if let Err(message) = Template::parse(text) {
                    self.add("template", &format!("{root}/filter/{key}"), message, None);
                }
            }
        }
        for key in method.sort.iter().flat_map(|sort| sort.fields.keys()) {
            if model.field(key).is_none() {
                self.add(
                    "unknown_field",
                    &format!("{root}/sort/fields/{key}"),
                    format!("the model's `{resource}` has no field `{key}`"),
                    None,
                );
            }
        }
        for (index, field) in plan.each.iter().flat_map(|each| each.source.unite.iter().enumerate()) {
            if !model.field(field).is_some_and(|f| matches!(f.ty, rollcall_model::Type::List { .. })) {
                self.add(
                    "unknown_field",
                    &format!("{root}/each/unite/{index}"),
                    format!("`{field}` is not a list field of `{resource}`"),
                    None,
                );
            }
        }
    }
}

fn signing_kinds(auth: &Auth) -> usize {
    [
        !auth.header.is_empty(),
        !auth.query.is_empty(),
        !auth.body.is_empty(),
        auth.basic.is_some(),
        auth.oauth2.is_some(),
        auth.jwt.is_some(),
        auth.session.is_some(),
        auth.oauth1.is_some(),
        auth.digest.is_some(),
        auth.sigv4.is_some(),
        auth.hmac.is_some(),
        auth.client_certificate.is_some(),
        auth.none.is_some(),
    ]
    .into_iter()
    .filter(|given| *given)
    .count()
}
