//! Writes a table as Parquet with zstd: times and numbers as doubles, counts as 64-bit integers, words
//! as strings. An empty cell is null.

use super::table::{Cell, Column, Shape};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a row group: what is gathered in memory before it is written, about 10 MB at nine columns.
const GROUP_ROWS: usize = 128 * 1024;

/// The name that the file gives as its maker: the same for the same version, whoever built it.
pub(super) const CREATED_BY: &str = concat!("lumbard ", env!("CARGO_PKG_VERSION"));

/// A table being written as Parquet.
pub struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Gathered>,
    rows: usize,
}

/// The cells of one column since the last row group. `present` is 1 or 0 for each row, as Parquet's
/// definition levels.
enum Gathered {
    Numbers { values: Vec<f64>, present: Vec<i16> },
    Times { values: Vec<f64> },
    Counts { values: Vec<i64>, present: Vec<i16> },
    Words { values: Vec<ByteArray>, present: Vec<i16> },
}

impl Gathered {
    fn of(shape: Shape) -> Self {
        match shape {
            Shape::Time => Self::Times { values: Vec::new() },
            Shape::Number { .. } => Self::Numbers { values: Vec::new(), present: Vec::new() },
            Shape::Count => Self::Counts { values: Vec::new(), present: Vec::new() },
            Shape::Text => Self::Words { values: Vec::new(), present: Vec::new() },
        }
    }

    fn push(&mut self, cell: &Cell<'_>) {
        match (self, *cell) {
            (Self::Times { values }, Cell::Time(t)) => values.push(t.seconds()),
            (Self::Numbers { values, present }, Cell::Number(value)) if value.is_finite() => {
                values.push(value);
                present.push(1);
            }
            (Self::Counts { values, present }, Cell::Count(count)) => {
                values.push(count as i64);
                present.push(1);
            }
            (Self::Words { values, present }, Cell::Text(word)) => {
                values.push(ByteArray::from(word));
                present.push(1);
            }
            (Self::Numbers { present, .. } | Self::Counts { present, .. } | Self::Words { present, .. }, _) => {
                present.push(0);
            }
            (Self::Times { values }, _) => values.push(f64::NAN),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Times { values } => values.clear(),
            Self::Numbers { values, present } => (values.clear(), present.clear()).1,
            Self::Counts { values, present } => (values.clear(), present.clear()).1,
            Self::Words { values, present } => (values.clear(), present.clear()).1,
        }
    }
}

/// How all Parquet files are written: zstd, numbers split into byte streams, integers as differences.
pub(super) fn properties(
    columns: impl Iterator<Item = (&'static str, Encoding)>,
) -> Result<WriterPropertiesPtr, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(CREATED_BY.to_owned())
        .set_max_row_group_row_count(Some(LARGEST_GROUP));
    for (name, encoding) in columns {
        if encoding != Encoding::RLE_DICTIONARY {
            properties = properties
                .set_column_dictionary_enabled(ColumnPath::from(name), false)
                .set_column_encoding(ColumnPath::from(name), encoding);
        }
    }
    Ok(Arc::new(properties.build()))
}

/// Rows that a row group may have at most. Source: domain.md §13.
pub(super) const LARGEST_GROUP: usize = 1_000_000;

impl<W: Write + Send> ParquetTable<W> {
    pub(super) fn begin(out: W, name: &str, columns: &'static [Column]) -> io::Result<Self> {
        let fields: Vec<String> = columns
            .iter()
            .map(|column| {
                let kind = match column.shape {
                    Shape::Time => "REQUIRED DOUBLE",
                    Shape::Number { .. } => "OPTIONAL DOUBLE",
                    Shape::Count => "OPTIONAL INT64",
                    Shape::Text => return format!("OPTIONAL BYTE_ARRAY {} (UTF8);", column.name),
                };
                format!("{kind} {};", column.name)
            })
            .collect();
        let schema = parse_message_type(&format!("message {name} {{ {} }}", fields.join(" ")))?;
        let encodings = columns.iter().map(|column| {
            let encoding = match column.shape {
                Shape::Time | Shape::Number { .. } => Encoding::BYTE_STREAM_SPLIT,
                Shape::Count => Encoding::DELTA_BINARY_PACKED,
                Shape::Text => Encoding::RLE_DICTIONARY,
            };
            (column.name, encoding)
        });
        let writer = SerializedFileWriter::new(out, Arc::new(schema), properties(encodings)?)?;
        Ok(Self { writer, columns: columns.iter().map(|column| Gathered::of(column.shape)).collect(), rows: 0 })
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group()?;
        for gathered in &mut self.columns {
            let Some(mut column) = group.next_column()? else {
                break;
            };
            match gathered {
                Gathered::Times { values } => column.typed::<DoubleType>().write_batch(values, None, None)?,
                Gathered::Numbers { values, present } => {
                    column.typed::<DoubleType>().write_batch(values, Some(present), None)?
                }
                Gathered::Counts { values, present } => {
                    column.typed::<Int64Type>().write_batch(values, Some(present), None)?
                }
                Gathered::Words { values, present } => {
                    column.typed::<ByteArrayType>().write_batch(values, Some(present), None)?
                }
            };
            column.close()?;
            gathered.clear();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.group()?;
        }
        self.writer.into_inner()?.flush()
    }
}
