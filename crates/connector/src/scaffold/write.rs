//! The texts of a new connector's files.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::MARK;
use super::description::{Description, Operation, Signing};
use super::sample::Shown;

/// Names of members whose meaning is the same nearly everywhere: model field, and what the member is called.
const WELL_KNOWN: &[(&str, &[&str])] = &[
    ("id", &["id", "uuid", "user_id", "userId"]),
    ("username", &["username", "user_name", "userName", "login"]),
    ("name", &["name", "full_name", "fullName", "display_name", "displayName"]),
    ("first_name", &["first_name", "firstName", "given_name", "givenName", "firstname"]),
    ("last_name", &["last_name", "lastName", "family_name", "familyName", "lastname"]),
    ("title", &["title", "job_title", "jobTitle"]),
    ("emails", &["email", "email_address", "emailAddress", "mail"]),
    ("avatar", &["avatar", "avatar_url", "avatarUrl"]),
    ("timezone", &["timezone", "time_zone", "timeZone"]),
    ("created_at", &["created_at", "createdAt", "created"]),
    ("updated_at", &["updated_at", "updatedAt", "updated"]),
    ("last_login_at", &["last_login_at", "lastLoginAt", "last_login", "lastLogin"]),
];

/// `connector.yaml`.
pub(super) fn connector(slug: &str, description: &Description, shown: &Shown) -> String {
    let name = description.name.clone().unwrap_or_else(|| slug.to_owned());
    let list = description.list.clone().unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "schema: 1\nid: {slug}\nname: {}\ncategory: other   # {MARK} identity, code, chat, ticketing, …\ndocs: https://example.com/   # {MARK} the provider's API documentation\n",
        quoted(&name)
    );
    let base = description.base.clone().filter(|base| base.starts_with("https://"));
    settings(&mut text, base.as_deref(), &list.path);
    auth(&mut text, &description.auth);
    let base = base.map_or_else(
        || format!("https://api.example.com   # {MARK} what all paths begin with"),
        |base| quoted(&template(&base)),
    );
    let _ = writeln!(
        text,
        "http:\n  base: {base}\n  headers: {{Accept: application/json}}\n  # errors: {{message: [.message], code: .code}}   # {MARK} what the provider's errors look like\n"
    );
    resources(&mut text, description, &list, shown);
    mapping(&mut text, &list, shown);
    text
}

