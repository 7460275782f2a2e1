//! A replay for people.

use std::fmt::Write as _;

use super::{Product, Report, Totals};

/// The report as text: totals for each product, then what differs.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    for product in &report.products {
        one(&mut text, product);
    }
    if !report.skipped.is_empty() {
        let _ = writeln!(text, "without a connector: {}", report.skipped.join(", "));
    }
    let _ = writeln!(text, "\n{} products: {}", report.products.len(), counts(&report.totals));
    text
}

fn one(text: &mut String, product: &Product) {
    let mark = if product.totals.differences == 0 { "ok  " } else { "FAIL" };
    let _ = writeln!(text, "{mark} {} ({}): {}", product.connector, product.folder, counts(&product.totals));
    for exchange in &product.exchanges {
        for difference in &exchange.differences {
            let _ = writeln!(
                text,
                "       {} {} [{}]: {difference}",
                exchange.file,
                exchange.exchange,
                exchange.matched.as_deref().unwrap_or("-")
            );
        }
    }
    for unmatched in &product.unmatched_relevant {
        let _ = writeln!(text, "       not one of our calls: {unmatched}");
    }
    for (resource, paths) in &product.paths_never_seen {
        let _ = writeln!(text, "       never seen in {resource}: {}", paths.join(" "));
    }
}

fn counts(totals: &Totals) -> String {
    format!(
        "{} exchanges of {} files, {} matched ({} relevant ones not), {} of {} records, {} pages followed, {} differences",
        totals.exchanges,
        totals.files,
        totals.matched,
        totals.unmatched_relevant,
        totals.records_out,
        totals.records_in,
        totals.pages_followed,
        totals.differences
    )
}
