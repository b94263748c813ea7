//! `channel test`: sends one note through a channel, or through all that are on, and says how each fared.
//!
//! A running daemon does it itself, since its surroundings are what counts; without one this command does, as
//! far as it reaches: a buzz and the page need the daemon.

use super::super::here;
use super::super::service::{TRIAL, TRIAL_WISH, TrialAnswer, TrialWish, result};
use super::super::text::{print, table};
use super::super::{Exit, Failure, now, print_json};
use super::{channel, choices};
use crate::care::Locale;
use crate::notify::{CHANNELS, Choices, Desktop, NOT_YET, Notice, Notifier, Terminal};
use crate::store::facts::ChannelResult;
use crate::store::{self, Hand, Reader};
use jiff::tz::TimeZone;
use std::path::Path;
use std::time::{Duration, Instant};

/// Sends one note, and says how it went
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The channel to try, on or off; without it, all that are on
    #[arg(value_name = "CHANNEL", value_parser = channel)]
    channel: Option<&'static str>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Longer than a receiver is tried that never answers: three tries of 5 s, and the waits between them.
const LONGEST: Duration = Duration::from_secs(20);
/// Between two looks for the answer.
const LOOK: Duration = Duration::from_millis(100);

pub(super) fn run(data_dir: &Path, args: &Args) -> Result<Exit, Failure> {
    let choices = choices(data_dir)?;
    if let Some(channel) = args.channel.filter(|channel| super::leaves(channel))
        && super::listed(&choices, channel).address.is_none()
    {
        return Err(Failure::bad_input(format!(
            "no address is known for {channel}; give one with: lumbard channel add {channel} --help"
        )));
    }
    let results = match store::holder(data_dir).is_some() {
        true => by_daemon(data_dir, args.channel)?,
        false => from_here(choices, args.channel, here::locale(data_dir)),
    };
    let well = results.iter().all(|result| result.delivered);
    if args.json {
        print_json(&results)?;
    } else {
        let rows: Vec<[String; 3]> = results.iter().map(row).collect();
        print(&table(["CHANNEL", "WENT", "AFTER"], &rows))?;
    }
    Ok(if well { Exit::Done } else { Exit::Degraded })
}

fn row(result: &ChannelResult) -> [String; 3] {
    let went = match (result.delivered, &result.detail) {
        (true, None) => "well".to_owned(),
        (true, Some(remark)) => format!("well ({remark})"),
        (false, why) => why.clone().unwrap_or_default(),
    };
    let after = result.delay_s.map_or_else(|| "-".to_owned(), |s| format!("{s:.2} s"));
    [result.channel.clone(), went, after]
}

/// Has the running daemon do it, and waits until every channel has answered.
fn by_daemon(data_dir: &Path, channel: Option<&'static str>) -> Result<Vec<ChannelResult>, Failure> {
    let wish = TrialWish { asked_utc_ns: now().0, channel };
    Hand::open(data_dir)?.note(TRIAL_WISH, &wish.text(), now())?;
    let reader = Reader::open(data_dir)?;
    let begun = Instant::now();
    loop {
        let answer = reader.setting(TRIAL)?.and_then(|text| serde_json::from_str::<TrialAnswer>(&text).ok());
        let over = begun.elapsed() >= LONGEST;
        if let Some(answer) = answer.filter(|answer| answer.asked_utc_ns == wish.asked_utc_ns) {
            let open = answer.channels.iter().any(|result| result.detail.as_deref() == Some(NOT_YET));
            if !open || over {
                return Ok(with_missing(answer.channels, channel, "this run has no such channel"));
            }
        } else if over {
            return Err(Failure::failed(
                "the running lumbard did not answer, so nothing is known; see how it is with: lumbard status",
            ));
        }
        std::thread::sleep(LOOK);
    }
}

/// Does it in this process.
fn from_here(choices: Choices, channel: Option<&'static str>, locale: Locale) -> Vec<ChannelResult> {
    let on: Vec<_> = CHANNELS.into_iter().filter(|name| channel.map_or(choices.is_on(name), |c| c == *name)).collect();
    let mut notifier = Notifier::new().with_slow(Terminal::new()).with_slow(Desktop::new());
    notifier.choose(choices);
    notifier.send_by(&Notice::trial(locale, now(), &TimeZone::system()), channel);
    let finished = notifier.finish(LONGEST);
    let results = finished.into_iter().flat_map(|(_, deliveries)| deliveries).map(result).collect();
    on.into_iter().fold(results, |results, name| with_missing(results, Some(name), "only while lumbard run goes on"))
}

/// A channel that was to be tried and was not there is no success.
fn with_missing(mut results: Vec<ChannelResult>, channel: Option<&str>, why: &str) -> Vec<ChannelResult> {
    if let Some(channel) = channel.filter(|channel| results.iter().all(|result| result.channel != *channel)) {
        let detail = Some(why.to_owned());
        results.push(ChannelResult { channel: channel.to_owned(), delivered: false, detail, delay_s: None });
    }
    results
}
