//! Draws a day or a week, and where to wear the sensor: takes plain figures of what happened, gives SVG, PNG or a text table of the same numbers.
//!
//! One function per figure, one struct per figure ([`data`]). `plotters` lays out panels and maps times
//! and angles to places; [`canvas`] is the back end that turns its shapes into SVG, because the stock
//! one knows whole pixels only, no hatch, and writes one element for each bar. What a figure looks like
//! (colours, sizes, marks for what is not known) stands in [`look`]. Nothing here decides what a bend
//! or a step is, and nothing but [`load`] knows the store.

pub mod canvas;
pub mod data;
pub mod day;
pub mod load;
pub mod look;
pub mod raster;
pub mod table;
pub mod text;
pub mod wearing;
pub mod week;
pub mod words;

mod axis;
mod panel;

use thiserror::Error;

/// Why a figure could not be drawn.
#[derive(Debug, Error)]
pub enum ChartError {
    /// The embedded font could not be used.
    #[error("the font inside this program cannot be read, so no figure can be drawn; build lumbard again")]
    Font,
    /// `plotters` refused the layout.
    #[error("the figure could not be laid out ({0}); please report it with the command you used")]
    Layout(String),
    /// The picture could not be made from the drawing.
    #[error("the drawing could not be turned into a picture ({0}); the SVG form (-o FILE.svg) still works")]
    Raster(String),
    /// A time of the figure lies outside the calendar.
    #[error("{0} cannot be placed in the calendar of zone {1}; check the date and the zone of the recording")]
    Calendar(String, String),
}

impl<E: std::error::Error + Send + Sync> From<plotters::drawing::DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: plotters::drawing::DrawingAreaErrorKind<E>) -> Self {
        Self::Layout(error.to_string())
    }
}
