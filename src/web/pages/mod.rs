//! The pages: each takes what it shows and gives HTML. The frame around them, and what stands on every page, is here.

pub(super) mod calibrate;
pub(super) mod exercise;
pub(super) mod red_flags;
pub(super) mod today;

use crate::care::guidance::standing_line;
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
                        a href="/exercise" { "Exercise" }
                        a href="/calibrate" { "Calibrate" }
                        a href="/red-flags" { "Red flags" }
                    }
                }
                main { (content) }
                footer { p { (standing_line()) } }
            }
        }
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
