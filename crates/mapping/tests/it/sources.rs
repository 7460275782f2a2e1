//! What a plan says about where its fields come from.

use rollcall_mapping::{Options, Scope, Table, compile};
use rollcall_model::Model;
use serde_json::json;

#[test]
fn each_field_tells_its_paths_tables_and_constants() {
    let fields = json!({
        "id": ".id",
        "name": {"first": [".name", {"join": [".first", "$pass.x.\"y z\""]}]},
        "emails": {"each": ".emails", "where": {".old": {"not": true}}, "item": {"email": ".value", "type": "work"}},
        "roles": {"each": {"entries": ".roles"}, "item": {"id": ".key", "name": {"lookup": "names", "key": ".value.ref"}}},
        "groups": {"lookup": "memberships", "key": ".id"},
        "status": {"cases": [{"when": {".gone": true}, "then": "deleted"}, {"then": {"from": ".state", "map": {"on": "active"}}}]},
        "languages": ".languages",
        "identifiers": {"number": ".n"}
    });
    let tables = [
        Table { name: "names", kept: &["name"], many: false },
        Table { name: "memberships", kept: &["id", "name"], many: true },
    ];
    let scope = Scope { contexts: &["pass"], tables: &tables };
    let users = Model::user_directory().resource("users").unwrap();
    let exclude = ["name".to_owned()];
    let plan = compile(users, &fields, &scope, &Options { exclude: &exclude, remote_data: false }).unwrap();
    let shown: Vec<String> = plan
        .sources()
        .iter()
        .map(|origin| {
            let paths = origin.paths.iter().map(|path| match &path.context {
                Some(context) => format!("${context}{}", path.path),
                None => path.path.clone(),
            });
            let tables = origin.tables.iter().map(|table| format!("<{table}>"));
            let constant = origin.constant.then(|| "=".to_owned());
            let parts: Vec<_> = paths.chain(tables).chain(constant).collect();
            format!("{}: {}", origin.field, parts.join(" "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "id: .id",
            "identifiers: ",
            "identifiers.number: .n",
            "name: .name .first $pass.x.\"y z\"",
            "emails: .emails .emails[].old",
            "emails.email: .emails[].value",
            "emails.type: =",
            "status: .gone .state =",
            "roles: .roles",
            "roles.id: .roles.*",
            "roles.name: .roles.*.ref <names>",
            "groups: .id <memberships>",
            "groups.id: ",
            "groups.name: ",
            "languages: .languages",
        ]
    );
    assert_eq!(plan.fields(), ["id", "identifiers", "name", "emails", "status", "roles", "groups", "languages"]);
}
