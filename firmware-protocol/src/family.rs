//! What each kind of sensor is: how it is found, what it can do, and how far our knowledge of it was checked.

use crate::explain::{Explain, Known, Tell, Unclear, Way};
use crate::session::{Action, Counts, Event, Moment, Session, Signal, Uuid, Wanted};
use crate::{
    bluest, infinitime, metamotion, movella_dot, movesense, open_motion, polar, sensortag, shimmer3r, sig, thingy52,
    witmotion,
};

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
            /// Something that is worn beside a sensor to buzz: no samples.
            Buzzer(infinitime::Buzzer),
            $($(#[$doc])* $name($module::$name),)+
        }

        impl Session for AnySession {
            fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
                match self {
                    Self::Buzzer(session) => session.handle(now, event, act),
                    $(Self::$name(session) => session.handle(now, event, act),)+
                }
            }
            fn signal(&mut self, signal: Signal, act: &mut dyn FnMut(Action<'_>)) -> bool {
                match self {
                    Self::Buzzer(session) => session.signal(signal, act),
                    $(Self::$name(session) => session.signal(signal, act),)+
                }
            }
            fn wake_at(&self) -> Option<Moment> {
                match self {
                    Self::Buzzer(session) => session.wake_at(),
                    $(Self::$name(session) => session.wake_at(),)+
                }
            }
            fn counts(&self) -> &Counts {
                match self {
                    Self::Buzzer(session) => session.counts(),
                    $(Self::$name(session) => session.counts(),)+
                }
            }
        }

        /// Takes the bytes of any family apart.
        #[derive(Clone, Debug)]
        // As above.
        #[allow(clippy::large_enum_variant)]
        pub enum AnyExplain {
            /// Standard services of the Bluetooth SIG.
            Sig(sig::Explainer),
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
                    Self::Sig(explainer) => explainer.message(way, characteristic, bytes, known, tell),
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
    /// Nordic's Thingy:52.
    Thingy52(thingy52),
    /// TI's SensorTag.
    SensorTag(sensortag),
    /// ST's BlueST boxes.
    BlueSt(bluest),
    /// Shimmer3R.
    Shimmer3r(shimmer3r),
    /// PineTime with InfiniTime.
    InfiniTime(infinitime),
    /// Movesense.
    Movesense(movesense),
    /// Movella DOT.
    MovellaDot(movella_dot),
}

impl AnySession {
    /// A session with a watch, or anything with an immediate alert, that shows these words when it buzzes.
    pub fn buzzer(words: &str) -> Self {
        Self::Buzzer(infinitime::Buzzer::new(words))
    }

    /// Samples are to be expected: silence means that something is wrong.
    pub const fn streams(&self) -> bool {
        !matches!(self, Self::Buzzer(_))
    }
}

/// Takes bytes apart under a device's word ([`Family::device`]), or [`sig::DEVICE`] for standard services.
pub fn explainer(device: &str) -> Option<AnyExplain> {
    let family = FAMILIES.iter().find(|family| family.device == device);
    let standard = || (device == sig::DEVICE).then_some(AnyExplain::Sig(sig::Explainer));
    family.map(|family| (family.explain)()).or_else(standard)
}

/// What a device says of itself before it is connected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Advertised<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its services.
    pub services: &'a [Uuid],
    /// Manufacturer data: the company, and what comes after it.
    pub manufacturer: &'a [(u16, &'a [u8])],
}

/// Services of radio modules that unrelated products have too: without the name they prove nothing.
const SHARED_SERVICES: [Uuid; 1] = [shimmer3r::SERVICE];

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

/// Tells what a device is from its name and services alone.
pub fn recognise(name: Option<&str>, services: &[Uuid]) -> Recognised {
    recognise_advertised(&Advertised { name, services, manufacturer: &[] })
}

