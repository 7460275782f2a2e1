//! Values of the call for templates.

use rollcall_connector::plan::Plan;

use crate::query::ListRequest;
use crate::session::Extra;

/// Values of the call for templates.
pub(super) struct Values<'a> {
    pub(super) request: &'a ListRequest,
    pub(super) plan: &'a Plan,
    pub(super) id: Option<&'a str>,
    pub(super) outer: Extra<'a>,
}

impl Values<'_> {
    pub(super) fn value(&self, name: &str) -> Option<String> {
        if name == "id" {
            return self.id.map(str::to_owned);
        }
        match name.strip_prefix("query.") {
            Some(parameter) => self.request.parameters.get(parameter).cloned().or_else(|| {
                self.plan.source.parameters.get(parameter)?.default.as_ref().map(rollcall_connector::request::text)
            }),
            None => (self.outer)(name),
        }
    }
}
