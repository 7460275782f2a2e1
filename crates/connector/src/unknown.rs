//! What a lookup that could not be read takes with it. A part of a list must not be given as the whole: list fields that rest on the lookup are left
//! out. Values inside items (the name beside an id) are only missing, and single values are the mapping's own matter: there, an alternative in `first`
//! does not stand in for what an unread table would have said, except for texts.

use rollcall_model::{Field, Type};
use serde_json::{Map, Value};

/// The unified fields that cannot be told without these lookups.
#[must_use]
pub fn fields_lost(fields: &[Field], expressions: &Map<String, Value>, unread: &[String]) -> Vec<String> {
    fields
        .iter()
        .filter(|field| expressions.get(&field.name).is_some_and(|expression| is_lost(&field.ty, expression, unread)))
        .map(|field| field.name.clone())
        .collect()
}

fn is_lost(ty: &Type, expression: &Value, unread: &[String]) -> bool {
    match ty {
        Type::List { .. } => list_rests_on(expression, unread),
        _ => false,
    }
}

/// Whether the list itself, not a member of its items, comes from a lookup.
fn list_rests_on(expression: &Value, unread: &[String]) -> bool {
    match expression {
        // Fixed items: their members are values of their own.
        Value::Array(items) => items.iter().any(|item| is_operator(item) && list_rests_on(item, unread)),
        Value::Object(members) => members.iter().any(|(key, value)| match key.as_str() {
            "lookup" => names(value, unread),
            "item" | "where" | "when" => false,
            "concat" | "first" | "cases" => {
                value.as_array().into_iter().flatten().any(|part| list_rests_on(part, unread))
            }
            _ => list_rests_on(value, unread),
        }),
        _ => false,
    }
}

fn is_operator(item: &Value) -> bool {
    ["lookup", "each", "concat", "first", "cases"].iter().any(|key| item.get(key).is_some())
}

fn names(value: &Value, unread: &[String]) -> bool {
    value.as_str().is_some_and(|name| unread.iter().any(|known| known == name))
}

#[cfg(test)]
mod tests {
    use rollcall_model::Model;
    use serde_json::json;

    use super::fields_lost;

    #[test]
    fn what_rests_on_a_lookup_goes_and_what_only_shows_it_stays() {
        let expressions = json!({
            "id": ".id",
            "name": {"first": [{"lookup": "names", "key": ".id", "take": "name"}, ".login"]},
            "user_type": {"first": [{"from": {"lookup": "admins", "key": ".id", "take": "type"}, "map": {"a": "admin"}}, "user"]},
            "roles": {"each": ".role_ids", "item": {"id": ".", "name": {"lookup": "roles", "key": ".", "take": "name"}}},
            "groups": {"concat": [{"each": ".groups", "item": {"id": "."}}, {"lookup": "memberships", "key": ".id"}]},
            "workspaces": {"each": {"lookup": "spaces", "key": ".id"}, "item": {"id": ".id"}},
            "emails": [{"email": ".mail"}],
        });
        let users = Model::user_directory().resource("users").expect("users");
        let lost = |unread: &[&str]| {
            fields_lost(
                &users.fields,
                expressions.as_object().expect("a map"),
                &unread.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
            )
        };
        assert_eq!(lost(&["names", "roles"]), Vec::<String>::new());
        assert_eq!(lost(&["admins"]), Vec::<String>::new());
        assert_eq!(lost(&["memberships"]), ["groups"]);
        assert_eq!(lost(&["spaces"]), ["workspaces"]);
    }
}
