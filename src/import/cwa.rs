//! Reads `.cwa`: recordings of Axivity AX3 and AX6 sensors, kept as their counts.
//!
//! A file is a header of 1024 bytes (`MD`) and then sectors of 512 bytes (`AX`), each with up to 120
//! samples, a time, and a checksum. Source: Open Movement, "Structure of a .CWA binary file" (`cwa.h`)
//! and its reference readers, by which the gyroscope's range is 8000/2ⁿ °/s.
//!
//! * A sector's time belongs to one sample inside it, to 1/32768 s. The samples of a sector are spread
//!   evenly from its own time to that of the next one, as long as that is within [`BELIEVED`] of the
//!   nominal rate: the sensor's clock may be some per cent off. So a sector is read ahead.
//! * The sensor's clock is set to local time and knows no zone. It is told as if it were UTC.
//! * A sector with a wrong checksum or an unknown form is left out, and leaves a hole.

use super::decoder::{Block, Decoder, Layout};
use super::error::{Place, Reason, Refusal};
use crate::raw::{Channel, Encoding, RawSample, Unit};
use crate::units::{Time, WallTime};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::ops::Range;
use std::path::Path;

const SECTOR: usize = 512;
/// The header takes two sectors.
const HEADER: usize = 1024;

/// Where things stand in a sector; all numbers are little-endian.
const MARK: Range<usize> = 0..2;
const FRACTION: Range<usize> = 4..6;
const SEQUENCE: Range<usize> = 10..14;
const TIMESTAMP: Range<usize> = 14..18;
const SCALES: Range<usize> = 18..20;
const RATE: usize = 24;
const AXES_AND_PACKING: usize = 25;
const OFFSET: Range<usize> = 26..28;
const COUNT: Range<usize> = 28..30;
const SAMPLES: Range<usize> = 30..510;

/// A sector is spread out to the next one's time where that is within this share of the nominal length.
/// Chosen by us: wider than a sensor's clock is wrong, narrower than a lost sector.
const BELIEVED: f64 = 0.1;
/// Times of two sectors may overlap by this much, where one of them was spread at the nominal rate; more
/// is time going backward.
const MOST_OVERLAP_NS: i64 = 500_000_000;
const NS_PER_S: f64 = 1e9;
/// Parts of a second in the 15 bits of a sector's fraction.
const FRACTIONS: f64 = 32_768.0;
/// Counts of a signed 16-bit value.
const FULL_COUNT: f64 = 32_768.0;
/// Range of the gyroscope at scale 0, °/s, halved by each step of it.
const GYRO_RANGE_DPS: f64 = 8000.0;
/// Counts in 1 g at scale 0, doubled by each step of it.
const COUNTS_IN_G: f64 = 256.0;

/// Opens a file, and reads as far as its first sector.
pub(super) fn open(path: &Path) -> Result<Cwa, Refusal> {
    let mut file = BufReader::with_capacity(64 * 1024, File::open(path).map_err(Reason::of_read)?);
    let mut header = [0; HEADER];
    if !read_whole(&mut file, &mut header)? || header[MARK] != *b"MD" {
        return Err(Reason::Damaged("it does not begin with the header of a CWA file".to_owned()).into());
    }
    let mut sectors = Sectors { file, next: 2 };
    let Some(first) = sectors.next()? else {
        return Err(Reason::NoRows.into());
    };
    Ok(Cwa { sectors, form: first.form, ahead: Some(first), newest: i64::MIN, began: false })
}

/// Fills a buffer; `false` where the file ends before or inside it.
fn read_whole(file: &mut impl Read, bytes: &mut [u8]) -> Result<bool, Reason> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(Reason::of_read(error)),
    }
}

/// How the samples of a sector are written.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Form {
    /// Samples a second.
    rate_hz: f64,
    /// Counts in 1 g.
    counts_in_g: f64,
    /// °/s at full count; `None` without a gyroscope.
    gyro_range_dps: Option<f64>,
    /// Three 10-bit values and an exponent in four bytes, else 16-bit values.
    packed: bool,
    /// Values in a sample.
    axes: usize,
}

