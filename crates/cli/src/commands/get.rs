//! `rollcall get`.

use std::process::ExitCode;

use rollcall_connector::{Catalog, MethodName};
use rollcall_engine::{Batch, ListRequest, query};

use crate::args::{Format, GetArguments};
use crate::failure::Failure;
use crate::inputs;
use crate::output;

pub async fn run(catalog: &Catalog, arguments: GetArguments) -> Result<ExitCode, Failure> {
    let connector = inputs::connector(catalog, &arguments.account.connector)?;
    query::resource(&connector, &arguments.resource, MethodName::Get)?;
    if arguments.format == Format::Raw {
        return Err(Failure::input(
            "`get` has no raw format",
            "use `--format json`: `remote_data` is the provider's own record",
        ));
    }
    let request = ListRequest {
        resource: arguments.resource.clone(),
        parameters: inputs::pairs(&arguments.query, "--query")?,
        exclude: arguments.exclude.clone(),
        remote_data: !arguments.no_remote_data
            && !matches!(arguments.format, Format::Table | Format::Csv | Format::Normalized),
        ..ListRequest::default()
    };
    let session = inputs::session(&connector, &arguments.account)?;
    if arguments.format == Format::Debug {
        session.keep_trace();
    }
    let got = rollcall_engine::get(std::sync::Arc::clone(&session), request.clone(), &arguments.id).await?;
    if arguments.format == Format::Json {
        output::line(&got.record)?;
    } else {
        let mut printer = output::printer(arguments.format, &connector, &request)?;
        printer.batch(&Batch::of(&got.record))?;
        printer.end(&got.completeness, &session.trace())?;
    }
    for missing in &got.completeness.missing {
        output::note(&format!("not read: {} ({}): {}", missing.what, missing.why, missing.message));
    }
    Ok(ExitCode::SUCCESS)
}
