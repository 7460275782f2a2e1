//! The embedded files, compared with the wire contract name by name.

use rollcall_model::{Field, Key, Method, Model, Resource, Type};

fn resource(name: &str) -> &'static Resource {
    Model::user_directory().resource(name).unwrap()
}

/// One line a field: name, type, and what is inside.
fn outline(fields: &[Field]) -> String {
    fields.iter().map(line).collect::<Vec<_>>().join(" ")
}

fn line(field: &Field) -> String {
    let name = format!("{}{}", field.name, if field.required { "*" } else { "" });
    match &field.ty {
        Type::Enum { values, open } => {
            let values: Vec<_> = values.iter().map(|choice| choice.value.as_str()).collect();
            format!("{name}={}{}", values.join("|"), if *open { "|…" } else { "" })
        }
        Type::List { item, .. } if !item.fields().is_empty() => format!("{name}[{}]", outline(item.fields())),
        Type::List { item, .. } => format!("{name}[{}]", item.name()),
        Type::Object { fields } => format!("{name}{{{}}}", outline(fields)),
        ty => format!("{name}:{}", ty.name()),
    }
}

#[test]
fn users() {
    let expected = "id*:id external_id:id identifiers:map username:string name:string first_name:string last_name:string title:string \
        bio:string avatar:url emails[email:email is_primary:boolean type:string] phones[number:string extension:string type:string] \
        urls[url:url type:string] status=active|inactive|deleted|invited|created|… user_type=admin|end_user|limited|machine|user \
        is_2fa_enabled:boolean is_email_verified:boolean roles[id:id name:string group:id workspace:id organization:id] \
        groups[id:id name:string type=department|group organization:id] organizations[id:id name:string] workspaces[id:id name:string] \
        licenses[id:id name:string organization:id last_active_at:datetime] languages[string] timezone:string created_at:datetime \
        updated_at:datetime activated_at:datetime status_changed_at:datetime last_login_at:datetime last_active_at:datetime";
    assert_eq!(outline(&resource("users").fields), expected);
}

#[test]
fn the_others() {
    let expected = [
        (
            "groups",
            "id*:id name:string description:string organization:id group_type=team|department|group|product created_at:datetime updated_at:datetime",
        ),
        (
            "roles",
            "id*:id name:string label:string description:string type:string applicable_in[enum] created_at:datetime updated_at:datetime",
        ),
        (
            "licenses",
            "id*:id name:string description:string available_quantity:integer assigned_quantity:integer unit_amount:decimal_string \
             currency:string is_paid:boolean status=active|inactive|… roles[id:id name:string] products[id:id name:string status:string] \
             created_at:datetime updated_at:datetime",
        ),
        ("organizations", "id*:id name:string created_at:datetime updated_at:datetime"),
        (
            "workspaces",
            "id*:id name:string description:string status:string organization{id:id name:string} created_at:datetime updated_at:datetime",
        ),
        (
            "activities",
            "id*:id actor{type=user|system|anonymous user{id:id}} action=login|login_failed|logout|user_invited|user_created|user_joined|\
             user_deactivated|user_deleted|user_updated|create|destroy|exported|updated|… description:string entity:id entity_type:string \
             organization:id group:id context{ip_address:string user_agent:string} created_at:datetime",
        ),
        (
            "role_assignments",
            "id*:id user_id:id role_id:id group_id:id group_type:string workspace:id created_at:datetime updated_at:datetime",
        ),
    ];
    for (name, fields) in expected {
        assert_eq!(outline(&resource(name).fields), fields, "{name}");
    }
    assert_eq!(resource("me").fields, resource("users").fields);
    assert_eq!(Model::user_directory().resources.len(), 11);
}

#[test]
fn only_lists_have_only_lists() {
    for resource in &Model::user_directory().resources {
        let only = ["me", "utilization", "billing"].contains(&resource.name.as_str());
        let methods: &[_] = if only { &[Method::List] } else { &[Method::List, Method::Get] };
        assert_eq!(resource.methods, methods, "{}", resource.name);
    }
}

#[test]
fn keys_tell_items_apart() {
    let key = |field: &str| match &resource("users").field(field).unwrap().ty {
        Type::List { key, .. } => key.clone(),
        _ => panic!("{field} is not a list"),
    };
    let expect = |any_of: &[&str], within: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Some(Key { any_of: owned(any_of), within: owned(within) })
    };
    assert_eq!(key("emails"), expect(&["email"], &[]));
    assert_eq!(key("phones"), expect(&["number"], &[]));
    assert_eq!(key("urls"), expect(&["url"], &[]));
    assert_eq!(key("roles"), expect(&["id", "name"], &["group", "workspace", "organization"]));
    assert_eq!(key("groups"), expect(&["id", "name"], &["organization"]));
    assert_eq!(key("languages"), None);
    for resource in &Model::user_directory().resources {
        for field in &resource.fields {
            if let Type::List { key: Some(key), .. } = &field.ty {
                let item = field.ty.fields();
                assert!(key.any_of.iter().chain(&key.within).all(|name| item.iter().any(|field| field.name == *name)));
            } else {
                assert!(
                    field.ty.fields().is_empty() || !matches!(field.ty, Type::List { .. }),
                    "{} has no key",
                    field.name
                );
            }
        }
    }
}

#[test]
fn parameters_and_sorting_of_users() {
    let users = resource("users");
    let provider: Vec<_> = users.parameters.iter().filter(|p| p.of.is_none()).map(|p| p.name.as_str()).collect();
    assert_eq!(provider, ["customer_id", "org_unit_path", "product", "include_inherited", "include_last_login"]);
    for name in
        ["first_name", "last_name", "emails", "status", "name", "username", "roles", "user_type", "groups", "title"]
    {
        assert_eq!(users.parameter(name).unwrap().of.as_deref(), Some(name));
    }
    for (name, of) in [
        ("email", "emails.email"),
        ("role_id", "roles.id"),
        ("group_id", "groups.id"),
        ("workspace_id", "workspaces.id"),
        ("organization_id", "organizations.id"),
    ] {
        assert_eq!(users.parameter(name).unwrap().of.as_deref(), Some(of));
    }
    let mut sortable = users.sortable.clone();
    sortable.sort();
    assert_eq!(
        sortable.join("|"),
        "created_at|emails|first_name|groups|id|last_active_at|last_login_at|name|roles|status|updated_at|username"
    );
}
