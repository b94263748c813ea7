//! Writes raw samples as CSV or Parquet, so that reading them again gives the detectors the same numbers.
//!
//! In:  blocks of [`RawSample`] of one recording, with their [`RawFormat`] and the wall time of its start.
//! Out: one file that `import` and other programs read. Choosing samples and naming files is left to
//! whoever calls.
//!
//! CSV keeps the source's unit and decimals. Parquet is in g and °/s (domain.md §13), in 32-bit floats
//! where they hold every value exactly, else in 64-bit floats. Only a source in rad/s is not kept to the
//! last bit there: the nearest °/s is written that leads back to its rad/s, and where there is none, one
//! that is 10⁻¹⁶ of the value away.

use super::number::{push_scaled, push_time};
use super::parquet::properties;
use super::table::Format;
use crate::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use crate::units::WallTime;
use parquet::basic::Encoding as Stored;
use parquet::data_type::{DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a Parquet row group: gathered in memory first, about 10 MB.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of text gathered before they are written.
const GATHERED: usize = 64 * 1024;
/// Axes, as they end the names of columns.
const AXES: [&str; 3] = ["x", "y", "z"];

/// Raw samples of one recording being written.
pub enum RawTable<W: Write + Send> {
    /// As text.
    Csv(RawCsv<W>),
    /// As Parquet.
    Parquet(Box<RawParquet<W>>),
}

impl<W: Write + Send> RawTable<W> {
    /// Begins a file. `about` goes into the metadata of Parquet, such as ids; CSV has no place for it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(
        out: W,
        format: Format,
        raw: &RawFormat,
        start: WallTime,
        about: &[(String, String)],
    ) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => Self::Csv(RawCsv::begin(out, raw, start)),
            Format::Parquet => Self::Parquet(Box::new(RawParquet::begin(out, raw, start, about)?)),
        })
    }

    /// Writes the next samples, in the order of their times.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn samples(&mut self, samples: &[RawSample]) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.samples(samples),
            Self::Parquet(table) => table.samples(samples),
        }
    }

    /// Ends the file.
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

/// Raw samples being written as CSV: `t_utc_ns,t_s`, then the sensors in the source's units.
pub struct RawCsv<W: Write> {
    out: W,
    text: Vec<u8>,
    raw: RawFormat,
    start: WallTime,
}

impl<W: Write> RawCsv<W> {
    fn begin(out: W, raw: &RawFormat, start: WallTime) -> Self {
        let mut names = vec!["t_utc_ns".to_owned(), "t_s".to_owned()];
        for (sensor, channel) in [("acc", Some(&raw.acc)), ("gyr", raw.gyr.as_ref())] {
            let suffix = channel.map(|channel| match channel.unit {
                Unit::G => "_g",
                Unit::DegreesPerSecond => "_dps",
                Unit::MetresPerSecond2 | Unit::RadiansPerSecond => "",
            });
            names.extend(suffix.into_iter().flat_map(|end| AXES.map(|axis| format!("{sensor}_{axis}{end}"))));
        }
        let mut text = Vec::with_capacity(GATHERED + 4096);
        text.extend_from_slice(names.join(",").as_bytes());
        text.push(b'\n');
        Self { out, text, raw: *raw, start }
    }

    fn samples(&mut self, samples: &[RawSample]) -> io::Result<()> {
        for sample in samples {
            push_scaled(&mut self.text, self.start.at(sample.t).0, 0, 0);
            self.text.push(b',');
            push_time(&mut self.text, sample.t);
            push_cells(&mut self.text, &self.raw.acc, &sample.acc, sample.flags);
            if let Some(gyr) = &self.raw.gyr {
                push_cells(&mut self.text, gyr, &sample.gyr, sample.flags);
            }
            self.text.push(b'\n');
            if self.text.len() >= GATHERED {
                self.out.write_all(&self.text)?;
                self.text.clear();
            }
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&self.text)?;
        self.out.flush()
    }
}

fn push_cells(text: &mut Vec<u8>, channel: &Channel, stored: &[i64; 3], flags: u8) {
    for &stored in stored {
        text.push(b',');
        if stored == RawSample::EMPTY {
        } else if channel.encoding == Encoding::Nanos && flags & RawSample::FLOAT_BITS == 0 {
            push_scaled(text, stored, 9, 0);
        } else {
            // The shortest text that reads as this very float.
            text.extend_from_slice(channel.encoding.value(stored, flags).to_string().as_bytes());
        }
    }
}

