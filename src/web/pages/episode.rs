//! The episode page: how it stands, the daily check-in, and what else can be entered. Works without a script.
//!
//! What needs a professional stands before anything else. Entering is left to `store::episode`, as for the command
//! line; the daemon notices by itself.

use super::super::App;
use super::{care_banner, frame};
use crate::care::red_flags::{Flag, Level, questions};
use crate::care::{BackToNormal, Pattern, Sleep, local_date};
use crate::store::episode::{self, BeginAnswers, Begun, CheckInAnswers, Moment, Standing};
use crate::store::{Hand, Reader, StoreError};
use crate::units::WallTime;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use std::collections::HashMap;
use std::path::Path;

/// Where the page is.
pub(in crate::web) const PATH: &str = "/episode";
/// Fields of red flags are named by this and the flag's id.
const FLAG: &str = "flag_";

/// How the open episode stands; `None` without one, or where nothing can be read.
pub(super) fn standing(data_dir: &Path, now: WallTime) -> Result<Option<Standing>, StoreError> {
    match Reader::open(data_dir) {
        Err(StoreError::NothingYet { .. }) => Ok(None),
        opened => Standing::read(&opened?, local_date(now, &TimeZone::system())),
    }
}

/// `GET /episode`.
pub(in crate::web) async fn page(State(app): State<App>) -> Response {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    let read = tokio::task::spawn_blocking(move || standing(&data_dir, now)).await;
    match read {
        Ok(Ok(standing)) => draw(standing.as_ref(), local_date(now, &TimeZone::system())).into_response(),
        _ => super::super::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "The episode cannot be read just now. To see why, run: lumbard doctor",
        ),
    }
}

fn draw(standing: Option<&Standing>, today: Date) -> Markup {
    let content = html! {
        (care_banner(standing))
        @match standing {
            Some(standing) => {
                h1 { "Day " (standing.day) " of this spell" }
                (facts(standing))
                @if standing.episode.red_flag().is_some() { (seen_form()) } @else { (check_in_form(standing)) }
                (other_form(standing))
            }
            None => {
                h1 { "How is your back?" }
                p { "No episode is on. Bends are counted and not told." }
                (start_form(today))
            }
        }
    };
    frame("Check-in – lumbard", &content)
}

fn facts(standing: &Standing) -> Markup {
    let newest = standing.newest_nprs.map(|(day, nprs)| format!("Pain {nprs} of 10 on day {day}."));
    let signals = match standing.episode.acute_until.filter(|_| standing.signals_wanted()) {
        Some(until) => format!("Signals about bends are on until {until}; they end by themselves."),
        None => "Signals about bends are off.".to_owned(),
    };
    html! {
        p { "It began on " (standing.episode.onset) ". " @if let Some(newest) = newest { (newest) " " } (signals) }
        @if standing.course == crate::care::Course::Improving { p { "It is easing." } }
    }
}

/// The questions that come first, as boxes to tick.
fn flag_boxes(title: &str) -> Markup {
    let boxes = |level: Level| {
        html! {
            @for flag in questions().iter().filter(|flag| flag.level == level) {
                label { input type="checkbox" name={ (FLAG) (flag.id) }; " " (flag.question) }
            }
        }
    };
    html! { fieldset { legend { (title) } (boxes(Level::Emergency)) (boxes(Level::Urgent)) } }
}

/// Pain from 0 to 10 as buttons to choose from.
fn pain(name: &str, title: &str, before: Option<u8>) -> Markup {
    html! {
        fieldset.pain {
            legend { (title) }
            @for nprs in 0..=10_u8 {
                label { input type="radio" name=(name) value=(nprs) checked[before == Some(nprs)]; (nprs) }
            }
        }
    }
}

fn choice(name: &str, title: &str, words: &[(&str, &str)], before: Option<&str>) -> Markup {
    html! {
        fieldset.pain {
            legend { (title) }
            @for (value, words) in words {
                label { input type="radio" name=(name) value=(value) checked[before == Some(value)]; (words) }
            }
        }
    }
}

