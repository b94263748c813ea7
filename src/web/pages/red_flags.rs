//! The red-flag page: what to look out for, and what to do on a yes. It asks nothing and stores nothing.

use super::super::App;
use super::frame;
use crate::care::red_flags::{Level, questions, text};
use axum::extract::State;
use maud::{Markup, html};

/// `GET /red-flags`.
pub(in crate::web) async fn page(State(app): State<App>) -> Markup {
    let locale = app.locale();
    let say = &locale.phrases().red_flags;
    let block = |level: Level, title: &str| {
        html! {
            section.flags {
                h2 { (title) }
                ul {
                    @for flag in questions().iter().filter(|flag| flag.level == level) { li { (flag.question(locale)) } }
                }
                p.act { (text(level, locale)) }
            }
        }
    };
    let content = html! {
        h1 { (say.title) }
        p { (say.intro) }
        (block(Level::Emergency, &say.within_hours))
        (block(Level::Urgent, &say.today))
    };
    frame(locale, &say.title, &content)
}