/// Raw samples being written as Parquet.
pub struct RawParquet<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    raw: RawFormat,
    start: WallTime,
    rows: usize,
    t_utc_ns: Vec<i64>,
    t_device: Optional<i64>,
    seq: Optional<i64>,
    acc: [Sensor; 3],
    gyr: Option<[Sensor; 3]>,
    flags: Vec<i32>,
}

/// Values with their definition levels: 1 where there is one, 0 where it is null.
struct Optional<T> {
    values: Vec<T>,
    present: Vec<i16>,
}

impl<T> Default for Optional<T> {
    fn default() -> Self {
        Self { values: Vec::new(), present: Vec::new() }
    }
}

impl<T> Optional<T> {
    fn push(&mut self, value: Option<T>) {
        self.present.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
    fn clear(&mut self) {
        self.values.clear();
        self.present.clear();
    }
}

/// A column of one axis.
enum Sensor {
    Single(Optional<f32>),
    Double(Optional<f64>),
}

impl Sensor {
    fn push(&mut self, value: Option<f64>) {
        match self {
            // Only where every value of the recording is exact in 32 bits.
            Self::Single(column) => column.push(value.map(|value| value as f32)),
            Self::Double(column) => column.push(value),
        }
    }

    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> io::Result<()> {
        match self {
            Self::Single(gathered) => {
                column.typed::<FloatType>().write_batch(&gathered.values, Some(&gathered.present), None)?;
                gathered.clear();
            }
            Self::Double(gathered) => {
                column.typed::<DoubleType>().write_batch(&gathered.values, Some(&gathered.present), None)?;
                gathered.clear();
            }
        }
        Ok(column.close()?)
    }
}

/// Whether 32-bit floats hold every value of a channel exactly, in g or °/s.
fn fits_single(channel: &Channel) -> bool {
    /// Integers up to here are exact in 32 bits.
    const EXACT_SINGLE: f64 = (1_u32 << 24) as f64;
    /// Counts of 16 bits.
    const COUNTS: f64 = 32_768.0;
    let own_unit = matches!(channel.unit, Unit::G | Unit::DegreesPerSecond);
    let exact = match channel.encoding {
        Encoding::Float32 => true,
        Encoding::Float64 | Encoding::Nanos => false,
        Encoding::Counts { full_scale, full_count } => {
            let mut odd = full_scale;
            while odd >= 2.0 && odd % 2.0 == 0.0 {
                odd /= 2.0;
            }
            let power = full_count >= 1.0 && full_count <= COUNTS && full_count.log2().fract() == 0.0;
            power && odd.fract() == 0.0 && odd.abs() * COUNTS <= EXACT_SINGLE
        }
    };
    own_unit && exact
}

/// A stored value in the unit of its column: g or °/s.
fn in_column_unit(channel: &Channel, stored: i64, flags: u8) -> Option<f64> {
    let value = channel.encoding.value(stored, flags);
    if !value.is_finite() {
        return None;
    }
    Some(match channel.unit {
        Unit::G | Unit::DegreesPerSecond => value,
        Unit::MetresPerSecond2 => channel.unit.to_core(value),
        Unit::RadiansPerSecond => {
            let nearest = value.to_degrees();
            let leads_back = |degrees: &f64| Unit::DegreesPerSecond.to_core(*degrees) == value;
            [nearest, nearest.next_up(), nearest.next_down()].into_iter().find(leads_back).unwrap_or(nearest)
        }
    })
}

impl<W: Write + Send> RawParquet<W> {
    fn begin(out: W, raw: &RawFormat, start: WallTime, about: &[(String, String)]) -> io::Result<Self> {
        let kind = |channel: &Channel| if fits_single(channel) { "FLOAT" } else { "DOUBLE" };
        let acc_kind = kind(&raw.acc);
        let gyr_fields = raw.gyr.as_ref().map_or_else(String::new, |gyr| {
            AXES.map(|axis| format!("OPTIONAL {} gyr_{axis}_dps; ", kind(gyr))).concat()
        });
        let acc_fields = AXES.map(|axis| format!("OPTIONAL {acc_kind} acc_{axis}_g; ")).concat();
        let schema = parse_message_type(&format!(
            "message raw {{ REQUIRED INT64 t_utc_ns (TIMESTAMP(NANOS,true)); OPTIONAL INT64 t_device; \
             OPTIONAL INT64 seq; {acc_fields}{gyr_fields}OPTIONAL FLOAT temp_c; REQUIRED INT32 flags; }}"
        ))?;
        let split = ["acc_x_g", "acc_y_g", "acc_z_g", "gyr_x_dps", "gyr_y_dps", "gyr_z_dps"]
            .map(|name| (name, Stored::BYTE_STREAM_SPLIT));
        let differences = ["t_utc_ns", "t_device", "seq"].map(|name| (name, Stored::DELTA_BINARY_PACKED));
        let properties = properties(split.into_iter().chain(differences))?;
        let mut writer = SerializedFileWriter::new(out, Arc::new(schema), properties)?;
        let mut note = |key: &str, value: String| {
            writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        };
        note("units", "t_utc_ns ns since 1970 UTC; acc g; gyr deg/s; temp_c degC; t_device ticks".to_owned());
        note("source_acc_unit", raw.acc.unit.name().to_owned());
        if let Some(gyr) = &raw.gyr {
            note("source_gyr_unit", gyr.unit.name().to_owned());
        }
        note("nominal_rate_hz", raw.nominal_rate_hz.to_string());
        if let Some(tick_s) = raw.tick_s {
            note("tick_s", tick_s.to_string());
        }
        for (key, value) in about {
            note(key, value.clone());
        }
        let sensor = |channel: &Channel| {
            [(); 3].map(|()| {
                if fits_single(channel) {
                    Sensor::Single(Optional::default())
                } else {
                    Sensor::Double(Optional::default())
                }
            })
        };
        Ok(Self {
            writer,
            raw: *raw,
            start,
            rows: 0,
            t_utc_ns: Vec::new(),
            t_device: Optional::default(),
            seq: Optional::default(),
            acc: sensor(&raw.acc),
            gyr: raw.gyr.as_ref().map(sensor),
            flags: Vec::new(),
        })
    }

