//! What a plain scalar means: the YAML 1.2 core schema, nothing more. `yes`, `no`, `on`, `off` and times are texts.

use crate::Value;

/// The value of an unquoted scalar.
pub(crate) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if looks_numeric(text) {
        if let Ok(value) = text.parse::<i64>() {
            return Value::Number(value.into());
        }
        if let Ok(value) = text.parse::<f64>()
            && let Some(number) = serde_json::Number::from_f64(value)
        {
            return Value::Number(number);
        }
    }
    Value::String(text.to_owned())
}

/// JSON's grammar of numbers: `007`, `+1`, `1_000` and `.5` stay texts, so that identifiers survive.
fn looks_numeric(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !leading_zero
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
}