/// Names in braces become settings that the operator fills in.
fn settings(text: &mut String, base: Option<&str>, path: &str) {
    let mut names: Vec<String> = Vec::new();
    for source in [base.unwrap_or_default(), path] {
        for name in holes(source).into_iter().map(|name| setting(&name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return;
    }
    text.push_str("settings:\n");
    for name in names {
        let is = if base.is_some_and(|base| template(base).contains(&format!("://{{{name}}}"))) {
            "\n    is: host\n    allow: [\"*\"]"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {name}:\n    label: {}   # {MARK} what the operator sees{is}\n    help: {MARK_HELP}",
            quoted(&name.replace('_', " "))
        );
    }
    text.push('\n');
}

const MARK_HELP: &str = "\"FILL IN: where the operator finds it\"";

fn auth(text: &mut String, signing: &Signing) {
    let permissions = format!("    permissions: []   # {MARK} the least that lists people, as the provider names it\n");
    let token =
        "    fields:\n      token: {label: API token, secret: true, help: \"FILL IN: where the operator makes one\"}\n";
    text.push_str("auth:\n");
    match signing {
        Signing::Header(name) => {
            let _ = writeln!(
                text,
                "  api_token:\n    label: API token\n{token}{permissions}    header: {{{}: \"{{token}}\"}}   # {MARK} whether a word such as Bearer stands before it",
                quoted(name)
            );
        }
        Signing::Query(name) => {
            let _ = writeln!(
                text,
                "  api_token:\n    label: API token\n{token}{permissions}    query: {{{}: \"{{token}}\"}}",
                quoted(name)
            );
        }
        Signing::Basic => {
            let _ = writeln!(
                text,
                "  basic:\n    label: User name and password\n    fields:\n      username: {{label: User name}}\n      password: {{label: Password, secret: true}}\n{permissions}    basic: {{username: \"{{username}}\", password: \"{{password}}\"}}"
            );
        }
        Signing::OAuth { authorize, token: Some(url), scopes } if url.starts_with("https://") => {
            let grant = if authorize.is_some() { "authorization_code" } else { "client_credentials" };
            let _ = writeln!(text, "  oauth2:\n    label: OAuth 2.0\n{permissions}    oauth2:\n      grant: {grant}");
            if let Some(authorize) = authorize {
                let _ = writeln!(text, "      authorize: {}", quoted(authorize));
            }
            let scopes: Vec<String> = scopes
                .iter()
                .filter(|scope| ["read", "user", "member"].iter().any(|word| scope.to_lowercase().contains(word)))
                .map(|scope| quoted(scope))
                .collect();
            let _ = writeln!(
                text,
                "      token: {}\n      scopes: [{}]   # {MARK} only those that reading people needs",
                quoted(url),
                scopes.join(", ")
            );
        }
        _ => {
            let _ = writeln!(
                text,
                "  api_token:   # {MARK} how the provider is signed in to\n    label: API token\n{token}{permissions}    header: {{Authorization: \"Bearer {{token}}\"}}"
            );
        }
    }
    text.push('\n');
}

fn resources(text: &mut String, description: &Description, list: &Operation, shown: &Shown) {
    let path = if list.path.is_empty() { "/users".to_owned() } else { template(&list.path) };
    let verb = if list.post { "post" } else { "get" };
    let items =
        shown.items.clone().unwrap_or_else(|| if list.items.is_empty() { ".".to_owned() } else { list.items.clone() });
    let mark = if list.path.is_empty() { format!("   # {MARK} the call that lists people") } else { String::new() };
    let _ = writeln!(
        text,
        "resources:\n  users:\n    list:\n      {verb}: {}{mark}\n      docs: https://example.com/   # {MARK} the provider's page about this call\n      items: {}",
        quoted(&path),
        quoted(&items)
    );
    if let Some(paging) = &list.paging {
        let _ = writeln!(text, "      # The description says: {}", paging.replace(['\n', '\r'], " "));
    }
    if !shown.next.is_empty() {
        let _ = writeln!(text, "      # The sample has {}", shown.next.join(", "));
    }
    let _ = writeln!(text, "      page: {}   # {MARK} whether this is how pages chain", page(list, shown));
    if let Some(get) = &description.get {
        let own = holes(get).pop();
        let path = own.map_or_else(|| get.clone(), |last| template(&get.replace(&format!("{{{last}}}"), "{id}")));
        let _ = writeln!(
            text,
            "    get:\n      get: {}   # {MARK} where the record is in the answer, if not at the root: items",
            quoted(&path)
        );
    }
    text.push('\n');
}

/// A first guess, from the names of parameters and of what stands beside the records.
fn page(list: &Operation, shown: &Shown) -> String {
    let named = |names: &[&str]| list.query.iter().find(|known| names.contains(&known.as_str())).cloned();
    let size = named(&["limit", "per_page", "page_size", "pageSize", "perPage", "count", "maxResults", "$top"])
        .map(|param| format!(", size: {{param: {}, max: 100}}", quoted(&param)))
        .unwrap_or_default();
    let cursor_at =
        shown.next.iter().find(|path| path.to_lowercase().contains("cursor") || path.to_lowercase().contains("token"));
    if let Some(param) = named(&["cursor", "after", "page_token", "pageToken", "next_token", "continuation_token"]) {
        return format!(
            "{{cursor: {{at: {}, param: {}{size}}}}}",
            quoted(cursor_at.map_or(".next_cursor", String::as_str)),
            quoted(&param)
        );
    }
    if let Some(param) = named(&["offset", "start", "startAt", "skip"]) {
        return format!("{{offset: {{param: {}{size}}}}}", quoted(&param));
    }
    if let Some(param) = named(&["page", "page_number", "pageNumber"]) {
        return format!("{{page: {{param: {}{size}}}}}", quoted(&param));
    }
    match (cursor_at, shown.next.first()) {
        (Some(at), _) => format!("{{cursor: {{at: {}, param: cursor{size}}}}}", quoted(at)),
        (None, Some(at)) => format!("{{next_url: {{at: {}{size}}}}}", quoted(at)),
        (None, None) => "{none: {}}".to_owned(),
    }
}

fn mapping(text: &mut String, list: &Operation, shown: &Shown) {
    let paths = if shown.paths.is_empty() { &list.paths } else { &shown.paths };
    let known =
        |names: &[&str]| names.iter().find_map(|name| paths.iter().find(|path| path.strip_prefix('.') == Some(name)));
    text.push_str("unified:\n  users:\n    fields:\n");
    for (field, names) in WELL_KNOWN {
        match (*field, known(names)) {
            ("id", found) => {
                let mark = if found.is_some() {
                    String::new()
                } else {
                    format!("   # {MARK} the id that the provider never changes")
                };
                let _ = writeln!(text, "      id: {}{mark}", quoted(found.map_or(".id", String::as_str)));
            }
            ("emails", Some(path)) => {
                let _ = writeln!(text, "      emails: [{{email: {}, is_primary: true}}]", quoted(path));
            }
            (field, Some(path)) => {
                let _ = writeln!(text, "      {field}: {}", quoted(path));
            }
            _ => {}
        }
    }
    let _ = writeln!(
        text,
        "      # {MARK} status, user_type, roles, groups: from what the provider documents, never from what seems likely."
    );
    let taken: Vec<&String> = WELL_KNOWN.iter().filter_map(|(_, names)| known(names)).collect();
    let rest: Vec<&String> = paths.iter().filter(|path| !taken.contains(path)).take(60).collect();
    if !rest.is_empty() {
        text.push_str("      # The records have these members too:\n");
        for path in rest {
            let _ = writeln!(text, "      # {}", path.replace(['\n', '\r'], " "));
        }
    }
}

/// `README.md`.
pub(super) fn readme(slug: &str) -> String {
    let parts = [
        (
            "What is listed",
            "who is in the list, and who is not (guests, bots, people who left); which provider status means what here",
        ),
        ("Credential, step by step", "how an operator makes the credential, from the sign-in page on"),
        ("Least permissions", "the least that works, as the provider names it, and what is missing without it"),
        ("How people leave", "what the list shows when somebody is suspended, removed, deleted"),
        ("Limits", "page size, rate limit, ceilings"),
        ("Not covered", "what the product has and the connector does not read"),
    ];
    let mut text = format!("# {slug}\n\n{MARK} one sentence on what this connector lists.\n");
    for (heading, what) in parts {
        let _ = write!(text, "\n## {heading}\n\n{MARK} {what}.\n");
    }
    text
}

/// `evidence.yaml`.
pub(super) fn evidence(description: &Description) -> String {
    let mut text = format!(
        "# {MARK} where the facts come from, with the day they were read. `docs/reference/connector-format.md` lists the kinds.\nresources:\n  users:\n    sources: []\n"
    );
    if let Some(source) = &description.source {
        let _ = writeln!(text, "    # - {{kind: spec, ref: {source}, operation: users.list, on: 2000-01-01}}");
    }
    text
}

/// `cases/basic/case.yaml`.
pub(super) fn case(description: &Description, shown: &Shown) -> String {
    let list = description.list.clone().unwrap_or_default();
    let base = description
        .base
        .clone()
        .filter(|base| base.starts_with("https://"))
        .unwrap_or_else(|| "https://api.example.com".to_owned());
    let path = if list.path.is_empty() { "/users".to_owned() } else { list.path.clone() };
    let url = filled(&format!("{}{path}", base.trim_end_matches('/')));
    let verb = if list.post { "POST" } else { "GET" };
    let _ = shown;
    format!(
        "# {MARK} two pages, people who differ in all that may differ; all of them invented. Then what they become, in expected.json.\nresource: users\nmethod: list\nexchanges:\n  - request: {{method: {verb}, url: {}}}\n    response: {{status: 200, body: users.1.json}}\nexpect: expected.json\n",
        quoted(&url)
    )
}

/// The body of the first page: only the shape of the sample, with no value of it, since a sample may hold real people.
pub(super) fn body(sample: Option<&Value>, shown: &Shown) -> String {
    let value = match (sample, &shown.items) {
        (Some(sample), _) => hollow(sample),
        (None, _) => json!([]),
    };
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn hollow(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), hollow(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().take(1).map(hollow).collect()),
        Value::String(_) => Value::from(MARK),
        Value::Number(_) => Value::from(0),
        other => other.clone(),
    }
}

/// The names in braces.
fn holes(text: &str) -> Vec<String> {
    text.match_indices('{')
        .filter_map(|(at, _)| text.get(at + 1..)?.split_once('}').map(|(name, _)| name.to_owned()))
        .collect()
}

/// The same with names as settings have them.
fn template(text: &str) -> String {
    let mut out = text.to_owned();
    for name in holes(text) {
        out = out.replace(&format!("{{{name}}}"), &format!("{{{}}}", setting(&name)));
    }
    out
}

fn setting(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    if out.is_empty() { "value".to_owned() } else { out }
}

/// A URL with invented values in its open places.
fn filled(text: &str) -> String {
    let mut out = text.to_owned();
    for name in holes(text) {
        out = out.replace(&format!("{{{name}}}"), "sandbox");
    }
    out
}

/// A YAML text that cannot be taken for anything else.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
