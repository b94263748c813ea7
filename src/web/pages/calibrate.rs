//! The calibrate page: where to wear the sensor, what to do now with a countdown, how good it became, and what to do on
//! a new try. Everything is there without a script, as of the moment it was loaded; the script keeps it fresh.

use super::super::live::{GuideMessage, ViewMessage};
use super::super::{App, PageCommand};
use super::frame;
use crate::chart::wearing;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

/// `GET /calibrate`.
pub(in crate::web) async fn page(State(app): State<App>) -> Markup {
    let view = ViewMessage::of(&app.shared.view.borrow());
    let idle = GuideMessage::idle();
    let guide = view.guide.as_ref().unwrap_or(&idle);
    let [desk, phone] = wearing::for_page();
    let content = html! {
        h1 { "Calibrate" }
        p #notice role="status" aria-live="polite" hidden {}
        div.calibrate {
            div {
                ol.steps {
                    li data-step="wear" { "Put the sensor on as in the picture." }
                    li data-step="stand" { "Stand still for 3 seconds, arms at your sides." }
                    li data-step="move" {
                        "Bend forward twice, only as far as is comfortable. Or walk for 20 seconds instead."
                    }
                }
                section #guide data-step=(guide.step) aria-label="What to do now" {
                    p #guide-words role="status" aria-live="polite" { (guide.words) }
                    progress #guide-share max="1" value=(guide.share) { }
                    p #guide-left.quiet { (guide.left) }
                    p #guide-quality.quiet { (guide.quality) }
                }
                form #calibrate action="/calibrate" method="post" {
                    button #guide-begin name="wish" value="begin" hidden[guide.running] { (guide.begin) }
                    button #guide-stop name="wish" value="stop" hidden[!guide.running] { "Stop" }
                }
                (offer(&view))
                p #link.quiet { (view.link_words) }
            }
            div #picture {
                h2 { "Where to wear the sensor" }
                div.desk { (PreEscaped(desk)) }
                div.phone { (PreEscaped(phone)) }
                p.quiet { (wearing::SENTENCE) " " @for note in wearing::NOTES { (note) " " } }
            }
        }
        noscript { p.quiet { "Without scripts this page shows the moment it was loaded. Load it again for news." } }
    };
    frame("Calibrate – lumbard", &content)
}

/// The walk that the wearer may accept, and the button for it.
pub(super) fn offer(view: &ViewMessage) -> Markup {
    html! {
        form #offer action="/calibrate" method="post" hidden[view.offer_words.is_none()] {
            span #offer-words { (view.offer_words.as_deref().unwrap_or_default()) }
            button name="wish" value="accept" { "Accept this upright" }
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
        Err(_) => super::super::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "The service does not answer just now. Try again, or use: lumbard calibrate",
        ),
    }
}
