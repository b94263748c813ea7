//! The pages: each takes what it shows and gives HTML. The frame around them, and what stands on every page, is here.

pub(super) mod calibrate;
pub(super) mod episode;
pub(super) mod red_flags;
pub(super) mod today;

use crate::care::guidance::standing_line;
use crate::care::red_flags::text;
use crate::store::episode::Standing;
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

/// The frame of every page: head, the fixed links, and what lumbard is not.
fn frame(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
            }
            body {
                header {
                    a.home href="/" { "lumbard" }
                    nav {
                        a href=(episode::PATH) { "Check-in" } a href="/red-flags" { "Red flags" }
                        a href="/calibrate" { "Calibrate" }
                    }
                }
                main { (content) }
                footer { p { (standing_line()) } }
            }
        }
    }
}

/// What comes before anything else: a red flag that waits for a professional, or the advice to see one.
fn care_banner(standing: Option<&Standing>) -> Markup {
    let red_flag = standing.and_then(|standing| standing.episode.red_flag());
    let advice = standing.and_then(|standing| standing.advice).and_then(|advice| advice.message());
    html! {
        @if let Some(level) = red_flag { p.act.first role="alert" { (text(level)) } }
        @else if let Some(message) = advice { p.first { (message.text) " " a href=(episode::PATH) { "More" } } }
    }
}

/// What stands where no page is.
pub(super) async fn not_found() -> (StatusCode, Markup) {
    let content = html! {
        h1 { "There is no page here" }
        p { "The address may have a typing slip. " a href="/" { "Today's page" } " has everything." }
    };
    (StatusCode::NOT_FOUND, frame("lumbard", &content))
}
