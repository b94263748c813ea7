//! Writes raw samples as CSV or Parquet, so that reading them again gives the detectors the same numbers.
//!
//! In:  blocks of [`RawSample`] of one recording, with their [`RawFormat`] and the wall time of its start.
//! Out: one file that `import` and other programs read: `t_utc_ns,t_s`, three columns for each sensor,
//! `seq,t_device` as CSV; the columns of domain.md §13 as Parquet. Choosing samples and naming files is left to
//! whoever calls.
//!
//! CSV keeps the source's unit and decimals; `seq` is the sensor's counter and `t_device` its clock in
//! ticks, where it has them. Parquet is in g and °/s (domain.md §13), in 32-bit floats
//! where they hold every value exactly, else in 64-bit floats. Only a source in rad/s is not kept to the
//! last bit there: the nearest °/s is written that leads back to its rad/s, and where there is none, one
//! that is 10⁻¹⁶ of the value away.

use super::number::{push_scaled, push_time};
use super::raw_parquet::RawParquet;
use super::table::Format;
use crate::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use crate::units::WallTime;
use std::io::{self, Write};

/// Bytes of text gathered before they are written.
const GATHERED: usize = 64 * 1024;
/// Axes, as they end the names of columns.
pub(super) const AXES: [&str; 3] = ["x", "y", "z"];

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

/// Raw samples being written as CSV, in the source's units.
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
        names.extend(["seq".to_owned(), "t_device".to_owned()]);
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
            for counter in [sample.seq, sample.ticks.map(|ticks| ticks.0)] {
                self.text.push(b',');
                if let Some(counter) = counter {
                    self.text.extend_from_slice(counter.to_string().as_bytes());
                }
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
            continue;
        }
        if channel.encoding == Encoding::Nanos && flags & RawSample::FLOAT_BITS == 0 {
            push_scaled(text, stored, 9, 0);
        } else {
            // The shortest text that reads as this very float.
            text.extend_from_slice(channel.encoding.value(stored, flags).to_string().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw_parquet::fits_single;
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
