//! Writes recordings and tables in open formats: one file for each format.
