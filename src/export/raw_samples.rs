//! Writes raw samples as CSV or Parquet. In: a recording's own numbers and what they mean. Out: a file
//! that `analyze` reads back as the very same values.
//!
//! Values stay in the unit of the source, which is in the column's name, and are written without any
//! rounding: the shortest decimal that gives the same float in CSV, doubles in Parquet (domain.md §13 has
//! floats of 32 bits there; those would not hold the decimals of a text file). `t_utc_ns` is exact. A
//! sample without a value has an empty cell. Columns beside those that `analyze` needs: `seq`, the
//! sensor's counter, and `t_device`, its clock in ticks, where it has them.

use super::parquet::properties;
use super::table::Format;
use crate::raw::{Channel, RawFormat, RawSample, Unit};
use crate::units::WallTime;
use parquet::basic::Encoding;
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::Arc;

/// Bytes of text gathered before they are written.
const GATHERED: usize = 64 * 1024;
/// Rows of a row group: what is gathered in memory before it is written, about 18 MB.
const GROUP_ROWS: usize = 256 * 1024;

/// Raw samples being written.
pub struct RawTable<W: Write + Send> {
    begun: WallTime,
    format: RawFormat,
    out: Out<W>,
}

enum Out<W: Write + Send> {
    Csv { out: W, text: Vec<u8> },
    Parquet(Box<Columns<W>>),
}

/// The rows since the last row group, column by column. `present` is 1 or 0 for each row.
struct Columns<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    t: Vec<i64>,
    counters: [(Vec<i64>, Vec<i16>); 2],
    axes: Vec<(Vec<f64>, Vec<i16>)>,
}

/// Names of the three columns of a channel: m/s² and rad/s go without a unit, as everywhere.
fn names(channel: &Channel) -> [&'static str; 3] {
    match channel.unit {
        Unit::G => ["acc_x_g", "acc_y_g", "acc_z_g"],
        Unit::MetresPerSecond2 => ["acc_x", "acc_y", "acc_z"],
        Unit::DegreesPerSecond => ["gyr_x_dps", "gyr_y_dps", "gyr_z_dps"],
        Unit::RadiansPerSecond => ["gyr_x", "gyr_y", "gyr_z"],
    }
}

const T: &str = "t_utc_ns";
const COUNTERS: [&str; 2] = ["seq", "t_device"];

fn axes(format: &RawFormat) -> Vec<&'static str> {
    let mut axes = names(&format.acc).to_vec();
    axes.extend(format.gyr.iter().flat_map(names));
    axes
}

impl<W: Write + Send> RawTable<W> {
    /// Begins a file for a recording whose first sample was taken at `begun`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(out: W, format: Format, raw: RawFormat, begun: WallTime) -> io::Result<Self> {
        let axes = axes(&raw);
        let out = match format {
            Format::Csv => {
                let mut text = Vec::with_capacity(GATHERED + 4_096);
                let header: Vec<&str> = [T].into_iter().chain(COUNTERS).chain(axes).collect();
                text.extend_from_slice(header.join(",").as_bytes());
                text.push(b'\n');
                Out::Csv { out, text }
            }
            Format::Parquet => Out::Parquet(Box::new(Columns::begin(out, &axes)?)),
        };
        Ok(Self { begun, format: raw, out })
    }

    /// Writes a sample.
    ///
    /// # Errors
    /// The file cannot be written.
    #[inline]
    pub fn row(&mut self, sample: &RawSample) -> io::Result<()> {
        let t = self.begun.at(sample.t).0;
        let counters = [sample.seq, sample.ticks.map(|ticks| ticks.0)];
        let value = |channel: Channel, stored: i64| channel.encoding.value(stored, sample.flags);
        let acc = sample.acc.iter().map(|&stored| value(self.format.acc, stored));
        let gyr = self.format.gyr.into_iter().flat_map(|gyr| sample.gyr.iter().map(move |&stored| value(gyr, stored)));
        let values = acc.chain(gyr);
        match &mut self.out {
            Out::Csv { out, text } => {
                write!(text, "{t}")?;
                for counter in counters {
                    text.push(b',');
                    if let Some(counter) = counter {
                        write!(text, "{counter}")?;
                    }
                }
                for value in values {
                    text.push(b',');
                    if value.is_finite() {
                        write!(text, "{value}")?;
                    }
                }
                text.push(b'\n');
                if text.len() >= GATHERED {
                    out.write_all(text)?;
                    text.clear();
                }
                Ok(())
            }
            Out::Parquet(columns) => columns.row(t, counters, values),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Csv { mut out, text } => {
                out.write_all(&text)?;
                out.flush()
            }
            Out::Parquet(columns) => columns.finish(),
        }
    }
}

impl<W: Write + Send> Columns<W> {
    fn begin(out: W, axes: &[&'static str]) -> io::Result<Self> {
        let mut fields = vec![format!("REQUIRED INT64 {T} (TIMESTAMP(NANOS,true));")];
        fields.extend(COUNTERS.iter().map(|name| format!("OPTIONAL INT64 {name};")));
        fields.extend(axes.iter().map(|name| format!("OPTIONAL DOUBLE {name};")));
        let schema = parse_message_type(&format!("message raw {{ {} }}", fields.join(" ")))?;
        let integers = [T].into_iter().chain(COUNTERS).map(|name| (name, Encoding::DELTA_BINARY_PACKED));
        let floats = axes.iter().map(|&name| (name, Encoding::BYTE_STREAM_SPLIT));
        let writer = SerializedFileWriter::new(out, Arc::new(schema), properties(integers.chain(floats))?)?;
        Ok(Self {
            writer,
            t: Vec::with_capacity(GROUP_ROWS),
            counters: Default::default(),
            axes: vec![Default::default(); axes.len()],
        })
    }

    fn row(&mut self, t: i64, counters: [Option<u64>; 2], values: impl Iterator<Item = f64>) -> io::Result<()> {
        self.t.push(t);
        for ((numbers, present), counter) in self.counters.iter_mut().zip(counters) {
            present.push(i16::from(counter.is_some()));
            numbers.extend(counter.map(|counter| counter as i64));
        }
        for ((numbers, present), value) in self.axes.iter_mut().zip(values) {
            present.push(i16::from(value.is_finite()));
            if value.is_finite() {
                numbers.push(value);
            }
        }
        if self.t.len() == GROUP_ROWS { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group()?;
        if let Some(mut column) = group.next_column()? {
            column.typed::<Int64Type>().write_batch(&self.t, None, None)?;
            column.close()?;
        }
        for (numbers, present) in &mut self.counters {
            if let Some(mut column) = group.next_column()? {
                column.typed::<Int64Type>().write_batch(numbers, Some(present), None)?;
                column.close()?;
            }
            numbers.clear();
            present.clear();
        }
        for (numbers, present) in &mut self.axes {
            if let Some(mut column) = group.next_column()? {
                column.typed::<DoubleType>().write_batch(numbers, Some(present), None)?;
                column.close()?;
            }
            numbers.clear();
            present.clear();
        }
        group.close()?;
        self.t.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if !self.t.is_empty() {
            self.group()?;
        }
        self.writer.into_inner()?.flush()
    }
}
