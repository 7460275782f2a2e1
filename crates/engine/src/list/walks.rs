//! What a walk needs beside its plan, and whether it runs.

use rollcall_connector::Connector;
use rollcall_connector::definition::Items;
use rollcall_connector::plan::Walk;
use rollcall_connector::template::Position;
use rollcall_mapping::page::{self, PagePlan};

use crate::fault::{Fault, FaultKind};
use crate::paging::Paging;
use crate::pushdown;
use crate::query::ListRequest;
use crate::session::{Extra, Session};

/// What a walk needs beside its plan.
pub(crate) struct Runtime {
    pub(crate) page: PagePlan,
    pub(crate) paths: Vec<String>,
}

pub(crate) fn runtime(walk: &Walk) -> Result<Runtime, Fault> {
    let paths = Paging::paths(&walk.page);
    let items = match &walk.items {
        Items::Path(path) => page::Items::List(path.strip_suffix("[]").unwrap_or(path)),
        Items::ValuesOf(values) => page::Items::ValuesOf(&values.values_of),
        Items::Rows(_) => page::Items::List("."),
        Items::One(one) => page::Items::One(&one.one),
    };
    let picks: Vec<&str> = paths.iter().map(String::as_str).collect();
    let page = PagePlan::compile(items, &picks).map_err(|problems| {
        Fault::new(FaultKind::BadRequest, problems.into_iter().map(|p| p.message).collect::<Vec<_>>().join("; "))
    })?;
    Ok(Runtime { page, paths })
}

/// The path of a walk as written, for people.
pub(super) fn target_of(connector: &Connector, resource: &str, walk: &Walk) -> String {
    let skeleton: String = walk.request.target.skeleton().into_iter().map(|part| part.unwrap_or("…")).collect();
    if skeleton.is_empty() { format!("{} {resource}", connector.id()) } else { skeleton }
}

pub(super) fn runs(session: &Session, walk: &Walk, request: &ListRequest, extra: Extra<'_>) -> bool {
    let when = walk.when.as_ref().is_none_or(|when| {
        when.render(Position::Plain, &|name| extra(name).or_else(|| session.value(name)))
            .is_ok_and(|text| text == "true")
    });
    when && pushdown::walk_matters(walk, &request.filters)
}