    fn samples(&mut self, samples: &[RawSample]) -> io::Result<()> {
        for sample in samples {
            self.t_utc_ns.push(self.start.at(sample.t).0);
            self.t_device.push(sample.ticks.map(|ticks| ticks.0 as i64));
            self.seq.push(sample.seq.map(|seq| seq as i64));
            for (axis, column) in self.acc.iter_mut().enumerate() {
                column.push(in_column_unit(&self.raw.acc, sample.acc[axis], sample.flags));
            }
            if let (Some(columns), Some(channel)) = (&mut self.gyr, &self.raw.gyr) {
                for (axis, column) in columns.iter_mut().enumerate() {
                    column.push(in_column_unit(channel, sample.gyr[axis], sample.flags));
                }
            }
            // How the source wrote its numbers means nothing here, so that flag is left out.
            self.flags.push(i32::from(sample.flags & !RawSample::FLOAT_BITS));
            self.rows += 1;
            if self.rows == GROUP_ROWS {
                self.group()?;
            }
        }
        Ok(())
    }

    fn group(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let missing = || io::Error::other("the schema has fewer columns than are written");
        let mut group = self.writer.next_row_group()?;
        {
            let mut column = group.next_column()?.ok_or_else(missing)?;
            column.typed::<Int64Type>().write_batch(&self.t_utc_ns, None, None)?;
            column.close()?;
        }
        for gathered in [&mut self.t_device, &mut self.seq] {
            let mut column = group.next_column()?.ok_or_else(missing)?;
            column.typed::<Int64Type>().write_batch(&gathered.values, Some(&gathered.present), None)?;
            column.close()?;
            gathered.clear();
        }
        for sensor in self.acc.iter_mut().chain(self.gyr.iter_mut().flatten()) {
            sensor.write(group.next_column()?.ok_or_else(missing)?)?;
        }
        {
            let mut column = group.next_column()?.ok_or_else(missing)?;
            column.typed::<FloatType>().write_batch(&[], Some(&vec![0; rows]), None)?;
            column.close()?;
        }
        {
            let mut column = group.next_column()?.ok_or_else(missing)?;
            column.typed::<Int32Type>().write_batch(&self.flags, None, None)?;
            column.close()?;
        }
        group.close()?;
        self.t_utc_ns.clear();
        self.flags.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.group()?;
        }
        self.writer.into_inner()?.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Options, Recordings};
    use crate::units::Time;

