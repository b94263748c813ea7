//! What each kind of sensor is: how it is found, what it can do, and how far our knowledge of it was checked.

use crate::explain::{Explain, Known, Tell, Unclear, Way};
use crate::session::{Action, Counts, Event, Moment, Session, Signal, Uuid, Wanted};
use crate::{metamotion, movella_dot, movesense, open_motion, polar, witmotion};

/// A kind of sensor.
#[derive(Debug)]
pub struct Family {
    /// The word in flags, files and columns.
    pub id: &'static str,
    /// The word under which its bytes are taken apart, and under which test vectors name it.
    pub device: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Models known to belong to it.
    pub models: &'static [&'static str],
    /// The service that proves it after connecting.
    pub service: Uuid,
    /// The characteristics that must be there.
    pub characteristics: &'static [Uuid],
    /// Names that begin like this belong to the family.
    pub accept_names: &'static [&'static str],
    /// Names that begin like this look like the family, and are refused with the reason.
    pub refuse_names: &'static [(&'static str, &'static str)],
    /// The service is known to be in the advertisement.
    pub advertises_service: bool,
    /// It has a gyroscope.
    pub gyro: bool,
    /// It numbers its samples, so that every loss is known.
    pub counter: bool,
    /// It sends its own clock.
    pub clock: bool,
    /// The rates it can be set to, in Hz, rising; with none, any up to [`Family::highest_rate_hz`].
    pub rates_hz: &'static [f64],
    /// The highest rate worth asking for over the air, in Hz.
    pub highest_rate_hz: f64,
    /// The usual delay from movement to arrival, in ms: at best, and with a slow connection interval.
    pub delay_ms: (u16, u16),
    /// How well it suits warnings while a movement is going on.
    pub live: Suits,
    /// How it can call attention to itself, and so warn where the bend happens or show which one it is.
    pub cue: Cue,
    /// What its numbers span, for people.
    pub range: &'static str,
    /// How a lost sample is noticed, for people.
    pub loss: &'static str,
    /// What on the air guards a sample's bytes beyond the link's own checksum; with none, implausible
    /// samples can only be flagged.
    pub guard: Option<&'static str>,
    /// It can keep a recording of its own while the host is out of reach. lumbard does not fetch it.
    pub logs: bool,
    /// What our knowledge of its bytes was checked against.
    pub checked: Checked,
    /// What a person choosing a sensor should know.
    pub note: &'static str,
    pub(crate) begin: fn(Wanted) -> AnySession,
    /// Takes its bytes apart for people, from a fresh start.
    pub explain: fn() -> AnyExplain,
}

/// How well a sensor suits live warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suits {
    /// Nothing known speaks against it.
    Well,
    /// Usable, with this reservation.
    Limited(&'static str),
    /// For recordings only, for this reason.
    No(&'static str),
}

/// How a sensor can call attention to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// It vibrates: felt where the bend happens.
    Vibration,
    /// It sounds.
    Sound,
    /// A light alone: it shows which one it is, and warns nobody.
    Light,
    /// Nothing that can be asked for.
    Nothing,
}

/// What a decoder was checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Bytes that a real sensor sent.
    SensorBytes,
    /// Examples that the maker publishes.
    VendorExamples,
    /// The written layout alone.
    LayoutOnly,
    /// We define it: the examples of its specification.
    OwnSpecification,
}

impl Checked {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SensorBytes => "bytes of a real sensor",
            Self::VendorExamples => "the maker's examples",
            Self::LayoutOnly => "the written layout only",
            Self::OwnSpecification => "its specification's examples",
        }
    }
}

