//! `chart`: draws a day or a week from the store as a picture, or tells it as a table.

use super::{Exit, Failure, Globals, now};
use crate::care::Locale;
use crate::chart::load::{self, LoadError, WEEK_DAYS};
use crate::chart::look::{Clock, Look, Size, Theme};
use crate::chart::{ChartError, day, raster, table, week};
use crate::store::Reader;
use clap::{Subcommand, ValueEnum};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Longest span of a week figure: more columns cannot be read.
const MOST_DAYS: i32 = 31;

/// Draws a day or a week: how much you moved, beside what was planned and done.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Subcommand)]
enum Figure {
    /// One day from midnight to midnight: posture, steps, bends, signals, exercises, wear.
    Day(Options),
    /// Some days beside each other: movement, plan, pain, steps, wear.
    Week(Options),
}

/// Which form of the figure.
#[derive(Clone, Copy, ValueEnum)]
enum SizeName {
    /// 1200 x 640.
    Desktop,
    /// 720 x 900.
    Phone,
}

#[derive(clap::Args)]
struct Options {
    /// First local day, such as 2026-05-07 [default: the newest with data; for a week, the seven days up to it]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last local day of a week figure [default: six days after the first]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Where to write the picture; the ending says the form, .png or .svg [default: lumbard-KIND-DATE.png]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Wide for a desk, or tall for a phone
    #[arg(long, value_enum, default_value = "desktop")]
    size: SizeName,
    /// Draw on a dark ground
    #[arg(long)]
    dark: bool,
    /// Print the numbers as a table instead of drawing
    #[arg(long, conflicts_with_all = ["output", "size", "dark"])]
    text: bool,
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Store(error) => error.into(),
            LoadError::Chart(error) => error.into(),
        }
    }
}

impl From<ChartError> for Failure {
    fn from(error: ChartError) -> Self {
        match &error {
            ChartError::Calendar(..) => Self::bad_input(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

/// Draws, writes, and says in words what the picture shows.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let reader = Reader::open(&globals.data_dir()?)?;
    let zone = load::zone(&reader)?;
    let drawn = match &args.figure {
        Figure::Day(options) => draw_day(&reader, &zone, options)?,
        Figure::Week(options) => draw_week(&reader, &zone, options)?,
    };
    match drawn {
        Drawn::Text(text) => print(&text)?,
        Drawn::Picture { bytes, file, sentence } => {
            write_whole(&file, &bytes)?;
            eprintln!("{sentence}");
            print(&format!("{}\n", file.display()))?;
        }
    }
    Ok(Exit::Done)
}

enum Drawn {
    Text(String),
    Picture { bytes: Vec<u8>, file: PathBuf, sentence: String },
}

impl Options {
    fn look(&self, locale: Locale) -> Look {
        Look {
            theme: if self.dark { Theme::Dark } else { Theme::Light },
            size: match self.size {
                SizeName::Desktop => Size::Desktop,
                SizeName::Phone => Size::Phone,
            },
            clock: Clock::of_environment(),
            locale,
        }
    }

    /// The picture as its file wants it; the form is checked before anything is read or drawn.
    fn picture(&self, kind: &str, date: Date, svg: String, sentence: String) -> Result<Drawn, Failure> {
        let file = self.output.clone().unwrap_or_else(|| PathBuf::from(format!("lumbard-{kind}-{date}.png")));
        let bytes = form(&file)?.bytes(svg)?;
        Ok(Drawn::Picture { bytes, file, sentence })
    }
}

#[derive(Clone, Copy)]
enum Form {
    Png,
    Svg,
}

impl Form {
    fn bytes(self, svg: String) -> Result<Vec<u8>, ChartError> {
        match self {
            Self::Png => raster::png(&svg),
            Self::Svg => Ok(svg.into_bytes()),
        }
    }
}

/// Writes a drawing as the ending of its file wants it.
pub(super) fn write_picture(file: &Path, svg: String) -> Result<(), Failure> {
    let bytes = form(file)?.bytes(svg)?;
    write_whole(file, &bytes)
}

fn form(file: &Path) -> Result<Form, Failure> {
    let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("png") => Ok(Form::Png),
        Some("svg") => Ok(Form::Svg),
        _ => Err(Failure::bad_input(format!(
            "{} ends in neither .png nor .svg, so its form is not known; name it so",
            file.display()
        ))),
    }
}

/// The newest date with data, or what to do first.
fn newest(reader: &Reader, zone: &TimeZone) -> Result<Date, Failure> {
    load::newest_date(reader, zone)?
        .ok_or_else(|| Failure::failed("nothing is recorded yet, so there is nothing to draw; start with: lumbard run"))
}

fn draw_day(reader: &Reader, zone: &TimeZone, options: &Options) -> Result<Drawn, Failure> {
    if options.to.is_some_and(|to| Some(to) != options.from) {
        return Err(Failure::bad_input("a day figure shows one day; leave --to out, or ask for: lumbard chart week"));
    }
    if let Some(file) = &options.output {
        form(file)?;
    }
    let (date, locale) = (options.from.map_or_else(|| newest(reader, zone), Ok)?, reader.locale()?);
    let figure = load::day(reader, date, zone, now())?;
    if options.text {
        return Ok(Drawn::Text(table::day(&figure, locale)?));
    }
    let sentence = crate::chart::words::day_sentence(&figure, locale)?;
    options.picture("day", date, day::day(&figure, options.look(locale))?, sentence)
}

fn draw_week(reader: &Reader, zone: &TimeZone, options: &Options) -> Result<Drawn, Failure> {
    if let Some(file) = &options.output {
        form(file)?;
    }
    let six_days = Span::new().days(WEEK_DAYS - 1);
    let (from, to) = match (options.from, options.to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.saturating_add(six_days)),
        (None, to) => {
            let last = to.map_or_else(|| newest(reader, zone), Ok)?;
            (last.saturating_sub(six_days), last)
        }
    };
    if to < from {
        return Err(Failure::bad_input(format!("--to {to} lies before --from {from}; write the earlier day first")));
    }
    if (to - from).get_days() >= MOST_DAYS {
        return Err(Failure::bad_input(format!(
            "{from} to {to} are more than {MOST_DAYS} days, which cannot be read beside each other; ask for fewer"
        )));
    }
    let figure = load::days(reader, from..to.saturating_add(Span::new().days(1)), zone, now())?;
    let locale = reader.locale()?;
    if options.text {
        return Ok(Drawn::Text(table::week(&figure, locale)));
    }
    let sentence = crate::chart::words::week_sentence(&figure, locale);
    options.picture("week", from, week::week(&figure, options.look(locale))?, sentence)
}

/// Writes a file whole or not at all: beside its place first, then renamed.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| {
        // What could not be finished is not left behind; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(&beside);
        Failure::failed(format!("{} could not be written ({error}); choose another place with -o", file.display()))
    })
}

/// Writes to stdout; a reader that went away early is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("the answer could not be written: {error}")))
        }
        _ => Ok(()),
    }
}
