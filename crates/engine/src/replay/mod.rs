//! Connectors against recorded exchanges: every recorded answer is read by the real code, and everything that comes out otherwise than the
//! recording shows is a difference. Nothing is sent.

mod chain;
mod matching;
mod page;
mod recording;
mod render;
mod seen;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rollcall_connector::calls::{self, Role};
use rollcall_connector::definition::Source;
use rollcall_connector::{Catalog, Connector, MethodName, load};
use serde::Serialize;

use matching::Matcher;
use recording::{Kind, Recording};

pub use render::render;

/// What a replay showed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// There is no difference but those that `exceptions.txt` explains.
    pub passed: bool,
    pub totals: Totals,
    pub products: Vec<Product>,
    /// Folders that no connector is about.
    pub skipped: Vec<String>,
}

/// One connector against one folder.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Product {
    pub folder: String,
    pub connector: String,
    pub totals: Totals,
    pub exchanges: Vec<ExchangeReport>,
    /// Lists and gets of what the connector lists, by calls that it does not make.
    pub unmatched_relevant: Vec<String>,
    /// By resource: source paths that no recorded record has. For information: recordings do not show everything.
    pub paths_never_seen: BTreeMap<String, Vec<String>>,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub files: u64,
    pub exchanges: u64,
    pub matched: u64,
    pub unmatched: u64,
    pub unmatched_relevant: u64,
    pub records_in: u64,
    pub records_out: u64,
    /// Pages of which the recording shows the next one.
    pub pages_followed: u64,
    pub differences: u64,
}

/// One exchange.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExchangeReport {
    pub file: String,
    /// From 1.
    pub exchange: usize,
    /// `recorded`, `vendor-sample` or `records-only`.
    pub kind: String,
    pub request: String,
    pub status: u16,
    /// The connector's call.
    pub matched: Option<String>,
    /// The resource whose records were mapped.
    pub resource: Option<String>,
    pub records_in: u64,
    pub records_out: u64,
    /// How many records have each field.
    pub fields: BTreeMap<String, u64>,
    /// For errors: what they were taken for.
    pub fault: Option<String>,
    /// The recording shows the next page, and paging was compared.
    pub followed: bool,
    pub differences: Vec<String>,
    /// What is worth knowing and no difference.
    pub notes: Vec<String>,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.exchanges += other.exchanges;
        self.matched += other.matched;
        self.unmatched += other.unmatched;
        self.unmatched_relevant += other.unmatched_relevant;
        self.records_in += other.records_in;
        self.records_out += other.records_out;
        self.pages_followed += other.pages_followed;
        self.differences += other.differences;
    }
}

/// Replays a folder: one product's recordings, or a folder of such folders. `connector` names the connector of a product's folder, whatever
/// the folder is called.
///
/// # Errors
/// A folder or file that cannot be read, or no connector for a single product's folder.
pub fn run(catalog: &Catalog, folder: &Path, connector: Option<&str>) -> Result<Report, String> {
    let mut report = Report::default();
    let own = recording::files(folder)?;
    let products: Vec<(PathBuf, Vec<PathBuf>)> =
        if own.is_empty() { recording::folders(folder)? } else { vec![(folder.to_owned(), own)] };
    let single = products.len() == 1;
    let index = Index::new(catalog);
    let wanted = connector.and_then(|name| catalog.resolve(name));
    for (folder, files) in products {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ids = match connector {
            Some(slug) if single => vec![slug.to_owned()],
            Some(_) => index.about(&name).into_iter().filter(|id| Some(id) == wanted.as_ref()).collect(),
            None => index.about(&name),
        };
        if ids.is_empty() {
            report.skipped.push(name);
            continue;
        }
        let recordings: Vec<Recording> = files.iter().map(|file| recording::read(file)).collect::<Result<_, _>>()?;
        for id in ids {
            let connector = catalog.connector(&id).map_err(|fault| fault.to_string())?;
            report.products.push(product(&connector, &name, &recordings));
        }
    }
    if report.products.is_empty() && single {
        return Err(format!("no connector is called `{}`", report.skipped.join(", ")));
    }
    for product in &report.products {
        report.totals.add(&product.totals);
    }
    let ledger = catalog.ledger("exceptions.txt").unwrap_or_default();
    let excused =
        |connector: &str| ledger.lines().any(|line| line.split(' ').take(2).eq(["replay_difference", connector]));
    report.passed = report.products.iter().all(|p| p.totals.differences == 0 || excused(&p.connector));
    Ok(report)
}

