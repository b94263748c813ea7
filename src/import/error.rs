//! Why a file is refused: what was found, where, and what to do about it.

use super::FileFormat;
use crate::raw::Unit;
use std::fmt;

/// A file that is not taken in, with the place and one next step.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {reason}", Comma(*place))]
pub struct ImportError {
    /// Name of the file, without its folder.
    pub file: String,
    /// Where in the file, as far as it is known.
    pub place: Option<Place>,
    /// What is the matter.
    pub reason: Reason,
}

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of text; the header is line 1.
    Line(u64),
    /// A row of a table.
    Row(u64),
    /// A block of 512 bytes.
    Sector(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Row(n) => write!(f, "row {n}"),
            Self::Sector(n) => write!(f, "sector {n}"),
        }
    }
}

struct Comma(Option<Place>);

impl fmt::Display for Comma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, ", {place}"))
    }
}

/// What is the matter with a file.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// Nothing is there.
    #[error("there is no such file; check the name")]
    NotFound,
    /// A folder.
    #[error("this is a folder; name the recordings in it, such as FOLDER/*.csv.gz")]
    Folder,
    /// A pipe, a socket or a device.
    #[error(
        "this is no ordinary file, and a recording may have to be read twice; save it under a name and give that name"
    )]
    NotAFile,
    /// The system gave an error.
    #[error("the file cannot be read ({0}); check that it may be opened and that its disk is well")]
    Io(std::io::Error),
    /// The ending is none of ours.
    #[error("this is no kind of recording that can be read; the name must end in one of {}", FileFormat::ENDINGS)]
    UnknownFormat,
    /// Nothing in it.
    #[error("the file is empty; copy it again from where it was recorded")]
    Empty,
    /// No row under the header.
    #[error("there is a header but no row under it; copy the file again from where it was recorded")]
    NoRows,
    /// Zero bytes or no UTF-8.
    #[error("this is not text, so it is no CSV file; check the name's ending, or export it as CSV again")]
    NotText,
    /// A line without end.
    #[error("the line is longer than {limit} bytes, so this is no table of samples; export it as CSV again")]
    LongLine {
        /// The largest length that is taken.
        limit: usize,
    },
    /// The header is parted by another sign.
    #[error("the columns are parted by {found:?}; part them by commas, with `.` in decimals")]
    Separator {
        /// The sign that was found.
        found: char,
    },
    /// No acceleration.
    #[error(
        "there is no column {missing}; needed are t_s or t_utc_ns, and acc_x,acc_y,acc_z (m/s²) or \
         acc_x_g,acc_y_g,acc_z_g; rename the columns in the header"
    )]
    MissingColumn {
        /// Its name.
        missing: String,
    },
    /// No time.
    #[error("there is no column t_s or t_utc_ns; name the time column so, or give the sampling rate with --rate-hz")]
    NoTimes,
    /// A name twice.
    #[error("the column {name} is there twice; keep one")]
    ColumnTwice {
        /// Its name.
        name: String,
    },
    /// Columns of both units.
    #[error("columns {one} and {other} mix two units for one sensor; keep the three columns of one unit")]
    MixedColumns {
        /// A column of the first unit.
        one: String,
        /// A column of the second.
        other: String,
    },
    /// A column that holds something else.
    #[error("the column {name} holds {found}; write it as {wanted}")]
    ColumnType {
        /// Its name.
        name: String,
        /// What it holds.
        found: String,
        /// What would be taken.
        wanted: &'static str,
    },
    /// Too few or too many cells.
    #[error("the row has {found} cells and the header {expected}; repair or remove this row")]
    Ragged {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A cell that is no number.
    #[error("{text:?} in column {column} is no number; leave the cell empty where the sensor gave no value")]
    NotANumber {
        /// What stands there.
        text: String,
        /// In which column.
        column: String,
    },
    /// A row without time.
    #[error("the row has no time in column {column}; write the time of every row, or remove this row")]
    NoTime {
        /// In which column.
        column: String,
    },
    /// A quoted cell that does not end.
    #[error("a quoted cell does not end on this line; remove the quotes or close them")]
    OpenQuote,
    /// Time goes backward.
    #[error(
        "time goes backward, from {before_s} s to {after_s} s; sort the rows by time, or tell recordings apart by a \
         column named trial"
    )]
    Backward {
        /// Time of the row before.
        before_s: f64,
        /// Time of this row.
        after_s: f64,
    },
    /// Time does not move.
    #[error("the first {rows} rows all have one time; check that the time column is in seconds with decimals")]
    TimeStands {
        /// How many.
        rows: usize,
    },
    /// The times are not seconds, or not a motion sensor's.
    #[error(
        "the times give {rate_hz} samples a second, and only 12.5 to 500 can be judged; check that t_s is in \
         seconds and t_utc_ns in nanoseconds"
    )]
    Rate {
        /// As measured.
        rate_hz: f64,
    },
    /// The recording spans more than can be told in ns.
    #[error("the time {text} is too large; t_s is in seconds, t_utc_ns in nanoseconds since 1970")]
    TimeTooLarge {
        /// What stands there.
        text: String,
    },
    /// A trial comes back.
    #[error("the trial {trial:?} was already over; put all rows of one trial together")]
    TrialAgain {
        /// Its name.
        trial: String,
    },
    /// A trial whose name cannot be used.
    #[error(
        "the trial {trial:?} cannot be part of a file's name; use letters, digits, `-`, `_` and `.`, at most {longest} \
         of them"
    )]
    TrialName {
        /// Its name.
        trial: String,
        /// The largest length.
        longest: usize,
    },
    /// Ends too early.
    #[error("the file ends in the middle of its compressed data; copy it again from where it was recorded")]
    Truncated,
    /// Damaged compressed data.
    #[error("the compressed data are damaged ({0}); copy the file again from where it was recorded")]
    Compressed(String),
    /// Damaged in another way.
    #[error("the file is damaged or of another kind than its name says ({0}); copy or export it again")]
    Damaged(String),
    /// A file that belongs to it is not there.
    #[error("the file that ends in {ending} is not beside it; keep both in one folder")]
    NoSidecar {
        /// The end of its name.
        ending: &'static str,
    },
    /// A file that belongs to it is of no use.
    #[error("the file that ends in {ending} beside it is of no use: {words}; repair it or export it again")]
    Sidecar {
        /// The end of its name.
        ending: &'static str,
        /// What is the matter.
        words: String,
    },
    /// Nothing to judge.
    #[error("{}has no usable sample: {why}", TrialWords(trial.as_deref()))]
    NoUsableSample {
        /// Of which recording.
        trial: Option<String>,
        /// What is the matter with its rows.
        why: &'static str,
    },
    /// Values that cannot be in their unit.
    #[error("{0}")]
    Implausible(Implausible),
}

