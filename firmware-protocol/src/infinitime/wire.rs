//! The bytes of InfiniTime, and what they mean.

use crate::att::{i16s, put_i16s};

/// Counts in 1 g.
pub const PER_G: f64 = 1024.0;
/// The count at the end of the 2 g range.
pub const END: i16 = 2047;
/// Samples a second at most: the firmware's task runs every 100 ms.
pub const RATE_HZ: f64 = 10.0;
/// The longest alert that is taken whole, in bytes of text.
pub const LONGEST_TEXT: usize = 100;

/// Reads a sample; `None` if it has another length.
pub fn sample(bytes: &[u8]) -> Option<[i16; 3]> {
    i16s(bytes)
}

/// The bytes of a sample.
pub fn encode_sample(counts: [i16; 3]) -> [u8; 6] {
    let mut bytes = [0; 6];
    put_i16s(&mut bytes, &counts);
    bytes
}

/// A number stands at the end of the range.
pub fn is_clipped(counts: [i16; 3]) -> bool {
    !counts.iter().all(|n| (-END..END).contains(n))
}

/// Category of an alert that is shown, with one buzz of 35 ms.
pub const SIMPLE: u8 = 0;
/// Category of a call: it rings until the wearer reacts, or for the 7 s that it is shown.
pub const CALL: u8 = 3;

/// A message that the watch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert<'a> {
    /// [`SIMPLE`], [`CALL`], or another of the SIG's, which the watch takes for simple.
    pub category: u8,
    /// How many; the watch does not care.
    pub count: u8,
    /// First line.
    pub title: &'a str,
    /// The rest; may be empty.
    pub body: &'a str,
}

impl<'a> Alert<'a> {
    const SEPARATOR: u8 = 0;

    /// Reads an alert; `None` if the watch would ignore it: it has no text, or no text that can be read.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[category, count, _], text) = bytes.split_first_chunk::<3>()?;
        let text = core::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
        let (title, body) = text.split_once(char::from(Self::SEPARATOR)).unwrap_or((text, ""));
        Some(Self { category, count, title, body })
    }

    /// Writes the alert into `into` and gives its length. A text that does not fit is cut between two letters.
    pub fn encode(&self, into: &mut [u8]) -> usize {
        let head = [self.category, self.count, Self::SEPARATOR];
        let Some(place) = into.get_mut(..head.len()) else { return 0 };
        place.copy_from_slice(&head);
        let len = append(into, head.len(), self.title);
        match into.get_mut(len) {
            Some(separator) if !self.body.is_empty() => {
                *separator = Self::SEPARATOR;
                append(into, len + 1, self.body)
            }
            _ => len,
        }
    }
}

/// Writes as much of a text as fits, and gives where it ends.
fn append(into: &mut [u8], at: usize, text: &str) -> usize {
    let room = into.len().saturating_sub(at).min(text.len());
    let len = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    into[at..at + len].copy_from_slice(&text.as_bytes()[..len]);
    at + len
}
