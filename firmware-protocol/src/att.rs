//! Values of attributes: short byte strings, the numbers in them, and the errors that answer a write.
//!
//! All numbers of the families that use this are little-endian.

/// A value that every MTU carries: at most 20 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Short {
    bytes: [u8; Short::MOST],
    len: usize,
}

impl Short {
    /// What the smallest MTU carries.
    pub const MOST: usize = 20;

    /// These bytes; what is beyond the 20th is left out.
    pub fn of(bytes: &[u8]) -> Self {
        let mut short = Self { bytes: [0; Self::MOST], len: bytes.len().min(Self::MOST) };
        short.bytes[..short.len].copy_from_slice(&bytes[..short.len]);
        short
    }

    /// As they go over the air.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Why a sensor does not take what is written to it, as an error of the attribute protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttError(pub u8);

impl AttError {
    /// "Write not permitted".
    pub const NOT_PERMITTED: Self = Self(0x03);
    /// "Invalid attribute value length".
    pub const LENGTH: Self = Self(0x0d);
    /// The first of the errors that an application defines for itself.
    pub const APPLICATION: Self = Self(0x80);
}

/// As many numbers as there are bytes for, exactly.
pub(crate) fn i16s<const N: usize>(bytes: &[u8]) -> Option<[i16; N]> {
    let mut numbers = [0; N];
    for (number, pair) in numbers.iter_mut().zip(bytes.chunks_exact(2)) {
        *number = i16::from_le_bytes([pair[0], pair[1]]);
    }
    (bytes.len() == 2 * N).then_some(numbers)
}

/// As many numbers as there are bytes for, exactly.
pub(crate) fn i32s<const N: usize>(bytes: &[u8]) -> Option<[i32; N]> {
    let mut numbers = [0; N];
    for (number, four) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = i32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    }
    (bytes.len() == 4 * N).then_some(numbers)
}

/// The number in the first two bytes; 0 if there are fewer.
pub(crate) fn u16_of(bytes: &[u8]) -> u16 {
    if let [low, high, ..] = *bytes { u16::from_le_bytes([low, high]) } else { 0 }
}

/// Writes numbers behind one another.
pub(crate) fn put_i16s(bytes: &mut [u8], numbers: &[i16]) {
    for (pair, number) in bytes.chunks_exact_mut(2).zip(numbers) {
        pair.copy_from_slice(&number.to_le_bytes());
    }
}
