//! Today's page: the sentence, a live view of the back, whether bends are being watched, what comes next, and the day figure.
//!
//! Everything is there without a script; the script keeps it fresh. Figures come in both layouts, and
//! the style sheet shows the one that fits the screen.

use super::super::live::ViewMessage;
use super::super::{App, SNOOZE_MINUTES};
use super::{care_banner, frame};
use crate::care::Locale;
use crate::chart::data::{DayFigure, ExerciseMark};
use crate::chart::load::{self, LoadError};
use crate::chart::look::{Clock, Look, Size, Theme};
use crate::chart::text::THIN_SPACE;
use crate::chart::{day, table, words};
use crate::plan::catalogue;
use crate::store::episode::Standing;
use crate::store::{Reader, StoreError};
use crate::units::{Seconds, WallTime};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};
use std::path::Path;

/// What the page shows of a day.
struct Day {
    sentence: String,
    next: Option<String>,
    figure: Markup,
}

/// Reads and draws the newest day. `None` while nothing is recorded.
fn draw(data_dir: &Path, now: WallTime, locale: Locale) -> Result<Option<Day>, LoadError> {
    let reader = match Reader::open(data_dir) {
        Err(StoreError::NothingYet { .. }) => return Ok(None),
        opened => opened?,
    };
    let zone = load::zone(&reader)?;
    let Some(date) = load::newest_date(&reader, &zone)? else { return Ok(None) };
    let data = load::day(&reader, date, &zone, now)?;
    let sentence = words::day_sentence(&data, locale)?;
    let is_today = load::date_of(now, &zone) == date;
    Ok(Some(Day {
        next: is_today.then(|| next_words(&data, locale)).flatten(),
        figure: figure_markup(&data, locale)?,
        sentence,
    }))
}

/// The day in both layouts, and the same numbers as a table.
fn figure_markup(data: &DayFigure, locale: Locale) -> Result<Markup, LoadError> {
    let say = &locale.phrases().figure;
    let svg = |size| day::day(data, Look { theme: Theme::Page, size, clock: Clock::of_environment(), locale });
    let rows = table::hours(data)?;
    let minutes = |seconds: Seconds| format!("{:.0}", seconds.0 / 60.0);
    Ok(html! {
        div.desk { (PreEscaped(svg(Size::Desktop)?)) }
        div.phone { (PreEscaped(svg(Size::Phone)?)) }
        details {
            summary { (locale.phrases().page.in_numbers) }
            div.wide {
                table {
                    thead { tr {
                        @for name in [
                            &say.hour_column, &say.worn_column, &say.walking_column, &say.moving_column,
                            &say.sitting_column, &say.lying_column, &say.steps_column, &say.bends_column,
                            &say.over_60_column, &say.deepest_column,
                        ] { th scope="col" { (name) } }
                    } }
                    tbody { @for row in rows.iter().filter(|row| row.totals.worn.0 > 0.0) {
                        tr {
                            th scope="row" { (row.hour) }
                            td { (minutes(row.totals.worn)) } td { (minutes(row.totals.walking)) }
                            td { (minutes(row.totals.moving)) } td { (minutes(row.totals.still)) }
                            td { (minutes(row.totals.lying)) } td { (row.totals.steps) } td { (row.totals.bends) }
                            td { (row.totals.deep_bends) }
                            td { @if let Some(deg) = row.deepest_deg { (deg) "°" } }
                        }
                    } }
                }
            }
        }
    })
}

/// The next thing on the plan, in words. In acute days it leaves out what rests then.
fn next_words(day: &DayFigure, locale: Locale) -> Option<String> {
    let say = &locale.phrases().page;
    let rests =
        |mark: &ExerciseMark| day.acute && catalogue::find(&mark.id).is_some_and(|exercise| exercise.rests_in_acute);
    let planned: Vec<&ExerciseMark> = day.exercises.iter().filter(|mark| mark.planned && !rests(mark)).collect();
    let left = planned.iter().filter(|mark| !mark.done).count();
    let next = planned.iter().find(|mark| !mark.done);
    match (next, planned.len()) {
        (_, 0) => None,
        (None, all) => Some(say.all_done.fill(&[("count", &all)])),
        (Some(mark), all) => {
            Some(say.next.fill(&[("exercise", &mark.name(locale)), ("done", &(all - left)), ("count", &all)]))
        }
    }
}

