//! The format's document, held against the format.

use coinhound_store::base::BaseTable;
use coinhound_store::column::Codec;
use coinhound_store::overlay::OVERLAY;
use coinhound_store::segment::FACTS;
use coinhound_store::table::Schema;

const DOCUMENT: &str = include_str!("../../../../docs/format.md");

fn codec(codec: Codec, integer: bool) -> String {
    match codec {
        Codec::Fixed(width) if integer => format!("u{}", u32::from(width) * 8),
        Codec::Fixed(width) => width.to_string(),
        Codec::Packed => "p".to_owned(),
        Codec::Bytes => "bytes".to_owned(),
    }
}

/// Where each column of a schema is first documented with its codec, in lines.
fn documented(schema: &Schema) -> Vec<usize> {
    let row = |name: &str, codec: String| {
        let cell = format!("| `{name}` | {codec} |");
        DOCUMENT.lines().position(|line| line.contains(&cell))
    };
    let columns = schema.columns.iter().map(|column| {
        let integer = row(column.name, codec(column.codec, true));
        let found = integer.or_else(|| row(column.name, codec(column.codec, false)));
        found.unwrap_or_else(|| panic!("docs/format.md does not name column {} of {}", column.name, schema.kind))
    });
    columns.collect()
}

#[test]
fn every_column_is_documented_in_its_order() {
    assert!(documented(&FACTS).is_sorted() && documented(&OVERLAY).is_sorted());
    for table in BaseTable::ALL {
        documented(table.schema());
        assert!(DOCUMENT.contains(&format!("`{}`", table.name())));
    }
}
