//! Raw samples as one blob, and back: the same samples to the last bit.
//!
//! A blob is a version byte, the number of samples, the columns t, seq, ticks, arrival, acc x y z,
//! gyr x y z and flags (see `super::column`), and a CRC-32 over all before it, so that a page that went
//! bad on the disk is seen. Which samples make a chunk, and where it lies, is left to the day file.

use super::column::write_unsigned;
use super::column::{BadColumn, Holed, Meaning, pack, pack_with_holes, read_count, unpack, unpack_with_holes};
use crate::raw::{Channel, Encoding, RawFormat, RawSample};
use crate::units::{Arrival, Ticks, Time};
use flate2::Crc;
use std::ops::Range;

const VERSION: u8 = 1;
const CRC_BYTES: usize = 4;
/// More samples than any chunk holds: 10 min at 500 Hz is 300 000.
const MOST_SAMPLES: usize = 1 << 24;

/// How hard to pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Rows that are packed again within seconds.
    Quick,
    /// Rows that stay.
    Thorough,
}

impl Effort {
    /// `pco`'s level: from 8 on the size hardly falls and the time grows.
    fn level(self) -> usize {
        match self {
            Self::Quick => 4,
            Self::Thorough => 8,
        }
    }
}

/// A stretch of samples of one recording, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawBlock {
    /// Times, in ns since the start of the recording.
    pub t: Vec<i64>,
    seq: Holed,
    ticks: Holed,
    arrival: Holed,
    /// Accelerometer x, y, z as stored; [`RawSample::EMPTY`] where the source gave no value.
    pub acc: [Vec<i64>; 3],
    /// Gyroscope x, y, z as stored.
    pub gyr: [Vec<i64>; 3],
    flags: Vec<i64>,
}

impl RawBlock {
    /// How many samples.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    /// The flags of sample `i`.
    pub fn flags(&self, i: usize) -> u8 {
        self.flags[i] as u8
    }

    /// Sample `i`. Panics beyond [`RawBlock::len`], as a slice does.
    #[inline]
    pub fn sample(&self, i: usize) -> RawSample {
        RawSample {
            t: Time(self.t[i]),
            seq: value(&self.seq, i),
            ticks: value(&self.ticks, i).map(Ticks),
            arrival: value(&self.arrival, i).map(Arrival),
            acc: [self.acc[0][i], self.acc[1][i], self.acc[2][i]],
            gyr: [self.gyr[0][i], self.gyr[1][i], self.gyr[2][i]],
            flags: self.flags(i),
        }
    }

    /// Keeps the samples of `[start, end)` alone. Times never go backward inside a block.
    pub(super) fn keep(&mut self, range: &Range<Time>) {
        let start = self.t.partition_point(|&t| t < range.start.0);
        let end = self.t.partition_point(|&t| t < range.end.0).max(start);
        if (start, end) == (0, self.len()) {
            return;
        }
        for column in self.acc.iter_mut().chain(&mut self.gyr).chain([&mut self.t, &mut self.flags]) {
            column.truncate(end);
            column.drain(..start);
        }
        for column in [&mut self.seq, &mut self.ticks, &mut self.arrival] {
            if !column.numbers.is_empty() {
                column.numbers.truncate(end);
                column.numbers.drain(..start);
                column.holes.retain(|&hole| (start as i64..end as i64).contains(&hole));
                column.holes.iter_mut().for_each(|hole| *hole -= start as i64);
            }
        }
    }

    /// All samples, in order.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = RawSample> + '_ {
        (0..self.len()).map(|i| self.sample(i))
    }
}

#[inline]
fn value(column: &Holed, i: usize) -> Option<u64> {
    let number = *column.numbers.get(i)?;
    if !column.holes.is_empty() && column.holes.binary_search(&(i as i64)).is_ok() {
        return None;
    }
    Some(number as u64)
}

fn meaning(channel: Option<&Channel>) -> Meaning {
    match channel.map(|channel| channel.encoding) {
        Some(Encoding::Float32) => Meaning::Float32,
        Some(Encoding::Float64) => Meaning::Float64,
        Some(Encoding::Counts { .. } | Encoding::Nanos) | None => Meaning::Integers,
    }
}

