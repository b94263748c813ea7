//! One column of whole numbers as bytes: the numbers go in, the same numbers come out.
//!
//! What repeats or grows evenly costs a few bytes for the whole column; the rest goes through `pco` in
//! the narrowest type that holds it. A column with holes keeps their places apart from its values.

use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, PagingSpec};

/// Why stored bytes are no column.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packed column does not unpack: {0}")]
pub(super) struct BadColumn(pub(super) String);

impl From<pco::errors::PcoError> for BadColumn {
    fn from(source: pco::errors::PcoError) -> Self {
        Self(source.to_string())
    }
}

/// The same number throughout.
const CONSTANT: u8 = 0;
/// A first number and a step that never changes.
const EVEN: u8 = 1;
/// Numbers that stay for a while: a column of values and one of how often each comes.
const RUNS: u8 = 2;
/// `pco` on 16-, 32- and 64-bit integers.
const INTEGERS_16: u8 = 3;
const INTEGERS_32: u8 = 4;
const INTEGERS_64: u8 = 5;
/// Numbers that are the bits of floats; `pco` finds the decimals in them.
const FLOATS_32: u8 = 6;
const FLOATS_64: u8 = 7;
/// No values at all.
const EMPTY: u8 = 8;
/// Some values missing: a column of their places, then one of the values there are.
const HOLES: u8 = 9;

/// Worth writing runs apart: fewer than this many runs for each number.
const RUNS_SHARE: f64 = 0.6;

/// What the numbers of a column are, for the packing alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Whole numbers.
    Integers,
    /// The bits of `f32`.
    Float32,
    /// The bits of `f64`.
    Float64,
}

/// Appends a column. `effort` is `pco`'s level, 0 to 12.
pub(super) fn pack(numbers: &[i64], meaning: Meaning, effort: usize, out: &mut Vec<u8>) -> Result<(), BadColumn> {
    let Some((&first, rest)) = numbers.split_first() else {
        out.push(EMPTY);
        return Ok(());
    };
    let step = rest.first().map_or(0, |second| second.wrapping_sub(first));
    if numbers.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step) {
        out.push(if step == 0 { CONSTANT } else { EVEN });
        write_signed(first, out);
        if step != 0 {
            write_signed(step, out);
        }
        return Ok(());
    }
    let runs = 1 + numbers.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if meaning == Meaning::Integers && (runs as f64) < RUNS_SHARE * numbers.len() as f64 && wide(numbers) {
        let (values, lengths) = split_runs(numbers, runs);
        out.push(RUNS);
        write_unsigned(runs as u64, out);
        pack(&values, meaning, effort, out)?;
        return pack(&lengths, Meaning::Integers, effort, out);
    }
    let (least, most) = numbers.iter().fold((first, first), |(least, most), &n| (least.min(n), most.max(n)));
    let fits = |low: i64, high: i64| least >= low && most <= high;
    match meaning {
        Meaning::Float32 if fits(0, i64::from(u32::MAX)) => {
            pack_as(FLOATS_32, numbers, |n| f32::from_bits(n as u32), effort, out)
        }
        Meaning::Float64 => pack_as(FLOATS_64, numbers, |n| f64::from_bits(n as u64), effort, out),
        _ if fits(i64::from(i16::MIN), i64::from(i16::MAX)) => pack_as(INTEGERS_16, numbers, |n| n as i16, effort, out),
        _ if fits(i64::from(i32::MIN), i64::from(i32::MAX)) => pack_as(INTEGERS_32, numbers, |n| n as i32, effort, out),
        _ => pack_as(INTEGERS_64, numbers, |n| n, effort, out),
    }
}

/// Reads `count` numbers from the front of `bytes` and moves it on.
pub(super) fn unpack(bytes: &mut &[u8], count: usize) -> Result<Vec<i64>, BadColumn> {
    match take_byte(bytes)? {
        EMPTY if count == 0 => Ok(Vec::new()),
        CONSTANT => Ok(vec![read_signed(bytes)?; count]),
        EVEN => {
            let (first, step) = (read_signed(bytes)?, read_signed(bytes)?);
            Ok((0..count as i64).map(|i| first.wrapping_add(step.wrapping_mul(i))).collect())
        }
        RUNS => {
            let runs = read_count(bytes, count)?;
            let (values, lengths) = (unpack(bytes, runs)?, unpack(bytes, runs)?);
            let mut numbers = Vec::with_capacity(count);
            for (value, length) in values.into_iter().zip(lengths) {
                let end = usize::try_from(length).ok().and_then(|length| numbers.len().checked_add(length));
                match end {
                    Some(end) if end <= count => numbers.resize(end, value),
                    _ => return Err(BadColumn("its runs are longer than it is".into())),
                }
            }
            if numbers.len() == count { Ok(numbers) } else { Err(BadColumn("its runs end early".into())) }
        }
        INTEGERS_16 => unpack_as(bytes, count, |n: i16| i64::from(n)),
        INTEGERS_32 => unpack_as(bytes, count, |n: i32| i64::from(n)),
        INTEGERS_64 => unpack_as(bytes, count, |n: i64| n),
        FLOATS_32 => unpack_as(bytes, count, |n: f32| i64::from(n.to_bits())),
        FLOATS_64 => unpack_as(bytes, count, |n: f64| n.to_bits() as i64),
        other => Err(BadColumn(format!("kind {other} is not known"))),
    }
}

