//! `answer`: confirms or rejects a bend or a lift, and says whether a signal helped. The old answer is kept.

use super::here::{self, Here};
use super::service::THRESHOLDS;
use super::{Exit, Failure, Globals, print_json};
use crate::care::{Locale, messages};
use crate::chart::data::local_day;
use crate::signal::{Event, Kind, WarningKind};
use crate::store::facts::{Answer, AnswerAbout, Dated, Selection, SignalRow};
use crate::store::{Hand, Reader};
use crate::units::{Seconds, WallTime};
use crate::warning::Thresholds;
use crate::warning::learning::{self, Decided, Offer};
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Serialize;

/// Tells lumbard what it got right: was that a bend, was that a lift, did the signal help?
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    List(List),
    Bend(OfEvent),
    Lift(OfEvent),
    Signal(OfSignal),
    Offer(OfOffer),
}

/// Takes or declines what is offered after three signals that did not help: the rule then speaks later. Without an
/// answer it shows what is offered.
#[derive(clap::Args)]
struct OfOffer {
    /// The rule: W1 (deep), W2 (held), W3 (repeated) or W4 (lifts).
    #[arg(value_parser = rule, requires = "answer")]
    rule: Option<WarningKind>,
    /// Take it, or leave all as it is.
    #[arg(value_enum)]
    answer: Option<YesNo>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Reads the name of a rule, in small letters too.
fn rule(text: &str) -> Result<WarningKind, String> {
    WarningKind::from_name(&text.to_uppercase()).ok_or_else(|| format!("{text:?} is none of W1, W2, W3, W4"))
}

/// Lists the bends, possible lifts and signals of a day, with what you answered.
#[derive(clap::Args)]
struct List {
    /// The local day [default: today].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Which one is meant.
#[derive(clap::Args)]
struct Which {
    /// The time of day, such as 14:03 [default: the newest].
    #[arg(long, value_name = "HH:MM")]
    at: Option<Time>,
    /// The local day [default: today].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Print one JSON object for programs.
    #[arg(long)]
    json: bool,
}

/// Says whether it was one.
#[derive(clap::Args)]
struct OfEvent {
    /// It was one, or it was not.
    #[arg(value_enum)]
    answer: YesNo,
    #[command(flatten)]
    which: Which,
}

/// Says whether a signal helped.
#[derive(clap::Args)]
struct OfSignal {
    /// It helped, or it did not.
    #[arg(value_enum)]
    answer: Helped,
    #[command(flatten)]
    which: Which,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum YesNo {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Helped {
    Helpful,
    NotHelpful,
}

/// A moment that can be answered, for programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Item {
    kind: &'static str,
    at: String,
    #[serde(skip)]
    moment: WallTime,
    words: String,
    answer: Option<&'static str>,
}

/// Note: when the last offer of each rule was answered.
const DECIDED: &str = "thresholds_decided";
/// `--at` names whole minutes: what lies this near is meant. Chosen by us: a minute, and one of doubt on each side.
const NEAR: Seconds = Seconds(120.0);

/// Runs the action.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let (about, yes, which) = match &args.action {
        Action::List(list) => return self::list(globals, list),
        Action::Offer(of) => return offer(globals, of),
        Action::Bend(of) => (AnswerAbout::Bend, of.answer == YesNo::Yes, &of.which),
        Action::Lift(of) => (AnswerAbout::PossibleLift, of.answer == YesNo::Yes, &of.which),
        Action::Signal(of) => (AnswerAbout::Signal, of.answer == Helped::Helpful, &of.which),
    };
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let day = here.not_ahead(which.date.unwrap_or(here.today), "--date")?;
    let items = match here::reader(&data_dir)? {
        Some(reader) => items(&reader, day, here::locale(&data_dir))?,
        None => Vec::new(),
    };
    let mut of_kind: Vec<Item> = items.into_iter().filter(|item| item.kind == about.name()).collect();
    let chosen = match which.at {
        None => of_kind.pop(),
        Some(at) => nearest(of_kind, moment_of(day, at)),
    };
    let Some(mut item) = chosen else {
        let when = which.at.map_or_else(String::new, |at| format!(" near {}", at.strftime("%H:%M")));
        return Err(Failure::bad_input(format!(
            "there is no {} on {day}{when}, so nothing was kept; see: lumbard answer list",
            about.name().replace('_', " ")
        )));
    };
    let answer = Answer { at: here.now, about, moment: item.moment, yes };
    Hand::open(&data_dir)?.add_answer(&answer)?;
    item.answer = Some(answer.word());
    if which.json {
        print_json(&item)?;
    } else {
        let said = answer.word().replace('_', " ");
        let say = &here::locale(&data_dir).phrases().terminal;
        println!("{}", say.answer_kept.fill(&[("at", &item.at), ("words", &item.words), ("answer", &said)]));
        if about == AnswerAbout::Signal {
            let reader = Reader::open(&data_dir)?;
            Learning::read(&reader)?.offers().iter().for_each(|offer| tell(offer, here::locale(&data_dir)));
        }
    }
    Ok(Exit::Done)
}

/// What "not helpful" has led to so far.
struct Learning {
    thresholds: Thresholds,
    decided: Decided,
    answers: Vec<learning::Answer>,
}

impl Learning {
    fn read(reader: &Reader) -> Result<Self, Failure> {
        let all = WallTime(i64::MIN)..WallTime(i64::MAX);
        let signals = reader.signals(&Selection::Wall(all.clone()))?;
        let rule_of = |moment: WallTime| {
            let row = signals.iter().find(|row| row.about.sent && row.about.at == moment)?;
            WarningKind::from_name(&row.about.rule)
        };
        let mut answers: Vec<learning::Answer> = Vec::new();
        let mut newest: Option<WallTime> = None;
        for said in reader.answers(all)?.iter().filter(|said| said.about == AnswerAbout::Signal) {
            // The newest answer about a signal comes last, and counts in place of the ones before it.
            if newest.replace(said.moment) == Some(said.moment) {
                answers.pop();
            }
            answers.extend(rule_of(said.moment).map(|rule| learning::Answer { rule, at: said.at, helpful: said.yes }));
        }
        let thresholds = reader.setting(THRESHOLDS)?.and_then(|text| text.parse().ok()).unwrap_or_default();
        let decided = Decided::from_kept(&reader.setting(DECIDED)?.unwrap_or_default());
        Ok(Self { thresholds, decided, answers })
    }