/// Packs samples of one recording.
pub(super) fn pack_samples(samples: &[RawSample], format: &RawFormat, effort: Effort) -> Result<Vec<u8>, BadColumn> {
    let level = effort.level();
    let mut out = vec![VERSION];
    write_unsigned(samples.len() as u64, &mut out);
    let mut column = Vec::with_capacity(samples.len());
    let fill = |column: &mut Vec<i64>, of: &dyn Fn(&RawSample) -> i64| {
        column.clear();
        column.extend(samples.iter().map(of));
    };

    fill(&mut column, &|s| s.t.0);
    pack(&column, Meaning::Integers, level, &mut out)?;
    type Counter<'a> = &'a dyn Fn(&RawSample) -> Option<u64>;
    let optional: [Counter<'_>; 3] =
        [&|s| s.seq, &|s| s.ticks.map(|ticks| ticks.0), &|s| s.arrival.map(|arrival| arrival.0)];
    for of in optional {
        fill(&mut column, &|s| of(s).unwrap_or_default() as i64);
        pack_with_holes(&column, |i| of(&samples[i]).is_none(), Meaning::Integers, level, &mut out)?;
    }
    for axis in 0..3 {
        fill(&mut column, &|s| s.acc[axis]);
        let meaning = meaning(Some(&format.acc));
        pack_with_holes(&column, |i| samples[i].acc[axis] == RawSample::EMPTY, meaning, level, &mut out)?;
    }
    for axis in 0..3 {
        fill(&mut column, &|s| s.gyr[axis]);
        let meaning = meaning(format.gyr.as_ref());
        pack_with_holes(&column, |i| samples[i].gyr[axis] == RawSample::EMPTY, meaning, level, &mut out)?;
    }
    fill(&mut column, &|s| i64::from(s.flags));
    pack(&column, Meaning::Integers, level, &mut out)?;

    let checksum = crc(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    Ok(out)
}

/// Unpacks what [`pack_samples`] made, or says why it is none.
pub(super) fn unpack_samples(blob: &[u8]) -> Result<RawBlock, BadColumn> {
    let (body, stored) = blob.split_last_chunk::<CRC_BYTES>().ok_or_else(|| BadColumn("it is too short".into()))?;
    if crc(body) != u32::from_le_bytes(*stored) {
        return Err(BadColumn("its checksum does not fit".into()));
    }
    let Some((&VERSION, mut rest)) = body.split_first() else {
        return Err(BadColumn("its version is not known".into()));
    };
    let rest = &mut rest;
    let count = read_count(rest, MOST_SAMPLES)?;
    let t = unpack(rest, count)?;
    let [seq, ticks, arrival] =
        [unpack_with_holes(rest, count, 0)?, unpack_with_holes(rest, count, 0)?, unpack_with_holes(rest, count, 0)?];
    let acc = [values(rest, count)?, values(rest, count)?, values(rest, count)?];
    let gyr = [values(rest, count)?, values(rest, count)?, values(rest, count)?];
    let flags = unpack(rest, count)?;
    Ok(RawBlock { t, seq, ticks, arrival, acc, gyr, flags })
}

/// A sensor axis: holes are empty cells.
fn values(rest: &mut &[u8], count: usize) -> Result<Vec<i64>, BadColumn> {
    let column = unpack_with_holes(rest, count, RawSample::EMPTY)?;
    Ok(if column.numbers.is_empty() { vec![RawSample::EMPTY; count] } else { column.numbers })
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::Unit;
    use proptest::prelude::*;

    fn formats() -> impl Strategy<Value = RawFormat> {
        let encodings = [
            Encoding::Counts { full_scale: 16.0, full_count: 32_768.0 },
            Encoding::Nanos,
            Encoding::Float32,
            Encoding::Float64,
        ];
        (0..encodings.len(), prop::bool::ANY).prop_map(move |(i, gyr)| RawFormat {
            acc: Channel { encoding: encodings[i], unit: Unit::G },
            gyr: gyr.then_some(Channel { encoding: encodings[i], unit: Unit::DegreesPerSecond }),
            nominal_rate_hz: 100.0,
            tick_s: None,
        })
    }

    /// Stored integers of any encoding: small counts, decimals, float bits, empty cells, anything.
    fn cell() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => -32_768_i64..32_768,
            2 => (-20_000_i64..20_000).prop_map(|n| n * 10_000),
            2 => any::<f32>().prop_map(|x| i64::from(x.to_bits())),
            2 => any::<f64>().prop_map(|x| x.to_bits() as i64),
            1 => Just(RawSample::EMPTY),
            1 => any::<i64>(),
        ]
    }

    fn sample() -> impl Strategy<Value = RawSample> {
        let optional = || prop::option::weighted(0.8, any::<u64>());
        (
            any::<i64>(),
            (optional(), optional(), optional()),
            prop::array::uniform3(cell()),
            prop::array::uniform3(cell()),
            any::<u8>(),
        )
            .prop_map(|(t, (seq, ticks, arrival), acc, gyr, flags)| RawSample {
                t: Time(t),
                seq,
                ticks: ticks.map(Ticks),
                arrival: arrival.map(Arrival),
                acc,
                gyr,
                flags,
            })
    }

    proptest! {
        #[test]
        fn any_samples_come_back_to_the_last_bit(
            format in formats(), samples in prop::collection::vec(sample(), 0..80), quick in prop::bool::ANY,
        ) {
            let effort = if quick { Effort::Quick } else { Effort::Thorough };
            let blob = pack_samples(&samples, &format, effort).unwrap();
            let back: Vec<RawSample> = unpack_samples(&blob).unwrap().samples().collect();
            prop_assert_eq!(back, samples);
        }

        #[test]
        fn a_flipped_bit_is_seen(at in 0_usize..10_000, bit in 0..8) {
            let samples = vec![RawSample { acc: [1, 2, 3], ..RawSample::default() }; 40];
            let format = RawFormat {
                acc: Channel { encoding: Encoding::Nanos, unit: Unit::G },
                gyr: None, nominal_rate_hz: 50.0, tick_s: None,
            };
            let mut blob = pack_samples(&samples, &format, Effort::Quick).unwrap();
            let at = at % blob.len();
            blob[at] ^= 1_u8 << bit;
            prop_assert!(unpack_samples(&blob).is_err());
        }
    }

    #[test]
    fn columns_that_are_not_there_cost_nothing() {
        let samples: Vec<RawSample> = (0..1_000)
            .map(|i| RawSample { t: Time(i * 10_000_000), acc: [i % 7, i % 11, 4_096], ..RawSample::default() })
            .collect();
        let format = RawFormat {
            acc: Channel { encoding: Encoding::Counts { full_scale: 8.0, full_count: 32_768.0 }, unit: Unit::G },
            gyr: None,
            nominal_rate_hz: 100.0,
            tick_s: None,
        };
        let blob = pack_samples(&samples, &format, Effort::Thorough).unwrap();
        // Two axes of about three bits each, and nothing for the rest.
        assert!(blob.len() < 1_000, "{} bytes", blob.len());
    }
}