/// Tells what a device is from what it advertises: services first, then the name, then manufacturer data.
pub fn recognise_advertised(advertised: &Advertised<'_>) -> Recognised {
    let Advertised { name, services, manufacturer } = *advertised;
    for family in FAMILIES {
        if let Some(name) = name
            && let Some((_, why)) = family.refuse_names.iter().find(|(start, _)| starts(name, start))
        {
            return Recognised::Refused(family, why);
        }
    }
    let proves = |service: &Uuid| services.contains(service) && !SHARED_SERVICES.contains(service);
    let by_service = FAMILIES.iter().find(|family| proves(&family.service));
    let by_name =
        || FAMILIES.iter().find(|f| name.is_some_and(|name| f.accept_names.iter().any(|start| starts(name, start))));
    let is_node = || {
        let node = |(company, value): &(u16, &[u8])| bluest::advert::Node::of(*company, value);
        manufacturer.iter().filter_map(node).any(|node| node.moves())
    };
    match by_service.or_else(by_name) {
        Some(family) => Recognised::As(family),
        None if is_node() => Recognised::As(&bluest::FAMILY),
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
    fn look_alikes_are_refused_by_name() {
        let like = [
            ("Shimmer3-4A2B", "shimmer3r"),
            ("Thingy:53", "thingy52"),
            ("TI BLE Sensor Tag", "sensortag"),
            ("Pinetime-JF", "infinitime"),
        ];
        for (name, id) in like {
            let found = recognise(Some(name), &[]);
            assert!(matches!(found, Recognised::Refused(family, _) if family.id == id), "{name}: {found:?}");
        }
        assert_eq!(family("Thingy", &[thingy52::SERVICE]), Some("thingy52"));
        assert_eq!(family("CC2650 SensorTag", &[Uuid::sig(0x180f)]), Some("sensortag"));
        assert_eq!(family("InfiniTime", &[Uuid::sig(0x180d)]), Some("infinitime"));
    }

    #[test]
    fn a_service_that_others_have_too_needs_the_name() {
        assert_eq!(family("Printer", &[shimmer3r::SERVICE]), None);
        assert_eq!(family("Shimmer3R-6813", &[shimmer3r::SERVICE]), Some("shimmer3r"));
    }

    #[test]
    fn a_bluest_node_is_known_by_its_manufacturer_data_alone() {
        let node = |company, value: &[u8]| {
            let manufacturer = &[(company, value)];
            match recognise_advertised(&Advertised { manufacturer, ..Advertised::default() }) {
                Recognised::As(family) => Some(family.id),
                Recognised::Refused(..) | Recognised::Unknown => None,
            }
        };
        let address = [0xc0, 0x83, 0x26, 0x11, 0x22, 0x33];
        // As Linux shows the short form of a SensorTile.box, the same with an address, and asleep.
        assert_eq!(node(0x0601, &[0x00, 0xe2, 0x00, 0x00]), Some("bluest"));
        assert_eq!(node(0x0601, &[&[0x00, 0xe2, 0x00, 0x00], &address[..]].concat()), Some("bluest"));
        assert_eq!(node(0x4601, &[0x00, 0xe2, 0x00, 0x00]), Some("bluest"));
        for version in [1, 2] {
            let whole = [&[version, 0x06, 0x00, 0xe2, 0x00, 0x00], &address[..]].concat();
            assert_eq!(node(bluest::advert::COMPANY, &whole), Some("bluest"), "version {version}");
        }
        // Another company that ends in 01, no acceleration, another length, nothing.
        assert_eq!(node(bluest::advert::COMPANY, &[1, 6, 0, 2, 0, 0]), None);
        for (company, value) in
            [(0x1101, &[0, 0xe2, 0, 0][..]), (0x0601, &[0, 0, 0, 1]), (0x0601, &[0, 0xe2]), (0, &[])]
        {
            assert_eq!(node(company, value), None, "{company:04x} {value:02x?}");
        }
    }

    #[test]
    fn only_a_buzzer_has_no_samples() {
        assert!(!AnySession::buzzer("a break").streams());
        assert!(FAMILIES.iter().all(|family| family.session(Wanted { rate_hz: 50.0 }).streams()));
    }

    #[test]
    fn every_device_word_has_an_explainer_and_no_other() {
        for device in FAMILIES.map(|family| family.device).into_iter().chain([sig::DEVICE]) {
            assert!(explainer(device).is_some(), "{device}");
        }
        assert!(explainer("toaster").is_none());
    }

    #[test]
    fn the_vibration_sensor_of_the_same_maker_is_refused() {
        let found = recognise(Some("WTVB01-BT50"), &[witmotion::SERVICE]);
        assert!(matches!(found, Recognised::Refused(family, _) if family.id == "witmotion"));
    }
}