fn check_in_form(standing: &Standing) -> Markup {
    let about = standing.check_in.as_ref().map(|row| &row.about);
    let normal = [BackToNormal::Yes, BackToNormal::Partly, BackToNormal::No].map(BackToNormal::name);
    let sleep = [Sleep::Good, Sleep::Fair, Sleep::Poor].map(Sleep::name);
    html! {
        form.entry action=(PATH) method="post" {
            h2 { "Check-in for today" }
            p.quiet { "A few seconds. Leave out what you like." }
            details { summary { "Anything new? The signs that need a doctor" } (flag_boxes("Tick what is true now")) }
            label { input type="checkbox" name="no_red_flags" checked[about.is_some_and(|about| about.red_flags.as_ref().is_some_and(Vec::is_empty))]; " None of these signs" }
            (pain("nprs", "Pain now, 0 to 10", about.and_then(|about| about.nprs_now)))
            (pain("worst", "Worst in the last 24 hours", about.and_then(|about| about.nprs_worst_24h)))
            (choice("normal", "Back to what you usually do",
                &[(normal[0], "yes"), (normal[1], "partly"), (normal[2], "no")],
                about.and_then(|about| about.back_to_normal.as_deref())))
            (choice("sleep", "Sleep", &[(sleep[0], "good"), (sleep[1], "fair"), (sleep[2], "poor")],
                about.and_then(|about| about.sleep.as_deref())))
            (choice("better", "Is it getting better?", &[("yes", "yes"), ("no", "no")],
                about.and_then(|about| about.better).map(|better| if better { "yes" } else { "no" })))
            button name="act" value="check_in" { "Keep" }
        }
    }
}

fn start_form(today: Date) -> Markup {
    html! {
        form.entry action=(PATH) method="post" {
            h2 { "A new episode" }
            (flag_boxes("First: tick what is true now"))
            label { "It began on " input type="date" name="onset" value=(today) max=(today); }
            (choice("sudden", "How did it begin?", &[("yes", "suddenly"), ("no", "gradually")], None))
            (pain("nprs", "Pain now, 0 to 10", None))
            (choice("pattern", "Is it a flare of long-lasting pain?", &[("flare_of_chronic", "yes"), ("", "no")], Some("")))
            button name="act" value="start" { "Start" }
            p.quiet { "Signals about deep, held and repeated bends are on until day 7. They end by themselves." }
        }
    }
}

fn seen_form() -> Markup {
    html! {
        form action=(PATH) method="post" {
            span { "Signals and exercises rest until a professional has seen you." }
            button name="act" value="seen" { "I have been seen" }
        }
    }
}

fn other_form(standing: &Standing) -> Markup {
    html! {
        form action=(PATH) method="post" {
            @if standing.advice.is_some() { button name="act" value="dismiss" { "Put the advice away" } }
            @if !standing.signals_wanted() && standing.episode.red_flag().is_none() {
                button name="act" value="renew" { "Signals on again" }
            }
            button name="act" value="end" { "This spell is over" }
        }
    }
}

/// A form of this page.
type Fields = HashMap<String, String>;

/// `POST /episode`.
pub(in crate::web) async fn enter(State(app): State<App>, Form(fields): Form<Fields>) -> Response {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    let entered = tokio::task::spawn_blocking(move || act(&data_dir, now, &fields)).await;
    match entered {
        Ok(Ok(None)) => Redirect::to(PATH).into_response(),
        Ok(Ok(Some(refused))) => {
            let content = html! { p { (refused) } p { a href=(PATH) { "Back" } } };
            (StatusCode::BAD_REQUEST, frame("Check-in – lumbard", &content)).into_response()
        }
        _ => super::super::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Nothing could be kept just now. Try again, or use: lumbard episode",
        ),
    }
}

