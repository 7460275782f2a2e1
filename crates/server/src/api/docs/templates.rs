//! The pages' templates. What goes into a `.html` is escaped, unless it was made to be HTML.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior};
use serde_json::Value;

use crate::error::ApiError;
use crate::openapi::served::failed;

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../web/docs/", $name)))),+]
    };
}

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // A name that is written wrong is an error, not an empty place on the page.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    for (name, text) in templates![
        "base.html",
        "parts.html",
        "home.html",
        "resource.html",
        "integrations.html",
        "integration.html",
        "meta.md"
    ] {
        environment.add_template(name, text)?;
    }
    Ok(environment)
});

/// A template filled in.
///
/// # Errors
/// None that a caller can mend.
pub fn render(name: &str, context: &Value) -> Result<String, ApiError> {
    let rendered = match &*ENVIRONMENT {
        Ok(environment) => environment.get_template(name).and_then(|template| template.render(Serde(context))),
        Err(fault) => {
            tracing::error!(%fault, "the templates have a mistake");
            return Err(failed());
        }
    };
    rendered.map_err(|fault| {
        tracing::error!(template = name, %fault, "the page could not be made");
        failed()
    })
}
