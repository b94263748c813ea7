//! The back end behind `plotters`: takes its shapes in tenths of a px and writes small, plain SVG.
//!
//! Neighbouring shapes of one style become one path, so a day's bars are one element. What plotters
//! cannot say is added as elements of our own: `Hatch`. Colours are solid, so that every renderer
//! and every printer shows the same.

use super::look::{HATCH_STEP_PX, Look, Role, Theme};
use super::text::{FAMILY, escape};
use plotters::element::{Drawable, PointCollection};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;
use std::fmt::{self, Write};

/// Back-end units for each px: plotters counts whole numbers, and a tenth of a px is fine enough.
pub(super) const PER_PX: f64 = 10.0;
/// How far below the middle of a line of text its baseline lies, for each unit of size: half the
/// height of a capital of DejaVu Sans.
const BASELINE_PER_SIZE: f64 = 0.365;
/// How far below its top the baseline of a text lies, for each unit of size: the height of a capital.
const CAPITAL_PER_SIZE: f64 = 0.73;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Fill or line, its colour, and the width of the line in tenths of a px.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ink {
    color: (u8, u8, u8),
    /// `None` is a fill.
    line: Option<u32>,
}

/// A drawing in the making.
pub struct Canvas<'a> {
    svg: &'a mut String,
    size: (u32, u32),
    /// The style and outline of the path that is still growing.
    open: Option<(Ink, String)>,
}

/// A length in px with at most one decimal.
struct Px(i32);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        match (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10) {
            (whole, 0) => write!(f, "{sign}{whole}"),
            (whole, tenth) => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

/// What a finished drawing is told besides its shapes.
pub(super) struct Caption<'a> {
    /// What the figure is, for a reader's ear and a browser's tip.
    pub(super) title: &'a str,
    /// The answer in words.
    pub(super) description: &'a str,
    /// How much of the upper edge is cut off, px at 1x: a page says the sentence itself.
    pub(super) cut: f64,
}

/// Draws a figure: `paint` is given the canvas, and the finished SVG comes back.
pub(super) fn draw<E>(
    look: Look,
    caption: &Caption<'_>,
    paint: impl FnOnce(Canvas<'_>) -> Result<(), E>,
) -> Result<String, E> {
    let (width, height) = look.size.px();
    let scale = look.size.scale();
    let mut svg = String::with_capacity(32 * 1024);
    // A page forbids styles inside its markup, and its style sheet says the same.
    let style = if look.theme == Theme::Page { "" } else { " style=\"font-variant-numeric:tabular-nums\"" };
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 {} {width} {}\" \
         role=\"img\" font-family=\"{FAMILY}, Verdana, sans-serif\"{style}>\n<title>{}</title>\n<desc>{}</desc>\n",
        width * scale,
        (height - caption.cut) * scale,
        caption.cut,
        height - caption.cut,
        escape(caption.title),
        escape(caption.description)
    );
    let in_units = |px: f64| (px * PER_PX).round() as u32;
    paint(Canvas { svg: &mut svg, size: (in_units(width), in_units(height)), open: None })?;
    svg.push_str("</svg>\n");
    Ok(if look.theme == Theme::Page { Theme::with_variables(svg) } else { svg })
}

impl Canvas<'_> {
    /// The path to which shapes of this style are added.
    fn path(&mut self, ink: Ink) -> &mut String {
        if self.open.as_ref().is_none_or(|(open, _)| *open != ink) {
            self.close_path();
        }
        &mut self.open.get_or_insert_with(|| (ink, String::new())).1
    }

    fn close_path(&mut self) {
        let Some((ink, outline)) = self.open.take() else { return };
        let (red, green, blue) = ink.color;
        let _ = match ink.line {
            None => writeln!(self.svg, "<path fill=\"#{red:02X}{green:02X}{blue:02X}\" d=\"{outline}\"/>"),
            Some(width) => writeln!(
                self.svg,
                "<path fill=\"none\" stroke=\"#{red:02X}{green:02X}{blue:02X}\" stroke-width=\"{}\" \
                 stroke-linejoin=\"round\" d=\"{outline}\"/>",
                Px(width as i32)
            ),
        };
    }

    fn line(&mut self, color: BackendColor, width: u32, points: impl IntoIterator<Item = BackendCoord>, closed: bool) {
        let outline = self.path(Ink { color: color.rgb, line: Some(width) });
        trace(outline, points, closed);
    }
}

impl Drop for Canvas<'_> {
    fn drop(&mut self) {
        self.close_path();
    }
}

