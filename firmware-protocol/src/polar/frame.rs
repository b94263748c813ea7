//! Data frames: kind, the clock of the last sample, the form of the samples, the samples.

use super::delta::{self, Samples as Deltas};
use super::wire::{KIND_MASK, Kind};
use crate::session::Refusal;
use core::ops::Range;

const CLOCK: Range<usize> = 1..9; // u64 ns since 2000-01-01T00:00:00Z of the LAST sample
const FORM: usize = 9; // bit 7: differences
/// Bytes before the samples.
pub const HEADER_LEN: usize = 10;

/// What is known of samples beside their bytes: how they are written, and what one count stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Acceleration of 8 bits, in mg.
    Acc8,
    /// Acceleration of 16 bits, in mg.
    Acc16,
    /// Acceleration of 24 bits, in mg.
    Acc24,
    /// Differences of 16-bit acceleration; g by the factor that the start answered.
    AccDelta,
    /// Differences of 16-bit acceleration, in mg, times the factor if there is one.
    AccMilliDelta,
    /// Differences of 16-bit rotation rate; °/s by the factor.
    GyrDelta,
    /// Differences of the bit patterns of 32-bit floats; °/s by the factor.
    GyrFloatDelta,
}

impl Form {
    const ALL: [(Self, Kind, u8); 7] = [
        (Self::Acc8, Kind::ACC, 0x00),
        (Self::Acc16, Kind::ACC, 0x01),
        (Self::Acc24, Kind::ACC, 0x02),
        (Self::AccDelta, Kind::ACC, 0x80),
        (Self::AccMilliDelta, Kind::ACC, 0x81),
        (Self::GyrDelta, Kind::GYRO, 0x80),
        (Self::GyrFloatDelta, Kind::GYRO, 0x81),
    ];

    fn find(kind: Kind, byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&(_, k, b)| (k, b) == (kind, byte)).map(|(form, ..)| form)
    }

    /// Kind and byte that stand for the form.
    pub fn bytes(self) -> (Kind, u8) {
        // Every form is in the list.
        Self::ALL.into_iter().find(|&(form, ..)| form == self).map_or((Kind::ACC, 0), |(_, kind, byte)| (kind, byte))
    }

    /// Its samples are differences.
    pub const fn is_delta(self) -> bool {
        !matches!(self, Self::Acc8 | Self::Acc16 | Self::Acc24)
    }

    /// Its numbers are the bit patterns of 32-bit floats.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::GyrFloatDelta)
    }

    /// It means nothing without a factor.
    pub const fn needs_factor(self) -> bool {
        matches!(self, Self::AccDelta)
    }

    /// What one count stands for, in g or °/s, by the factor that the start answered.
    pub fn unit(self, factor: f64) -> f64 {
        match self {
            Self::Acc8 | Self::Acc16 | Self::Acc24 => 1e-3,
            Self::AccMilliDelta => factor * 1e-3,
            Self::AccDelta | Self::GyrDelta | Self::GyrFloatDelta => factor,
        }
    }

    /// Bytes of one number that is written in full.
    const fn number_len(self) -> usize {
        match self {
            Self::Acc8 => 1,
            Self::Acc16 | Self::AccDelta | Self::AccMilliDelta | Self::GyrDelta => 2,
            Self::Acc24 => 3,
            Self::GyrFloatDelta => 4,
        }
    }

    const fn sample_len(self) -> usize {
        delta::CHANNELS * self.number_len()
    }
}

/// A checked view of one data frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFrame<'a> {
    /// How its samples are written.
    pub form: Form,
    /// The sensor's clock when the last sample was taken, in ns.
    pub clock_ns: u64,
    /// How many samples it holds, at least one.
    pub count: usize,
    samples: &'a [u8],
}

impl<'a> DataFrame<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    /// If it is no known kind or form, if the samples do not fill it exactly, or if a sum of differences
    /// leaves the 16 bits of its form, which shows damage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (head, samples) = bytes.split_at_checked(HEADER_LEN).ok_or(Refusal::Length)?;
        let form = Form::find(Kind(head[0] & KIND_MASK), head[FORM]).ok_or(Refusal::Kind)?;
        let mut clock = [0; 8];
        clock.copy_from_slice(&head[CLOCK]);
        let len = form.sample_len();
        let count = if form.is_delta() {
            1 + delta::count(samples.get(len..).ok_or(Refusal::Length)?)?
        } else {
            samples.len() / len
        };
        if count == 0 || (!form.is_delta() && samples.len() % len != 0) {
            return Err(Refusal::Length);
        }
        let frame = Self { form, clock_ns: u64::from_le_bytes(clock), count, samples };
        let fits = |sample: [i32; 3]| form.is_float() || sample.iter().all(|&n| i16::try_from(n).is_ok());
        if form.is_delta() && !frame.samples().all(fits) {
            return Err(Refusal::Kind);
        }
        Ok(frame)
    }

    /// The samples, oldest first: counts, or the bit patterns of floats.
    pub fn samples(&self) -> impl Iterator<Item = [i32; 3]> + Clone + 'a {
        let (form, samples) = (self.form, self.samples);
        let (first, blocks) = samples.split_at(form.sample_len());
        let deltas = form.is_delta().then(|| Deltas::new(in_full(first), blocks));
        let raw = if form.is_delta() { &[] } else { samples };
        deltas.into_iter().flatten().chain(raw.chunks_exact(form.sample_len()).map(in_full))
    }

    /// The blocks of differences; none in other forms.
    pub fn blocks(&self) -> delta::Blocks<'a> {
        delta::Blocks(if self.form.is_delta() { &self.samples[self.form.sample_len()..] } else { &[] })
    }
}

/// Three signed little-endian numbers of the same length, at most four bytes each.
fn in_full(bytes: &[u8]) -> [i32; 3] {
    let len = bytes.len() / 3;
    let mut sample = [0; 3];
    for (number, bytes) in sample.iter_mut().zip(bytes.chunks_exact(len.max(1))) {
        let word = bytes.iter().rev().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
        let unused = 32 - 8 * len as u32;
        *number = ((word << unused) as i32) >> unused;
    }
    sample
}

/// Writes a frame into `into` and gives its length. In a form of differences, `blocks` are their widths and
/// counts. `None` without samples, where a width is too small, or if there is no room.
pub fn encode(
    form: Form,
    clock_ns: u64,
    samples: &[[i32; 3]],
    blocks: impl Iterator<Item = (u8, u8)>,
    into: &mut [u8],
) -> Option<usize> {
    let (kind, byte) = form.bytes();
    let first = samples.first()?;
    into.get_mut(..HEADER_LEN)?[0] = kind.0;
    into[CLOCK].copy_from_slice(&clock_ns.to_le_bytes());
    into[FORM] = byte;
    let in_full = if form.is_delta() { core::slice::from_ref(first) } else { samples };
    let end = HEADER_LEN + in_full.len() * form.sample_len();
    let numbers = into.get_mut(HEADER_LEN..end)?.chunks_exact_mut(form.number_len());
    for (bytes, number) in numbers.zip(in_full.iter().flatten()) {
        bytes.copy_from_slice(&number.to_le_bytes()[..bytes.len()]);
    }
    if !form.is_delta() {
        return Some(end);
    }
    Some(end + delta::encode(samples, blocks, &mut into[end..])?)
}
