//! `episode show`: the episode that is on, for people and for programs.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json, red_flags};
use crate::care::Class;
use crate::store::episode::Standing;
use serde::Serialize;

/// Shows the episode that is on: its day, how it goes, and whether signals about bends are on.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print one JSON object for programs; `null` when no episode is on.
    #[arg(long)]
    json: bool,
}

/// An episode for programs.
#[derive(Serialize)]
pub(super) struct Answer {
    id: i64,
    onset: String,
    day: u32,
    class: &'static str,
    pattern: &'static str,
    sudden: Option<bool>,
    nprs: Option<u8>,
    nprs_newest: Option<u8>,
    course: &'static str,
    advice: Option<&'static str>,
    checked_in_today: bool,
    still_to_answer: Vec<&'static str>,
    acute_mode: bool,
    acute_until: Option<String>,
    red_flags: Vec<String>,
    red_flag_open: bool,
    ended: bool,
    end_reason: Option<String>,
}

impl Answer {
    /// The answer for an episode as it stands.
    pub(super) fn new(standing: &Standing) -> Self {
        let (episode, about) = (&standing.episode, &standing.row.about);
        Self {
            id: standing.row.id,
            onset: episode.onset.to_string(),
            day: standing.day,
            class: episode.class(standing.today).name(),
            pattern: episode.pattern.name(),
            sudden: about.sudden,
            nprs: about.nprs,
            nprs_newest: standing.newest_nprs.map(|(_, nprs)| nprs),
            course: standing.course.name(),
            advice: standing.advice.map(|advice| advice.name()),
            checked_in_today: standing.check_in.is_some(),
            still_to_answer: unanswered(standing),
            acute_mode: standing.signals_wanted(),
            acute_until: episode.acute_until.map(|day| day.to_string()),
            red_flags: about.red_flags.clone(),
            red_flag_open: episode.red_flag().is_some(),
            ended: episode.ended,
            end_reason: standing.row.end_reason.clone(),
        }
    }
}

/// The questions of today's check-in that are still without an answer, by their flags.
pub(super) fn unanswered(standing: &Standing) -> Vec<&'static str> {
    let about = standing.check_in.as_ref().map(|row| &row.about);
    let open = [
        ("red-flag", about.is_none_or(|about| about.red_flags.is_none())),
        ("nprs", about.is_none_or(|about| about.nprs_now.is_none())),
        ("worst", about.is_none_or(|about| about.nprs_worst_24h.is_none())),
        ("normal", about.is_none_or(|about| about.back_to_normal.is_none())),
        ("sleep", about.is_none_or(|about| about.sleep.is_none())),
    ];
    open.into_iter().filter(|(_, open)| *open).map(|(name, _)| name).collect()
}

/// Runs `episode show`.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let here = Here::read();
    let reader = here::reader(&globals.data_dir()?)?;
    let standing = reader.as_ref().map(|reader| Standing::read(reader, here.today)).transpose()?.flatten();
    if args.json {
        print_json(&standing.as_ref().map(Answer::new))?;
        return Ok(Exit::Done);
    }
    match standing {
        None => println!("No episode is on. Bends are counted and not told."),
        Some(standing) => print_words(&standing),
    }
    Ok(Exit::Done)
}

/// Prints an episode for people: what needs a professional first.
pub(super) fn print_words(standing: &Standing) {
    red_flags::tell_open(&standing.row);
    if let Some(message) = standing.advice.and_then(|advice| advice.message()) {
        println!("{}\n", message.text);
    }
    let answer = Answer::new(standing);
    let line = |name: &str, words: &str| println!("{name:<10} {words}");
    line("episode", &format!("began {}, day {}, {}", answer.onset, answer.day, answer.class));
    let start = answer.nprs.map(|nprs| format!("{nprs} of 10 at the start"));
    let newest = standing.newest_nprs.filter(|(day, _)| *day > 0 || standing.check_in.is_some());
    let newest = newest.map(|(day, nprs)| format!("{nprs} on day {day}"));
    let pain: Vec<String> = start.into_iter().chain(newest).collect();
    if !pain.is_empty() {
        line("pain", &pain.join(", "));
    }
    line("course", &answer.course.replace('_', " "));
    let signals = match (&answer.acute_until, answer.acute_mode) {
        _ if answer.ended => "off: the episode has ended".to_owned(),
        _ if answer.red_flag_open => "resting until you have been seen: lumbard red-flags --seen".to_owned(),
        (Some(until), true) => format!("on until {until}; they end by themselves"),
        _ if answer.class == Class::Chronic.name() => "off: it has lasted over 12 weeks".to_owned(),
        _ => "off: the first 7 days are over".to_owned(),
    };
    line("signals", &signals);
    if !answer.ended && !answer.still_to_answer.is_empty() {
        line("check-in", "open for today: lumbard episode check-in");
    }
    if standing.advice.is_some() {
        line("", "to put the advice away: lumbard episode dismiss");
    }
}
