//! Samples as differences: a first sample in full, then blocks of differences that share a width in bits.
//!
//! Each block tells its width and how many samples it holds; the fields stand lowest bit first, channel by
//! channel, and what is left of the last byte is dropped. [`Blocks`] checks the shape, [`Samples`] adds up.

use crate::session::Refusal;

/// Channels of a sample.
pub const CHANNELS: usize = 3;
/// The widest field.
const WIDEST: u8 = 32;

/// Differences of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Bits of each field.
    pub bits: u8,
    /// Samples.
    pub count: u8,
    fields: &'a [u8],
}

impl Block<'_> {
    /// The bits after the last field, which mean nothing.
    pub fn padding(&self) -> u8 {
        let used = usize::from(self.bits) * usize::from(self.count) * CHANNELS % 8;
        self.fields.last().filter(|_| used > 0).map_or(0, |last| last >> used)
    }
}

/// Bytes that this many samples of this width take.
fn fields_len(bits: u8, count: u8) -> usize {
    (usize::from(bits) * usize::from(count) * CHANNELS).div_ceil(8)
}

/// The blocks after the first sample. Ends early, with an error, where the shape does not fit.
#[derive(Clone, Copy, Debug)]
pub struct Blocks<'a>(pub &'a [u8]);

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = match *self.0 {
            [] => return None,
            [bits, count, ref rest @ ..] if (1..=WIDEST).contains(&bits) && count > 0 => {
                rest.split_at_checked(fields_len(bits, count)).ok_or(Refusal::Length).map(|(fields, rest)| {
                    self.0 = rest;
                    Block { bits, count, fields }
                })
            }
            [_, _, ..] => Err(Refusal::Kind),
            [_] => Err(Refusal::Length),
        };
        if found.is_err() {
            self.0 = &[];
        }
        Some(found)
    }
}

/// How many samples the blocks hold.
///
/// # Errors
/// If they do not fill the bytes exactly.
pub fn count(blocks: &[u8]) -> Result<usize, Refusal> {
    Blocks(blocks).try_fold(0, |sum, block| Ok(sum + usize::from(block?.count)))
}

/// The samples: the first one, and each next one by its differences. Sums wrap in 32 bits.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    next: Option<[i32; CHANNELS]>,
    blocks: Blocks<'a>,
    block: Block<'a>,
    bit: usize,
}

impl<'a> Samples<'a> {
    /// Samples from the first one on.
    pub fn new(first: [i32; CHANNELS], blocks: &'a [u8]) -> Self {
        Self { next: Some(first), blocks: Blocks(blocks), block: Block { bits: 1, count: 0, fields: &[] }, bit: 0 }
    }

    fn after(&mut self, sample: [i32; CHANNELS]) -> Option<[i32; CHANNELS]> {
        if self.block.count == 0 {
            self.block = self.blocks.next()?.ok()?;
            self.bit = 0;
        }
        self.block.count -= 1;
        let mut next = sample;
        for channel in &mut next {
            *channel = channel.wrapping_add(field(self.block.fields, self.bit, self.block.bits));
            self.bit += usize::from(self.block.bits);
        }
        Some(next)
    }
}

impl Iterator for Samples<'_> {
    type Item = [i32; CHANNELS];

    fn next(&mut self) -> Option<Self::Item> {
        let sample = self.next?;
        self.next = self.after(sample);
        Some(sample)
    }
}

/// The signed field of this width that begins at a bit.
fn field(fields: &[u8], bit: usize, bits: u8) -> i32 {
    // A field of 32 bits may touch five bytes.
    let touched = fields.iter().skip(bit / 8).take(5).enumerate();
    let word = touched.fold(0_u64, |word, (i, &byte)| word | u64::from(byte) << (8 * i));
    let unused = u32::from(WIDEST - bits);
    ((((word >> (bit % 8)) as u32) << unused) as i32) >> unused
}

/// The least width that holds the differences of these samples, the first of which follows `before`.
pub fn width(before: [i32; CHANNELS], samples: &[[i32; CHANNELS]]) -> u8 {
    let (mut last, mut widest) = (before, 1);
    for sample in samples {
        for (now, before) in sample.iter().zip(last) {
            let difference = now.wrapping_sub(before);
            let magnitude = if difference < 0 { !difference } else { difference };
            // One bit more than the magnitude takes, for the sign: at most 32.
            widest = widest.max(33 - magnitude.leading_zeros() as u8);
        }
        last = *sample;
    }
    widest
}

/// Writes the samples after the first one as blocks of the given widths and counts; gives the length.
/// `None` if a width does not hold its differences, the counts do not sum up, or there is no room.
pub fn encode(samples: &[[i32; CHANNELS]], blocks: impl Iterator<Item = (u8, u8)>, into: &mut [u8]) -> Option<usize> {
    let (&first, mut rest) = samples.split_first()?;
    let (mut last, mut len) = (first, 0);
    for (bits, count) in blocks {
        let (now, after) = rest.split_at_checked(usize::from(count))?;
        let end = len + 2 + fields_len(bits, count);
        let bytes = into.get_mut(len..end)?;
        if bits > WIDEST || width(last, now) > bits {
            return None;
        }
        bytes.fill(0);
        bytes[..2].copy_from_slice(&[bits, count]);
        last = put(&mut bytes[2..], bits, last, now);
        (rest, len) = (after, end);
    }
    rest.is_empty().then_some(len)
}

fn put(fields: &mut [u8], bits: u8, before: [i32; CHANNELS], samples: &[[i32; CHANNELS]]) -> [i32; CHANNELS] {
    let (mut last, mut bit) = (before, 0);
    for sample in samples {
        for (now, before) in sample.iter().zip(last) {
            let difference = u64::from(now.wrapping_sub(before) as u32 & (u32::MAX >> (WIDEST - bits)));
            for (byte, part) in fields[bit / 8..].iter_mut().zip((difference << (bit % 8)).to_le_bytes()) {
                *byte |= part;
            }
            bit += usize::from(bits);
        }
        last = *sample;
    }
    last
}
