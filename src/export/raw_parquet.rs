//! Writes raw samples as Parquet, with the columns of domain.md §13: g and °/s, in 32-bit floats where they
//! hold every value exactly, else in 64-bit floats.

use super::parquet::properties;
use super::raw::AXES;
use crate::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use crate::units::WallTime;
use parquet::basic::Encoding as Stored;
use parquet::data_type::{DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a row group: gathered in memory first, about 10 MB.
const GROUP_ROWS: usize = 128 * 1024;

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
pub(super) fn fits_single(channel: &Channel) -> bool {
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
            let power = (1.0..=COUNTS).contains(&full_count) && full_count.log2().fract() == 0.0;
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
    pub(super) fn begin(out: W, raw: &RawFormat, start: WallTime, about: &[(String, String)]) -> io::Result<Self> {
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

    pub(super) fn samples(&mut self, samples: &[RawSample]) -> io::Result<()> {
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

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.group()?;
        }
        self.writer.into_inner()?.flush()
    }
}