/// Which folders of recordings the connectors are about.
struct Index(Vec<Names>);

struct Names {
    id: String,
    aliases: Vec<String>,
    /// Folders that its evidence names.
    evidence: Vec<String>,
}

impl Index {
    /// Connectors with mistakes are left out: they cannot be replayed.
    fn new(catalog: &Catalog) -> Self {
        let names = |id: String| {
            let connector = catalog.connector(&id).ok()?;
            let evidence = catalog
                .file(&id, "evidence.yaml")
                .and_then(|text| load::read_evidence(&id, &text).ok())
                .unwrap_or_default();
            let sources = evidence.resources.iter().flat_map(|(_, resource)| &resource.sources);
            let folders = sources.filter_map(|source| match source {
                Source::Recording { reference, .. } => {
                    reference.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
                }
                _ => None,
            });
            Some(Names { evidence: folders.collect(), aliases: connector.definition().aliases.clone(), id })
        };
        Self(catalog.ids().into_iter().filter_map(names).collect())
    }

    /// The connectors of a folder: by id or alias, or else because their evidence names it.
    fn about(&self, folder: &str) -> Vec<String> {
        let by_name: Vec<String> = self
            .0
            .iter()
            .filter(|names| names.id == folder || names.aliases.iter().any(|alias| alias == folder))
            .map(|names| names.id.clone())
            .collect();
        if !by_name.is_empty() {
            return by_name;
        }
        self.0
            .iter()
            .filter(|names| names.evidence.iter().any(|known| known == folder))
            .map(|names| names.id.clone())
            .collect()
    }
}

fn product(connector: &Connector, folder: &str, recordings: &[Recording]) -> Product {
    let plans = calls::plans(connector);
    let all = calls::calls(connector, &plans);
    let matcher = Matcher::new(connector, &all);
    let mut product = Product { folder: folder.to_owned(), connector: connector.id().to_owned(), ..Product::default() };
    let mut seen = seen::Seen::new(&plans);
    for recording in recordings {
        product.totals.files += 1;
        let mut chain = chain::Chain::default();
        for (index, exchange) in recording.exchanges.iter().enumerate() {
            let mut one = ExchangeReport {
                file: recording.file.clone(),
                exchange: index + 1,
                kind: recording.kind.as_str().to_owned(),
                request: exchange.title(),
                status: exchange.status,
                ..ExchangeReport::default()
            };
            let found = match recording.kind {
                Kind::RecordsOnly => all.iter().find(|call| {
                    call.role == Role::Records && call.resource == recording.resource && call.method == MethodName::List
                }),
                _ => matcher.find(recording, exchange),
            };
            match found {
                None => {
                    chain.close();
                    // Records without their request may be of another API: these are not judged.
                    let relevant =
                        connector.method(&recording.resource, MethodName::List).is_some() && exchange.path.is_some();
                    if relevant {
                        product.unmatched_relevant.push(format!("{} {}: {}", recording.file, index + 1, one.request));
                    }
                }
                Some(call) => {
                    one.matched = Some(call.label());
                    let read = match recording.kind {
                        Kind::RecordsOnly => page::records_only(call, exchange, &mut one, &mut seen),
                        _ => page::read(connector, call, exchange, recording.kind, &mut one, &mut seen),
                    };
                    match read {
                        Some(reading) if recording.kind != Kind::RecordsOnly => {
                            chain.step(call, exchange, &reading, &mut one)
                        }
                        _ => chain.close(),
                    }
                    // The difference belongs to the page that was not followed rightly.
                    if let Some(difference) = chain.complaint()
                        && let Some(earlier) = product.exchanges.last_mut()
                    {
                        earlier.differences.push(difference);
                    }
                }
            }
            product.exchanges.push(one);
        }
    }
    for one in &product.exchanges {
        product.totals.exchanges += 1;
        product.totals.matched += u64::from(one.matched.is_some());
        product.totals.unmatched += u64::from(one.matched.is_none());
        product.totals.records_in += one.records_in;
        product.totals.records_out += one.records_out;
        product.totals.pages_followed += u64::from(one.followed);
        product.totals.differences += one.differences.len() as u64;
    }
    product.totals.unmatched_relevant = product.unmatched_relevant.len() as u64;
    product.paths_never_seen = seen.never();
    product
}
