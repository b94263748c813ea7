//! `episode`: starts, ends and shows a bout of pain. The red-flag screen comes before anything else.

use super::here::{self, Here};
use super::{Exit, Failure, Globals, ask, print_json, red_flags};
use crate::care::guidance::{self, Phase};
use crate::care::{Class, DayClock, Episode, Locale, Pattern};
use crate::store::facts::{EpisodeRow, NewEpisode};
use crate::store::{Hand, Reader};
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

/// Starts, ends or shows an episode of pain. Signals about bends exist only in its first days.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Start(Start),
    End(End),
    Show(Show),
}

/// Starts an episode: signals about bends are on until day 7, and end by themselves.
#[derive(clap::Args)]
struct Start {
    /// Local day on which it began, such as 2026-03-02 [default: today].
    #[arg(long, value_name = "DATE")]
    onset: Option<Date>,
    /// It began suddenly.
    #[arg(long, conflicts_with = "gradual")]
    sudden: bool,
    /// It came on slowly.
    #[arg(long)]
    gradual: bool,
    /// Pain now, from 0 (none) to 10 (the worst you can think of).
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs: Option<u8>,
    /// How it stands to earlier ones [default: first, or recurrence when there was one before].
    #[arg(long, value_enum)]
    pattern: Option<PatternArg>,
    /// You have read the questions of `lumbard red-flags`, and none applies.
    #[arg(long, conflicts_with = "red_flag")]
    no_red_flags: bool,
    /// A question of `lumbard red-flags` that applies, by its word; may be given several times.
    #[arg(long, value_name = "WORD")]
    red_flag: Vec<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PatternArg {
    First,
    Recurrence,
    #[value(name = "flare_of_chronic", alias = "flare-of-chronic")]
    FlareOfChronic,
}

impl From<PatternArg> for Pattern {
    fn from(arg: PatternArg) -> Self {
        match arg {
            PatternArg::First => Self::First,
            PatternArg::Recurrence => Self::Recurrence,
            PatternArg::FlareOfChronic => Self::FlareOfChronic,
        }
    }
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
            Self::Recovered => "recovered",
            Self::Mistake => "entered_by_mistake",
            Self::Other => "other",
        }
    }
}

/// Shows the episode that is on: its day, and whether signals about bends are.
#[derive(clap::Args)]
struct Show {
    /// Print one JSON object for programs; `null` when no episode is on.
    #[arg(long)]
    json: bool,
}

/// An episode for programs.
#[derive(Serialize)]
struct Answer {
    id: i64,
    onset: String,
    day: u32,
    class: &'static str,
    pattern: String,
    sudden: Option<bool>,
    nprs: Option<u8>,
    acute_mode: bool,
    acute_until: Option<String>,
    red_flags: Vec<String>,
    red_flag_open: bool,
    ended: bool,
}

impl Answer {
    fn new(row: &EpisodeRow, today: Date) -> Self {
        let episode = Episode::from(row.clone());
        let open_flag = episode.red_flag().is_some();
        Self {
            id: row.id,
            onset: episode.onset.to_string(),
            day: episode.day(today),
            class: episode.class(today).name(),
            pattern: row.about.pattern.clone(),
            sudden: row.about.sudden,
            nprs: row.about.nprs,
            acute_mode: episode.acute_on(today) && !open_flag,
            acute_until: episode.acute_until.map(|day| day.to_string()),
            red_flags: row.about.red_flags.clone(),
            red_flag_open: open_flag,
            ended: episode.ended,
        }
    }
}

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Start(start) => self::start(globals, start),
        Action::End(end) => self::end(globals, end),
        Action::Show(show) => self::show(globals, show),
    }
}

fn start(globals: &Globals, args: &Start) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let (here, locale) = (Here::read(), here::locale(&data_dir));
    let onset = here.not_ahead(args.onset.unwrap_or(here.today), "--onset")?;
    red_flags::known(&args.red_flag)?;
    let earlier = match here::reader(&data_dir)? {
        Some(reader) => reader.episodes()?,
        None => Vec::new(),
    };
    if let Some(open) = earlier.iter().find(|row| row.ended.is_none()) {
        return Err(Failure::bad_input(format!(
            "an episode that began on {} is still on, so no other was started; end it with: lumbard episode end",
            open.about.onset
        )));
    }
    if !ask::possible() {
        refuse_gaps(args)?;
    }

    // The screen first, always; a yes is answered at once and kept before anything else is asked.
    let flags =
        if args.no_red_flags || !args.red_flag.is_empty() { args.red_flag.clone() } else { red_flags::ask(locale)? };
    let flagged = red_flags::tell(&flags, locale);
    let (sudden, nprs) = if flagged { (told_onset(args), args.nprs) } else { ask_rest(args, locale)? };

    let usual = if earlier.is_empty() { Pattern::First } else { Pattern::Recurrence };
    let pattern = args.pattern.map_or(usual, Into::into);
    let episode = Episode::begin(onset, here.today, pattern, flags.clone());
    let new = NewEpisode {
        onset,
        sudden,
        pattern: pattern.name().to_owned(),
        nprs,
        zone: here.zone,
        started: here.now,
        red_flags: flags,
        acute_until: episode.acute_until,
    };
    let id = Hand::open(&data_dir)?.add_episode(&new)?;
    let row = EpisodeRow { id, about: new, cleared: None, ended: None, end_reason: None };
    if args.json {
        print_json(&Answer::new(&row, here.today))?;
    } else {
        print_words(&row, here.today);
        if !flagged && let Some((fact, _)) = guidance::facts(Phase::Acute).next() {
            println!("{}", fact.text(locale));
        }
    }
    Ok(Exit::Done)
}