impl Form {
    fn of(sector: &[u8; SECTOR]) -> Option<Self> {
        let rate = sector[RATE];
        let (axes, packing) = (usize::from(sector[AXES_AND_PACKING] >> 4), sector[AXES_AND_PACKING] & 0x0f);
        let scales = number16(sector, SCALES);
        let (acc_scale, gyr_scale) = (scales >> 13, (scales >> 10) & 7);
        let known = rate != 0 && matches!((axes, packing), (3, 0 | 2) | (6 | 9, 2));
        known.then(|| Self {
            rate_hz: 3200.0 / f64::from(1_u32 << (15 - (rate & 0x0f))),
            counts_in_g: COUNTS_IN_G * f64::from(1_u32 << acc_scale),
            gyro_range_dps: (axes >= 6).then(|| GYRO_RANGE_DPS / f64::from(1_u32 << gyr_scale.max(2))),
            packed: packing == 0,
            axes,
        })
    }

    fn layout(&self) -> Layout {
        let counts =
            |full_scale, full_count, unit| Channel { encoding: Encoding::Counts { full_scale, full_count }, unit };
        Layout {
            acc: counts(1.0, self.counts_in_g, Unit::G),
            gyr: self.gyro_range_dps.map(|range| counts(range, FULL_COUNT, Unit::DegreesPerSecond)),
            nominal_rate_hz: Some(self.rate_hz),
            tick_s: None,
            place: Place::Sector,
        }
    }

    fn bytes(&self) -> usize {
        if self.packed { 4 } else { 2 * self.axes }
    }

    /// The counts of accelerometer and gyroscope of one sample.
    fn counts(&self, bytes: &[u8]) -> ([i64; 3], [i64; 3]) {
        if self.packed {
            let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let exponent = word >> 30;
            // Ten bits, the sign first: moved to the top of a word and back, so that the sign fills it.
            let value = |shift: u32| i64::from(((word << (22 - shift)) as i32 >> 22) << exponent);
            return ([value(0), value(10), value(20)], [0; 3]);
        }
        let value = |i: usize| i64::from(i16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]]));
        let three = |first: usize| [value(first), value(first + 1), value(first + 2)];
        // With a gyroscope its values come first.
        if self.axes >= 6 { (three(3), three(0)) } else { (three(0), [0; 3]) }
    }
}

/// A sector that has been read.
struct Sector {
    bytes: Box<[u8; SECTOR]>,
    number: u64,
    form: Form,
    count: usize,
    /// Time of its first sample, ns since 1970 by the sensor's clock.
    start: i64,
    sequence: u32,
}

impl Sector {
    /// `None` where it does not hold samples that can be believed.
    fn of(bytes: Box<[u8; SECTOR]>, number: u64) -> Option<Self> {
        let words = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        if bytes[MARK] != *b"AX" || words.fold(0, u16::wrapping_add) != 0 {
            return None;
        }
        let form = Form::of(&bytes)?;
        let count = usize::from(number16(&bytes, COUNT));
        if count == 0 || count * form.bytes() > SAMPLES.len() {
            return None;
        }
        let stamp = number32(&bytes, TIMESTAMP);
        let fraction = number16(&bytes, FRACTION);
        let mut offset = f64::from(number16(&bytes, OFFSET) as i16);
        let mut whole = timestamp(stamp)?;
        if fraction & 0x8000 != 0 {
            // The offset was moved by as many samples as the fraction holds, for readers that do not
            // know of the fraction.
            let part = f64::from(fraction & 0x7fff) / FRACTIONS;
            offset += (part * form.rate_hz.floor()).floor();
            whole += (part * NS_PER_S).round() as i64;
        }
        let start = whole - (offset / form.rate_hz * NS_PER_S).round() as i64;
        let sequence = number32(&bytes, SEQUENCE);
        Some(Self { bytes, number, form, count, start, sequence })
    }

    /// Time between its samples, given the sector that follows.
    fn spacing(&self, next: Option<&Self>) -> f64 {
        let nominal = NS_PER_S / self.form.rate_hz;
        let follows = |next: &&Self| next.sequence == self.sequence.wrapping_add(1);
        let measured = next.filter(follows).map(|next| (next.start - self.start) as f64 / self.count as f64);
        measured.filter(|measured| (measured / nominal - 1.0).abs() <= BELIEVED).unwrap_or(nominal)
    }
}

fn number16(sector: &[u8; SECTOR], at: Range<usize>) -> u16 {
    u16::from_le_bytes([sector[at.start], sector[at.start + 1]])
}

fn number32(sector: &[u8; SECTOR], at: Range<usize>) -> u32 {
    u32::from(number16(sector, at.start..at.start + 2)) | u32::from(number16(sector, at.start + 2..at.end)) << 16
}

