//! Things that several tests share.

pub mod figures;