/// Appends a column some of whose numbers are missing.
pub(super) fn pack_with_holes(
    numbers: &[i64],
    missing: impl Fn(usize) -> bool,
    meaning: Meaning,
    effort: usize,
    out: &mut Vec<u8>,
) -> Result<(), BadColumn> {
    let holes: Vec<i64> = (0..numbers.len()).filter(|&i| missing(i)).map(|i| i as i64).collect();
    if holes.is_empty() {
        return pack(numbers, meaning, effort, out);
    }
    if holes.len() == numbers.len() {
        out.push(EMPTY);
        return Ok(());
    }
    let values: Vec<i64> = (0..numbers.len()).filter(|&i| !missing(i)).map(|i| numbers[i]).collect();
    out.push(HOLES);
    write_unsigned(holes.len() as u64, out);
    pack(&holes, Meaning::Integers, effort, out)?;
    pack(&values, meaning, effort, out)
}

/// A column and the places where it has no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holed {
    /// Numbers; what stands in a hole means nothing. Empty when all are missing.
    pub(super) numbers: Vec<i64>,
    /// Places of holes, rising. Empty both when none and when all are missing.
    pub(super) holes: Vec<i64>,
}

/// Reads what [`pack_with_holes`] wrote.
pub(super) fn unpack_with_holes(bytes: &mut &[u8], count: usize, filler: i64) -> Result<Holed, BadColumn> {
    match bytes.first() {
        Some(&EMPTY) => {
            *bytes = &bytes[1..];
            Ok(Holed::default())
        }
        Some(&HOLES) => {
            *bytes = &bytes[1..];
            let missing = read_count(bytes, count)?;
            let holes = unpack(bytes, missing)?;
            let mut values = unpack(bytes, count - missing)?.into_iter();
            let mut numbers = Vec::with_capacity(count);
            for &hole in &holes {
                let before = usize::try_from(hole).ok().filter(|&hole| hole >= numbers.len() && hole < count);
                let before = before.ok_or_else(|| BadColumn("its holes are not in order".into()))?;
                numbers.extend(values.by_ref().take(before - numbers.len()));
                numbers.push(filler);
            }
            numbers.extend(values);
            if numbers.len() == count { Ok(Holed { numbers, holes }) } else { Err(BadColumn("it is too short".into())) }
        }
        _ => Ok(Holed { numbers: unpack(bytes, count)?, holes: Vec::new() }),
    }
}

/// Whether numbers need more than 16 bits: for narrow ones `pco` alone is as good as runs.
fn wide(numbers: &[i64]) -> bool {
    numbers.iter().any(|&n| i16::try_from(n).is_err())
}

fn split_runs(numbers: &[i64], runs: usize) -> (Vec<i64>, Vec<i64>) {
    let (mut values, mut lengths) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for run in numbers.chunk_by(|a, b| a == b) {
        values.push(run[0]);
        lengths.push(run.len() as i64);
    }
    (values, lengths)
}

fn pack_as<T: pco::data_types::Number>(
    kind: u8,
    numbers: &[i64],
    narrow: impl Fn(i64) -> T,
    effort: usize,
    out: &mut Vec<u8>,
) -> Result<(), BadColumn> {
    out.push(kind);
    let numbers: Vec<T> = numbers.iter().map(|&n| narrow(n)).collect();
    let config =
        ChunkConfig::default().with_compression_level(effort).with_paging_spec(PagingSpec::Exact(vec![numbers.len()]));
    let file = FileCompressor::default();
    let mut chunk = file.chunk_compressor(&numbers, &config)?;
    file.write_header(&mut *out)?;
    chunk.write_meta(&mut *out)?;
    chunk.write_page(0, &mut *out)?;
    Ok(())
}

fn unpack_as<T: pco::data_types::Number + Default>(
    bytes: &mut &[u8],
    count: usize,
    widen: impl Fn(T) -> i64,
) -> Result<Vec<i64>, BadColumn> {
    let (file, rest) = FileDecompressor::new(*bytes)?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(rest)?;
    let mut page = chunk.page_decompressor(rest, count)?;
    let mut numbers = vec![T::default(); count];
    let progress = page.read(&mut numbers)?;
    if progress.n_processed != count {
        return Err(BadColumn("it is too short".into()));
    }
    *bytes = page.into_src();
    Ok(numbers.into_iter().map(widen).collect())
}

