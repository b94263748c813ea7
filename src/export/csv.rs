//! Writes a table as CSV: a header, commas, LF, an empty cell where nothing applies.

use super::number::{push_fixed, push_time};
use super::table::{Cell, Column, Shape};
use std::io::{self, Write};

/// Bytes gathered before they are written.
const GATHERED: usize = 64 * 1024;

/// A table being written as CSV.
pub struct CsvTable<W: Write> {
    out: W,
    text: Vec<u8>,
    columns: &'static [Column],
}

impl<W: Write> CsvTable<W> {
    pub(super) fn begin(out: W, columns: &'static [Column]) -> io::Result<Self> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let mut text = Vec::with_capacity(GATHERED + 4096);
        text.extend_from_slice(names.join(",").as_bytes());
        text.push(b'\n');
        Ok(Self { out, text, columns })
    }

    #[inline]
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for (i, (cell, column)) in cells.iter().zip(self.columns).enumerate() {
            if i > 0 {
                self.text.push(b',');
            }
            match *cell {
                Cell::Time(t) => push_time(&mut self.text, t),
                Cell::Number(value) => {
                    let places = if let Shape::Number { places } = column.shape { places } else { 0 };
                    push_fixed(&mut self.text, value, places);
                }
                Cell::Count(count) => push_fixed(&mut self.text, count as f64, 0),
                Cell::Text(word) => push_word(&mut self.text, word),
                Cell::Empty => {}
            }
        }
        self.text.push(b'\n');
        if self.text.len() >= GATHERED {
            self.out.write_all(&self.text)?;
            self.text.clear();
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&self.text)?;
        self.out.flush()
    }
}

/// A word, in quotes only where it needs them.
fn push_word(text: &mut Vec<u8>, word: &str) {
    if word.contains(['"', ',', '\n', '\r']) {
        text.push(b'"');
        text.extend_from_slice(word.replace('"', "\"\"").as_bytes());
        text.push(b'"');
    } else {
        text.extend_from_slice(word.as_bytes());
    }
}
