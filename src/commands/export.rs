//! `export csv|parquet`: recordings out of the data folder, as files that other programs and `analyze`
//! read. Reads only. The formats themselves are left to `export`.

use super::{Exit, Failure, Globals};
use crate::export::staging::StagingError;
use crate::export::{Cell, Column, Format, RawTable, Shape, Staging, Table, tables};
use crate::store::facts::{RecordingRow, RecordingState, Selection};
use crate::store::{RawStream, Reader, StoreError};
use crate::units::{Time, WallTime};
use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::PathBuf;

/// Writes recordings as open files, for other programs and for `analyze`.
///
/// Each recording gives files named by the first characters of its id, such as `3fa94c01.raw.csv`, and
/// one `provenance.json` says what was written and how. Times in `raw` are UTC nanoseconds; all other
/// tables count seconds from the recording's first sample.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Format of the files.
    #[arg(value_name = "FORMAT")]
    format: FileFormat,
    /// One recording: its id or the first characters of it; `newest` without `--from` and `--to`.
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to"])]
    recording: Option<String>,
    /// Everything from this local day or UTC time on, such as 2026-05-01 or 2026-05-01T08:00:00Z.
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Everything before this UTC time, or up to the end of this local day.
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// Which tables, with commas between them.
    #[arg(long, value_name = "TABLES", value_delimiter = ',', default_value = "raw,epochs,events,steps,postures,gaps")]
    tables: Vec<What>,
    /// Folder for the files; made where there is none.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum FileFormat {
    Csv,
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum What {
    Raw,
    Epochs,
    Events,
    Steps,
    Postures,
    Gaps,
}

/// Characters of a recording's id in file names.
const STEM: usize = 8;

/// `gaps`.
const GAPS: &[Column] = &[
    Column { name: "start_s", shape: Shape::Time },
    Column { name: "end_s", shape: Shape::Time },
    Column { name: "lost", shape: Shape::Count },
    Column { name: "cause", shape: Shape::Text },
];

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Epochs => "epochs",
            Self::Events => "events",
            Self::Steps => "steps",
            Self::Postures => "postures",
            Self::Gaps => "gaps",
        }
    }
}

impl From<StagingError> for Failure {
    fn from(error: StagingError) -> Self {
        Self::failed(error.to_string())
    }
}

/// One recording on its way out.
struct Exported<'a> {
    reader: &'a Reader,
    row: RecordingRow,
    /// What is wanted of it, in its own time.
    range: Range<Time>,
    stem: String,
    format: Format,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let reader = Reader::open(&globals.data_dir()?)?;
    let format = match args.format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Parquet => Format::Parquet,
    };
    let recordings = chosen(&reader, args, format)?;
    let mut tables = args.tables.clone();
    tables.sort_unstable();
    tables.dedup();
    let staging = Staging::begin(&args.output)?;
    let mut told = Vec::new();
    for recording in &recordings {
        let mut samples = None;
        for &table in &tables {
            let name = format!("{}.{}.{}", recording.stem, table.name(), format.ending());
            let file = BufWriter::new(staging.create(&name)?);
            let written = if table == What::Raw {
                recording.write_raw(file).map(|count| samples = Some(count))
            } else {
                recording.write_facts(table, file)
            };
            written.map_err(|trouble| match trouble {
                Trouble::Store(error) => Failure::from(error),
                Trouble::File(error) => Failure::from(staging.refused(&name, error)),
            })?;
        }
        told.push(recording.provenance(samples)?);
    }
    let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
    put_provenance(&staging, &names, told)?;
    staging.commit()?;
    eprintln!(
        "wrote {} of {} recording{} to {}",
        names.join(", "),
        recordings.len(),
        if recordings.len() == 1 { "" } else { "s" },
        args.output.display()
    );
    Ok(Exit::Done)
}

/// The recordings that were asked for.
fn chosen<'a>(reader: &'a Reader, args: &Args, format: Format) -> Result<Vec<Exported<'a>>, Failure> {
    let exported = |row: RecordingRow, range: Range<Time>| Exported {
        stem: row.id.to_string()[..STEM].to_owned(),
        reader,
        row,
        range,
        format,
    };
    if args.from.is_none() && args.to.is_none() {
        let row = reader.recording(args.recording.as_deref().unwrap_or("newest"))?;
        return Ok(vec![exported(row, RawStream::ALL)]);
    }
    let mut found = Vec::new();
    for row in reader.recordings()? {
        let zone = TimeZone::get(&row.about.zone).unwrap_or(TimeZone::UTC);
        let from = args.from.as_deref().map(|when| moment(when, &zone, false)).transpose()?;
        let to = args.to.as_deref().map(|when| moment(when, &zone, true)).transpose()?;
        let own = |wall: WallTime| Time(wall.0.saturating_sub(row.about.start.0).max(0));
        let range = from.map_or(Time::START, own)..to.map_or(RawStream::ALL.end, own);
        let over = row.state != RecordingState::Open;
        if range.is_empty() || over && row.end.is_none_or(|end| end < range.start) {
            continue;
        }
        found.push(exported(row, range));
    }
    match found.is_empty() {
        true => Err(Failure::bad_input("no recording lies in that time; `lumbard recordings list` shows them")),
        false => Ok(found),
    }
}

