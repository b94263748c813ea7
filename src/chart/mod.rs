//! Draws figures: one function for each, as SVG and PNG.
