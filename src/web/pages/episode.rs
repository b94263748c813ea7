//! The episode page: how it stands, the daily check-in, and what else can be entered. Works without a script.
//!
//! What needs a professional stands before anything else. Entering is left to `store::episode`, as for the command
//! line; the daemon notices by itself.

use super::super::App;
use super::{care_banner, frame};
use crate::care::phrases::Phrase;
use crate::care::red_flags::{Flag, Level, questions};
use crate::care::{BackToNormal, Course, Locale, Pattern, RenewError, Sleep, local_date};
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
        opened => Standing::at(&opened?, now, &TimeZone::system()),
    }
}

/// `GET /episode`.
pub(in crate::web) async fn page(State(app): State<App>) -> Response {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    let locale = app.locale();
    let read = tokio::task::spawn_blocking(move || standing(&data_dir, now)).await;
    match read {
        Ok(Ok(standing)) => draw(standing.as_ref(), local_date(now, &TimeZone::system()), locale).into_response(),
        _ => unavailable(&locale.phrases().episode.unread),
    }
}

fn unavailable(words: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, words.to_owned()).into_response()
}

fn draw(standing: Option<&Standing>, today: Date, locale: Locale) -> Markup {
    let say = &locale.phrases().episode;
    let content = html! {
        (care_banner(standing, locale))
        @match standing {
            Some(standing) => {
                h1 { (say.day.fill(&[("day", &standing.day)])) }
                (facts(standing, locale))
                @if standing.episode.red_flag().is_some() { (seen_form(locale)) } @else { (check_in_form(standing, locale)) }
                (other_form(standing, locale))
            }
            None => {
                h1 { (say.begin) }
                p { (say.none) }
                (start_form(today, locale))
            }
        }
    };
    frame(locale, &say.title, &content)
}

fn facts(standing: &Standing, locale: Locale) -> Markup {
    let say = &locale.phrases().episode;
    let newest = standing.newest_nprs.map(|(day, nprs)| say.pain_on.fill(&[("nprs", &nprs), ("day", &day)]));
    let signals = match standing.episode.acute_until.filter(|_| standing.signals_wanted()) {
        Some(until) => say.signals_until.fill(&[("date", &until)]),
        None => say.signals_off.to_string(),
    };
    html! {
        p { (say.began.fill(&[("date", &standing.episode.onset)])) " " @if let Some(newest) = newest { (newest) " " } (signals) }
        @if standing.course == Course::Improving { p { (say.easing) } }
    }
}

