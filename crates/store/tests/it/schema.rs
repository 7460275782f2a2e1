//! Both engines end up with the same schema.

use std::collections::BTreeSet;

use crate::world::World;

/// Table, column, type, whether it may be null.
type Column = (String, String, String, bool);

#[tokio::test]
async fn tables_columns_and_indexes_are_the_same() {
    let (sqlite, postgres) = (World::sqlite(), World::postgres().await);
    sqlite.store().await;
    postgres.store().await;

    let of_sqlite: BTreeSet<Column> = sqlite
        .texts(
            "SELECT tables.name || ' ' || columns.name, columns.type || ' ' || (columns.\"notnull\" = 0) \
             FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
        )
        .await
        .iter()
        .filter_map(|(place, shape)| {
            column(place, shape, &[("INTEGER", "number"), ("TEXT", "text"), ("BLOB", "bytes")])
        })
        .collect();
    let of_postgres: BTreeSet<Column> = postgres
        .texts(
            "SELECT table_name || ' ' || column_name, UPPER(data_type) || ' ' || CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END \
             FROM information_schema.columns WHERE table_schema = current_schema()",
        )
        .await
        .iter()
        .filter_map(|(place, shape)| column(place, shape, &[("BIGINT", "number"), ("TEXT", "text"), ("BYTEA", "bytes")]))
        .collect();
    let tables: BTreeSet<&str> = of_sqlite.iter().map(|(table, ..)| table.as_str()).collect();
    assert_eq!(tables.len(), 9, "{tables:?}");
    assert_eq!(of_sqlite, of_postgres);

    let indexes_of_sqlite = sqlite
        .texts(
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY tbl_name, name",
        )
        .await;
    let indexes_of_postgres = postgres
        .texts(
            "SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = current_schema() \
             AND indexname LIKE '%\\_by\\_%' ORDER BY 1, 2",
        )
        .await;
    assert!(!indexes_of_sqlite.is_empty());
    assert_eq!(indexes_of_sqlite, indexes_of_postgres);
}

/// The driver's own table is its own affair.
fn column(place: &str, shape: &str, types: &[(&str, &str)]) -> Option<Column> {
    let (table, column) = place.split_once(' ').unwrap();
    let (ty, nullable) = shape.rsplit_once(' ').unwrap();
    if table == "_sqlx_migrations" {
        return None;
    }
    let (_, word) = types.iter().find(|(known, _)| *known == ty).unwrap_or_else(|| panic!("{place}: {ty}"));
    Some((table.to_owned(), column.to_owned(), (*word).to_owned(), nullable == "1"))
}
