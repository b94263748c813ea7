//! Reads `.parquet`: the columns of DESIGN §7 by their names, floats of 32 or 64 bits kept as they are.
//!
//! The columns are read side by side in small batches, so a row group of any size takes little memory.

use super::columns::{Columns, trial_name};
use super::decoder::{BLOCK_ROWS, Block, Decoder, Layout};
use super::error::{Place, Reason, Refusal};
use super::parquet_column::{Leaf, repeated};
use super::{Options, UNIX_SECONDS};
use crate::raw::{Channel, Encoding, RawSample};
use crate::units::{Time, WallTime};
use parquet::basic::Type as Physical;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

impl From<ParquetError> for Reason {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::EOF(words) => Self::Damaged(words),
            error => Self::Damaged(error.to_string()),
        }
    }
}

/// Opens a file and looks at its columns.
pub(super) fn open(path: &Path, options: &Options) -> Result<ParquetFile, Refusal> {
    let reader = SerializedFileReader::new(File::open(path).map_err(Reason::of_read)?).map_err(Reason::from)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    let columns = Columns::find(&names)?;
    let timed = columns.t_s.is_some() || columns.t_utc_ns.is_some();
    if !timed && options.rate_hz.is_none() {
        return Err(Reason::NoTimes.into());
    }
    // A nested column has several leaves, so places among the leaves are found by name.
    let leaf = |place: usize| -> Result<Leaf, Reason> {
        let name = &names[place];
        let field = &schema.root_schema().get_fields()[place];
        let number = (0..schema.num_columns()).find(|&leaf| schema.column(leaf).path().string() == *name);
        match number {
            Some(number) if field.is_primitive() && !repeated(field) => Leaf::new(name.clone(), number, field),
            _ => Err(Reason::ColumnType {
                name: name.clone(),
                found: "nested or repeated values".to_owned(),
                wanted: "one number in each row",
            }),
        }
    };
    let three = |places: [usize; 3]| -> Result<[Leaf; 3], Reason> {
        Ok([leaf(places[0])?, leaf(places[1])?, leaf(places[2])?])
    };
    let acc = three(columns.acc)?;
    let gyr = columns.gyr.map(three).transpose()?;
    for sensor in acc.iter().chain(gyr.iter().flatten()) {
        sensor.must_be_number()?;
    }
    let seconds = columns.t_s.map(leaf).transpose()?;
    if let Some(seconds) = &seconds {
        seconds.must_be_number()?;
    }
    let utc = columns.t_utc_ns.map(leaf).transpose()?;
    if let Some(utc) = utc.as_ref().filter(|utc| utc.physical != Physical::INT64) {
        return Err(utc.refuse("a timestamp in ns or an int64").into());
    }
    let encoding = |sensor: &[Leaf; 3]| {
        let single = sensor.iter().all(|leaf| leaf.physical == Physical::FLOAT);
        if single { Encoding::Float32 } else { Encoding::Float64 }
    };
    let layout = Layout {
        acc: Channel { encoding: encoding(&acc), unit: columns.acc_unit },
        gyr: gyr.as_ref().map(|gyr| Channel { encoding: encoding(gyr), unit: columns.gyr_unit }),
        nominal_rate_hz: if timed { None } else { options.rate_hz },
        tick_s: None,
        place: Place::Row,
    };
    let trial = columns.trial.map(leaf).transpose()?;
    Ok(ParquetFile {
        reader,
        layout,
        seconds,
        utc,
        trial,
        acc,
        gyr,
        group: 0,
        left: 0,
        batch: Batch::default(),
        at: 0,
        row: 0,
        current: None,
        trials: HashSet::new(),
        counted: 0,
    })
}

/// Rows that have been read and not yet handed out.
#[derive(Default)]
struct Batch {
    rows: Vec<RawSample>,
    times: Vec<Option<i64>>,
    utc: Vec<Option<i64>>,
    trials: Vec<Vec<u8>>,
}

/// A Parquet file of samples.
pub(super) struct ParquetFile {
    reader: SerializedFileReader<File>,
    layout: Layout,
    seconds: Option<Leaf>,
    utc: Option<Leaf>,
    trial: Option<Leaf>,
    acc: [Leaf; 3],
    gyr: Option<[Leaf; 3]>,
    /// The next row group.
    group: usize,
    /// Rows left in the row group that is being read.
    left: usize,
    batch: Batch,
    /// The next row of the batch.
    at: usize,
    /// Number of the next row, from 1 after the first.
    row: u64,
    current: Option<Vec<u8>>,
    trials: HashSet<Vec<u8>>,
    counted: u64,
}

impl ParquetFile {
    fn leaves(&mut self) -> impl Iterator<Item = &mut Leaf> {
        let Self { seconds, utc, trial, acc, gyr, .. } = self;
        [seconds, utc, trial].into_iter().flatten().chain(acc).chain(gyr.iter_mut().flatten())
    }

