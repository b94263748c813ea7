//! Reads recordings of other programs, one file for each format, and hands them on as raw samples.
//!
//! In: a path. Out: one or more recordings (a `trial` column splits a file), each a [`Head`] and then
//! blocks of [`RawSample`], whose times are those of the recording and whose numbers are the source's own.
//! Everything is streamed: a day of samples takes no more memory than a minute. What the samples mean is
//! left to `signal`.
//!
//! ```no_run
//! # fn main() -> Result<(), lumbard::import::ImportError> {
//! use lumbard::import::{Options, Recordings};
//! let mut file = Recordings::open("walk.csv.gz".as_ref(), &Options::default())?;
//! let mut block = Vec::new();
//! while let Some(head) = file.next_recording()? {
//!     while file.read(&mut block)? {
//!         for raw in &block {
//!             let sample = head.format.sample(raw);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! An error may come at any block, so whoever keeps the samples keeps them only after `read` has given
//! `false` for the last recording.

mod bids;
mod bytes;
mod columns;
mod condition;
mod csv;
mod cwa;
mod decoder;
mod error;
mod number;
mod parquet;
mod parquet_column;

pub use error::{ImportError, Place, Reason};

use crate::raw::{RawFormat, RawSample};
use crate::units::WallTime;
use condition::Conditioner;
use decoder::{Block, Decoder};
use error::Refusal;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// From here on `t_s` is read as seconds since 1970, not since the start of the recording, in ns: three
/// years, longer than any recording and before any sensor.
const UNIX_SECONDS: i64 = 100_000_000 * 1_000_000_000;

/// What a file itself does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Samples a second of a file without times.
    pub rate_hz: Option<f64>,
}

/// How one recording in a file begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Its name in the `trial` column; `None` in a file that holds one recording.
    pub trial: Option<String>,
    /// What its numbers mean.
    pub format: RawFormat,
    /// When its first sample was taken, where the file tells.
    pub start: Option<WallTime>,
}

/// What was counted while a recording was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows, each of them given out as one sample.
    pub rows: u64,
    /// Rows in which a sensor cell was empty, NaN or infinite.
    pub missing: u64,
    /// Rows whose time was not after that of the row before, and was spread out.
    pub spread: u64,
}

/// The formats that can be read, by the end of the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// `.csv` and `.csv.gz`.
    Csv {
        /// Compressed with gzip.
        gzip: bool,
    },
    /// `.parquet`.
    Parquet,
    /// `.cwa` of Axivity sensors.
    Cwa,
    /// Motion-BIDS `_motion.tsv`.
    Bids,
}

impl FileFormat {
    /// All endings, as they are told to people.
    pub const ENDINGS: &'static str = ".csv, .csv.gz, .parquet, .cwa, _motion.tsv";

    const ALL: [(&'static str, FileFormat); 5] = [
        (".csv.gz", Self::Csv { gzip: true }),
        (".csv", Self::Csv { gzip: false }),
        (".parquet", Self::Parquet),
        (".cwa", Self::Cwa),
        (bids::ENDING, Self::Bids),
    ];

    /// The format that a file's name stands for, and the name without its ending.
    pub fn of(path: &Path) -> Option<(Self, String)> {
        let name = path.file_name()?.to_str()?;
        Self::ALL.into_iter().find_map(|(ending, format)| {
            let cut = name.len().checked_sub(ending.len())?;
            let (stem, end) = (name.get(..cut)?, name.get(cut..)?);
            (end.eq_ignore_ascii_case(ending) && !stem.is_empty()).then(|| (format, stem.to_owned()))
        })
    }
}

/// The SHA-256 of a file's bytes as they lie on the disk, hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub fn sha256(path: &Path) -> Result<String, ImportError> {
    let read = || -> std::io::Result<String> {
        let mut file = std::fs::File::open(path)?;
        let mut hasher = Sha256::new();
        let mut bytes = vec![0; 64 * 1024];
        loop {
            match file.read(&mut bytes)? {
                0 => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
                count => hasher.update(&bytes[..count]),
            }
        }
    };
    read().map_err(|error| Refusal::from(Reason::Io(error)).in_file(&shown_name(path)))
}

