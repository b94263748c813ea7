//! The few strokes figures are made of, on plotters' drawing areas: takes px at 1x and data values, hides units and styles.

use super::ChartError;
use super::canvas::{Canvas, Hatch, PER_PX};
use super::look::{Look, Role, SMALL_PX};
use super::text::{font, load_fonts};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};
use std::ops::Range;

/// A rectangle of the sheet, px at 1x.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// How a piece of text is set.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub(super) px: f64,
    pub(super) role: Role,
    pub(super) bold: bool,
    pub(super) across: HPos,
    pub(super) along: VPos,
}

impl Type {
    /// Small, quiet, from the left, centred on its line.
    pub(super) const SMALL: Type =
        Type { px: SMALL_PX, role: Role::Quiet, bold: false, across: HPos::Left, along: VPos::Center };

    pub(super) fn of(self, px: f64) -> Self {
        Self { px, ..self }
    }
    pub(super) fn ink(self, role: Role) -> Self {
        Self { role, ..self }
    }
    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    pub(super) fn right(self) -> Self {
        Self { across: HPos::Right, ..self }
    }
    pub(super) fn centre(self) -> Self {
        Self { across: HPos::Center, ..self }
    }
    pub(super) fn above(self) -> Self {
        Self { along: VPos::Bottom, ..self }
    }

    fn style(self, look: Look) -> TextStyle<'static> {
        let color = look.theme.color(self.role).to_backend_color();
        TextStyle { font: font(self.px, self.bold), color, pos: Pos::new(self.across, self.along) }
    }
}

fn units(px: f64) -> i32 {
    (px * PER_PX).round() as i32
}

fn fill(color: RGBColor) -> ShapeStyle {
    ShapeStyle { color: color.into(), filled: true, stroke_width: 0 }
}

fn stroke(color: RGBColor, px: f64) -> ShapeStyle {
    ShapeStyle { color: color.into(), filled: false, stroke_width: units(px).unsigned_abs() }
}

/// The whole figure.
pub(super) struct Sheet<'a> {
    root: DrawingArea<Canvas<'a>, Shift>,
    pub(super) look: Look,
}

impl<'a> Sheet<'a> {
    /// An empty sheet with its ground.
    pub(super) fn new(canvas: Canvas<'a>, look: Look) -> Result<Self, ChartError> {
        load_fonts()?;
        let root = canvas.into_drawing_area();
        root.fill(&look.theme.color(Role::Ground))?;
        Ok(Self { root, look })
    }

    /// Text at a place of the sheet.
    pub(super) fn text(&self, x: f64, y: f64, text: &str, set: Type) -> Result<(), ChartError> {
        Ok(self.root.draw(&Text::new(text, (units(x), units(y)), set.style(self.look)))?)
    }

    /// A part of the sheet with scales of its own; `up` runs from the lower edge to the upper one.
    pub(super) fn panel(&self, frame: Frame, across: Range<f64>, up: Range<f64>) -> Panel<'a> {
        let scales = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
            across,
            up,
            (units(frame.left)..units(frame.right), units(frame.bottom)..units(frame.top)),
        );
        Panel { area: self.root.apply_coord_spec(scales), look: self.look, root: self.root.clone() }
    }
}

/// A part of the sheet with scales.
pub(super) struct Panel<'a> {
    area: DrawingArea<Canvas<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    root: DrawingArea<Canvas<'a>, Shift>,
    look: Look,
}

