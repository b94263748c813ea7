//! Writes recordings and tables in open formats: one file for each format.
//!
//! Rows come in, files go out through [`Staging`], which puts all of them in place at once or none.
//!
//! | file | does |
//! |---|---|
//! | [`staging`] | keeps files out of sight until all are written |
//! | [`tables`] | columns and rows of samples, epochs, events, steps and postures |
//! | [`table`] | writes such a table as CSV or Parquet |
//! | [`raw`] | writes raw samples as CSV or Parquet |
//! | [`number`] | numbers as text, the same on every machine |

mod csv;
pub mod number;
mod parquet;
pub mod raw;
mod raw_parquet;
pub mod staging;
pub mod table;
pub mod tables;

pub use raw::RawTable;
pub use staging::Staging;
pub use table::{Cell, Column, Format, Shape, Table};