fn told_onset(args: &Start) -> Option<bool> {
    (args.sudden || args.gradual).then_some(args.sudden)
}

/// Where nobody can be asked: names every flag that is still to be given.
fn refuse_gaps(args: &Start) -> Result<(), Failure> {
    let screened = args.no_red_flags || !args.red_flag.is_empty();
    let mut wanted = Vec::new();
    if !screened {
        wanted.push("--no-red-flags, or --red-flag WORD for each that applies (see: lumbard red-flags)");
    }
    if args.red_flag.is_empty() {
        if told_onset(args).is_none() {
            wanted.push("--sudden or --gradual");
        }
        if args.nprs.is_none() {
            wanted.push("--nprs with your pain from 0 to 10");
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    Err(Failure::bad_input(format!(
        "nobody can be asked here (this is no terminal), so nothing was started; please give {}",
        wanted.join("; ")
    )))
}

fn ask_rest(args: &Start, locale: Locale) -> Result<(Option<bool>, Option<u8>), Failure> {
    let say = &locale.phrases().ask;
    let sudden = match told_onset(args) {
        Some(sudden) => sudden,
        None => ask::until_understood(&say.onset, |answer| match () {
            () if ask::means(answer, &say.sudden) => Ok(true),
            () if ask::means(answer, &say.gradual) => Ok(false),
            () => Err(say.onset_again.to_string()),
        })?,
    };
    let nprs = match args.nprs {
        Some(nprs) => nprs,
        None => ask::until_understood(&say.pain_now, |answer| ask::pain(answer, locale))?,
    };
    Ok((Some(sudden), Some(nprs)))
}

fn end(globals: &Globals, args: &End) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let here = Here::read();
    let open = here::reader(&data_dir)?.map(|reader| reader.open_episode()).transpose()?.flatten();
    let Some(mut row) = open else {
        return Err(Failure::bad_input("no episode is on, so there is nothing to end"));
    };
    let reason = args.reason.name();
    Hand::open(&data_dir)?.end_episode(row.id, here.now, reason)?;
    (row.ended, row.end_reason) = (Some(here.now), Some(reason.to_owned()));
    if args.json {
        print_json(&Answer::new(&row, here.today))?;
    } else {
        println!("The episode that began on {} has ended. Signals about bends are off.", row.about.onset);
    }
    Ok(Exit::Done)
}

fn show(globals: &Globals, args: &Show) -> Result<Exit, Failure> {
    let here = Here::read();
    let reader = here::reader(&globals.data_dir()?)?;
    let row = reader.as_ref().map(Reader::open_episode).transpose()?.flatten();
    let (Some(row), Some(reader)) = (row, reader) else {
        if args.json {
            print_json(&None::<Answer>)?;
        } else {
            println!("No episode is on. Bends are counted and not told.");
        }
        return Ok(Exit::Done);
    };
    let last_day = reader.check_ins(row.id)?.last().map(|check_in| check_in.about.day);
    let today = {
        let mut clock = DayClock::new(row.about.onset, last_day);
        clock.see(here.today);
        clock.latest()
    };
    if args.json {
        print_json(&Answer::new(&row, today))?;
    } else {
        red_flags::tell_open(&row, here::locale(&globals.data_dir()?));
        print_words(&row, today);
    }
    Ok(Exit::Done)
}

fn print_words(row: &EpisodeRow, today: Date) {
    let answer = Answer::new(row, today);
    let line = |name: &str, words: &str| println!("{name:<10} {words}");
    line("episode", &format!("began {}, day {}, {}", answer.onset, answer.day, answer.class));
    if let Some(nprs) = answer.nprs {
        line("pain", &format!("{nprs} of 10 at the start"));
    }
    let signals = match (&answer.acute_until, answer.acute_mode) {
        _ if answer.red_flag_open => "resting until you have been seen: lumbard red-flags --seen".to_owned(),
        (Some(until), true) => format!("on until {until}; they end by themselves"),
        _ if answer.class == Class::Chronic.name() => "off: it has lasted over 12 weeks".to_owned(),
        _ => "off: the first 7 days are over".to_owned(),
    };
    line("signals", &signals);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(flags: &[&str]) -> String {
        use clap::Parser;
        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            start: Start,
        }
        let cli = Cli::parse_from([&["start"], flags].concat());
        refuse_gaps(&cli.start).err().map_or_else(String::new, |failure| failure.words)
    }

    #[test]
    fn without_a_terminal_every_missing_answer_is_named() {
        let all = gaps(&[]);
        assert!(all.contains("--no-red-flags") && all.contains("--sudden") && all.contains("--nprs"), "{all}");
        let one = gaps(&["--no-red-flags", "--gradual"]);
        assert!(one.contains("--nprs") && !one.contains("--sudden"), "{one}");
        assert_eq!(gaps(&["--no-red-flags", "--sudden", "--nprs", "6"]), "");
        assert_eq!(gaps(&["--red-flag", "saddle"]), "", "a red flag needs no other answer");
    }
}
