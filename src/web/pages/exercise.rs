//! The exercise page: begin a set, watch it count, stop it, and say how many it were and how it felt. While a red flag
//! is open it shows what to do first, and nothing else. Everything is there without a script.

use super::super::live::ViewMessage;
use super::super::{App, PageCommand};
use super::frame;
use crate::care::{Locale, local_date};
use crate::chart::load;
use crate::plan::session::{After, Order, SessionView, SetStep};
use crate::plan::{Exercise, Side, StopReason, catalogue};
use crate::store::planned::Plan;
use crate::store::{Reader, StoreError};
use crate::units::WallTime;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Most repetitions that a count may be corrected to. Chosen by us: beyond it is a slip of the finger.
const MOST: u32 = 10_000;
/// Highest figure of pain and effort.
const WORST: u8 = 10;

/// A set as the page's script reads it.
#[derive(Serialize)]
pub(in crate::web) struct SetMessage {
    step: SetStep,
    name: String,
    figures: String,
    words: String,
    details: String,
    running: bool,
    /// It has ended, and something can be said of it.
    ended: bool,
    count: Option<u32>,
}

impl SetMessage {
    /// Of a set as it is now.
    pub(in crate::web) fn of(view: &SessionView, locale: Locale) -> Self {
        let begun = !matches!(view.step, SetStep::Waiting | SetStep::Refused);
        Self {
            step: view.step,
            name: view.name(locale).to_owned(),
            figures: if begun { view.figures(locale) } else { String::new() },
            words: view.words(locale).to_owned(),
            details: if view.is_over() { view.details(locale) } else { String::new() },
            running: !view.is_over(),
            ended: view.step == SetStep::Over,
            count: view.count,
        }
    }
}

/// What the page offers: planned today with its amount, and the rest of the catalogue.
struct Offer {
    first: Option<&'static str>,
    planned: Vec<(&'static Exercise, String)>,
    others: Vec<&'static Exercise>,
    resting: Vec<&'static str>,
}

impl Offer {
    fn read(data_dir: &Path, now: WallTime, locale: Locale) -> Result<Self, load::LoadError> {
        let plan = match Reader::open(data_dir) {
            Err(StoreError::NothingYet { .. }) => Plan::default(),
            opened => {
                let reader = opened?;
                let zone = load::zone(&reader)?;
                Plan::read(&reader, local_date(now, &zone))?
            }
        };
        let of = |planned: &crate::store::planned::Planned| {
            let exercise = catalogue::find(&planned.row.about.exercise).filter(|_| planned.rests.is_none())?;
            exercise.is_watched.then(|| (exercise, exercise.dose(&planned.standing.target, locale)))
        };
        let planned: Vec<_> = plan.items.iter().filter_map(of).collect();
        let offered = |exercise: &&Exercise| plan.days.rest(exercise).is_none() && exercise.is_watched;
        let unplanned = |exercise: &&Exercise| !planned.iter().any(|(planned, _)| planned.id == exercise.id);
        let others = catalogue::all().iter().filter(offered).filter(unplanned).collect();
        let resting = catalogue::all().iter().filter(|exercise| plan.days.rest(exercise).is_some());
        let resting = resting.map(|exercise| exercise.name(locale)).collect();
        Ok(Self { first: plan.days.first(locale), planned, others, resting })
    }
}

/// Figures from 0 to 10 to choose from, and none.
fn figures(name: &str, words: &str) -> Markup {
    html! {
        label {
            (words)
            select name=(name) {
                option value="" { "–" }
                @for figure in 0..=WORST { option value=(figure) { (figure) } }
            }
        }
    }
}

fn begin(offer: &Offer, hidden: bool, locale: Locale) -> Markup {
    let say = &locale.phrases().set;
    html! {
        form #set-start action="/exercise" method="post" hidden[hidden] {
            input type="hidden" name="wish" value="start";
            p.row {
                (figures("nprs_before", &say.pain_now))
                label {
                    (say.side)
                    select name="side" {
                        option value="" { "–" }
                        option value=(Side::Left.name()) { (say.left) }
                        option value=(Side::Right.name()) { (say.right) }
                    }
                }
            }
            @if !offer.planned.is_empty() {
                h2 { (say.on_plan) }
                div.choices {
                    @for (exercise, dose) in &offer.planned {
                        button name="exercise" value=(exercise.id) { (exercise.name(locale)) br; small { (dose) } }
                    }
                }
            }
            h2 { @if offer.planned.is_empty() { (say.begin) } @else { (say.more) } }
            div.choices {
                @for exercise in &offer.others { button name="exercise" value=(exercise.id) { (exercise.name(locale)) } }
            }
            @if !offer.resting.is_empty() { p.quiet { (say.resting.fill(&[("names", &offer.resting.join(", "))])) } }
        }
    }
}

fn stop(hidden: bool, locale: Locale) -> Markup {
    let say = &locale.phrases().set;
    let button = |reason: StopReason, words: &str| {
        html! { button name="reason" value=(reason.name()) { (words) } }
    };
    html! {
        form #set-stop action="/exercise" method="post" hidden[hidden] {
            input type="hidden" name="wish" value="stop";
            (button(StopReason::Done, &say.done))
            (button(StopReason::Tired, &say.tired))
            (button(StopReason::Pain, &say.hurts))
            (button(StopReason::Other, &say.other))
        }
    }
}

fn amend(set: Option<&SetMessage>, locale: Locale) -> Markup {
    let say = &locale.phrases().set;
    let shown = set.is_some_and(|set| set.ended);
    html! {
        form #set-amend action="/exercise" method="post" hidden[!shown] {
            input type="hidden" name="wish" value="amend";
            label {
                (say.how_many)
                input #set-count name="count" type="number" min="0" max=(MOST) inputmode="numeric"
                    value=[set.and_then(|set| set.count)];
            }
            (figures("nprs_after", &say.pain_after))
            (figures("effort", &say.effort))
            button { (say.keep) }
        }
    }
}

