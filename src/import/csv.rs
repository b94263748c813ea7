//! Reads `.csv` and `.csv.gz`: a header with the columns of DESIGN §7, then one row for each sample.
//!
//! Decimals are kept as the text has them. Cells of columns that are not needed are stepped over, so a
//! wide file costs little more than a narrow one. The `csv` crate is not used here: it copies every
//! field and gives no line numbers for broken rows, and a day of samples is half a gigabyte of text.

use super::bytes::{self, Lines};
use super::columns::{Columns, trial_name};
use super::decoder::{BLOCK_ROWS, Block, Decoder, Layout};
use super::error::{Place, Reason, Refusal};
use super::number::{self, Cell};
use super::{Options, UNIX_SECONDS};
use crate::raw::{Channel, Encoding, RawSample};
use crate::units::{Time, WallTime};
use std::collections::HashSet;
use std::path::Path;

/// Opens a file and reads its header.
pub(super) fn open(path: &Path, gzip: bool, options: &Options) -> Result<Csv, Refusal> {
    let mut lines = Lines::new(bytes::open(path, gzip)?);
    let names = header(&mut lines)?;
    let columns = Columns::find(&names).map_err(|reason| reason.at(Place::Line(1)))?;
    Csv::new(lines, columns, names, b',', options)
}

fn header(lines: &mut Lines) -> Result<Vec<String>, Refusal> {
    let Some(line) = lines.next()? else {
        return Err(Reason::Empty.into());
    };
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.contains(&0) {
        return Err(Reason::NotText.at(Place::Line(1)));
    }
    let text = std::str::from_utf8(line).map_err(|_| Reason::NotText.at(Place::Line(1)))?;
    if let Some(found) = [';', '\t'].into_iter().find(|&other| text.contains(other) && !text.contains(',')) {
        return Err(Reason::Separator { found }.at(Place::Line(1)));
    }
    let mut cells = Vec::new();
    split(text.as_bytes(), b',', &mut cells).map_err(|reason| reason.at(Place::Line(1)))?;
    Ok(cells.iter().map(|cell| String::from_utf8_lossy(cell.of(text.as_bytes())).trim().to_owned()).collect())
}

/// What a cell is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    Seconds,
    Utc,
    Trial,
    Acc(usize),
    Gyr(usize),
}

/// A table of samples in text.
pub(super) struct Csv {
    lines: Lines,
    names: Vec<String>,
    roles: Vec<Role>,
    separator: u8,
    layout: Layout,
    row: Row,
    cells: Vec<Span>,
    trial: Option<Vec<u8>>,
    trials: HashSet<Vec<u8>>,
    /// The row in `row` belongs to the next block.
    held: bool,
    /// Rows since the recording began, for files without times.
    counted: u64,
    has_seconds: bool,
    has_utc: bool,
    has_trial: bool,
}

/// One row as it is being read.
#[derive(Default)]
struct Row {
    seconds: i64,
    utc: i64,
    trial: Vec<u8>,
    acc: [i64; 3],
    gyr: [i64; 3],
    flags: u8,
}

/// A cell's place in its line; a quoted cell is told without its quotes.
#[derive(Clone, Copy)]
struct Span(usize, usize);

impl Span {
    fn of(self, line: &[u8]) -> &[u8] {
        &line[self.0..self.1]
    }
}

impl Csv {
    pub(super) fn new(
        lines: Lines,
        columns: Columns,
        names: Vec<String>,
        separator: u8,
        options: &Options,
    ) -> Result<Self, Refusal> {
        let mut roles = vec![Role::Other; columns.count];
        let mut give = |place: Option<usize>, role: Role| {
            if let Some(place) = place {
                roles[place] = role;
            }
        };
        give(columns.t_s, Role::Seconds);
        give(columns.t_utc_ns, Role::Utc);
        give(columns.trial, Role::Trial);
        for axis in 0..3 {
            give(Some(columns.acc[axis]), Role::Acc(axis));
            give(columns.gyr.map(|gyr| gyr[axis]), Role::Gyr(axis));
        }
        let timed = columns.t_s.is_some() || columns.t_utc_ns.is_some();
        if !timed && options.rate_hz.is_none() {
            return Err(Reason::NoTimes.at(Place::Line(1)));
        }
        let channel = |unit| Channel { encoding: Encoding::Nanos, unit };
        let layout = Layout {
            acc: channel(columns.acc_unit),
            gyr: columns.gyr.map(|_| channel(columns.gyr_unit)),
            nominal_rate_hz: if timed { None } else { options.rate_hz },
            tick_s: None,
            place: Place::Line,
        };
        Ok(Self {
            lines,
            names,
            roles,
            separator,
            layout,
            row: Row::default(),
            cells: Vec::new(),
            trial: None,
            trials: HashSet::new(),
            held: false,
            counted: 0,
            has_seconds: columns.t_s.is_some(),
            has_utc: columns.t_utc_ns.is_some(),
            has_trial: columns.trial.is_some(),
        })
    }