    fn there_and_back(format: Format, raw: &RawFormat, samples: &[RawSample]) -> (RawFormat, Vec<RawSample>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("raw.{}", format.ending()));
        let start = WallTime(1_732_147_200_123_456_789);
        let mut table = RawTable::begin(std::fs::File::create(&path).unwrap(), format, raw, start, &[]).unwrap();
        table.samples(samples).unwrap();
        table.finish().unwrap();
        let mut file = Recordings::open(&path, &Options::default()).unwrap();
        let head = file.next_recording().unwrap().unwrap();
        assert_eq!(head.start, Some(start));
        let (mut rows, mut block) = (Vec::new(), Vec::new());
        while file.read(&mut block).unwrap() {
            rows.append(&mut block);
        }
        (head.format, rows)
    }

    fn check(raw: RawFormat, samples: &[RawSample], exact: bool) {
        for format in [Format::Csv, Format::Parquet] {
            let (read, back) = there_and_back(format, &raw, samples);
            assert_eq!(samples.len(), back.len());
            for (before, after) in samples.iter().zip(&back) {
                let (a, b) = (raw.sample(before), read.sample(after));
                assert_eq!(a.t, b.t);
                let bits = |v: crate::frames::Vec3| [v.x, v.y, v.z].map(|v| if v.is_nan() { 0 } else { v.to_bits() });
                assert_eq!(bits(a.acc), bits(b.acc), "{format:?}");
                match (a.gyr, b.gyr) {
                    (Some(a), Some(b)) if exact || format == Format::Csv => assert_eq!(bits(a), bits(b), "{format:?}"),
                    (Some(a), Some(b)) => assert!((a - b).norm() <= a.norm() * 4e-16),
                    (a, b) => assert_eq!(a, b),
                }
            }
        }
    }

    fn channel(encoding: Encoding, unit: Unit) -> Channel {
        Channel { encoding, unit }
    }

    #[test]
    fn decimals_of_a_file_come_back_as_they_were() {
        let raw = RawFormat {
            acc: channel(Encoding::Nanos, Unit::MetresPerSecond2),
            gyr: Some(channel(Encoding::Nanos, Unit::RadiansPerSecond)),
            nominal_rate_hz: 100.0,
            tick_s: None,
        };
        let mut samples: Vec<RawSample> = (0..3000_i64)
            .map(|i| RawSample {
                t: Time(i * 10_000_000 + i % 7),
                acc: [9_690_480_000 + i * 1_370, -498_530_000, i * 33_331],
                gyr: [-40_600_000 + i * 20_011, 51_800_000, -16_000_000],
                ..RawSample::default()
            })
            .collect();
        samples[5].acc[1] = RawSample::EMPTY;
        samples[9].flags = RawSample::FLOAT_BITS;
        samples[9].acc = [9.1_f64, 0.123_456_789_012_345, 1e-7].map(|v| v.to_bits() as i64);
        samples[9].gyr = [0.0_f64, 0.1, -2.5].map(|v| v.to_bits() as i64);
        check(raw, &samples, false);
    }

    #[test]
    fn counts_of_a_sensor_give_the_same_values() {
        let counts = |full_scale| Encoding::Counts { full_scale, full_count: 32_768.0 };
        let raw = RawFormat {
            acc: channel(counts(16.0), Unit::G),
            gyr: Some(channel(counts(2000.0), Unit::DegreesPerSecond)),
            nominal_rate_hz: 200.0,
            tick_s: Some(1.0 / 32_768.0),
        };
        assert!(fits_single(&raw.acc) && raw.gyr.is_some_and(|gyr| fits_single(&gyr)));
        let samples: Vec<RawSample> = (0..4000_i64)
            .map(|i| RawSample {
                t: Time(i * 5_000_000),
                acc: [2048 + i % 17, -i % 300, 40],
                gyr: [i * 8 - 16_000, -32_768, 32_767],
                ..RawSample::default()
            })
            .collect();
        check(raw, &samples, true);
    }

    #[test]
    fn floats_without_a_gyroscope_give_the_same_values() {
        for encoding in [Encoding::Float32, Encoding::Float64] {
            let raw = RawFormat { acc: channel(encoding, Unit::G), gyr: None, nominal_rate_hz: 50.0, tick_s: None };
            let bits = |v: f64| {
                if encoding == Encoding::Float32 { i64::from((v as f32).to_bits()) } else { v.to_bits() as i64 }
            };
            let mut samples: Vec<RawSample> = (0..100_i64)
                .map(|i| RawSample {
                    t: Time(i * 20_000_000),
                    acc: [bits(0.98 + i as f64 / 3e4), bits(0.1), bits(-0.2)],
                    ..RawSample::default()
                })
                .collect();
            samples[7].acc[2] = RawSample::EMPTY;
            check(raw, &samples, true);
        }
    }
}