/// A typed moment: a UTC time, or a local day from its start or, for an end, to its end.
fn moment(typed: &str, zone: &TimeZone, end: bool) -> Result<WallTime, Failure> {
    let refused =
        || Failure::bad_input(format!("{typed:?} is no time; write a day such as 2026-05-01, or 2026-05-01T08:00:00Z"));
    let timestamp = match typed.parse::<Date>() {
        Ok(day) if !typed.contains('T') => {
            let day = if end { day.tomorrow().map_err(|_| refused())? } else { day };
            day.to_zoned(zone.clone()).map_err(|_| refused())?.timestamp()
        }
        _ => typed.parse::<jiff::Timestamp>().map_err(|_| refused())?,
    };
    i64::try_from(timestamp.as_nanosecond()).map(WallTime).map_err(|_| refused())
}

/// Why a file could not be written: what was to be read, or the file itself.
enum Trouble {
    Store(StoreError),
    File(io::Error),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Exported<'_> {
    /// Writes the raw samples; says how many.
    fn write_raw(&self, file: BufWriter<File>) -> Result<u64, Trouble> {
        let about = [("recording".to_owned(), self.row.id.to_string())];
        let mut table = RawTable::begin(file, self.format, &self.row.about.format, self.row.about.start, &about)?;
        let (mut count, mut samples) = (0, Vec::new());
        for block in self.reader.raw(self.row.id, self.range.clone())? {
            samples.clear();
            samples.extend(block?.samples());
            table.samples(&samples)?;
            count += samples.len() as u64;
        }
        table.finish()?;
        Ok(count)
    }

    /// Writes a table of facts: what starts in the range.
    fn write_facts(&self, what: What, file: BufWriter<File>) -> Result<(), Trouble> {
        let selection = Selection::Recording(self.row.id);
        let wanted = |t: Time| self.range.contains(&t);
        let begin = |columns| Table::begin(file, self.format, what.name(), columns);
        let mut table;
        match what {
            // Written by `write_raw`.
            What::Raw => return Ok(()),
            What::Epochs => {
                table = begin(tables::EPOCHS)?;
                for epoch in self.reader.epochs(&selection)?.iter().filter(|epoch| wanted(epoch.fact.start)) {
                    tables::epoch(&mut table, &epoch.fact)?;
                }
            }
            What::Events => {
                table = begin(tables::EVENTS)?;
                let mut events = self.reader.events(&selection)?;
                // In the order in which they were decided, as `analyze` writes them.
                events.sort_by_key(|event| event.fact.decided);
                for event in events.iter().filter(|event| wanted(event.fact.start)) {
                    tables::event(&mut table, &event.fact)?;
                }
            }
            What::Steps => {
                table = begin(tables::STEPS)?;
                for step in self.reader.steps(&selection)?.iter().filter(|step| wanted(step.fact.t)) {
                    tables::step(&mut table, &step.fact)?;
                }
            }
            What::Postures => {
                table = begin(tables::POSTURES)?;
                for span in self.reader.postures(&selection)?.iter().filter(|span| wanted(span.fact.start)) {
                    tables::posture(&mut table, &span.fact)?;
                }
            }
            What::Gaps => {
                table = begin(GAPS)?;
                for gap in self.reader.gaps(&selection)?.iter().filter(|gap| wanted(gap.fact.from)) {
                    let gap = &gap.fact;
                    table.row(&[
                        Cell::Time(gap.from),
                        Cell::Time(gap.to),
                        Cell::Count(gap.lost.into()),
                        Cell::Text(gap.cause.name()),
                    ])?;
                }
            }
        }
        Ok(table.finish()?)
    }

    /// What was written of this recording, and from what it was made.
    fn provenance(&self, samples: Option<u64>) -> Result<Value, Failure> {
        let about = &self.row.about;
        let gaps: Vec<Value> = self
            .reader
            .gaps(&Selection::Recording(self.row.id))?
            .iter()
            .map(|gap| {
                json!({ "start_s": gap.fact.from.seconds(), "end_s": gap.fact.to.seconds(), "lost": gap.fact.lost,
                        "cause": gap.fact.cause.name() })
            })
            .collect();
        Ok(json!({
            "recording": self.row.id.to_string(),
            "files": self.stem,
            "source": about.source,
            "start_utc_ns": about.start.0,
            "zone": about.zone,
            "placement": about.placement.name(),
            "calibration": about.calibration,
            "state": self.row.state.name(),
            "nominal_rate_hz": about.format.nominal_rate_hz,
            "tick_s": about.format.tick_s,
            "acceleration_unit": about.format.acc.unit.name(),
            "rotation_rate_unit": about.format.gyr.map(|gyr| gyr.unit.name()),
            "samples_written": samples,
            "range_s": (self.range != RawStream::ALL).then(|| json!([
                self.range.start.seconds(),
                (self.range.end != RawStream::ALL.end).then(|| self.range.end.seconds()),
            ])),
            "gaps": gaps,
        }))
    }
}

fn put_provenance(staging: &Staging, tables: &[&str], recordings: Vec<Value>) -> Result<(), Failure> {
    const NAME: &str = "provenance.json";
    let provenance = json!({
        "software": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "tables": tables,
        "times": "raw: UTC nanoseconds; all others: seconds from the recording's first sample",
        "recordings": recordings,
    });
    let mut file = staging.create(NAME)?;
    let written = serde_json::to_writer_pretty(&mut file, &provenance).map_err(io::Error::from);
    written.and_then(|()| file.write_all(b"\n")).map_err(|error| Failure::from(staging.refused(NAME, error)))
}