impl Panel<'_> {
    /// Where a point lies on the sheet, px at 1x.
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = self.area.map_coordinate(&(x, y));
        (f64::from(x) / PER_PX, f64::from(y) / PER_PX)
    }

    fn corners(&self, across: &Range<f64>, up: &Range<f64>) -> [(i32, i32); 2] {
        [self.area.map_coordinate(&(across.start, up.end)), self.area.map_coordinate(&(across.end, up.start))]
    }

    /// A filled rectangle.
    pub(super) fn bar(&self, across: Range<f64>, up: Range<f64>, role: Role) -> Result<(), ChartError> {
        self.colored_bar(across, up, self.look.theme.color(role))
    }

    /// A filled rectangle in a mixed colour.
    pub(super) fn colored_bar(&self, across: Range<f64>, up: Range<f64>, color: RGBColor) -> Result<(), ChartError> {
        Ok(self.root.draw(&Rectangle::new(self.corners(&across, &up), fill(color)))?)
    }

    /// A filled rectangle of at least `least` px across, so that something short can still be seen.
    pub(super) fn wide_bar(
        &self,
        across: Range<f64>,
        up: Range<f64>,
        role: Role,
        least: f64,
    ) -> Result<(), ChartError> {
        let [(left, top), (right, bottom)] = self.corners(&across, &up);
        let right = right.max(left + units(least));
        Ok(self.root.draw(&Rectangle::new([(left, top), (right, bottom)], fill(self.look.theme.color(role))))?)
    }

    /// The edge of a rectangle, drawn inside it.
    pub(super) fn outline(&self, across: Range<f64>, up: Range<f64>, role: Role, px: f64) -> Result<(), ChartError> {
        self.colored_outline(across, up, self.look.theme.color(role), px)
    }

    /// The edge of a rectangle in a mixed colour.
    pub(super) fn colored_outline(
        &self,
        across: Range<f64>,
        up: Range<f64>,
        color: RGBColor,
        px: f64,
    ) -> Result<(), ChartError> {
        let [(left, top), (right, bottom)] = self.corners(&across, &up);
        let half = units(px / 2.0);
        let corners = [(left + half, top + half), ((right - half).max(left + half), bottom - half)];
        Ok(self.root.draw(&Rectangle::new(corners, stroke(color, px)))?)
    }

    /// 45 degree lines over a rectangle: not known.
    pub(super) fn hatch(&self, across: Range<f64>, up: Range<f64>) -> Result<(), ChartError> {
        Ok(self.root.draw(&Hatch::new(self.corners(&across, &up), self.look.theme))?)
    }

    /// 45 degree lines in a colour of their own.
    pub(super) fn colored_hatch(&self, across: Range<f64>, up: Range<f64>, color: RGBColor) -> Result<(), ChartError> {
        Ok(self.root.draw(&Hatch::colored(self.corners(&across, &up), color))?)
    }

    /// A line through points.
    pub(super) fn line(&self, points: &[(f64, f64)], role: Role, px: f64) -> Result<(), ChartError> {
        Ok(self.area.draw(&PathElement::new(points.to_vec(), stroke(self.look.theme.color(role), px)))?)
    }

    /// A filled outline.
    pub(super) fn shape(&self, points: Vec<(f64, f64)>, role: Role) -> Result<(), ChartError> {
        Ok(self.area.draw(&Polygon::new(points, fill(self.look.theme.color(role))))?)
    }

    /// A filled dot, `radius` in px.
    pub(super) fn dot(&self, x: f64, y: f64, radius: f64, role: Role) -> Result<(), ChartError> {
        Ok(self.area.draw(&Circle::new((x, y), units(radius), fill(self.look.theme.color(role))))?)
    }

    /// A ring, `radius` to the middle of its line, in px.
    pub(super) fn ring(&self, x: f64, y: f64, radius: f64, role: Role, px: f64) -> Result<(), ChartError> {
        Ok(self.area.draw(&Circle::new((x, y), units(radius), stroke(self.look.theme.color(role), px)))?)
    }

    /// Text at a point of the scales, moved by px.
    pub(super) fn text(
        &self,
        (x, y): (f64, f64),
        (right, down): (f64, f64),
        text: &str,
        set: Type,
    ) -> Result<(), ChartError> {
        let (x, y) = self.area.map_coordinate(&(x, y));
        Ok(self.root.draw(&Text::new(text, (x + units(right), y + units(down)), set.style(self.look)))?)
    }
}
