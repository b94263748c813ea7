//! `episode start`: the red-flag screen, then a few questions.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, ask, print_json, red_flags};
use super::show::{self, Answer};
use crate::care::guidance::{self, Phase};
use crate::care::{Locale, Pattern};
use crate::store::episode::{self, BeginAnswers, Begun, Standing};
use crate::store::facts::EpisodeRow;
use crate::store::{Hand, Reader};
use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Starts an episode: signals about bends are on until day 7, and end by themselves.
#[derive(clap::Args)]
pub(super) struct Args {
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
    /// How it stands to earlier ones [default: first; after two weeks without pain, recurrence; sooner, the one
    /// before goes on].
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

/// Runs `episode start`.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let data_dir = globals.data_dir()?;
    let (here, locale) = (Here::read(), here::locale(&data_dir));
    let onset = here.not_ahead(args.onset.unwrap_or(here.today), "--onset")?;
    red_flags::known(&args.red_flag)?;
    let reader = here::reader(&data_dir)?;
    if args.pattern.is_none()
        && let Some(open) = reader.as_ref().map(Reader::open_episode).transpose()?.flatten()
    {
        return Err(still_on(&open));
    }
    if !ask::possible() {
        refuse_gaps(args)?;
    }

    // The screen first, always; a yes is answered at once and kept before anything else is asked.
    let flags =
        if args.no_red_flags || !args.red_flag.is_empty() { args.red_flag.clone() } else { red_flags::ask(locale)? };
    let flagged = red_flags::tell(&flags, locale);
    let (sudden, nprs) = if flagged { (told_onset(args), args.nprs) } else { ask_rest(args, locale)? };
    let told = BeginAnswers { onset, sudden, nprs, pattern: args.pattern.map(Into::into), red_flags: flags };
    let mut hand = Hand::open(&data_dir)?;
    let begun = episode::begin(&mut hand, reader.as_ref(), told, &here.moment())?;
    let row = match &begun {
        Begun::StillOn(open) => return Err(still_on(open)),
        Begun::GoesOn { row, .. } | Begun::New(row) => row.clone(),
    };
    let Some(standing) = here::reader(&data_dir)?
        .map(|reader| Standing::at(&reader, here.now, &TimeZone::system()))
        .transpose()?
        .flatten()
    else {
        return Err(Failure::failed(format!("episode {} was kept, and is gone again; see: lumbard doctor", row.id)));
    };
    if args.json {
        print_json(&Answer::new(&standing))?;
        return Ok(Exit::Done);
    }
    if let Begun::GoesOn { ended_days_ago, .. } = begun {
        let say = &locale.phrases().episode;
        println!("{}\n{}", say.same_spell.fill(&[("days", &ended_days_ago)]), say.new_spell);
    }
    show::print_words(&standing, locale);
    if !flagged && let Some((fact, _)) = guidance::facts(Phase::Acute).next() {
        println!("{}", fact.text(locale));
    }
    Ok(Exit::Done)
}

fn still_on(open: &EpisodeRow) -> Failure {
    Failure::bad_input(format!(
        "an episode that began on {} is still on, so no other was started; end it with: lumbard episode end",
        open.about.onset
    ))
}

fn told_onset(args: &Args) -> Option<bool> {
    (args.sudden || args.gradual).then_some(args.sudden)
}

/// Where nobody can be asked: names every flag that is still to be given.
fn refuse_gaps(args: &Args) -> Result<(), Failure> {
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

fn ask_rest(args: &Args, locale: Locale) -> Result<(Option<bool>, Option<u8>), Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(flags: &[&str]) -> String {
        use clap::Parser;
        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            start: Args,
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
