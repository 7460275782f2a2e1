//! `rollcall connector test`.

use std::process::ExitCode;

use rollcall_connector::Catalog;
use rollcall_engine::cases;
use serde_json::{Value, json};

use super::chosen;
use crate::failure::Failure;
use crate::{inputs, output};

pub async fn run(catalog: &Catalog, slugs: &[String], as_json: bool) -> Result<ExitCode, Failure> {
    let mut results: Vec<Value> = Vec::new();
    let (mut passed, mut failed) = (0_u32, 0_u32);
    for id in chosen(catalog, slugs)? {
        let connector = match inputs::connector(catalog, &id) {
            Ok(connector) => connector,
            Err(failure) => {
                failed += 1;
                output::error(&failure.to_string());
                continue;
            }
        };
        for name in catalog.cases(&id) {
            let result = match cases::load(catalog, &id, &name) {
                Ok(case) => cases::run(&connector, &case).await,
                Err(message) => {
                    cases::CaseResult { case: name.clone(), passed: false, differences: vec![message], records: 0 }
                }
            };
            if result.passed {
                passed += 1
            } else {
                failed += 1
            }
            if !as_json {
                output::text(&format!(
                    "{} {id}::{name} ({} records)\n",
                    if result.passed { "ok  " } else { "FAIL" },
                    result.records
                ))?;
                for difference in &result.differences {
                    output::text(&format!("       {difference}\n"))?;
                }
            }
            results.push(json!({ "connector": id, "case": result.case, "passed": result.passed, "records": result.records, "differences": result.differences }));
        }
    }
    if as_json {
        output::line(serde_json::to_string_pretty(&results).unwrap_or_default().as_bytes())?;
    } else {
        output::text(&format!("{passed} passed, {failed} failed\n"))?;
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}
