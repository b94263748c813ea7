//! Opens a file's bytes, unpacked where they are gzip, and cuts them into lines of bounded length.

use super::error::{Place, Reason, Refusal};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::Path;

/// The longest line that is taken: a row of a thousand columns fits several times.
const LONGEST_LINE: usize = 64 * 1024;
/// Bytes asked for at once.
const READ_SIZE: usize = 256 * 1024;

/// Refuses what is no ordinary file with something in it, before it is opened.
pub(super) fn check(path: &Path) -> Result<(), Reason> {
    let about = std::fs::metadata(path).map_err(Reason::of_read)?;
    if about.is_dir() {
        return Err(Reason::Folder);
    }
    if !about.is_file() {
        return Err(Reason::NotAFile);
    }
    if about.len() == 0 {
        return Err(Reason::Empty);
    }
    Ok(())
}

/// The bytes of a file, unpacked where `gzip` says so.
pub(super) fn open(path: &Path, gzip: bool) -> Result<Box<dyn Read + Send>, Reason> {
    let file = File::open(path).map_err(Reason::of_read)?;
    Ok(if gzip { Box::new(MultiGzDecoder::new(BufReader::with_capacity(READ_SIZE, file))) } else { Box::new(file) })
}

/// Lines of text out of a stream of bytes, with `\n` or `\r\n` at their ends.
pub(super) struct Lines {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The part of `buffer` that has been read and not handed out.
    ready: Range<usize>,
    ended: bool,
    /// Number of the line that was handed out last.
    number: u64,
}

impl Lines {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self { source, buffer: vec![0; READ_SIZE + LONGEST_LINE], ready: 0..0, ended: false, number: 0 }
    }

    /// Number of the line that was handed out last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line without its end; `None` at the end of the file.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Refusal> {
        let mut searched = 0;
        let line = loop {
            let ready = &self.buffer[self.ready.clone()];
            if let Some(length) = find_newline(&ready[searched..]).map(|at| searched + at) {
                let line = self.ready.start..self.ready.start + length;
                self.ready.start = line.end + 1;
                break line;
            }
            searched = ready.len();
            if self.ended {
                if searched == 0 {
                    return Ok(None);
                }
                let line = self.ready.clone();
                self.ready.start = self.ready.end;
                break line;
            }
            if searched > LONGEST_LINE {
                let reason =
                    if ready.contains(&0) { Reason::NotText } else { Reason::LongLine { limit: LONGEST_LINE } };
                return Err(reason.at(Place::Line(self.number + 1)));
            }
            self.more()?;
        };
        self.number += 1;
        let line = &self.buffer[line];
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }

    fn more(&mut self) -> Result<(), Refusal> {
        self.buffer.copy_within(self.ready.clone(), 0);
        self.ready = 0..self.ready.len();
        let place = Place::Line(self.number + 1);
        loop {
            match self.source.read(&mut self.buffer[self.ready.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.ready.end += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Reason::of_read(error).at(place)),
            }
            return Ok(());
        }
    }
}

/// Where the first newline is, eight bytes at a step.
#[inline]
fn find_newline(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    const NEWLINES: u64 = u64::from_ne_bytes([b'\n'; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        // A byte of `differs` is zero where the text has a newline; the next line finds zero bytes.
        let differs = u64::from_le_bytes(*word) ^ NEWLINES;
        let zeros = differs.wrapping_sub(ONES) & !differs & HIGHS;
        if zeros != 0 {
            return Some(i * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|&byte| byte == b'\n').map(|at| words.len() * 8 + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &'static [u8]) -> Vec<String> {
        let mut lines = Lines::new(Box::new(text));
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(String::from_utf8(line.to_vec()).unwrap());
        }
        found
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return_and_the_last_one_with_nothing() {
        assert_eq!(lines(b"a,b\r\n1,2\n\n3,4"), ["a,b", "1,2", "", "3,4"]);
        assert_eq!(lines(b"one\n"), ["one"]);
        assert_eq!(lines(b""), Vec::<String>::new());
    }

    #[test]
    fn a_newline_is_found_at_every_place() {
        for at in 0..40 {
            let mut text = vec![b'7'; 40];
            text[at] = b'\n';
            assert_eq!(find_newline(&text), Some(at));
            assert_eq!(find_newline(&text[..at]), None);
        }
    }

    #[test]
    fn a_line_without_end_is_refused_before_memory_grows() {
        let mut lines = Lines::new(Box::new(std::io::repeat(b'1')));
        let refusal = lines.next().unwrap_err().in_file("x.csv").to_string();
        assert!(refusal.contains("x.csv, line 1: the line is longer than 65536 bytes"), "{refusal}");
    }
}
