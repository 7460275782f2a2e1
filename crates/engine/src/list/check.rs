//! Whether a request can be met at all, before anything is sent.

use rollcall_connector::plan::{Options, Plan};
use rollcall_connector::{Connector, MethodName};
use rollcall_model::Resource;

use crate::fault::{Fault, FaultKind};
use crate::query::ListRequest;

/// Compiles the method that a request means.
///
/// # Errors
/// A choice that is missing or unknown; a connector with mistakes.
pub(crate) fn compile(connector: &Connector, request: &ListRequest, method: MethodName) -> Result<Plan, Fault> {
    let written = connector.method(&request.resource, method);
    let choice = match written.and_then(|m| m.choose.as_ref()) {
        Some(choose) => {
            let names: Vec<&str> = choose.of.keys().collect();
            let given = request.parameters.get(&choose.parameter).or(choose.default.as_ref());
            match given {
                Some(name) if choose.of.get(name).is_some() => Some(name.clone()),
                Some(name) => {
                    return Err(Fault::new(
                        FaultKind::BadRequest,
                        format!("`{name}` is not a value of `{}`", choose.parameter),
                    )
                    .hint(format!("there are {}", names.join(", "))));
                }
                None => {
                    return Err(Fault::new(
                        FaultKind::BadRequest,
                        format!("{} needs `{}`", connector.id(), choose.parameter),
                    )
                    .hint(format!(
                        "give one of {} with `--query {}=…`",
                        names.join(", "),
                        choose.parameter
                    )));
                }
            }
        }
        None => None,
    };
    let options = Options {
        exclude: request.exclude.clone(),
        remote_data: request.remote_data && !request.exclude.iter().any(|f| f == "remote_data"),
        choice,
    };
    Plan::compile(connector, &request.resource, method, &options).map_err(|mistakes| {
        let text = mistakes
            .iter()
            .map(|(pointer, message)| format!("{pointer}: {}", message.replace('\u{0}', "; ")))
            .collect::<Vec<_>>()
            .join("\n");
        Fault::new(FaultKind::BadRequest, format!("connector {} has mistakes: {text}", connector.id()))
            .hint("run `rollcall connector check`")
    })
}

/// Every parameter must be one that the method declares; needed ones must be there.
pub(super) fn check_parameters(
    connector: &Connector,
    resource: &Resource,
    plan: &Plan,
    request: &ListRequest,
) -> Result<(), Fault> {
    let choose =
        connector.method(&request.resource, plan.method).and_then(|m| m.choose.as_ref()).map(|c| c.parameter.as_str());
    for (name, value) in &request.parameters {
        let Some(declared) = plan.source.parameters.get(name) else {
            if choose == Some(name.as_str()) {
                continue;
            }
            let known: Vec<&str> = plan.source.parameters.keys().chain(choose).collect();
            let fault = Fault::new(
                FaultKind::BadRequest,
                format!("{} `{}` takes no parameter `{name}`", connector.id(), resource.name),
            );
            return Err(match rollcall_connector::nearest(name, known.iter().copied()) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None if known.is_empty() => fault.hint(
                    "it takes none; use `--filter` for fields, `--remote-query` for the provider's own parameters",
                ),
                None => fault.hint(format!("it takes {}", known.join(", "))),
            });
        };
        if !declared.values.is_empty() && !declared.values.contains(value) {
            return Err(Fault::new(FaultKind::BadRequest, format!("`{value}` is not a value of `{name}`"))
                .hint(format!("there are {}", declared.values.join(", "))));
        }
    }
    let given = |name: &str| request.parameters.contains_key(name);
    let missing: Vec<&str> = plan
        .source
        .parameters
        .iter()
        .filter(|(name, declared)| {
            let needed = declared.required
                || (!declared.required_unless.is_empty() && !declared.required_unless.iter().any(|other| given(other)));
            needed && !given(name) && declared.default.is_none()
        })
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|name| (*name).to_owned()).collect();
    let fault = Fault::new(
        FaultKind::BadRequest,
        format!(
            "{} needs {} to list `{}`",
            connector.id(),
            missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", "),
            resource.name
        ),
    )
    .hint(missing.iter().map(|m| format!("--query {m}=…")).collect::<Vec<_>>().join(" "));
    Err(Fault { missing_parameters: names, ..fault })
}

/// Every filter must be on a field that the connector gives, or one that the provider applies.
pub(super) fn check_filters(connector: &Connector, plan: &Plan, request: &ListRequest) -> Result<(), Fault> {
    let claimed = plan.mapping.fields();
    for filter in &request.filters {
        let top = filter.path.split('.').next().unwrap_or_default();
        if !claimed.iter().any(|field| field == top) {
            return Err(Fault::new(
                FaultKind::BadRequest,
                format!("{} does not give `{top}`, so `{}` cannot be filtered on", connector.id(), filter.name),
            )
            .hint(format!("it can filter on {}", claimed.join(", "))));
        }
        if request.exclude.iter().any(|field| field == top) {
            return Err(Fault::new(FaultKind::BadRequest, format!("`{top}` is filtered on and left out at once"))
                .hint("drop one of the two"));
        }
    }
    if let Some(by) = &request.sort
        && !claimed.contains(&by.field)
    {
        return Err(Fault::new(
            FaultKind::BadRequest,
            format!("{} does not give `{}`, so it cannot be sorted by", connector.id(), by.field),
        )
        .hint(format!("it can be sorted by fields it gives: {}", claimed.join(", "))));
    }
    Ok(())
}

/// A filter or sort on a field that needs a lookup which could not be read cannot be met.
pub(super) fn refuse_unread(
    connector: &str,
    plan: &Plan,
    request: &ListRequest,
    unread: &[String],
) -> Result<(), Fault> {
    let rests = |field: &str| {
        let of_field = |origin: &&rollcall_mapping::Origin| origin.field.split('.').next() == Some(field);
        plan.mapping
            .sources()
            .iter()
            .filter(of_field)
            .any(|origin| origin.tables.iter().any(|table| unread.contains(table)))
    };
    let filters = request.filters.iter().map(|filter| filter.path.split('.').next().unwrap_or_default());
    match filters.chain(request.sort.as_ref().map(|by| by.field.as_str())).find(|field| rests(field)) {
        Some(field) => Err(Fault::new(
            FaultKind::Permission,
            format!("{connector}: `{field}` needs a lookup that could not be read, so nothing can be filtered or sorted by it"),
        )
        .hint("grant the credential what the lookup needs, or leave the filter out")),
        None => Ok(()),
    }
}
