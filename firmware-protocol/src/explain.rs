//! What bytes mean, for people: the frames of a family taken apart for a bug report.
//!
//! In: a characteristic, the notifications, answers or commands at it in their order, and what a live session
//! would know beside them ([`Known`]). Out: named values, told to a [`Tell`]; names carry their unit. No
//! allocation; who listens makes JSON of it.
//!
//! A session takes only what a session needs; this takes apart whatever the family is known to send or to be
//! sent. Both stand on the same `wire` module, so that they cannot disagree on a layout.

use crate::att::AttError;
use crate::session::{Refusal, Uuid};
use core::fmt;

/// One value that bytes turned out to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A whole number.
    Integer(i64),
    /// A number with its unit in the name.
    Number(f64),
    /// Several whole numbers, mostly x, y, z.
    Integers(&'a [i64]),
    /// Several numbers, mostly x, y, z.
    Numbers(&'a [f64]),
    /// Several x, y, z, oldest first.
    Vectors(&'a [[f64; 3]]),
    /// Words.
    Text(&'a str),
    /// Several words.
    Texts(&'a [&'a str]),
    /// A number that is written in hexadecimal: the value, and how many digits.
    Hex(u64, u8),
    /// Bytes, written in hexadecimal.
    Bytes(&'a [u8]),
    /// Yes or no.
    Flag(bool),
    /// Known to be absent.
    Nothing,
}

/// Takes what is told.
pub trait Tell {
    /// A value of the message, or of the list's entry that was begun last.
    fn value(&mut self, name: &'static str, value: Value<'_>);
    /// Begins a list of entries, each with values of its own; ended by [`Tell::end`].
    fn list(&mut self, name: &'static str);
    /// Begins the next entry of the list. A value with no name is the entry itself, see [`element`].
    fn entry(&mut self);
    /// Begins values that belong together under one name; ended by [`Tell::end`].
    fn group(&mut self, name: &'static str);
    /// Ends the list or the group begun last.
    fn end(&mut self);
}

/// What a live session would know besides the bytes: by the name a person would write.
pub trait Known {
    /// The value under this name, if it was given.
    fn text(&self, name: &str) -> Option<&str>;
    /// The value under this name as a number, if it was given and is one.
    fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }
}

/// Nothing is known beside the bytes.
impl Known for () {
    fn text(&self, _: &str) -> Option<&str> {
        None
    }
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the sensor: a notification, or the answer to a read.
    FromSensor,
    /// To the sensor: a command.
    ToSensor,
}

/// Bytes could not be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// The family has no such characteristic.
    Characteristic,
    /// They are not what the characteristic carries.
    Refused(Refusal),
    /// Something beside the bytes is missing: its name, and what may be given.
    Missing(&'static str, &'static str),
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Characteristic => {
                f.write_str("this family has no such characteristic in this direction; see its list of characteristics")
            }
            Self::Refused(why) => {
                write!(f, "refused ({}): this is not what the characteristic carries", why.words())
            }
            Self::Missing(name, what) => write!(f, "the bytes do not tell {name}; give it as {name}={what}"),
        }
    }
}

/// Words that are put together without a heap; what does not fit is left out.
#[derive(Clone, Copy, Debug)]
pub struct Words<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Words<N> {
    /// What this writes.
    pub fn of(what: fmt::Arguments<'_>) -> Self {
        let mut words = Self { bytes: [0; N], len: 0 };
        // Fails only when it is full, and then the rest is left out.
        let _ = fmt::write(&mut words, what);
        words
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Write for Words<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let into = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        into.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

/// Tells an entry that is no more than a value: words in a list of words, numbers in a list of such.
pub fn element(value: Value<'_>, tell: &mut dyn Tell) {
    tell.entry();
    tell.value("", value);
}

/// Three counts as values: `count * full_scale / full_count`.
pub fn scaled(counts: [i16; 3], full_scale: f64, full_count: f64) -> [f64; 3] {
    counts.map(|count| f64::from(count) * full_scale / full_count)
}

/// Tells the error with which the sensor would answer a write.
pub(crate) fn att_error(error: AttError, tell: &mut dyn Tell) -> Result<(), Unclear> {
    tell.value("att_error", Value::Integer(error.0.into()));
    Ok(())
}

/// Stands for the characteristic where the bytes are the manufacturer data of an advertisement.
pub const ADVERTISING: Uuid = Uuid(0);

/// Takes messages of one characteristic apart, one after the other, and keeps what spans several of them.
pub trait Explain {
    /// Tells what one message holds.
    ///
    /// # Errors
    /// If it is not what the characteristic carries, or if something beside the bytes must be known.
    fn message(
        &mut self,
        way: Way,
        characteristic: Uuid,
        bytes: &[u8],
        known: &dyn Known,
        tell: &mut dyn Tell,
    ) -> Result<(), Unclear>;
}