    fn offers(&self) -> Vec<Offer> {
        learning::offers(&self.thresholds, &self.decided, &self.answers)
    }
}

fn tell(offer: &Offer, locale: Locale) {
    let words = messages::find(offer.message_id()).map_or("", |message| message.text(locale));
    println!("{words} lumbard answer offer {} yes|no", offer.rule.name());
}

/// An offer for programs.
#[derive(Serialize)]
struct Offered {
    rule: &'static str,
    not_helpful: usize,
    thresholds: String,
    taken: Option<bool>,
}

fn offer(globals: &Globals, args: &OfOffer) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let say = &here::locale(&data_dir).phrases().terminal;
    let learning = here::reader(&data_dir)?.map(|reader| Learning::read(&reader)).transpose()?;
    let offers = learning.as_ref().map(Learning::offers).unwrap_or_default();
    let as_told = |offer: &Offer, taken| Offered {
        rule: offer.rule.name(),
        not_helpful: offer.not_helpful,
        thresholds: offer.then.to_string(),
        taken,
    };
    let (Some(rule), Some(answer)) = (args.rule, args.answer) else {
        if args.json {
            print_json(&offers.iter().map(|offer| as_told(offer, None)).collect::<Vec<_>>())?;
        } else if offers.is_empty() {
            println!("{}", say.offer_none);
        } else {
            offers.iter().for_each(|offer| tell(offer, here::locale(&data_dir)));
        }
        return Ok(Exit::Done);
    };
    let (Some(learning), Some(offer)) = (learning, offers.iter().find(|offer| offer.rule == rule)) else {
        return Err(Failure::bad_input(format!(
            "nothing is offered for {} just now, so nothing was changed",
            rule.name()
        )));
    };
    let (mut hand, taken) = (Hand::open(&data_dir)?, answer == YesNo::Yes);
    let mut decided = learning.decided;
    decided.note(rule, here.now);
    hand.note(DECIDED, &decided.kept(), here.now)?;
    if taken {
        hand.set_setting(THRESHOLDS, &offer.then.to_string(), here.now)?;
    }
    if args.json {
        print_json(&as_told(offer, Some(taken)))?;
    } else {
        println!("{}", if taken { &say.offer_taken } else { &say.offer_left });
    }
    Ok(Exit::Done)
}

