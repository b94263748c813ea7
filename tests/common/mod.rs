//! Things that several tests share; not every test uses all of them.

pub(crate) mod figures;
pub(crate) mod stored;
