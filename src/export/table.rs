//! A table with named columns, written row by row as CSV or Parquet.

use super::{csv, parquet};
use crate::units::Time;
use std::io::{self, Write};
use std::str::FromStr;

/// The format of a table's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 text, commas, `.` in decimals, LF.
    #[default]
    Csv,
    /// Apache Parquet, zstd.
    Parquet,
}

impl Format {
    /// The ending of the file's name, without a point.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "csv" => Ok(Self::Csv),
            "parquet" => Ok(Self::Parquet),
            _ => Err(format!("{word:?} is no format; write csv or parquet")),
        }
    }
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Moments in seconds, in every row.
    Time,
    /// Decimal numbers; the places are those of the text, Parquet keeps the whole float.
    Number {
        /// Decimals in text.
        places: usize,
    },
    /// Whole numbers from 0.
    Count,
    /// Words.
    Text,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, with the unit.
    pub name: &'static str,
    /// What its cells are.
    pub shape: Shape,
}

/// A cell. Its kind must be that of its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A moment.
    Time(Time),
    /// A number; one that is not finite counts as empty.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// A word.
    Text(&'a str),
    /// Does not apply, or is not known.
    Empty,
}

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::Empty, Self::Text)
    }
}

/// A table being written.
pub enum Table<W: Write + Send> {
    /// As text.
    Csv(csv::CsvTable<W>),
    /// As Parquet.
    Parquet(Box<parquet::ParquetTable<W>>),
}

impl<W: Write + Send> Table<W> {
    /// Begins a table; its header is written even if no row follows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(out: W, format: Format, name: &str, columns: &'static [Column]) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => Self::Csv(csv::CsvTable::begin(out, columns)?),
            Format::Parquet => Self::Parquet(Box::new(parquet::ParquetTable::begin(out, name, columns)?)),
        })
    }

    /// Writes a row: one cell for each column, in their order.
    ///
    /// # Errors
    /// The file cannot be written.
    #[inline]
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Parquet(table) => table.row(cells),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Parquet(table) => table.finish(),
        }
    }
}