/// `GET /exercise`.
pub(in crate::web) async fn page(State(app): State<App>) -> Markup {
    let (data_dir, now) = (app.shared.data_dir.clone(), (app.shared.clock)());
    let locale = app.locale();
    let (say, page) = (&locale.phrases().set, &locale.phrases().page);
    let offer = tokio::task::spawn_blocking(move || Offer::read(&data_dir, now, locale)).await;
    let offer =
        offer.ok().and_then(|read| read.inspect_err(|error| tracing::warn!(%error, "the plan could not be read")).ok());
    let Some(offer) = offer else {
        let content = html! {
            h1 { (say.title) }
            p { (say.unread) }
        };
        return frame(locale, &say.title, &content);
    };
    if let Some(first) = offer.first {
        let content = html! {
            h1 { (say.title) }
            p.act { (first) }
            p { (say.until_seen) " " a href="/red-flags" { (page.red_flags) } }
        };
        return frame(locale, &say.title, &content);
    }
    let view = ViewMessage::of(&app.shared.view.borrow());
    let set = view.exercise.as_ref();
    let running = set.is_some_and(|set| set.running);
    let content = html! {
        h1 { (say.title) }
        p #notice role="status" aria-live="polite" hidden {}
        section #set aria-label=(say.the_set) hidden[set.is_none()] {
            p #set-name.quiet { @if let Some(set) = set { (set.name) } }
            p #set-figures { @if let Some(set) = set { (set.figures) } }
            p #set-words role="status" aria-live="polite" { @if let Some(set) = set { (set.words) } }
            p #set-details.quiet { @if let Some(set) = set { (set.details) } }
        }
        (stop(!running, locale))
        (amend(set, locale))
        (begin(&offer, running, locale))
        p #link.quiet { (view.link_words) }
        p.quiet { (say.note) }
        noscript { p.quiet { (page.no_script) } }
    };
    frame(locale, &say.title, &content)
}

/// What a form of this page says; an empty field is one that was left alone.
#[derive(Deserialize)]
pub(in crate::web) struct WishForm {
    wish: String,
    #[serde(default)]
    exercise: String,
    #[serde(default)]
    side: String,
    #[serde(default)]
    nprs_before: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    count: String,
    #[serde(default)]
    nprs_after: String,
    #[serde(default)]
    effort: String,
}

/// A field that may be empty; `Err` for one that says something else.
fn field<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some).ok_or(()) }
}

impl WishForm {
    fn command(&self) -> Result<PageCommand, ()> {
        let figure = |text: &str| field(text, |text| text.parse().ok().filter(|figure| *figure <= WORST));
        let after = || {
            Ok::<_, ()>(After {
                count: field(&self.count, |text| text.parse().ok().filter(|count| *count <= MOST))?,
                reason: field(&self.reason, StopReason::from_name)?,
                nprs_after: figure(&self.nprs_after)?,
                effort: figure(&self.effort)?,
            })
        };
        match self.wish.as_str() {
            "start" => Ok(PageCommand::StartExercise(Order {
                side: field(&self.side, Side::from_name)?,
                nprs_before: figure(&self.nprs_before)?,
                ..Order::open(catalogue::find(&self.exercise).ok_or(())?)
            })),
            "stop" => Ok(PageCommand::StopExercise(after()?)),
            "amend" => Ok(PageCommand::AmendExercise(after()?)),
            _ => Err(()),
        }
    }
}

/// `POST /exercise`.
pub(in crate::web) async fn wish(State(app): State<App>, Form(form): Form<WishForm>) -> Response {
    let Ok(command) = form.command() else {
        return (StatusCode::BAD_REQUEST, app.locale().phrases().page.not_taken.to_string()).into_response();
    };
    match app.shared.commands.try_send(command) {
        Ok(()) => Redirect::to("/exercise").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, app.locale().phrases().page.busy.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> WishForm {
        let json: serde_json::Map<_, _> =
            fields.iter().map(|(key, value)| (key.to_string(), (*value).into())).collect();
        serde_json::from_value(json.into()).unwrap()
    }

    #[test]
    fn a_form_becomes_a_wish_or_nothing() {
        let start = form(&[("wish", "start"), ("exercise", "knee_to_chest"), ("side", "left"), ("nprs_before", "3")]);
        let Ok(PageCommand::StartExercise(order)) = start.command() else { panic!("no start") };
        assert_eq!(
            (order.exercise.id.as_str(), order.side, order.nprs_before),
            ("knee_to_chest", Some(Side::Left), Some(3))
        );
        let stop = form(&[("wish", "stop"), ("reason", "pain"), ("nprs_after", "")]);
        let after = After { reason: Some(StopReason::Pain), ..After::default() };
        assert_eq!(stop.command(), Ok(PageCommand::StopExercise(after)));
        let amend = form(&[("wish", "amend"), ("count", "9"), ("effort", "4")]);
        let after = After { count: Some(9), effort: Some(4), ..After::default() };
        assert_eq!(amend.command(), Ok(PageCommand::AmendExercise(after)));
        for odd in [
            form(&[("wish", "start"), ("exercise", "handstand")]),
            form(&[("wish", "stop"), ("nprs_after", "11")]),
            form(&[("wish", "amend"), ("count", "many")]),
            form(&[("wish", "fly")]),
        ] {
            assert_eq!(odd.command(), Err(()));
        }
    }
}