/// The questions that come first, as boxes to tick.
fn flag_boxes(title: &str, locale: Locale) -> Markup {
    let boxes = |level: Level| {
        html! {
            @for flag in questions().iter().filter(|flag| flag.level == level) {
                label { input type="checkbox" name={ (FLAG) (flag.id) }; " " (flag.question(locale)) }
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

fn choice(name: &str, title: &str, words: &[(&str, &Phrase)], before: Option<&str>) -> Markup {
    html! {
        fieldset.pain {
            legend { (title) }
            @for (value, words) in words {
                label { input type="radio" name=(name) value=(value) checked[before == Some(value)]; (words) }
            }
        }
    }
}

/// The values of a choice beside their words.
fn pairs<'a, const N: usize>(values: [&'a str; N], words: &'a [Phrase; N]) -> [(&'a str, &'a Phrase); N] {
    std::array::from_fn(|i| (values[i], &words[i]))
}

fn check_in_form(standing: &Standing, locale: Locale) -> Markup {
    let say = &locale.phrases().episode;
    let about = standing.check_in.as_ref().map(|row| &row.about);
    let normal = [BackToNormal::Yes, BackToNormal::Partly, BackToNormal::No].map(BackToNormal::name);
    let sleep = [Sleep::Good, Sleep::Fair, Sleep::Poor].map(Sleep::name);
    html! {
        form.entry action=(PATH) method="post" {
            h2 { (say.check_in) }
            p.quiet { (say.few_seconds) }
            details { summary { (say.signs) } (flag_boxes(&say.tick, locale)) }
            label { input type="checkbox" name="no_red_flags" checked[about.is_some_and(|about| about.red_flags.as_ref().is_some_and(Vec::is_empty))]; " " (say.no_signs) }
            (pain("nprs", &say.pain_now, about.and_then(|about| about.nprs_now)))
            (pain("worst", &say.worst, about.and_then(|about| about.nprs_worst_24h)))
            (choice("normal", &say.normal,
                &pairs(normal, &say.normal_words),
                about.and_then(|about| about.back_to_normal.as_deref())))
            (choice("sleep", &say.sleep, &pairs(sleep, &say.sleep_words),
                about.and_then(|about| about.sleep.as_deref())))
            (choice("better", &say.better, &pairs(["yes", "no"], &say.better_words),
                about.and_then(|about| about.better).map(|better| if better { "yes" } else { "no" })))
            button name="act" value="check_in" { (say.keep) }
        }
    }
}

fn start_form(today: Date, locale: Locale) -> Markup {
    let (say, ask) = (&locale.phrases().episode, &locale.phrases().ask);
    html! {
        form.entry action=(PATH) method="post" {
            h2 { (say.new) }
            (flag_boxes(&say.first, locale))
            label { (say.began_on) " " input type="date" name="onset" value=(today) max=(today); }
            (choice("sudden", &say.how, &[("yes", &ask.sudden), ("no", &ask.gradual)], None))
            (pain("nprs", &say.pain_now, None))
            (choice("pattern", &say.flare, &pairs(["flare_of_chronic", ""], &say.better_words), Some("")))
            button name="act" value="start" { (say.start) }
            p.quiet { (say.start_note) }
        }
    }
}

fn seen_form(locale: Locale) -> Markup {
    let say = &locale.phrases().episode;
    html! {
        form action=(PATH) method="post" {
            span { (say.rest) }
            button name="act" value="seen" { (say.seen) }
        }
    }
}

fn other_form(standing: &Standing, locale: Locale) -> Markup {
    let say = &locale.phrases().episode;
    html! {
        form action=(PATH) method="post" {
            @if standing.advice.is_some() { button name="act" value="dismiss" { (say.dismiss) } }
            @if !standing.signals_wanted() && standing.episode.red_flag().is_none() {
                button name="act" value="renew" { (say.renew) }
            }
            button name="act" value="end" { (say.end) }
        }
    }
}

/// A form of this page.
type Fields = HashMap<String, String>;

/// `POST /episode`.
pub(in crate::web) async fn enter(State(app): State<App>, Form(fields): Form<Fields>) -> Response {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    let locale = app.locale();
    let say = &locale.phrases().episode;
    let entered = tokio::task::spawn_blocking(move || act(&data_dir, now, &fields, locale)).await;
    match entered {
        Ok(Ok(None)) => Redirect::to(PATH).into_response(),
        Ok(Ok(Some(refused))) => {
            let content = html! { p { (refused) } p { a href=(PATH) { (say.back) } } };
            (StatusCode::BAD_REQUEST, frame(locale, &say.title, &content)).into_response()
        }
        _ => unavailable(&say.not_kept),
    }
}

/// Enters what the form says; `Some` says in words why not.
fn act(data_dir: &Path, now: WallTime, fields: &Fields, locale: Locale) -> Result<Option<&'static str>, StoreError> {
    let say = &locale.phrases().episode;
    let zone = TimeZone::system();
    let at = Moment::of(now, &zone);
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let mut hand = Hand::open(data_dir)?;
    let reader = Reader::open(data_dir)?;
    let standing = Standing::at(&reader, now, &zone)?;
    let nothing_on = || Ok(Some(&*say.nothing_on));
    match (field("act"), standing) {
        (Some("start"), _) => start(&mut hand, &reader, fields, &at, locale),
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
            Err(RenewError::Chronic) => Ok(Some(&*say.chronic)),
            Err(RenewError::NeedsReason { .. } | RenewError::Ended) => Ok(Some(&*say.not_renewed)),
        },
        (Some("end"), Some(standing)) => hand.end_episode(standing.row.id, now, episode::RECOVERED).map(|()| None),
        _ => Ok(Some(&*say.not_said)),
    }
}

fn start(
    hand: &mut Hand,
    reader: &Reader,
    fields: &Fields,
    at: &Moment,
    locale: Locale,
) -> Result<Option<&'static str>, StoreError> {
    let say = &locale.phrases().episode;
    let onset = fields.get("onset").and_then(|day| day.parse::<Date>().ok()).unwrap_or(at.today);
    if onset > at.today {
        return Ok(Some(&*say.day_ahead));
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
        Begun::StillOn(_) => Some(&*say.still_on),
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