/// Enters what the form says; `Some` says in words why not.
fn act(data_dir: &Path, now: WallTime, fields: &Fields) -> Result<Option<String>, StoreError> {
    let zone = TimeZone::system();
    let at = Moment::of(now, &zone);
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let mut hand = Hand::open(data_dir)?;
    let reader = Reader::open(data_dir)?;
    let standing = Standing::read(&reader, at.today)?;
    let nothing_on = || Ok(Some("No episode is on, so nothing was kept.".to_owned()));
    match (field("act"), standing) {
        (Some("start"), _) => start(&mut hand, &reader, fields, &at),
        (_, None) => nothing_on(),
        (Some("check_in"), Some(standing)) => {
            let told = check_in_answers(fields);
            if told != CheckInAnswers::default() {
                episode::check_in(&mut hand, &reader, standing.row, at.today, told, &at)?;
            }
            Ok(None)
        }
        (Some("seen"), Some(mut standing)) => {
            standing.row.cleared = Some(now);
            hand.change_episode(&standing.row, now).map(|()| None)
        }
        (Some("dismiss"), Some(standing)) => episode::put_away(&mut hand, &standing, now).map(|()| None),
        (Some("renew"), Some(mut standing)) => match standing.episode.renew(standing.today, None) {
            Ok(until) => {
                standing.row.about.acute_until = Some(until);
                hand.change_episode(&standing.row, now).map(|()| None)
            }
            Err(refused) => Ok(Some(format!("Nothing was changed: {refused}. Use: lumbard episode renew --reason"))),
        },
        (Some("end"), Some(standing)) => hand.end_episode(standing.row.id, now, episode::RECOVERED).map(|()| None),
        _ => Ok(Some("The form did not say what to do, so nothing was kept.".to_owned())),
    }
}

fn start(hand: &mut Hand, reader: &Reader, fields: &Fields, at: &Moment) -> Result<Option<String>, StoreError> {
    let onset = fields.get("onset").and_then(|day| day.parse::<Date>().ok()).unwrap_or(at.today);
    if onset > at.today {
        return Ok(Some("The day it began lies ahead, so nothing was kept.".to_owned()));
    }
    let told = BeginAnswers {
        onset,
        sudden: yes_or_no(fields, "sudden"),
        nprs: number(fields, "nprs"),
        pattern: fields.get("pattern").and_then(|word| Pattern::from_name(word)),
        red_flags: ticked(fields),
    };
    Ok(match episode::begin(hand, Some(reader), told, at)? {
        Begun::New(_) | Begun::GoesOn { .. } => None,
        Begun::StillOn(_) => Some("An episode is on already, so no other was started.".to_owned()),
    })
}

fn check_in_answers(fields: &Fields) -> CheckInAnswers {
    let flags = ticked(fields);
    let asked = !flags.is_empty() || fields.contains_key("no_red_flags");
    CheckInAnswers {
        nprs_now: number(fields, "nprs"),
        nprs_worst_24h: number(fields, "worst"),
        back_to_normal: fields.get("normal").and_then(|word| BackToNormal::from_name(word)),
        sleep: fields.get("sleep").and_then(|word| Sleep::from_name(word)),
        better: yes_or_no(fields, "better"),
        red_flags: asked.then_some(flags),
    }
}

/// Ids of the red flags that are ticked; a field that names none counts for nothing.
fn ticked(fields: &Fields) -> Vec<String> {
    let on = |flag: &&Flag| fields.contains_key(&format!("{FLAG}{}", flag.id));
    questions().iter().filter(on).map(|flag| flag.id.clone()).collect()
}

fn number(fields: &Fields, name: &str) -> Option<u8> {
    fields.get(name)?.parse().ok().filter(|nprs| *nprs <= 10)
}

fn yes_or_no(fields: &Fields, name: &str) -> Option<bool> {
    match fields.get(name)?.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
