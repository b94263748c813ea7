//! `red-flags`: the questions that come before anything else, and what to do first on a yes.
//! lumbard does not diagnose.

use super::here::{self, Here};
use super::{Exit, Failure, Globals, ask, print_json};
use crate::care::red_flags::{self, Level};
use crate::care::{Episode, Locale, guidance};
use crate::store::facts::EpisodeRow;
use crate::store::{Hand, episode as store_episode};
use serde::Serialize;

/// Shows the questions that come first, and tells what to do on a yes.
#[derive(clap::Args)]
pub(super) struct Args {
    /// A question that applies now, by its word; may be given several times.
    #[arg(long, value_name = "WORD", conflicts_with = "seen")]
    yes: Vec<String>,
    /// A professional has seen you about it: signals may be given again.
    #[arg(long)]
    seen: bool,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    questions: Vec<Question>,
    yes: Vec<String>,
    level: Option<&'static str>,
    advice: Option<&'static str>,
}

#[derive(Serialize)]
struct Question {
    word: &'static str,
    level: &'static str,
    question: &'static str,
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Urgent => "urgent",
        Level::Emergency => "emergency",
    }
}

/// Shows the questions, keeps a yes with the episode that is on, or clears it.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    known(&args.yes)?;
    let data_dir = globals.data_dir()?;
    // What to do comes before any look at files but for the language: it must not depend on them.
    let locale = here::locale(&data_dir);
    if !args.json {
        tell(&args.yes, locale);
    }
    let open = here::reader(&data_dir)?.map(|reader| reader.open_episode()).transpose()?.flatten();
    let mut open = open.map(|row| (Episode::from(row.clone()), row));
    if args.seen && open.is_none() {
        return Err(Failure::bad_input("no episode is on, so there is nothing that waits to be seen"));
    }
    if let Some((episode, row)) = &mut open
        && (args.seen || !args.yes.is_empty())
    {
        let (mut hand, now) = (Hand::open(&data_dir)?, Here::read().now);
        if args.seen {
            row.cleared = Some(now);
            hand.change_episode(row, now)?;
        } else {
            store_episode::red_flags(&mut hand, row, &args.yes, now)?;
        }
        *episode = Episode::from(row.clone());
    }
    let waiting = match &open {
        Some((episode, _)) if episode.red_flag().is_some() => episode.red_flags.clone(),
        _ => args.yes.clone(),
    };
    let level = red_flags::level(waiting.iter().map(String::as_str));
    if args.json {
        let questions = red_flags::questions().iter();
        let question = |flag: &'static red_flags::Flag| Question {
            word: &flag.id,
            level: level_name(flag.level),
            question: flag.question(locale),
        };
        print_json(&Answer {
            questions: questions.map(question).collect(),
            yes: waiting,
            level: level.map(level_name),
            advice: level.map(|level| red_flags::text(level, locale)),
        })?;
    } else if args.seen {
        println!("{}", locale.phrases().red_flags.seen);
    } else if args.yes.is_empty() {
        if let Some(level) = level {
            println!("{}\n", red_flags::text(level, locale));
        }
        print_questions(locale);
    }
    Ok(Exit::Done)
}

fn print_questions(locale: Locale) {
    for flag in red_flags::questions() {
        println!("{:<10} {}", flag.id, flag.question(locale));
    }
    println!("\n{}\n{}", locale.phrases().red_flags.if_one, guidance::standing_line(locale));
}

/// Refuses a word that is no question, and names those there are.
pub(super) fn known(words: &[String]) -> Result<(), Failure> {
    match words.iter().find(|word| red_flags::find(word).is_none()) {
        None => Ok(()),
        Some(word) => {
            let ids: Vec<&str> = red_flags::questions().iter().map(|flag| flag.id.as_str()).collect();
            Err(Failure::bad_input(format!("{word:?} is none of the red-flag words; they are {}", ids.join(", "))))
        }
    }
}

/// Asks the whole screen at the terminal; gives the words answered with yes.
pub(super) fn ask(locale: Locale) -> Result<Vec<String>, Failure> {
    let say = &locale.phrases().red_flags;
    let questions = red_flags::questions();
    eprintln!("{}\n", say.ask);
    for (number, flag) in (1..).zip(questions) {
        eprintln!("{number:>3}  {}", flag.question(locale));
    }
    eprintln!();
    let chosen = ask::until_understood(&say.which, |answer| ask::numbers(answer, questions.len(), locale))?;
    Ok(chosen.into_iter().map(|number| questions[number - 1].id.clone()).collect())
}

/// Says what to do first, on stderr so that it is seen wherever stdout goes; whether there was a yes.
pub(super) fn tell(yes: &[String], locale: Locale) -> bool {
    let level = red_flags::level(yes.iter().map(String::as_str));
    if let Some(level) = level {
        eprintln!("{}", red_flags::text(level, locale));
    }
    level.is_some()
}

/// Says again what to do first while a yes of this episode waits to be seen.
pub(super) fn tell_open(row: &EpisodeRow, locale: Locale) {
    if Episode::from(row.clone()).red_flag().is_some() {
        tell(&row.about.red_flags, locale);
    }
}
