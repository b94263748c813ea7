//! The pages: each takes what it shows and gives HTML. The frame around them, and what stands on every page, is here.

pub(super) mod calibrate;
pub(super) mod episode;
pub(super) mod exercise;
pub(super) mod red_flags;
pub(super) mod today;

use super::App;
use crate::care::guidance::standing_line;
use crate::care::red_flags::text;
use crate::care::{Advice, Locale};
use crate::store::episode::Standing;
use axum::extract::State;
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

/// The frame of every page: head, the fixed links, and what lumbard is not. What the script says by itself when
/// nothing comes any more stands on the body, in the page's language.
fn frame(locale: Locale, title: &str, content: &Markup) -> Markup {
    let say = &locale.phrases().page;
    html! {
        (DOCTYPE)
        html lang=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if !title.is_empty() { (title) " – " } "lumbard" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
            }
            body data-lost-posture=(say.lost_posture) data-lost=(say.lost) data-lost-link=(say.lost_link)
                data-snooze-not-taken=(say.snooze_not_taken) data-not-taken=(say.not_taken) {
                header {
                    a.home href="/" { "lumbard" }
                    nav {
                        a href=(episode::PATH) { (locale.phrases().episode.title) }
                        a href="/red-flags" { (say.red_flags) }
                        a href="/exercise" { (locale.phrases().set.title) }
                        a href="/calibrate" { (say.calibrate) }
                    }
                }
                main { (content) }
                footer { p { (standing_line(locale)) } }
            }
        }
    }
}

/// What comes before anything else: a red flag that waits for a professional, or the advice to see one.
fn care_banner(standing: Option<&Standing>, locale: Locale) -> Markup {
    let red_flag = standing.and_then(|standing| standing.episode.red_flag());
    let advice = standing.and_then(|standing| standing.advice).and_then(Advice::message);
    html! {
        @if let Some(level) = red_flag { p.act.first role="alert" { (text(level, locale)) } }
        @else if let Some(message) = advice { p.first { (message.text(locale)) } }
    }
}

/// What stands where no page is.
pub(super) async fn not_found(State(app): State<App>) -> (StatusCode, Markup) {
    let locale = app.locale();
    let say = &locale.phrases().page;
    let content = html! {
        h1 { (say.no_page) }
        p { (say.no_page_why) " " a href="/" { (say.today) } }
    };
    (StatusCode::NOT_FOUND, frame(locale, "", &content))
}