/// A packed date and time, ns since 1970: from the top 6 bits year, 4 month, 5 day, 5 hour, 6 minute, 6 second.
fn timestamp(packed: u32) -> Option<i64> {
    let bits = |shift: u32, count: u32| i8::try_from((packed >> shift) & ((1 << count) - 1)).ok();
    let year = 2000 + i16::from(bits(26, 6)?);
    let at = DateTime::new(year, bits(22, 4)?, bits(17, 5)?, bits(12, 5)?, bits(6, 6)?, bits(0, 6)?, 0).ok()?;
    i64::try_from(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_nanosecond()).ok()
}

/// The sectors of a file.
struct Sectors {
    file: BufReader<File>,
    /// Number of the next one; the header takes the first two.
    next: u64,
}

impl Sectors {
    /// The next sector that can be believed.
    fn next(&mut self) -> Result<Option<Sector>, Refusal> {
        loop {
            let mut bytes = Box::new([0; SECTOR]);
            // A sensor whose battery ended leaves half a sector, or none.
            if !read_whole(&mut self.file, &mut *bytes).map_err(|reason| reason.at(Place::Sector(self.next)))? {
                return Ok(None);
            }
            let number = self.next;
            self.next += 1;
            if let Some(sector) = Sector::of(bytes, number) {
                return Ok(Some(sector));
            }
        }
    }
}

/// A file of an Axivity sensor.
pub(super) struct Cwa {
    sectors: Sectors,
    form: Form,
    /// The sector that is handed out next.
    ahead: Option<Sector>,
    /// Time of the newest sample.
    newest: i64,
    began: bool,
}

impl Decoder for Cwa {
    fn fill(&mut self, block: &mut Block) -> Result<bool, Refusal> {
        let Some(sector) = self.ahead.take() else {
            return Ok(false);
        };
        if self.form != sector.form {
            let words = "the sensor's settings change in the middle".to_owned();
            return Err(Reason::Damaged(words).at(Place::Sector(sector.number)));
        }
        self.ahead = self.sectors.next()?;
        let spacing = sector.spacing(self.ahead.as_ref());
        if !std::mem::replace(&mut self.began, true) {
            block.begins = true;
            block.start = Some(WallTime(sector.start));
        }
        let samples = sector.bytes[SAMPLES].chunks_exact(sector.form.bytes()).take(sector.count);
        for (i, bytes) in samples.enumerate() {
            let (acc, gyr) = sector.form.counts(bytes);
            let t = sector.start + (i as f64 * spacing).round() as i64;
            // A sector that was spread at the nominal rate may reach a little into the next one.
            let overlaps = t < self.newest && self.newest - t < MOST_OVERLAP_NS;
            let t = if overlaps { self.newest } else { t };
            self.newest = t;
            block.rows.push(RawSample { t: Time(t), acc, gyr, ..RawSample::default() });
            block.places.push(sector.number);
        }
        Ok(true)
    }

    fn layout(&self) -> Layout {
        self.form.layout()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Head, Options, Recordings};

    /// 2024-11-21 12:30:07.
    const STAMP: u32 = 24 << 26 | 11 << 22 | 21 << 17 | 12 << 12 | 30 << 6 | 7;
    const STAMP_NS: i64 = 1_732_192_207_000_000_000;

    fn sector(sequence: u32, stamp: u32, axes_and_packing: u8, scales: u16, count: u16, data: &[u8]) -> [u8; SECTOR] {
        let mut sector = [0; SECTOR];
        sector[MARK].copy_from_slice(b"AX");
        sector[2..4].copy_from_slice(&508_u16.to_le_bytes());
        sector[SEQUENCE].copy_from_slice(&sequence.to_le_bytes());
        sector[TIMESTAMP].copy_from_slice(&stamp.to_le_bytes());
        sector[SCALES].copy_from_slice(&scales.to_le_bytes());
        sector[RATE] = 0x4a; // 100 Hz, 8 g
        sector[AXES_AND_PACKING] = axes_and_packing;
        sector[COUNT].copy_from_slice(&count.to_le_bytes());
        sector[SAMPLES][..data.len()].copy_from_slice(data);
        seal(&mut sector);
        sector
    }

    fn seal(sector: &mut [u8; SECTOR]) {
        sector[510..].fill(0);
        let sum =
            sector.chunks_exact(2).fold(0_u16, |sum, pair| sum.wrapping_add(u16::from_le_bytes([pair[0], pair[1]])));
        sector[510..].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    }

