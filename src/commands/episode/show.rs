//! `episode show`: the episode that is on, for people and for programs.

use super::super::here::{self, Here};
use super::super::{Exit, Failure, Globals, print_json, red_flags};
use crate::care::{Advice, Class, Locale};
use crate::store::episode::Standing;
use jiff::tz::TimeZone;
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
            advice: standing.advice.map(Advice::name),
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
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let reader = here::reader(&data_dir)?;
    let standing =
        reader.as_ref().map(|reader| Standing::at(reader, here.now, &TimeZone::system())).transpose()?.flatten();
    if args.json {
        print_json(&standing.as_ref().map(Answer::new))?;
        return Ok(Exit::Done);
    }
    match standing {
        None => println!("{}", here::locale(&data_dir).phrases().episode.none),
        Some(standing) => print_words(&standing, here::locale(&data_dir)),
    }
    Ok(Exit::Done)
}

/// Prints an episode for people: what needs a professional first.
pub(super) fn print_words(standing: &Standing, locale: Locale) {
    let say = &locale.phrases().episode;
    red_flags::tell_open(&standing.row, locale);
    if let Some(message) = standing.advice.and_then(Advice::message) {
        println!("{}\n", message.text(locale));
    }
    let line = |name: &str, words: &str| println!("{name:<10} {words}");
    let episode = &standing.episode;
    line(&say.line_episode, &say.show_episode.fill(&[("date", &episode.onset), ("day", &standing.day)]));
    let start = standing.row.about.nprs.map(|nprs| say.show_start.fill(&[("nprs", &nprs)]));
    let newest = standing.newest_nprs.filter(|(day, _)| *day > 0 || standing.check_in.is_some());
    let newest = newest.map(|(day, nprs)| say.show_newest.fill(&[("nprs", &nprs), ("day", &day)]));
    let pain: Vec<String> = start.into_iter().chain(newest).collect();
    if !pain.is_empty() {
        line(&say.line_pain, &pain.join(", "));
    }
    line(&say.line_course, &say.courses[standing.course as usize]);
    line(&say.line_signals, &signals_words(standing, locale));
    if !episode.ended && !unanswered(standing).is_empty() {
        line(&say.line_check_in, &say.show_open);
    }
    if standing.advice.is_some() {
        line("", &say.show_dismiss);
    }
}

fn signals_words(standing: &Standing, locale: Locale) -> String {
    let (say, episode) = (&locale.phrases().episode, &standing.episode);
    match episode.acute_until {
        _ if episode.ended => say.show_ended.to_string(),
        _ if episode.red_flag().is_some() => say.show_red_flag.to_string(),
        Some(until) if episode.acute_on(standing.today) => say.show_until.fill(&[("date", &until)]),
        _ if episode.class(standing.today) == Class::Chronic => say.show_chronic.to_string(),
        _ => say.show_off.to_string(),
    }
}