    /// Reads the next rows of the file; `false` at its end.
    fn next_batch(&mut self) -> Result<bool, Reason> {
        while self.left == 0 {
            if self.group == self.reader.num_row_groups() {
                return Ok(false);
            }
            let number = self.group;
            self.left = usize::try_from(self.reader.metadata().row_group(number).num_rows())
                .map_err(|_| Reason::Damaged("a row group has a negative length".to_owned()))?;
            let places: Vec<usize> = self.leaves().map(|leaf| leaf.number).collect();
            let mut readers = Vec::with_capacity(places.len());
            {
                let group = self.reader.get_row_group(number)?;
                for place in places {
                    readers.push(group.get_column_reader(place)?);
                }
            }
            for (leaf, reader) in self.leaves().zip(readers) {
                leaf.reader = Some(reader);
            }
            self.group += 1;
        }
        let count = self.left.min(BLOCK_ROWS);
        self.left -= count;
        let Self { batch, layout, acc, gyr, seconds, utc, trial, .. } = self;
        batch.rows.clear();
        batch.rows.resize(count, RawSample::default());
        for (axis, leaf) in acc.iter_mut().enumerate() {
            leaf.stored(layout.acc.encoding, count, |i, stored| batch.rows[i].acc[axis] = stored)?;
        }
        if let (Some(gyr), Some(channel)) = (gyr, layout.gyr) {
            for (axis, leaf) in gyr.iter_mut().enumerate() {
                leaf.stored(channel.encoding, count, |i, stored| batch.rows[i].gyr[axis] = stored)?;
            }
        }
        if let Some(utc) = utc {
            utc.times(count, &mut batch.utc)?;
        }
        if let Some(seconds) = seconds {
            batch.times.clear();
            seconds.floats(count, |_, value| {
                // Beyond ±9.2e9 s the nanoseconds would not fit.
                let there = value.abs() < 9.2e9;
                batch.times.push(there.then(|| (value * 1e9).round() as i64));
            })?;
        } else if self.utc.is_some() {
            batch.times.clone_from(&batch.utc);
        }
        if let Some(trial) = trial {
            trial.words(count, &mut batch.trials)?;
        }
        self.at = 0;
        Ok(true)
    }

    fn time(&self) -> Result<i64, Reason> {
        match (&self.seconds, &self.utc) {
            (None, None) => {
                // A file without times has a rate, or it would have been refused when it was opened.
                Ok((self.counted as f64 / self.layout.nominal_rate_hz.unwrap_or(1.0) * 1e9).round() as i64)
            }
            (Some(leaf), _) | (None, Some(leaf)) => {
                self.batch.times[self.at].ok_or_else(|| Reason::NoTime { column: leaf.name.clone() })
            }
        }
    }

    /// Settles to which recording the row at hand belongs; `true` when it begins one.
    fn begins(&mut self, block: &mut Block) -> Result<bool, Reason> {
        let name = if self.trial.is_some() { self.batch.trials[self.at].clone() } else { Vec::new() };
        if self.current.as_ref() == Some(&name) {
            return Ok(false);
        }
        if !block.rows.is_empty() {
            return Ok(true);
        }
        if self.trial.is_some() {
            block.trial = Some(trial_name(&name)?);
        }
        if !self.trials.insert(name.clone()) {
            return Err(Reason::TrialAgain { trial: String::from_utf8_lossy(&name).into_owned() });
        }
        self.counted = 0;
        block.begins = true;
        block.start = match &self.utc {
            Some(_) => self.batch.utc[self.at].map(WallTime),
            None if self.seconds.is_some() => self.batch.times[self.at].filter(|t| *t >= UNIX_SECONDS).map(WallTime),
            None => None,
        };
        self.current = Some(name);
        Ok(true)
    }
}

impl Decoder for ParquetFile {
    fn fill(&mut self, block: &mut Block) -> Result<bool, Refusal> {
        loop {
            if self.at == self.batch.rows.len() {
                if !block.rows.is_empty() {
                    return Ok(true);
                }
                if !self.next_batch().map_err(|reason| reason.at(Place::Row(self.row + 1)))? {
                    return if self.current.is_none() { Err(Reason::NoRows.into()) } else { Ok(false) };
                }
                continue;
            }
            let place = Place::Row(self.row + 1);
            if self.begins(block).map_err(|reason| reason.at(place))? && !block.rows.is_empty() {
                return Ok(true);
            }
            let t = Time(self.time().map_err(|reason| reason.at(place))?);
            block.rows.push(RawSample { t, ..self.batch.rows[self.at] });
            self.row += 1;
            block.places.push(self.row);
            self.counted += 1;
            self.at += 1;
        }
    }

    fn layout(&self) -> Layout {
        self.layout
    }
}