/// Draws on a thread where waiting for a file holds up nobody.
async fn newest_day(app: &App) -> Result<Option<Day>, String> {
    let (data_dir, now, locale) = (app.shared.data_dir.clone(), (app.shared.clock)(), app.locale());
    match tokio::task::spawn_blocking(move || draw(&data_dir, now, locale)).await {
        Ok(Ok(day)) => Ok(day),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the day figure could not be drawn");
            Err(locale.phrases().page.no_figure.to_string())
        }
        Err(_) => Err(locale.phrases().page.no_figure_live.to_string()),
    }
}

/// The sentence and the figure, or what to say instead.
fn day_parts(day: &Result<Option<Day>, String>, locale: Locale) -> (String, Markup) {
    let say = &locale.phrases().page;
    match day {
        Ok(Some(day)) => (day.sentence.clone(), day.figure.clone()),
        Ok(None) => (say.nothing_yet.to_string(), html! { p.quiet { (say.figure_here) } }),
        Err(words) => (say.no_numbers.to_string(), html! { p.quiet { (words) } }),
    }
}

/// How the open episode stands; what cannot be read is told by the figure's place.
async fn standing(app: &App) -> Option<Standing> {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    tokio::task::spawn_blocking(move || super::episode::standing(&data_dir, now)).await.ok()?.ok()?
}

/// `GET /`.
pub(in crate::web) async fn page(State(app): State<App>) -> Markup {
    let day = newest_day(&app).await;
    let standing = standing(&app).await;
    let rests = standing.as_ref().is_some_and(|standing| standing.episode.red_flag().is_some());
    let (view, locale) = (ViewMessage::of(&app.shared.view.borrow()), app.locale());
    let say = &locale.phrases().page;
    let (sentence, figure) = day_parts(&day, locale);
    // While a red flag waits for a professional, exercises are not shown.
    let next = day.as_ref().ok().and_then(Option::as_ref).and_then(|day| day.next.as_deref()).filter(|_| !rests);
    let content = html! {
        (care_banner(standing.as_ref(), locale))
        h1 #sentence { (sentence) }
        p #notice role="status" aria-live="polite" hidden {}
        div.top {
        section #now aria-label=(say.now) {
            (back(&view))
            div.reading {
                p #angle aria-hidden="true" { (view.angle) }
                p #posture { (view.posture_words) }
            }
        }
        div {
        p #watching data-on=(view.watching) { (view.watching_words) }
        @if let Some(next) = next { p #next { (next) } }
        @if standing.as_ref().is_some_and(|standing| standing.check_in.is_none()) {
            p { a href=(super::episode::PATH) { (locale.phrases().episode.how_is_today) } }
        }
        form #snooze action="/snooze" method="post" {
            span { (say.snooze) }
            @for minutes in SNOOZE_MINUTES {
                button name="minutes" value=(minutes) { (minutes) (THIN_SPACE) "min" }
            }
            button #end-snooze name="minutes" value="0" hidden[!view.snoozed] { (say.end_snooze) }
        }
        (super::calibrate::offer(&view, locale))
        p #link.quiet { (view.link_words) }
        p.quiet { label { input #sound type="checkbox"; " " (say.sound) } }
        } }
        noscript { p.quiet { (say.no_script) } }
        section #figure aria-label=(say.your_day) { (figure) }
    };
    frame(locale, &say.today, &content)
}

/// `GET /figure/day`: the sentence and the figure alone, for the script that keeps them fresh.
pub(in crate::web) async fn figure(State(app): State<App>) -> Response {
    let day = newest_day(&app).await;
    let status = if day.is_err() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let (sentence, figure) = day_parts(&day, app.locale());
    (status, html! { h1 { (sentence) } div { (figure) } }).into_response()
}

/// A back from the side, drawn: legs, and a trunk with a head that the script tilts about the hip.
/// Leaning forward is to the right.
fn back(view: &ViewMessage) -> Markup {
    // Lying, the whole person turns onto the back and down to the floor.
    let person = if view.lies { "translate(44 40) rotate(-90)" } else { "" };
    html! {
        svg #back viewBox="0 0 190 172" aria-hidden="true" {
            g #person transform=(person) {
                path.limb d="M78 108 L80 138 L76 164 M76 164 L90 164" {}
                g #trunk transform={ "rotate(" (view.trunk_deg) ")" } {
                    path.spine d="M78 108 C70 92 71 80 76 68 C79 60 79 54 78 47" {}
                    circle.head cx="82" cy="32" r="13" {}
                    path.limb d="M77 60 C84 72 86 84 84 96" {}
                    rect.sensor x="68" y="88" width="5" height="11" rx="1.5" {}
                }
            }
            path.floor d="M16 168 L176 168" {}
        }
    }
}