fn take_byte(bytes: &mut &[u8]) -> Result<u8, BadColumn> {
    let (&byte, rest) = bytes.split_first().ok_or_else(|| BadColumn("it ends early".into()))?;
    *bytes = rest;
    Ok(byte)
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
pub(super) fn write_unsigned(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads what [`write_unsigned`] wrote.
pub(super) fn read_unsigned(bytes: &mut &[u8]) -> Result<u64, BadColumn> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = take_byte(bytes)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(BadColumn("a number does not end".into()))
}

/// A count that cannot be larger than `most`.
pub(super) fn read_count(bytes: &mut &[u8], most: usize) -> Result<usize, BadColumn> {
    let count = read_unsigned(bytes)?;
    usize::try_from(count)
        .ok()
        .filter(|&count| count <= most)
        .ok_or_else(|| BadColumn(format!("{count} is more than the {most} there can be")))
}

/// Small numbers of either sign in few bytes.
fn write_signed(number: i64, out: &mut Vec<u8>) {
    write_unsigned(((number << 1) ^ (number >> 63)) as u64, out);
}

fn read_signed(bytes: &mut &[u8]) -> Result<i64, BadColumn> {
    let folded = read_unsigned(bytes)?;
    Ok((folded >> 1) as i64 ^ -((folded & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs and unpacks; says how many bytes it took.
    fn round_trip(numbers: &[i64]) -> usize {
        let mut sizes = Vec::new();
        for meaning in [Meaning::Integers, Meaning::Float32, Meaning::Float64] {
            let mut bytes = Vec::new();
            pack(numbers, meaning, 8, &mut bytes).unwrap();
            let mut rest = bytes.as_slice();
            assert_eq!(unpack(&mut rest, numbers.len()).unwrap(), numbers, "{meaning:?}");
            assert!(rest.is_empty());
            sizes.push(bytes.len());
        }
        sizes[0]
    }

    #[test]
    fn what_repeats_or_grows_evenly_costs_a_few_bytes() {
        assert!(round_trip(&[0; 1_000]) <= 2);
        assert!(round_trip(&(0..1_000).map(|i| 7_000_000_000 + i * 5_000_000).collect::<Vec<_>>()) <= 12);
        assert!(round_trip(&[]) <= 1);
    }

    #[test]
    fn arrivals_shared_by_a_packet_are_written_once_for_each_packet() {
        let packets: Vec<i64> = (0..250).map(|i| 1_000_000_000 + i * 20_000_000 + (i * 7_919) % 1_000_003).collect();
        let samples: Vec<i64> = packets.iter().flat_map(|&arrival| [arrival; 4]).collect();
        assert!(round_trip(&samples) < 250 * 4, "{} bytes", round_trip(&samples));
    }

    #[test]
    fn extremes_come_back() {
        round_trip(&[i64::MIN, i64::MAX, 0, -1, 1]);
        round_trip(&[i64::from(i16::MIN), i64::from(i16::MAX), 3]);
        round_trip(&[i64::from(u32::MAX), 0, 3, 3]);
        round_trip(&[f64::NAN.to_bits() as i64, (-0.0_f64).to_bits() as i64, f64::INFINITY.to_bits() as i64]);
    }

    #[test]
    fn holes_keep_their_places() {
        let numbers = [5, 0, 7, 0, 0, 9];
        for holes in [vec![], vec![1], vec![1, 3, 4], vec![0, 5], (0..6).collect()] {
            let mut bytes = Vec::new();
            pack_with_holes(&numbers, |i| holes.contains(&i), Meaning::Integers, 8, &mut bytes).unwrap();
            let back = unpack_with_holes(&mut bytes.as_slice(), 6, -1).unwrap();
            if holes.len() == 6 {
                assert_eq!(back, Holed::default());
                continue;
            }
            let expected: Vec<i64> = (0..6).map(|i| if holes.contains(&i) { -1 } else { numbers[i] }).collect();
            assert_eq!(back.numbers, expected);
            assert_eq!(back.holes, holes.iter().map(|&i| i as i64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn damaged_bytes_are_refused_and_never_panic() {
        let mut bytes = Vec::new();
        pack(&(0..500).map(|i| i * i % 977).collect::<Vec<_>>(), Meaning::Integers, 8, &mut bytes).unwrap();
        for cut in 0..bytes.len() {
            let _ = unpack(&mut &bytes[..cut], 500);
        }
        assert!(unpack(&mut &bytes[..bytes.len() / 2], 500).is_err());
        assert!(unpack(&mut [200].as_slice(), 5).is_err());
    }
}
