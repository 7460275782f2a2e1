//! The counts of fields and filters.

use rollcall_connector::coverage::{self, PAGE_CONNECTORS};

use crate::made::Made;

fn entry(coverage: &coverage::Coverage, kind: &str, name: &str) -> coverage::Entry {
    coverage
        .entries
        .iter()
        .find(|entry| entry.resource == "users" && entry.kind == kind && entry.name == name)
        .cloned()
        .unwrap_or_else(|| panic!("no {kind} {name}"))
}

#[test]
fn counts_what_connectors_give() {
    let made = Made::new();
    let coverage = coverage::count(&made.catalog(), &[]);
    assert_eq!(coverage.connectors, 1);
    let (name, title) = (entry(&coverage, "field", "name"), entry(&coverage, "field", "title"));
    assert_eq!((name.connectors, name.of, name.target), (1, 1, Some(319)));
    assert_eq!((title.connectors, title.target), (0, Some(61)));
    // Every claimed field can be filtered on; only one is filtered by the provider.
    let (name, status, email) =
        (entry(&coverage, "filter", "name"), entry(&coverage, "filter", "status"), entry(&coverage, "filter", "email"));
    assert_eq!((name.connectors, name.by_provider), (1, 0));
    assert_eq!((status.connectors, status.by_provider), (1, 1));
    assert_eq!((email.connectors, email.target), (1, Some(5)));
    assert_eq!(entry(&coverage, "parameter", "sort_by").target, Some(12));
}

#[test]
fn a_broken_connector_is_named_and_not_counted() {
    let made = Made::new();
    made.change("sample/connector.yaml", "category:", "kategory:");
    let coverage = coverage::count(&made.catalog(), &[]);
    assert_eq!((coverage.connectors, coverage.broken), (0, vec!["sample".to_owned()]));
}

#[test]
fn targets_are_read_in_both_layouts() {
    let page = "kind,name,type,values,integrations_on_the_page,required_by,notes\nquery,group (group_id),id,,19,6,\"3: a, b\"\nfield,id,string,,348,,\nfield,remote_data,object,,,,raw\n";
    let read = coverage::read_targets(page);
    assert_eq!(
        read.iter().map(|t| (t.kind.as_str(), t.name.as_str(), t.integrations)).collect::<Vec<_>>(),
        [("query", "group_id", 19), ("field", "id", PAGE_CONNECTORS)]
    );
    assert!(coverage::targets().len() > 40);
    assert!(coverage::read_targets("").is_empty());
}