    fn read(sectors: &[[u8; SECTOR]]) -> Result<(Head, Vec<RawSample>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.cwa");
        let mut bytes = vec![0; HEADER];
        bytes[MARK].copy_from_slice(b"MD");
        bytes.extend(sectors.iter().flatten());
        std::fs::write(&path, bytes).unwrap();
        let words = |error: crate::import::ImportError| error.to_string();
        let mut file = Recordings::open(&path, &Options::default()).map_err(words)?;
        let head = file.next_recording().map_err(words)?.unwrap();
        let (mut rows, mut block) = (Vec::new(), Vec::new());
        while file.read(&mut block).map_err(words)? {
            rows.append(&mut block);
        }
        Ok((head, rows))
    }

    #[test]
    fn packed_samples_are_ten_bits_each_and_an_exponent() {
        // x = -1, y = 256, z = -256, exponent 0; then once the same doubled twice.
        let word = 0x3ff_u32 | 256 << 10 | 0x300 << 20;
        let data: Vec<u8> = (0..120).flat_map(|i| (word | (u32::from(i == 1) * (2 << 30))).to_le_bytes()).collect();
        let (head, rows) = read(&[sector(0, STAMP, 0x30, 0, 120, &data)]).unwrap();
        assert_eq!((rows[0].acc, rows[1].acc, rows.len()), ([-1, 256, -256], [-4, 1024, -1024], 120));
        assert_eq!(head.format.sample(&rows[0]).acc.y, 1.0);
        assert_eq!((head.format.gyr, head.format.nominal_rate_hz), (None, 100.0));
        assert_eq!(head.start, Some(WallTime(STAMP_NS)));
    }

    #[test]
    fn an_ax6_gives_its_gyroscope_first() {
        let sample: Vec<u8> = [16_384_i16, -8, 0, 4096, 0, -4096].into_iter().flat_map(i16::to_le_bytes).collect();
        // Scales: 8 g is 4 (4096 counts in 1 g), 2000 degrees a second is 2.
        let (head, rows) = read(&[sector(0, STAMP, 0x62, 4 << 13 | 2 << 10, 40, &sample.repeat(40))]).unwrap();
        let sample = head.format.sample(&rows[3]);
        assert_eq!((sample.acc.x, sample.acc.z), (1.0, -1.0));
        assert!((sample.gyr.unwrap().x - 1000.0_f64.to_radians()).abs() < 1e-9);
        assert_eq!(rows.len(), 40);
    }

    #[test]
    fn samples_are_spread_from_one_sector_to_the_next() {
        let data: Vec<u8> = (0..80).flat_map(|_| [0, 1, 0, 0, 0, 0]).collect();
        let mut second = sector(1, STAMP, 0x32, 0, 80, &data);
        // The second sector begins 0.82 s later: the sensor runs slow.
        second[FRACTION].copy_from_slice(&(0x8000 | (0.82 * 32_768.0) as u16).to_le_bytes());
        second[OFFSET].copy_from_slice(&(-81_i16).to_le_bytes());
        seal(&mut second);
        let (_, rows) = read(&[sector(0, STAMP, 0x32, 0, 80, &data), second]).unwrap();
        let step = rows[1].t.since(rows[0].t).0;
        assert!((step - 0.01025).abs() < 1e-4, "{step}");
        assert!(rows.windows(2).all(|pair| pair[0].t < pair[1].t));
        assert!((rows[80].t.seconds() - 0.82).abs() < 0.001, "{:?}", rows[80].t);
    }

    #[test]
    fn a_damaged_sector_is_left_out_and_a_file_of_another_kind_refused() {
        let data: Vec<u8> = (0..80).flat_map(|_| [0, 1, 0, 0, 0, 0]).collect();
        let good = |i: u32| sector(i, STAMP + i, 0x32, 0, 80, &data);
        let mut bad = good(1);
        bad[100] ^= 1;
        let (_, rows) = read(&[good(0), bad, good(2)]).unwrap();
        assert_eq!(rows.len(), 160);
        assert!((rows[80].t.seconds() - 2.0).abs() < 1e-6);
        assert!(read(&[good(5), good(0)]).unwrap_err().contains("r.cwa, sector 3: time goes backward"));
        assert!(read(&[bad]).unwrap_err().contains("no row"));
        assert!(
            read(&[good(0), sector(1, STAMP + 1, 0x32, 1 << 13, 80, &data)]).unwrap_err().contains("settings change")
        );
    }

    #[test]
    fn a_packed_date_is_read_and_an_impossible_one_refused() {
        assert_eq!(timestamp(STAMP), Some(STAMP_NS));
        assert_eq!(timestamp(0), None);
    }
}