fn shown_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// An opened file of recordings, read from its beginning to its end.
pub struct Recordings {
    decoder: Box<dyn Decoder>,
    file: String,
    block: Block,
    /// What `block` holds.
    holds: Holds,
    conditioner: Option<Conditioner>,
    tally: Tally,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Nothing that is still to be handed out.
    Nothing,
    /// The first rows of the recording that is being read.
    First,
    /// The first rows of the recording after it.
    Next,
}

impl Recordings {
    /// Opens a file and reads as far as its description of the columns.
    ///
    /// # Errors
    /// The file is not there, no recording, or its columns do not tell an acceleration.
    pub fn open(path: &Path, options: &Options) -> Result<Self, ImportError> {
        let file = shown_name(path);
        let decoder = Self::decoder(path, options).map_err(|refusal| refusal.in_file(&file))?;
        let (block, holds) = (Block::default(), Holds::Nothing);
        Ok(Self { decoder, file, block, holds, conditioner: None, tally: Tally::default() })
    }

    fn decoder(path: &Path, options: &Options) -> Result<Box<dyn Decoder>, Refusal> {
        bytes::check(path)?;
        let (format, _) = FileFormat::of(path).ok_or(Reason::UnknownFormat)?;
        Ok(match format {
            FileFormat::Csv { gzip } => Box::new(csv::open(path, gzip, options)?),
            FileFormat::Parquet => Box::new(parquet::open(path, options)?),
            FileFormat::Bids => Box::new(bids::open(path, options)?),
            FileFormat::Cwa => Box::new(cwa::open(path)?),
        })
    }

    /// Goes on to the next recording of the file; `None` at the file's end. What is left of the one
    /// before is read and checked first.
    ///
    /// # Errors
    /// As [`Recordings::read`].
    pub fn next_recording(&mut self) -> Result<Option<Head>, ImportError> {
        let mut rest = Vec::new();
        while self.read(&mut rest)? {}
        if self.holds == Holds::Nothing && !self.fill()? {
            return Ok(None);
        }
        let conditioner =
            Conditioner::new(&self.block, self.decoder.layout()).map_err(|refusal| refusal.in_file(&self.file))?;
        let (trial, format, start) = (self.block.trial.clone(), conditioner.format(), self.block.start);
        self.holds = Holds::First;
        self.conditioner = Some(conditioner);
        self.tally = Tally::default();
        Ok(Some(Head { trial, format, start }))
    }

    /// Replaces `block` by the next samples of the recording; `false` when it is over.
    ///
    /// # Errors
    /// The file is damaged, a cell is no number, time goes backward, or the values cannot be an
    /// acceleration in the unit that their columns name.
    pub fn read(&mut self, block: &mut Vec<RawSample>) -> Result<bool, ImportError> {
        block.clear();
        let Some(mut conditioner) = self.conditioner.take() else {
            return Ok(false);
        };
        if self.holds == Holds::Nothing {
            let more = self.fill()?;
            if !more || self.block.begins {
                self.holds = if more { Holds::Next } else { Holds::Nothing };
                conditioner.finish().map_err(|refusal| refusal.in_file(&self.file))?;
                return Ok(false);
            }
        }
        conditioner.condition(&mut self.block).map_err(|refusal| refusal.in_file(&self.file))?;
        self.tally = conditioner.tally();
        std::mem::swap(block, &mut self.block.rows);
        self.holds = Holds::Nothing;
        self.conditioner = Some(conditioner);
        Ok(true)
    }

    /// What was counted so far in the recording that is being read, or was read last.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn fill(&mut self) -> Result<bool, ImportError> {
        self.block.clear();
        self.decoder.fill(&mut self.block).map_err(|refusal| refusal.in_file(&self.file))
    }
}

#[cfg(test)]
mod tests;
