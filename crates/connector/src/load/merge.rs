//! `extends`: maps are merged key by key, the new value wins, `null` removes a key, everything else is replaced.

use serde_json::Value;

/// Keys whose value belongs to the extended connector alone.
const OWN: &[&str] = &["aliases"];

pub(super) fn merge(base: Value, over: Value) -> Value {
    let mut base = base;
    if let Value::Object(members) = &mut base {
        for key in OWN {
            members.shift_remove(*key);
        }
    }
    deep(base, over)
}

fn deep(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    base.shift_remove(&key);
                } else if let Some(slot) = base.get_mut(&key) {
                    *slot = deep(slot.take(), value);
                } else {
                    base.insert(key, value);
                }
            }
            Value::Object(base)
        }
        (_, over) => over,
    }
}
