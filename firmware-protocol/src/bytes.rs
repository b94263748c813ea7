//! Bytes to be sent, put together without a heap.

/// A message of up to 160 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Written {
    const ROOM: usize = 160;

    /// These pieces in a row; what does not fit is left out.
    pub fn of(pieces: &[&[u8]]) -> Self {
        let mut written = Self { bytes: [0; Self::ROOM], len: 0 };
        for &byte in pieces.iter().copied().flatten().take(Self::ROOM) {
            written.bytes[written.len] = byte;
            written.len += 1;
        }
        written
    }
    /// As they go out.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