    /// Reads the next row; `false` at the end of the file.
    fn next_row(&mut self) -> Result<bool, Refusal> {
        loop {
            let number = self.lines.number() + 1;
            let Some(line) = self.lines.next()? else {
                return Ok(false);
            };
            if line.is_empty() {
                continue;
            }
            let table = Table { names: &self.names, roles: &self.roles, separator: self.separator };
            return match table.read(line, &mut self.row, &mut self.cells) {
                Ok(()) => Ok(true),
                Err(reason) => Err(reason.at(Place::Line(number))),
            };
        }
    }

    /// Opens the block with the row that is there, and settles to which recording it belongs.
    fn begin(&mut self, block: &mut Block) -> Result<(), Refusal> {
        let place = Place::Line(self.lines.number());
        if self.has_trial {
            if self.trial.as_ref() == Some(&self.row.trial) {
                return Ok(());
            }
            block.trial = Some(trial_name(&self.row.trial).map_err(|reason| reason.at(place))?);
            if !self.trials.insert(self.row.trial.clone()) {
                let trial = String::from_utf8_lossy(&self.row.trial).into_owned();
                return Err(Reason::TrialAgain { trial }.at(place));
            }
            self.trial = Some(self.row.trial.clone());
        } else if self.trial.replace(Vec::new()).is_some() {
            return Ok(());
        }
        self.counted = 0;
        block.begins = true;
        block.start = if self.has_utc {
            Some(WallTime(self.row.utc))
        } else if self.has_seconds && self.row.seconds >= UNIX_SECONDS {
            Some(WallTime(self.row.seconds))
        } else {
            None
        };
        Ok(())
    }

    fn time(&self) -> i64 {
        if self.has_seconds {
            self.row.seconds
        } else if self.has_utc {
            self.row.utc
        } else {
            // A file without times has a rate, or it would have been refused when it was opened.
            (self.counted as f64 / self.layout.nominal_rate_hz.unwrap_or(1.0) * 1e9).round() as i64
        }
    }
}

impl Decoder for Csv {
    fn fill(&mut self, block: &mut Block) -> Result<bool, Refusal> {
        if !std::mem::take(&mut self.held) && !self.next_row()? {
            return match self.trial {
                None => Err(Reason::NoRows.at(Place::Line(self.lines.number()))),
                Some(_) => Ok(false),
            };
        }
        self.begin(block)?;
        loop {
            block.rows.push(RawSample {
                t: Time(self.time()),
                acc: self.row.acc,
                gyr: self.row.gyr,
                flags: self.row.flags,
                ..RawSample::default()
            });
            block.places.push(self.lines.number());
            self.counted += 1;
            if block.rows.len() == BLOCK_ROWS || !self.next_row()? {
                return Ok(true);
            }
            if self.has_trial && self.trial.as_ref() != Some(&self.row.trial) {
                self.held = true;
                return Ok(true);
            }
        }
    }

    fn layout(&self) -> Layout {
        self.layout
    }
}

/// What is needed to read a row.
struct Table<'a> {
    names: &'a [String],
    roles: &'a [Role],
    separator: u8,
}

