//! The picture of where and which way up to wear the sensor. In: the ground it is drawn on. Out: SVG, and the same
//! as a small drawing for a terminal. Drawn by us; where the places lie is domain.md §4.

use super::look::{LABEL_PX, Role, SMALL_PX, TITLE_PX, Theme};
use super::text::{FAMILY, escape};
use crate::care::Locale;
use crate::care::phrases::Wearing;
use plotters::style::RGBColor;
use std::fmt::Write;

/// Its size in px.
const SIZE: (u32, u32) = (640, 452);

/// The person from behind: outline of head, trunk and hips.
const FROM_BEHIND: &str = "M176 92 C176 106 150 110 124 117 C107 122 104 136 108 152 C115 184 135 214 137 246 \
    C138 274 121 290 117 318 L114 372 M204 92 C204 106 230 110 256 117 C273 122 276 136 272 152 \
    C265 184 245 214 243 246 C242 274 259 290 263 318 L266 372 M190 332 L190 372";
const ARMS: &str = "M108 140 C96 176 88 214 84 262 M272 140 C284 176 292 214 296 262";
const SPINE: &str = "M190 112 L190 318";
const BELT: &str = "M124 286 C158 298 222 298 256 286";
/// The person from the side, looking to the right.
const SIDE_BACK: &str = "M452 106 C436 128 430 158 440 192 C450 222 454 238 446 262 C438 286 440 304 452 318 L456 372";
const SIDE_FRONT: &str = "M484 108 C504 134 514 160 510 196 C508 226 514 248 508 276 C506 300 500 312 496 326 L492 372";
/// Moves the person from the side away from the words.
const ASIDE: &str = " transform=\"translate(46 0)\"";
const SIDE_BELT: &str = "M443 286 C464 294 488 294 507 286";

/// The picture with its title and what else matters, for a file.
pub fn picture(theme: Theme, locale: Locale) -> String {
    let say = &locale.phrases().wearing;
    let (width, height) = SIZE;
    let (ink, ground) = (hex(theme.color(Role::Ink)), hex(theme.color(Role::Ground)));
    let mut inside = format!("<path fill=\"{ground}\" d=\"M0 0h{width}v{height}h-{width}z\"/>\n");
    let _ = writeln!(
        inside,
        "<text x=\"16\" y=\"24\" font-size=\"{TITLE_PX}\" font-weight=\"bold\" fill=\"{ink}\">{}</text>",
        escape(&say.title)
    );
    for (i, note) in say.notes.iter().enumerate() {
        let (y, note) = (410 + 15 * i, escape(note));
        let _ = writeln!(inside, "<text x=\"16\" y=\"{y}\" font-size=\"{SMALL_PX}\" fill=\"{ink}\">{note}</text>");
    }
    framed([0, 0, width, height], &(inside + &people(theme, say)), say)
}

/// The people alone, for a page that says the rest itself: for a desk both, for a phone the one from behind.
pub fn for_page(locale: Locale) -> [String; 2] {
    let say = &locale.phrases().wearing;
    let people = Theme::with_variables(people(Theme::Light, say));
    [[60, 32, 572, 362], [76, 32, 374, 362]].map(|part| framed(part, &people, say))
}

/// An SVG that shows this part of the drawing: left, top, width, height.
fn framed([left, top, width, height]: [u32; 4], inside: &str, say: &Wearing) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"{left} {top} {width} {height}\" role=\"img\" font-family=\"{FAMILY}, Verdana, sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n{inside}</svg>\n",
        escape(&say.title),
        escape(&say.sentence)
    )
}

