//! `episode`: starts, follows, ends and shows a bout of pain. The red-flag screen comes before anything else.
//!
//! | file | holds |
//! |---|---|
//! | this one | ending, renewing, and putting the advice away |
//! | `start` | the start, with its questions |
//! | `check_in` | the daily check-in |
//! | `show` | an episode for people and for programs |

mod check_in;
mod show;
mod start;

use super::here::{self, Here};
use super::{Exit, Failure, Globals, print_json};
use crate::care::phrases::EpisodeWords;
use crate::store::episode::{self, MISTAKE, RECOVERED, Standing};
use crate::store::{Hand, Reader};
use clap::{Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use show::Answer;
use std::path::Path;

/// Starts, follows, ends or shows an episode of pain. Signals about bends exist only in its first days.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Start(start::Args),
    #[command(alias = "checkin")]
    CheckIn(check_in::Args),
    Renew(Renew),
    Dismiss(Dismiss),
    End(End),
    Show(show::Args),
}

/// Goes on with signals about bends: to day 14, or for another week with a reason.
#[derive(clap::Args)]
struct Renew {
    /// Why you would like them to go on; asked for from day 14 on.
    #[arg(long, value_name = "WORDS")]
    reason: Option<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Puts away the advice to see a professional; it comes again after three days if nothing changed.
#[derive(clap::Args)]
struct Dismiss {
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Ends the episode that is on.
#[derive(clap::Args)]
struct End {
    /// Why it ends.
    #[arg(long, value_enum, default_value = "recovered")]
    reason: Reason,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// It is over.
    Recovered,
    /// It was entered by mistake.
    Mistake,
    /// Something else.
    Other,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Recovered => RECOVERED,
            Self::Mistake => MISTAKE,
            Self::Other => "other",
        }
    }
}

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Start(start) => start::run(globals, start),
        Action::CheckIn(check_in) => check_in::run(globals, check_in),
        Action::Renew(renew) => self::renew(globals, renew),
        Action::Dismiss(dismiss) => self::dismiss(globals, dismiss),
        Action::End(end) => self::end(globals, end),
        Action::Show(show) => show::run(globals, show),
    }
}

/// The words about episodes in the wearer's language.
fn say(data_dir: &Path) -> &'static EpisodeWords {
    &here::locale(data_dir).phrases().episode
}

/// The open episode as it stands today, and what reads it; refused without one.
fn open(data_dir: &Path, here: &Here, meaning: &str) -> Result<(Reader, Standing), Failure> {
    let reader = here::reader(data_dir)?;
    let standing =
        reader.as_ref().map(|reader| Standing::at(reader, here.now, &TimeZone::system())).transpose()?.flatten();
    match (reader, standing) {
        (Some(reader), Some(standing)) => Ok((reader, standing)),
        _ => Err(Failure::bad_input(format!("no episode is on, so {meaning}; start one with: lumbard episode start"))),
    }
}

fn renew(globals: &Globals, args: &Renew) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let (reader, mut standing) = open(&data_dir, &here, "there is nothing to renew")?;
    let until = standing
        .episode
        .renew(standing.today, args.reason.as_deref())
        .map_err(|error| Failure::bad_input(error.to_string()))?;
    standing.row.about.acute_until = Some(until);
    standing.row.renewed_because = args.reason.clone().or(standing.row.renewed_because);
    Hand::open(&data_dir)?.change_episode(&standing.row, here.now)?;
    let words = || println!("{}", say(&data_dir).signals_until.fill(&[("date", &until)]));
    answer(&reader, &here, args.json, words)
}

fn dismiss(globals: &Globals, args: &Dismiss) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let (reader, standing) = open(&data_dir, &here, "nothing is advised")?;
    episode::put_away(&mut Hand::open(&data_dir)?, &standing, here.now)?;
    answer(&reader, &here, args.json, || match standing.advice {
        Some(_) => println!("{}", say(&data_dir).put_away),
        None => println!("{}", say(&data_dir).nothing_advised),
    })
}

fn end(globals: &Globals, args: &End) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let (_, mut standing) = open(&data_dir, &here, "there is nothing to end")?;
    let reason = args.reason.name();
    Hand::open(&data_dir)?.end_episode(standing.row.id, here.now, reason)?;
    (standing.row.ended, standing.row.end_reason) = (Some(here.now), Some(reason.to_owned()));
    standing.episode.ended = true;
    if args.json {
        print_json(&Answer::new(&standing))?;
    } else {
        let say = say(&data_dir);
        println!("{}\n{}", say.ended.fill(&[("date", &standing.episode.onset)]), say.undo_end);
    }
    Ok(Exit::Done)
}

/// Says what was done: as the episode that stands now, or in words.
fn answer(reader: &Reader, here: &Here, json: bool, words: impl FnOnce()) -> Result<Exit, Failure> {
    if json {
        print_json(&Standing::at(reader, here.now, &TimeZone::system())?.as_ref().map(Answer::new))?;
    } else {
        words();
    }
    Ok(Exit::Done)
}