fn list(globals: &Globals, args: &List) -> Result<Exit, Failure> {
    let (data_dir, here) = (globals.data_dir()?, Here::read());
    let day = here.not_ahead(args.date.unwrap_or(here.today), "--date")?;
    let items = match here::reader(&data_dir)? {
        Some(reader) => items(&reader, day, here::locale(&data_dir))?,
        None => Vec::new(),
    };
    if args.json {
        print_json(&items)?;
    } else if items.is_empty() {
        println!("{}", here::locale(&data_dir).phrases().terminal.answer_none.fill(&[("date", &day)]));
    }
    if !args.json {
        for item in &items {
            let answer = item.answer.unwrap_or_default().replace('_', " ");
            println!("{:<9} {:<14} {:<44} {answer}", item.at, item.kind.replace('_', " "), item.words);
        }
    }
    Ok(Exit::Done)
}

/// Everything of a local day that can be answered, oldest first.
fn items(reader: &Reader, day: Date, locale: Locale) -> Result<Vec<Item>, Failure> {
    let (start, end) = local_day(day, &TimeZone::system()).map_err(|error| Failure::bad_input(error.to_string()))?;
    let (range, answers) = (Selection::Wall(start..end), reader.answers(start..end)?);
    let mut items: Vec<Item> = reader.events(&range)?.iter().filter_map(|event| event_item(event, locale)).collect();
    items.extend(reader.signals(&range)?.iter().filter(|row| row.about.sent).map(signal_item));
    for item in &mut items {
        let said = answers.iter().rev().find(|a| a.about.name() == item.kind && a.moment == item.moment);
        item.answer = said.map(Answer::word);
    }
    items.sort_by_key(|item| item.moment);
    Ok(items)
}

fn event_item(event: &Dated<Event>, locale: Locale) -> Option<Item> {
    let about = match event.fact.kind {
        Kind::Bend => AnswerAbout::Bend,
        Kind::PossibleLift => AnswerAbout::PossibleLift,
        _ => return None,
    };
    let seconds = format!("{:.0}", event.fact.end.since(event.fact.start).0);
    let degrees = event.fact.bend.map(|detail| format!("{:.0}", detail.peak_tea.degrees()));
    let words = match degrees {
        Some(degrees) => locale.phrases().terminal.at_most.fill(&[("seconds", &seconds), ("degrees", &degrees)]),
        None => format!("{seconds} s"),
    };
    Some(item(about, event.wall(event.fact.start), words))
}

fn signal_item(row: &SignalRow) -> Item {
    item(AnswerAbout::Signal, row.about.at, row.about.rule.clone())
}

fn item(about: AnswerAbout, moment: WallTime, words: String) -> Item {
    let at = Timestamp::from_nanosecond(i128::from(moment.0)).unwrap_or_default().to_zoned(TimeZone::system());
    Item { kind: about.name(), at: at.strftime("%H:%M:%S").to_string(), moment, words, answer: None }
}

/// A time of day as a moment; the first of two at a clock change.
fn moment_of(day: Date, at: Time) -> WallTime {
    let zoned = day.to_datetime(at).to_zoned(TimeZone::system());
    WallTime(zoned.ok().and_then(|at| i64::try_from(at.timestamp().as_nanosecond()).ok()).unwrap_or_default())
}

fn nearest(items: Vec<Item>, moment: WallTime) -> Option<Item> {
    let away = |item: &Item| item.moment.0.abs_diff(moment.0);
    items.into_iter().min_by_key(away).filter(|item| away(item) <= NEAR.nanos().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_within_two_minutes_is_meant() {
        let items =
            || [0, 100, 500].map(|s| item(AnswerAbout::Bend, WallTime(s * 1_000_000_000), String::new())).to_vec();
        let at = |s: i64| nearest(items(), WallTime(s * 1_000_000_000)).map(|item| item.moment.0 / 1_000_000_000);
        assert_eq!([at(60), at(490), at(300)], [Some(100), Some(500), None]);
    }
}