/// Both people, the sensor on them, and what the places are called.
fn people(theme: Theme, words: &Wearing) -> String {
    let color = |role| hex(theme.color(role));
    let (ink, paper, plan, edge) = (color(Role::Ink), color(Role::Ground), color(Role::Plan), color(Role::StillEdge));
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let mut line = |path: &str, role, px: f64, more: &str| {
        let _ = writeln!(
            svg,
            "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{px}\" stroke-linecap=\"round\" \
             stroke-linejoin=\"round\"{more} d=\"{path}\"/>",
            color(role)
        );
    };
    line(FROM_BEHIND, Role::Ink, 3.0, "");
    for body in [SIDE_BACK, SIDE_FRONT] {
        line(body, Role::Ink, 3.0, ASIDE);
    }
    line(ARMS, Role::StillEdge, 3.0, "");
    line(SPINE, Role::StillEdge, 2.0, " stroke-dasharray=\"1 8\"");
    line(BELT, Role::StillEdge, 5.0, "");
    line(SIDE_BELT, Role::StillEdge, 5.0, ASIDE);
    // Leader lines, from the words to the places.
    line("M208 240 L330 206", Role::Quiet, 1.0, "");
    line("M204 304 L330 304", Role::Quiet, 1.0, "");
    // Up and forward, beside the person from the side.
    line("M580 176 L580 128 M573 138 L580 128 L587 138", Role::Plan, 2.5, "");
    line("M580 176 L624 176 M614 169 L624 176 L614 183", Role::Plan, 2.5, "");
    for shape in [
        format!("<circle cx=\"190\" cy=\"66\" r=\"26\" fill=\"{paper}\" stroke=\"{ink}\" stroke-width=\"3\"/>"),
        format!("<circle cx=\"522\" cy=\"68\" r=\"26\" fill=\"{paper}\" stroke=\"{ink}\" stroke-width=\"3\"/>"),
        format!("<rect x=\"177\" y=\"222\" width=\"26\" height=\"42\" rx=\"7\" fill=\"{plan}\"/>"),
        format!("<circle cx=\"190\" cy=\"231\" r=\"3\" fill=\"{paper}\"/>"),
        format!(
            "<rect x=\"179\" y=\"296\" width=\"22\" height=\"16\" rx=\"5\" fill=\"{paper}\" stroke=\"{edge}\" \
             stroke-width=\"2\" stroke-dasharray=\"4 3\"/>"
        ),
        format!("<rect x=\"482\" y=\"222\" width=\"10\" height=\"42\" rx=\"4\" fill=\"{plan}\"/>"),
    ] {
        svg.push_str(&shape);
        svg.push('\n');
    }
    let mut say = |x: u32, y: u32, px: f64, role, text: &str| {
        let weight = if px > SMALL_PX { " font-weight=\"bold\"" } else { "" };
        let (color, text) = (color(role), escape(text));
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" font-size=\"{px}\"{weight} fill=\"{color}\">{text}</text>");
    };
    for (place, y) in [(&words.best, 203), (&words.also, 301)] {
        say(336, y, LABEL_PX, Role::Ink, &place[0]);
        say(336, y + 16, SMALL_PX, Role::Quiet, &place[1]);
        say(336, y + 30, SMALL_PX, Role::Quiet, &place[2]);
    }
    say(156, 388, SMALL_PX, Role::Quiet, &words.from_behind);
    say(490, 388, SMALL_PX, Role::Quiet, &words.from_the_side);
    say(573, 120, SMALL_PX, Role::Plan, &words.up);
    say(586, 198, SMALL_PX, Role::Plan, &words.forward);
    svg
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// The same for a terminal.
pub fn drawing(locale: Locale) -> String {
    let say = &locale.phrases().wearing;
    let mut text = format!(
        "          .-.
         (   )
       .--' '--.
      /|   :   |\\        {}
     / |   :   | \\
    /  |  [o]  |  \\  --- ",
        say.seen_from_behind
    );
    let _ = write!(
        text,
        "{}, {} {}
       |  [_]  |
      /=========\\    --- {}
      |    +    |    --- {}, {} {}
      |    |    |

",
        say.best[0], say.best[1], say.best[2], say.the_belt, say.also[0], say.also[1], say.also[2]
    );
    for note in &say.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::words::objection;
    use crate::chart::raster;

    #[test]
    fn it_draws_on_every_ground_and_says_nothing_we_never_say() {
        for theme in [Theme::Light, Theme::Dark] {
            assert_eq!(&raster::png(&picture(theme, Locale::En)).unwrap()[..4], b"\x89PNG");
        }
        for locale in Locale::ALL {
            for page in for_page(locale) {
                assert!(page.contains("var(--plan)") && !page.contains("\"#"), "{page}");
            }
            assert_eq!(objection(locale, &drawing(locale)), None, "{}", drawing(locale));
        }
    }
}