impl Table<'_> {
    fn read(&self, line: &[u8], row: &mut Row, cells: &mut Vec<Span>) -> Result<(), Reason> {
        cells.clear();
        split(line, self.separator, cells)?;
        let empty_end = cells.len() == self.roles.len() + 1 && cells.last().is_some_and(|end| end.0 == end.1);
        if cells.len() != self.roles.len() && !empty_end {
            return Err(Reason::Ragged { found: cells.len(), expected: self.roles.len() });
        }
        row.flags = 0;
        for (i, (role, cell)) in self.roles.iter().zip(cells.iter()).enumerate() {
            let text = cell.of(line);
            match *role {
                Role::Other => {}
                Role::Acc(axis) => row.acc[axis] = self.stored(text, i, &mut row.flags)?,
                Role::Gyr(axis) => row.gyr[axis] = self.stored(text, i, &mut row.flags)?,
                Role::Seconds => row.seconds = self.time(text, i, number::seconds(text))?,
                Role::Utc => row.utc = self.time(text, i, number::nanoseconds(text))?,
                Role::Trial => {
                    if row.trial != text {
                        row.trial.clear();
                        row.trial.extend_from_slice(text);
                    }
                }
            }
        }
        if row.flags & RawSample::FLOAT_BITS != 0 {
            self.as_floats(line, row, cells);
        }
        Ok(())
    }

    #[inline]
    fn stored(&self, text: &[u8], column: usize, flags: &mut u8) -> Result<i64, Reason> {
        match number::cell(text) {
            Cell::Nanos(nanos) => Ok(nanos),
            Cell::Empty => Ok(RawSample::EMPTY),
            Cell::Float(_) => {
                *flags |= RawSample::FLOAT_BITS;
                Ok(0)
            }
            Cell::Wrong => Err(self.not_a_number(text, column)),
        }
    }

    /// Reads the row again, all of its numbers as floats, because one of them needs it.
    fn as_floats(&self, line: &[u8], row: &mut Row, cells: &[Span]) {
        for (role, cell) in self.roles.iter().zip(cells) {
            let stored = match *role {
                Role::Acc(axis) => &mut row.acc[axis],
                Role::Gyr(axis) => &mut row.gyr[axis],
                _ => continue,
            };
            *stored = match number::cell(cell.of(line)) {
                Cell::Nanos(nanos) => number::float_bits(Encoding::Nanos.value(nanos, 0)),
                Cell::Float(value) => number::float_bits(value),
                Cell::Empty | Cell::Wrong => RawSample::EMPTY,
            };
        }
    }

    fn time(&self, text: &[u8], column: usize, read: Result<i64, Cell>) -> Result<i64, Reason> {
        read.map_err(|cell| match cell {
            Cell::Wrong => self.not_a_number(text, column),
            Cell::Empty => Reason::NoTime { column: self.names[column].clone() },
            Cell::Nanos(_) | Cell::Float(_) => Reason::TimeTooLarge { text: shown(text) },
        })
    }

    fn not_a_number(&self, text: &[u8], column: usize) -> Reason {
        Reason::NotANumber { text: shown(text), column: self.names[column].clone() }
    }
}

/// A cell as it is shown in a message: never long.
fn shown(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(text.trim_ascii());
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Finds the cells of a line. Quotes around a cell are left out; a separator inside them does not part.
fn split(line: &[u8], separator: u8, cells: &mut Vec<Span>) -> Result<(), Reason> {
    let mut start = 0;
    if !line.contains(&b'"') {
        for (i, &byte) in line.iter().enumerate() {
            if byte == separator {
                cells.push(Span(start, i));
                start = i + 1;
            }
        }
        cells.push(Span(start, line.len()));
        return Ok(());
    }
    loop {
        if line.get(start) == Some(&b'"') {
            let end = line[start + 1..].iter().position(|&byte| byte == b'"').ok_or(Reason::OpenQuote)? + start + 1;
            cells.push(Span(start + 1, end));
            match line.get(end + 1) {
                None => return Ok(()),
                Some(&byte) if byte == separator => start = end + 2,
                Some(_) => return Err(Reason::OpenQuote),
            }
        } else {
            let length = line[start..].iter().position(|&byte| byte == separator);
            cells.push(Span(start, length.map_or(line.len(), |length| start + length)));
            match length {
                Some(length) => start += length + 1,
                None => return Ok(()),
            }
        }
    }
}