/// Appends a run of points: absolute first, then relative, which is shorter.
fn trace(outline: &mut String, points: impl IntoIterator<Item = BackendCoord>, closed: bool) {
    let mut before: Option<BackendCoord> = None;
    for (x, y) in points {
        let _ = match before {
            None => write!(outline, "M{} {}", Px(x), Px(y)),
            Some((at_x, at_y)) if at_y == y => write!(outline, "h{}", Px(x - at_x)),
            Some((at_x, at_y)) if at_x == x => write!(outline, "v{}", Px(y - at_y)),
            Some((at_x, at_y)) => write!(outline, "l{} {}", Px(x - at_x), Px(y - at_y)),
        };
        before = Some((x, y));
    }
    if closed && before.is_some() {
        outline.push('z');
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let outline = self.path(Ink { color: color.rgb, line: None });
        trace(outline, [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], true);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.line(style.color(), style.stroke_width(), [from, to], false);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x0, y0): BackendCoord,
        (x1, y1): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
        if fill {
            trace(self.path(Ink { color: style.color().rgb, line: None }), corners, true);
        } else {
            self.line(style.color(), style.stroke_width(), corners, true);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.line(style.color(), style.stroke_width(), path, false);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let line = (!fill).then(|| style.stroke_width());
        let outline = self.path(Ink { color: style.color().rgb, line });
        let (r, across) = (radius as i32, 2 * radius as i32);
        let _ = write!(
            outline,
            "M{} {}a{r} {r} 0 1 0 {w} 0a{r} {r} 0 1 0 -{w} 0",
            Px(x - r),
            Px(y),
            r = Px(r),
            w = Px(across)
        );
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        trace(self.path(Ink { color: style.color().rgb, line: None }), vert, true);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        self.close_path();
        let size = style.size();
        let anchor = style.anchor();
        let baseline = match anchor.v_pos {
            VPos::Top => size * CAPITAL_PER_SIZE,
            VPos::Center => size * BASELINE_PER_SIZE,
            VPos::Bottom => 0.0,
        };
        let align = match anchor.h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let weight = if style.style().as_str() == "bold" { " font-weight=\"bold\"" } else { "" };
        let (red, green, blue) = style.color().rgb;
        let _ = writeln!(
            self.svg,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{align} fill=\"#{red:02X}{green:02X}{blue:02X}\">{}</text>",
            Px(x),
            Px(y + baseline.round() as i32),
            size / PER_PX,
            escape(text)
        );
        Ok(())
    }
}

/// A rectangle of 45 degree lines: what is not known. Lines of neighbouring rectangles meet.
pub(super) struct Hatch<C> {
    corners: [C; 2],
    color: RGBColor,
}

impl<C> Hatch<C> {
    /// Between two opposite corners, in the usual colour.
    pub(super) fn new(corners: [C; 2], theme: Theme) -> Self {
        Self { corners, color: theme.color(Role::Hatch) }
    }

    /// Between two opposite corners, in a colour of its own.
    pub(super) fn colored(corners: [C; 2], color: RGBColor) -> Self {
        Self { corners, color }
    }
}

impl<'a, C> PointCollection<'a, C> for &'a Hatch<C> {
    type Point = &'a C;
    type IntoIter = std::slice::Iter<'a, C>;
    fn point_iter(self) -> Self::IntoIter {
        self.corners.iter()
    }
}

impl<C> Drawable<Canvas<'_>> for Hatch<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut corners: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        /// Width of a hatch line, tenths of a px.
        const LINE: u32 = 9;
        let (Some(one), Some(other)) = (corners.next(), corners.next()) else { return Ok(()) };
        let (left, right) = (one.0.min(other.0), one.0.max(other.0));
        let (top, bottom) = (one.1.min(other.1), one.1.max(other.1));
        let step = (HATCH_STEP_PX * PER_PX) as i32;
        let RGBColor(red, green, blue) = self.color;
        let outline = canvas.path(Ink { color: (red, green, blue), line: Some(LINE) });
        // A line of the hatch is where x + y is a multiple of the step.
        let mut sum = (left + top).div_euclid(step) * step + step;
        while sum < right + bottom {
            let from = (left.max(sum - bottom), bottom.min(sum - left));
            let to = (right.min(sum - top), top.max(sum - right));
            trace(outline, [from, to], false);
            sum += step;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::{IntoDrawingArea, Rectangle, ShapeStyle};

    fn drawn(paint: impl FnOnce(Canvas<'_>) -> Result<(), Infallible>) -> String {
        match draw(Look::default(), &Caption { title: "a <title>", description: "words", cut: 0.0 }, paint) {
            Ok(svg) => svg,
            Err(never) => match never {},
        }
    }

    #[test]
    fn shapes_of_one_style_become_one_path_with_tenths_of_a_px() {
        let svg = drawn(|canvas| {
            let area = canvas.into_drawing_area();
            let style = ShapeStyle { color: RGBColor(1, 2, 3).into(), filled: true, stroke_width: 10 };
            for x in [0, 15] {
                area.draw(&Rectangle::new([(x, 0), (x + 12, 20)], style)).unwrap();
            }
            Ok(())
        });
        assert!(svg.contains("<path fill=\"#010203\" d=\"M0 0h1.2v2h-1.2zM1.5 0h1.2v2h-1.2z\"/>"), "{svg}");
        assert!(svg.contains("<title>a &lt;title&gt;</title>"));
    }

    #[test]
    fn hatch_lines_stay_inside_their_rectangle_and_meet_those_of_the_neighbour() {
        let lines = |from: (i32, i32), to: (i32, i32)| {
            let svg = drawn(|canvas| {
                canvas.into_drawing_area().draw(&Hatch::colored([from, to], RGBColor(9, 9, 9))).unwrap();
                Ok(())
            });
            svg.split("M").skip(1).map(|line| line.split(['"', 'l']).next().unwrap_or_default().to_owned()).collect()
        };
        let whole: Vec<String> = lines((0, 0), (700, 140));
        let part: Vec<String> = lines((350, 0), (700, 140));
        assert!(whole.len() > 9);
        // Where a line starts on the lower edge, both have it; on its left edge the part begins anew.
        let on_lower_edge = part.iter().filter(|start| start.ends_with(" 14")).count();
        assert_eq!(on_lower_edge, part.iter().filter(|start| start.ends_with(" 14") && whole.contains(start)).count());
        assert!(on_lower_edge > 2);
    }
}