/// Makes the list of families, and the enums that hold a session or an explanation of any of them.
///
/// A line is `Name(module)`: the module has `FAMILY`, a session `Name` and an `Explainer`.
macro_rules! families {
    ($($(#[$doc:meta])* $name:ident($module:ident),)+) => {
        /// All kinds of sensors that this crate speaks to.
        pub static FAMILIES: [&Family; [$(stringify!($name)),+].len()] = [$(&$module::FAMILY),+];

        /// A session of any family.
        #[derive(Clone, Debug)]
        // One link has one session, and there is no heap to put the larger ones on.
        #[allow(clippy::large_enum_variant)]
        pub enum AnySession {
            $($(#[$doc])* $name($module::$name),)+
        }

        impl Session for AnySession {
            fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
                match self {
                    $(Self::$name(session) => session.handle(now, event, act),)+
                }
            }
            fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
                match self {
                    $(Self::$name(session) => session.signal(signal, act),)+
                }
            }
            fn wake_at(&self) -> Option<Moment> {
                match self {
                    $(Self::$name(session) => session.wake_at(),)+
                }
            }
            fn counts(&self) -> &Counts {
                match self {
                    $(Self::$name(session) => session.counts(),)+
                }
            }
        }

        /// Takes the bytes of any family apart.
        #[derive(Clone, Debug)]
        // As above.
        #[allow(clippy::large_enum_variant)]
        pub enum AnyExplain {
            $($(#[$doc])* $name($module::Explainer),)+
        }

        impl Explain for AnyExplain {
            fn message(
                &mut self,
                way: Way,
                characteristic: Uuid,
                bytes: &[u8],
                known: &dyn Known,
                tell: &mut dyn Tell,
            ) -> Result<(), Unclear> {
                match self {
                    $(Self::$name(explainer) => explainer.message(way, characteristic, bytes, known, tell),)+
                }
            }
        }
    };
}

families! {
    /// Our own open profile.
    OpenMotion(open_motion),
    /// WitMotion.
    WitMotion(witmotion),
    /// MbientLab's MetaMotion boards.
    MetaMotion(metamotion),
    /// Polar's measurement data service.
    Polar(polar),
    /// Movesense.
    Movesense(movesense),
    /// Movella DOT.
    MovellaDot(movella_dot),
}

/// What an advertisement turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Recognised {
    /// A sensor of this family.
    As(&'static Family),
    /// It looks like this family, but cannot be used, for the reason given.
    Refused(&'static Family, &'static str),
    /// Nothing we know.
    Unknown,
}

/// Tells what a device is from what it advertises: services first, then the name.
pub fn recognise(name: Option<&str>, services: &[Uuid]) -> Recognised {
    for family in FAMILIES {
        if let Some(name) = name
            && let Some((_, why)) = family.refuse_names.iter().find(|(start, _)| starts(name, start))
        {
            return Recognised::Refused(family, why);
        }
    }
    let by_service = FAMILIES.iter().find(|family| services.contains(&family.service));
    let by_name =
        || FAMILIES.iter().find(|f| name.is_some_and(|name| f.accept_names.iter().any(|start| starts(name, start))));
    match by_service.or_else(by_name) {
        Some(family) => Recognised::As(family),
        None => Recognised::Unknown,
    }
}

fn starts(name: &str, start: &str) -> bool {
    name.as_bytes().get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

impl Family {
    /// Its signals are felt or heard, so that it can carry a warning.
    pub const fn warns(&self) -> bool {
        matches!(self.cue, Cue::Vibration | Cue::Sound)
    }

    /// A new session with a sensor of this family.
    pub fn session(&self, wanted: Wanted) -> AnySession {
        (self.begin)(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(name: &str, services: &[Uuid]) -> Option<&'static str> {
        match recognise(Some(name), services) {
            Recognised::As(family) => Some(family.id),
            Recognised::Refused(..) | Recognised::Unknown => None,
        }
    }

    #[test]
    fn a_sensor_is_known_by_its_name_or_its_service() {
        for name in ["WT901BLE68", "BWT901BLE5.0", "WT9011DCL-BT50", "WTSDCL-7", "HWT901"] {
            assert_eq!(family(name, &[]), Some("witmotion"), "{name}");
        }
        assert_eq!(family("my back", &[open_motion::SERVICE]), Some("open-motion"));
        assert_eq!(family("HEADSET", &[Uuid::sig(0x180f)]), None);
    }

    #[test]
    fn the_vibration_sensor_of_the_same_maker_is_refused() {
        let found = recognise(Some("WTVB01-BT50"), &[witmotion::SERVICE]);
        assert!(matches!(found, Recognised::Refused(family, _) if family.id == "witmotion"));
    }
}