struct TrialWords<'a>(Option<&'a str>);

impl fmt::Display for TrialWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(trial) => write!(f, "the trial {trial:?} "),
            None => f.write_str("the recording "),
        }
    }
}

/// Values that cannot be what their columns say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Implausible {
    /// The unit that the columns name.
    pub unit: Unit,
    /// Length of the three values, the mean of some rows.
    pub typical: f64,
    /// Some rows look right and others do not.
    pub mixed: bool,
}

impl fmt::Display for Implausible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unit, typical, mixed } = *self;
        if mixed {
            return write!(
                f,
                "around here some accelerations are in m/s² and others in g; write all of them in one unit"
            );
        }
        match unit {
            Unit::DegreesPerSecond | Unit::RadiansPerSecond => write!(
                f,
                "rotation rates around {typical:.0} {} cannot be; if the values are in °/s, name the columns \
                 gyr_x_dps,gyr_y_dps,gyr_z_dps",
                unit.name()
            ),
            Unit::MetresPerSecond2 if (0.5..2.0).contains(&typical) => write!(
                f,
                "|acc| is around {typical:.2} where gravity alone is 9.81 m/s²; if the values are in g, name the columns \
                 acc_x_g,acc_y_g,acc_z_g"
            ),
            Unit::G if (5.0..20.0).contains(&typical) => write!(
                f,
                "|acc| is around {typical:.2} where gravity alone is 1 g; if the values are in m/s², name the columns \
                 acc_x,acc_y,acc_z"
            ),
            Unit::G | Unit::MetresPerSecond2 => write!(
                f,
                "|acc| is around {typical:.3} {}, which gravity does not allow; give acceleration with gravity left in, in \
                 m/s² (acc_x,acc_y,acc_z) or g (acc_x_g,acc_y_g,acc_z_g)",
                unit.name()
            ),
        }
    }
}

/// A reason with its place, before the file's name is known.
#[derive(Debug)]
pub(super) struct Refusal {
    place: Option<Place>,
    reason: Reason,
}

impl Refusal {
    pub(super) fn in_file(self, file: &str) -> ImportError {
        ImportError { file: file.to_owned(), place: self.place, reason: self.reason }
    }
}

impl Reason {
    pub(super) fn at(self, place: Place) -> Refusal {
        Refusal { place: Some(place), reason: self }
    }

    /// The reason behind an error while reading, gzip's own errors told apart.
    pub(super) fn of_read(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => Self::Compressed(error.to_string()),
            std::io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io(error),
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { place: None, reason }
    }
}
