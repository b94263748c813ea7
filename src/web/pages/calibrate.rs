//! The calibrate page: where to wear the sensor, what to do now with a countdown, how good it became, and what to do on
//! a new try. Everything is there without a script, as of the moment it was loaded; the script keeps it fresh.

use super::super::live::{GuideMessage, ViewMessage};
use super::super::{App, PageCommand};
use super::frame;
use crate::care::Locale;
use crate::chart::wearing;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

/// `GET /calibrate`.
pub(in crate::web) async fn page(State(app): State<App>) -> Markup {
    let (view, locale) = (ViewMessage::of(&app.shared.view.borrow()), app.locale());
    let (say, wearing_words) = (&locale.phrases().page, &locale.phrases().wearing);
    let idle = GuideMessage::idle(locale);
    let guide = view.guide.as_ref().unwrap_or(&idle);
    let [desk, phone] = wearing::for_page(locale);
    let content = html! {
        h1 { (say.calibrate) }
        p #notice role="status" aria-live="polite" hidden {}
        div.calibrate {
            div {
                ol.steps {
                    li data-step="wear" { (say.step_wear) }
                    li data-step="stand" { (say.step_stand) }
                    li data-step="move" { (say.step_move) }
                }
                section #guide data-step=(guide.step) aria-label=(say.what_now) {
                    p #guide-words role="status" aria-live="polite" { (guide.words) }
                    progress #guide-share max="1" value=(guide.share) { }
                    p #guide-left.quiet { (guide.left) }
                    p #guide-quality.quiet { (guide.quality) }
                }
                form #calibrate action="/calibrate" method="post" {
                    button #guide-begin name="wish" value="begin" hidden[guide.running] { (guide.begin) }
                    button #guide-stop name="wish" value="stop" hidden[!guide.running] { (say.stop) }
                }
                (offer(&view, locale))
                p #link.quiet { (view.link_words) }
            }
            div #picture {
                h2 { (wearing_words.title) }
                div.desk { (PreEscaped(desk)) }
                div.phone { (PreEscaped(phone)) }
                p.quiet { (wearing_words.sentence) " " @for note in &wearing_words.notes { (note) " " } }
            }
        }
        noscript { p.quiet { (say.no_script) } }
    };
    frame(locale, &say.calibrate, &content)
}

/// The walk that the wearer may accept, and the button for it.
pub(super) fn offer(view: &ViewMessage, locale: Locale) -> Markup {
    html! {
        form #offer action="/calibrate" method="post" hidden[view.offer_words.is_none()] {
            span #offer-words { (view.offer_words.as_deref().unwrap_or_default()) }
            button name="wish" value="accept" { (locale.phrases().page.accept) }
        }
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct WishForm {
    wish: String,
}

/// `POST /calibrate`.
pub(in crate::web) async fn wish(State(app): State<App>, Form(form): Form<WishForm>) -> Response {
    let command = match form.wish.as_str() {
        "begin" => PageCommand::Calibrate,
        "stop" => PageCommand::StopCalibrating,
        "accept" => PageCommand::AcceptRefresh,
        _ => return super::super::plain(StatusCode::BAD_REQUEST, "A calibration can be begun, stopped or accepted."),
    };
    match app.shared.commands.try_send(command) {
        Ok(()) => Redirect::to("/calibrate").into_response(),
        Err(_) => super::super::plain(StatusCode::SERVICE_UNAVAILABLE, &app.locale().phrases().page.busy),
    }
}
