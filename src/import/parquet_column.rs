//! Reads one column of a Parquet file in batches, whatever its type, as floats, times or words.

use super::error::Reason;
use super::number::float_bits;
use crate::raw::{Encoding, RawSample};
use parquet::basic::{LogicalType, Repetition, TimeUnit, TimestampType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::schema::types::Type;

/// A column of the file that is read.
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) number: usize,
    pub(super) physical: Physical,
    /// What one count of a timestamp is, in ns.
    unit_ns: i64,
    optional: bool,
    pub(super) reader: Option<ColumnReader>,
    present: Vec<i16>,
}

impl Leaf {
    pub(super) fn new(name: String, number: usize, field: &Type) -> Result<Self, Reason> {
        let info = field.get_basic_info();
        let unit_ns = match info.logical_type_ref() {
            Some(LogicalType::Timestamp(TimestampType { unit: TimeUnit::MILLIS, .. })) => 1_000_000,
            Some(LogicalType::Timestamp(TimestampType { unit: TimeUnit::MICROS, .. })) => 1_000,
            _ => 1,
        };
        let optional = info.has_repetition() && info.repetition() == Repetition::OPTIONAL;
        let physical = field.get_physical_type();
        Ok(Self { name, number, physical, unit_ns, optional, reader: None, present: Vec::new() })
    }

    pub(super) fn refuse(&self, wanted: &'static str) -> Reason {
        Reason::ColumnType { name: self.name.clone(), found: format!("{:?}", self.physical), wanted }
    }

    pub(super) fn must_be_number(&self) -> Result<(), Reason> {
        match self.physical {
            Physical::FLOAT | Physical::DOUBLE | Physical::INT32 | Physical::INT64 => Ok(()),
            _ => Err(self.refuse("float, double or an integer")),
        }
    }

    /// Reads `count` rows and hands each to `put`, `None` where it is null.
    fn read<T: DataType>(
        reader: &mut ColumnReaderImpl<T>,
        present: &mut Vec<i16>,
        optional: bool,
        count: usize,
        mut put: impl FnMut(usize, Option<&T::T>),
    ) -> Result<(), Reason> {
        let mut values: Vec<T::T> = Vec::with_capacity(count);
        let mut row = 0;
        while row < count {
            values.clear();
            present.clear();
            let levels = optional.then_some(&mut *present);
            let (records, found, _) = reader.read_records(count - row, levels, None, &mut values)?;
            if records == 0 {
                return Err(Reason::Damaged("a column ends before the others".to_owned()));
            }
            let mut values = values[..found].iter();
            for i in 0..records {
                // Without nulls no levels are read, and every row has a value.
                let there = present.get(i).is_none_or(|level| *level > 0);
                put(row + i, if there { values.next() } else { None });
            }
            row += records;
        }
        Ok(())
    }

    /// Reads numbers as floats.
    pub(super) fn floats(&mut self, count: usize, mut put: impl FnMut(usize, f64)) -> Result<(), Reason> {
        let (present, optional) = (&mut self.present, self.optional);
        match &mut self.reader {
            Some(ColumnReader::FloatColumnReader(reader)) => {
                Self::read::<FloatType>(reader, present, optional, count, |i, value| {
                    put(i, value.map_or(f64::NAN, |value| f64::from(*value)));
                })
            }
            Some(ColumnReader::DoubleColumnReader(reader)) => {
                Self::read::<DoubleType>(reader, present, optional, count, |i, value| {
                    put(i, value.map_or(f64::NAN, |value| *value));
                })
            }
            Some(ColumnReader::Int32ColumnReader(reader)) => {
                Self::read::<Int32Type>(reader, present, optional, count, |i, value| {
                    put(i, value.map_or(f64::NAN, |value| f64::from(*value)));
                })
            }
            Some(ColumnReader::Int64ColumnReader(reader)) => {
                Self::read::<Int64Type>(reader, present, optional, count, |i, value| {
                    put(i, value.map_or(f64::NAN, |value| *value as f64));
                })
            }
            _ => Err(Reason::Damaged(format!("column {} changes its type", self.name))),
        }
    }

    /// Reads the stored integers of a sensor's cells.
    pub(super) fn stored(
        &mut self,
        encoding: Encoding,
        count: usize,
        mut put: impl FnMut(usize, i64),
    ) -> Result<(), Reason> {
        let single = encoding == Encoding::Float32;
        self.floats(count, |i, value| {
            put(
                i,
                match value {
                    value if !value.is_finite() => RawSample::EMPTY,
                    // The column holds 32-bit floats, so narrowing gives them back.
                    value if single => i64::from((value as f32).to_bits()),
                    value => float_bits(value),
                },
            );
        })
    }

    pub(super) fn times(&mut self, count: usize, out: &mut Vec<Option<i64>>) -> Result<(), Reason> {
        out.clear();
        out.resize(count, None);
        let unit_ns = self.unit_ns;
        match &mut self.reader {
            Some(ColumnReader::Int64ColumnReader(reader)) => {
                Self::read::<Int64Type>(reader, &mut self.present, self.optional, count, |i, value| {
                    out[i] = value.and_then(|value| value.checked_mul(unit_ns));
                })
            }
            _ => Err(Reason::Damaged(format!("column {} changes its type", self.name))),
        }
    }

    pub(super) fn words(&mut self, count: usize, out: &mut Vec<Vec<u8>>) -> Result<(), Reason> {
        out.clear();
        out.resize(count, Vec::new());
        let (present, optional) = (&mut self.present, self.optional);
        match &mut self.reader {
            Some(ColumnReader::ByteArrayColumnReader(reader)) => {
                Self::read::<ByteArrayType>(reader, present, optional, count, |i, value: Option<&ByteArray>| {
                    out[i] = value.map(|value| value.data().to_vec()).unwrap_or_default();
                })
            }
            Some(ColumnReader::Int64ColumnReader(reader)) => {
                Self::read::<Int64Type>(reader, present, optional, count, |i, value| {
                    out[i] = value.map(|value| value.to_string().into_bytes()).unwrap_or_default();
                })
            }
            Some(ColumnReader::Int32ColumnReader(reader)) => {
                Self::read::<Int32Type>(reader, present, optional, count, |i, value| {
                    out[i] = value.map(|value| value.to_string().into_bytes()).unwrap_or_default();
                })
            }
            _ => Err(self.refuse("text or an integer")),
        }
    }
}

/// Whether a row may hold several values.
pub(super) fn repeated(field: &Type) -> bool {
    field.get_basic_info().has_repetition() && field.get_basic_info().repetition() == Repetition::REPEATED
}
