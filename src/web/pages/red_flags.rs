//! The red-flag page: what to look out for, and what to do on a yes. It asks nothing and stores nothing.

use super::frame;
use crate::care::red_flags::{Level, questions, text};
use maud::{Markup, html};

/// `GET /red-flags`.
pub(in crate::web) async fn page() -> Markup {
    let block = |level: Level, title: &str| {
        html! {
            section.flags {
                h2 { (title) }
                ul { @for flag in questions().iter().filter(|flag| flag.level == level) { li { (flag.question) } } }
                p.act { (text(level)) }
            }
        }
    };
    let content = html! {
        h1 { "Red flags" }
        p { "Most back pain settles by itself. These few signs need a doctor. If one of them is true for you, do what stands below it." }
        (block(Level::Emergency, "Within hours"))
        (block(Level::Urgent, "Today"))
    };
    frame("Red flags – lumbard", &content)
}
