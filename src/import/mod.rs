//! Reads recordings of other programs: one file for each format.
