//! `episode check-in`: a few quick questions a day. What is not answered is asked again, and never guessed.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, ask, print_json, red_flags};
use super::show::{self, Answer, unanswered};
use crate::care::phrases::Phrase;
use crate::care::{BackToNormal, Course, Locale, Sleep};
use crate::store::Hand;
use crate::store::episode::{self, CheckInAnswers, Standing};
use clap::ValueEnum;
use jiff::civil::Date;

/// Says how today is: pain, sleep and activities. Enter skips a question.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The local day it speaks of [default: today].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Pain now, from 0 (none) to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    nprs: Option<u8>,
    /// The worst pain of the last 24 hours, from 0 to 10.
    #[arg(long, value_name = "0-10", value_parser = clap::value_parser!(u8).range(0..=10))]
    worst: Option<u8>,
    /// Back to what you usually do.
    #[arg(long, value_enum)]
    normal: Option<NormalArg>,
    /// How the night was.
    #[arg(long, value_enum)]
    sleep: Option<SleepArg>,
    /// You feel it is getting better.
    #[arg(long, conflicts_with = "not_better")]
    better: bool,
    /// You feel it is not getting better.
    #[arg(long)]
    not_better: bool,
    /// None of the questions of `lumbard red-flags` applies now.
    #[arg(long, conflicts_with = "red_flag")]
    no_red_flags: bool,
    /// A question of `lumbard red-flags` that applies now, by its word; may be given several times.
    #[arg(long, value_name = "WORD")]
    red_flag: Vec<String>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NormalArg {
    Yes,
    Partly,
    No,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SleepArg {
    Good,
    Fair,
    Poor,
}

impl From<NormalArg> for BackToNormal {
    fn from(arg: NormalArg) -> Self {
        match arg {
            NormalArg::Yes => Self::Yes,
            NormalArg::Partly => Self::Partly,
            NormalArg::No => Self::No,
        }
    }
}

impl From<SleepArg> for Sleep {
    fn from(arg: SleepArg) -> Self {
        match arg {
            SleepArg::Good => Self::Good,
            SleepArg::Fair => Self::Fair,
            SleepArg::Poor => Self::Poor,
        }
    }
}

/// Runs `episode check-in`.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    red_flags::known(&args.red_flag)?;
    // What to do on a red flag comes before any look at files: it must not depend on them.
    let data_dir = globals.data_dir();
    let locale = data_dir.as_ref().map_or_else(|_| Locale::default(), |folder| here::locale(folder));
    red_flags::tell(&args.red_flag, locale);
    let (data_dir, here) = (data_dir?, Here::read());
    let day = here.not_ahead(args.date.unwrap_or(here.today), "--date")?;
    let (reader, standing) = super::open(&data_dir, &here, "there is nothing to check in to")?;
    if day < standing.episode.onset {
        return Err(Failure::bad_input(format!(
            "--date {day} lies before this episode, which began on {}; nothing was kept",
            standing.episode.onset
        )));
    }
    let mut told = given(args);
    if told == CheckInAnswers::default() {
        if !ask::possible() {
            return Err(Failure::bad_input(
                "nobody can be asked here (this is no terminal), so nothing was kept; please give --no-red-flags or \
                 --red-flag WORD, --nprs, --worst, --normal, --sleep, as many as you like",
            ));
        }
        told = ask_all(locale)?;
    }
    let mut hand = Hand::open(&data_dir)?;
    let after = episode::check_in(&mut hand, &reader, standing.row, day, told, &here.moment())?;
    if args.json {
        print_json(&Answer::new(&after))?;
    } else {
        print_words(&after, day, locale);
    }
    Ok(Exit::Done)
}

fn given(args: &Args) -> CheckInAnswers {
    CheckInAnswers {
        nprs_now: args.nprs,
        nprs_worst_24h: args.worst,
        back_to_normal: args.normal.map(Into::into),
        sleep: args.sleep.map(Into::into),
        better: (args.better || args.not_better).then_some(args.better),
        red_flags: (args.no_red_flags || !args.red_flag.is_empty()).then(|| args.red_flag.clone()),
    }
}

/// Asks at the terminal: the red flags in short first, then the rest unless one applies.
fn ask_all(locale: Locale) -> Result<CheckInAnswers, Failure> {
    let say = &locale.phrases().episode;
    let mut told = CheckInAnswers { red_flags: ask_red_flags(locale)?, ..CheckInAnswers::default() };
    if told.red_flags.as_ref().is_some_and(|flags| red_flags::tell(flags, locale)) {
        return Ok(told);
    }
    let pain = |answer: &str| ask::pain(answer, locale);
    told.nprs_now = ask::or_skip(&format!("{}:", say.pain_now), pain)?;
    told.nprs_worst_24h = ask::or_skip(&format!("{}:", say.worst), pain)?;
    let word = |answer: &str, words: &[Phrase]| {
        let words: Vec<(&str, usize)> = words.iter().map(|word| &**word).zip(0..).collect();
        ask::one_of(answer, &words, &say.again)
    };
    let normal = ask::or_skip(&say.ask_normal, |answer| word(answer, &say.normal_words))?;
    told.back_to_normal = normal.map(|place| BackToNormal::ALL[place]);
    let sleep = ask::or_skip(&say.ask_sleep, |answer| word(answer, &say.sleep_words))?;
    told.sleep = sleep.map(|place| Sleep::ALL[place]);
    told.better = ask::or_skip(&say.ask_better, |answer| yes_or_no(answer, locale))?;
    Ok(told)
}

fn yes_or_no(answer: &str, locale: Locale) -> Result<bool, String> {
    let say = &locale.phrases().ask;
    ask::one_of(answer, &[(&say.yes, true), (&say.no, false)], &locale.phrases().episode.again)
}

/// The short repeat: one question, and the whole list on a yes.
fn ask_red_flags(locale: Locale) -> Result<Option<Vec<String>>, Failure> {
    match ask::or_skip(&locale.phrases().episode.ask_signs, |answer| yes_or_no(answer, locale))? {
        None => Ok(None),
        Some(false) => Ok(Some(Vec::new())),
        Some(true) => red_flags::ask(locale).map(Some),
    }
}

fn print_words(standing: &Standing, day: Date, locale: Locale) {
    let say = &locale.phrases().episode;
    println!("{}", say.kept.fill(&[("date", &day)]));
    if standing.course == Course::Recovered {
        println!("{}\n{}", say.recovered, say.undo_end);
        return;
    }
    show::print_words(standing, locale);
    if day == standing.today && !unanswered(standing).is_empty() {
        println!("{}", say.open_still);
    }
}
