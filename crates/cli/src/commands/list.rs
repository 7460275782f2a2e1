//! `rollcall list`.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rollcall_connector::{Catalog, Connector, MethodName};
use rollcall_engine::{ListRequest, Listing, query};

use crate::args::{Format, ListArguments};
use crate::failure::{self, Failure};
use crate::inputs;
use crate::output;

/// How often a long listing says where it is.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

pub async fn run(catalog: &Catalog, arguments: ListArguments) -> Result<ExitCode, Failure> {
    let connector = inputs::connector(catalog, &arguments.account.connector)?;
    let request = request(&connector, &arguments)?;
    let session = inputs::session(&connector, &arguments.account)?;
    if arguments.format == Format::Debug {
        session.keep_trace();
    }
    let mut printer = output::printer(arguments.format, &connector, &request)?;
    let mut listing = Listing::start(session, request).await?;
    if arguments.format == Format::Raw {
        listing.keep_pages();
    }
    let mut progress = Progress::new(&arguments);
    let outcome = loop {
        match listing.next().await {
            Ok(Some(batch)) => {
                for page in listing.take_pages() {
                    printer.page(&page.body)?;
                }
                printer.batch(&batch)?;
                progress.show(listing.completeness().returned, listing.completeness().pages);
            }
            Ok(None) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    for page in listing.take_pages() {
        printer.page(&page.body)?;
    }
    progress.clear();
    let completeness = listing.completeness();
    if let Err(fault) = outcome {
        printer.broken()?;
        output::note(&completeness.summary());
        return Err(fault.into());
    }
    printer.end(completeness, &listing.session().trace())?;
    if !arguments.quiet || !completeness.complete {
        output::note(&completeness.summary());
    }
    Ok(ExitCode::from(if completeness.complete { 0 } else { failure::PARTIAL }))
}

fn request(connector: &Connector, arguments: &ListArguments) -> Result<ListRequest, Failure> {
    let resource = query::resource(connector, &arguments.resource, MethodName::List)?;
    let mut filters = Vec::new();
    for text in &arguments.filters {
        let (name, value) = inputs::pair(text, "--filter")?;
        filters.push(query::filter(resource, &name, &value)?);
    }
    let sort = arguments.sort.as_deref().map(|text| query::sort(resource, text)).transpose()?;
    let remote_query =
        arguments.remote_query.iter().map(|text| inputs::pair(text, "--remote-query")).collect::<Result<_, _>>()?;
    // Raw answers and tables do not show it; leaving it out saves the copying.
    let remote_data = !arguments.no_remote_data
        && !matches!(arguments.format, Format::Table | Format::Csv | Format::Raw | Format::Normalized);
    Ok(ListRequest {
        resource: arguments.resource.clone(),
        filters,
        parameters: inputs::pairs(&arguments.query, "--query")?,
        sort,
        limit: arguments.limit,
        exclude: arguments.exclude.clone(),
        remote_data,
        remote_query,
        raw: arguments.format == Format::Raw,
    })
}

/// Where a long listing is, on a terminal's last line.
struct Progress {
    shown: bool,
    wanted: bool,
    last: Instant,
}

impl Progress {
    fn new(arguments: &ListArguments) -> Self {
        Self { shown: false, wanted: std::io::stderr().is_terminal() && !arguments.quiet, last: Instant::now() }
    }

    fn show(&mut self, records: u64, pages: u64) {
        if self.wanted && self.last.elapsed() >= PROGRESS_EVERY {
            self.last = Instant::now();
            self.shown = true;
            output::status(&format!("\r{records} records, {pages} pages …"));
        }
    }

    fn clear(&self) {
        if self.shown {
            output::status("\r\u{1b}[K");
        }
    }
}
