//! Turns what a sensor's session says into [`Item`]s: times, gaps with their cause, silences, link states.
//!
//! In: actions of `firmware_protocol` with the moment they came, and what became of the link. Out: items
//! in the order in which things happened. Left to others: the radio (`link::ble`), and everything the
//! items mean. No I/O and no clock, so that all of it is tested without a radio.
//!
//! One hole gives one [`Item::Gap`], told with the sample after it, when its extent is known. While
//! nothing comes, [`Item::Silence`] says so; after [`AWAY_AFTER`] the sensor is away, which is told once,
//! and then no more is said until it is back.

use super::battery::LowBattery;
use super::reconnect::AWAY_AFTER;
use super::{Beginning, GapCause, Item, LinkStatus};
use crate::raw::{Channel, Encoding, RawFormat, RawSample, Unit};
use crate::signal::timeline::{Fit, Reading, ShownBy, Timeline, TimelineParams, TimelineState};
use crate::units::{Arrival, Seconds, Ticks, WallTime};
use firmware_protocol::session::{Action, Format, Frame, Refusal, Scale, Unit as Sent};
use std::time::Duration;

/// A stream that brought nothing for this long is dead, even when the system says that it is connected.
/// Source: btleplug issues 256, 431 and 378 (no sign of a lost link but silence); about 2 s is chosen by us.
pub const SILENT_AFTER: Duration = Duration::from_secs(2);
/// A silence that goes on is told again after this long, so that nobody takes it for a standstill.
pub const SILENCE_AGAIN: Duration = Duration::from_secs(10);

/// What the wall clock says, and in which zone: handed in, so that this module reads no clock.
#[derive(Clone, Debug)]
pub struct Wall {
    /// Wall time of arrival zero.
    pub at_zero: WallTime,
    /// The wearer's time zone, as an IANA name.
    pub zone: String,
}

/// Puts a sensor's frames into one stream of items, over all its connections.
#[derive(Debug)]
pub struct Sequencer {
    name: String,
    format: Option<Format>,
    begun: bool,
    timeline: Option<(Timeline, TimelineState)>,
    /// Why the next hole is there, if it is more than loss on the air.
    cause: Option<GapCause>,
    /// There is no connection, as far as anyone has told.
    down: bool,
    last_sample: Option<Arrival>,
    told_silent: Option<Arrival>,
    /// Nothing has come for so long that the sensor must be elsewhere.
    away: bool,
    status: Option<LinkStatus>,
    battery: LowBattery,
}

impl Sequencer {
    /// A stream of a sensor with this name, from which nothing has come yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            format: None,
            begun: false,
            timeline: None,
            cause: None,
            down: false,
            last_sample: None,
            told_silent: None,
            away: false,
            status: None,
            battery: LowBattery::default(),
        }
    }

    /// The link is in this state now.
    pub fn status(&mut self, status: LinkStatus, emit: &mut dyn FnMut(Item)) {
        // Each look for a sensor that is away is no news.
        let looking = matches!(status, LinkStatus::Lost | LinkStatus::Searching);
        let status = if self.away && looking { LinkStatus::Away } else { status };
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            emit(Item::Status(status));
        }
    }

    /// The connection is gone. What still comes, and what comes before anyone knows of the next one, is taken
    /// all the same.
    pub fn interrupted(&mut self) {
        self.down = true;
        self.because(GapCause::Disconnected);
        if let Some((_, state)) = &mut self.timeline {
            state.interrupted();
        }
    }

    /// A connection stands.
    pub fn connected(&mut self) {
        self.down = false;
    }

    /// The machine slept.
    pub fn suspended(&mut self) {
        self.because(GapCause::Suspended);
        if let Some((_, state)) = &mut self.timeline {
            state.interrupted();
        }
    }

    /// A cause that says more stands over one that says less.
    fn because(&mut self, cause: GapCause) {
        let weight = |cause| match cause {
            GapCause::Loss | GapCause::Recorded | GapCause::NotStored => 0,
            GapCause::Disconnected => 1,
            GapCause::Away => 2,
            GapCause::Suspended => 3,
            GapCause::SensorReset => 4,
        };
        if self.last_sample.is_some() && self.cause.is_none_or(|known| weight(known) <= weight(cause)) {
            self.cause = Some(cause);
        }
    }

    /// Takes what the session says. Writes, reads and subscriptions are not for here.
    pub fn take(&mut self, arrival: Arrival, action: &Action<'_>, wall: &Wall, emit: &mut dyn FnMut(Item)) {
        match action {
            Action::Format(format) => {
                self.format = Some(*format);
                self.begun = false;
            }
            Action::Frame(frame) => self.frame(arrival, frame, wall, emit),
            Action::Battery { percent, .. } => {
                emit(Item::Battery(*percent));
                if self.battery.step(*percent) {
                    emit(Item::BatteryLow(*percent));
                }
            }
            Action::Restarted => {
                self.because(GapCause::SensorReset);
                if let Some((_, state)) = &mut self.timeline {
                    state.restarted();
                }
            }
            Action::Refused { why: Refusal::Early, .. } => {}
            Action::Refused { why, bytes } => tracing::debug!(bytes, why = why.words(), "bytes refused"),
            Action::ReadOnly { rate_hz } => tracing::warn!(rate_hz, "the sensor keeps its own rate"),
            Action::Notice(notice) => tracing::info!(?notice, "told by the sensor"),
            Action::Temperature(_)
            | Action::Unsupported(_)
            | Action::Subscribe(_)
            | Action::Write { .. }
            | Action::Read(_) => {}
        }
    }

    fn frame(&mut self, arrival: Arrival, frame: &Frame, wall: &Wall, emit: &mut dyn FnMut(Item)) {
        let Some(format) = self.format else { return };
        if !std::mem::replace(&mut self.begun, true) {
            let raw = raw_format(&format);
            self.timeline = Some((
                Timeline::new(TimelineParams::default(), raw.nominal_rate_hz, raw.tick_s),
                TimelineState::default(),
            ));
            self.cause = None;
            emit(Item::Begin(Beginning {
                format: raw,
                name: self.name.clone(),
                source: "ble",
                start: WallTime(wall.at_zero.0.saturating_add_unsigned(arrival.0)),
                zone: wall.zone.clone(),
            }));
        }
        // Made right above at the latest.
        let Some((timeline, state)) = &mut self.timeline else { return };
        let ticks = frame.ticks.map(Ticks);
        let before = state.newest();
        let placed = timeline.place(state, Reading { arrival, ticks, seq: frame.seq });
        // While the link is down, samples that were on their way already do not use the cause up.
        let cause = if self.down && placed.lost.is_none() { self.cause } else { self.cause.take() };
        // A new start is told even when it cost no sample: the sensor may have been taken off for it.
        let nothing = before.filter(|_| cause == Some(GapCause::SensorReset) && placed.lost.is_none());
        if let Some(from) = nothing {
            self.cause = None;
            emit(Item::Gap { from, to: placed.t, lost: 0, cause: GapCause::SensorReset });
        }
        if let Some(lost) = placed.lost {
            let by_interruption = lost.shown_by == ShownBy::Arrival;
            let cause = cause.unwrap_or(if by_interruption { GapCause::Disconnected } else { GapCause::Loss });
            emit(Item::Gap { from: lost.from, to: lost.to, lost: lost.samples, cause });
        }
        emit(Item::Sample(RawSample {
            t: placed.t,
            seq: frame.seq,
            ticks,
            arrival: Some(arrival),
            acc: stored(frame.acc, Some(format.acc)),
            gyr: stored(frame.gyr, format.gyr),
            flags: 0,
        }));
        self.last_sample = Some(arrival);
        self.told_silent = None;
        self.away = false;
        self.status(LinkStatus::Streaming, emit);
    }

    /// Time passed: tells a silence when there is one, and that the sensor is away when it lasts. True when
    /// the stream has been silent for too long.
    pub fn listen(&mut self, now: Arrival, emit: &mut dyn FnMut(Item)) -> bool {
        let (Some(last), Some((_, state))) = (self.last_sample, &self.timeline) else { return false };
        let silent = Duration::from_nanos(now.0.saturating_sub(last.0));
        if silent < SILENT_AFTER {
            return false;
        }
        let again = self.told_silent.is_none_or(|told| now.0.saturating_sub(told.0) >= nanos(SILENCE_AGAIN));
        if let (true, false, Some(since)) = (again, self.away, state.newest()) {
            self.told_silent = Some(now);
            emit(Item::Silence { since, lasting: Seconds(silent.as_secs_f64()) });
            if self.status == Some(LinkStatus::Streaming) {
                self.status(LinkStatus::Quiet, emit);
            }
        }
        if silent >= AWAY_AFTER && !self.away {
            self.away = true;
            self.because(GapCause::Away);
            if let Some(status) = self.status.clone() {
                self.status(status, emit);
            }
        }
        true
    }

    /// When the newest sample came.
    pub fn last_sample(&self) -> Option<Arrival> {
        self.last_sample
    }

    /// The charge last told, in %.
    pub fn battery(&self) -> Option<u8> {
        self.battery.newest()
    }

    /// How well times fit the sensor's clock.
    pub fn fit(&self) -> Option<Fit> {
        let (timeline, state) = self.timeline.as_ref()?;
        timeline.fit(state)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A sensor's format as recordings keep it.
pub fn raw_format(format: &Format) -> RawFormat {
    let channel = |scale: Scale, unit| match scale {
        Scale::Counts { full_scale, full_count } => {
            Channel { encoding: Encoding::Counts { full_scale, full_count }, unit }
        }
        Scale::Float32(Sent::MetresPerSecond2) => Channel { encoding: Encoding::Float32, unit: Unit::MetresPerSecond2 },
        Scale::Float32(Sent::DegreesPerSecond) => Channel { encoding: Encoding::Float32, unit: Unit::DegreesPerSecond },
    };
    RawFormat {
        acc: channel(format.acc, Unit::G),
        gyr: format.gyr.map(|scale| channel(scale, Unit::DegreesPerSecond)),
        nominal_rate_hz: format.rate_hz,
        tick_s: format.tick_s,
    }
}

/// A frame's numbers as recordings keep them: counts as they are, floats as their 32 bits without a sign.
fn stored(numbers: [i32; 3], scale: Option<Scale>) -> [i64; 3] {
    match scale {
        Some(Scale::Float32(_)) => numbers.map(|bits| i64::from(bits.cast_unsigned())),
        Some(Scale::Counts { .. }) | None => numbers.map(i64::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    const PERIOD_NS: u64 = 10_000_000;

    fn format() -> Format {
        let scale = Scale::Counts { full_scale: 16.0, full_count: 32_768.0 };
        Format { acc: scale, gyr: None, rate_hz: 100.0, tick_s: Some(1.0 / 32_768.0) }
    }

    fn wall() -> Wall {
        Wall { at_zero: WallTime(1_000), zone: "Etc/UTC".into() }
    }

    struct Run {
        sequencer: Sequencer,
        items: Vec<Item>,
    }

    impl Run {
        fn new() -> Self {
            let mut run = Self { sequencer: Sequencer::new("back"), items: Vec::new() };
            run.take(0, &Action::Format(format()));
            run
        }
        fn take(&mut self, at_ns: u64, action: &Action<'_>) {
            self.sequencer.take(Arrival(at_ns), action, &wall(), &mut |item| self.items.push(item));
        }
        fn frame(&mut self, i: u64) {
            let frame = Frame { seq: Some(i), ticks: Some(i * 32_768 / 100), ..Frame::default() };
            self.take(i * PERIOD_NS, &Action::Frame(frame));
        }
        fn gaps(&self) -> Vec<(u32, GapCause)> {
            let gap = |item: &Item| match item {
                Item::Gap { lost, cause, .. } => Some((*lost, *cause)),
                _ => None,
            };
            self.items.iter().filter_map(gap).collect()
        }
    }

    #[test]
    fn a_recording_begins_with_its_first_sample() {
        let mut run = Run::new();
        assert_eq!(run.items, []);
        run.frame(7);
        let Item::Begin(beginning) = &run.items[0] else { panic!("{:?}", run.items) };
        assert_eq!((beginning.start, beginning.name.as_str()), (WallTime(1_000 + 7 * PERIOD_NS as i64), "back"));
        assert!(matches!(run.items[1], Item::Sample(RawSample { t: Time(0), seq: Some(7), .. })));
        assert_eq!(run.items[2], Item::Status(LinkStatus::Streaming));
    }

    #[test]
    fn floats_are_stored_as_their_bits_and_read_back_as_they_were() {
        let mut run = Run::new();
        let acc = [-9.75_f32, 0.25, -0.0];
        let float = Format {
            acc: Scale::Float32(Sent::MetresPerSecond2),
            gyr: Some(Scale::Float32(Sent::DegreesPerSecond)),
            ..format()
        };
        run.take(0, &Action::Format(float));
        let bits = acc.map(|value| value.to_bits().cast_signed());
        run.take(1, &Action::Frame(Frame { acc: bits, gyr: bits, ..Frame::default() }));
        let (Item::Begin(beginning), Item::Sample(raw)) = (&run.items[0], &run.items[1]) else {
            panic!("{:?}", run.items)
        };
        assert_eq!(raw.acc, acc.map(|value| i64::from(value.to_bits())));
        let sample = beginning.format.sample(raw);
        assert_eq!(sample.acc.x, -9.75 / crate::units::STANDARD_GRAVITY);
        assert_eq!(sample.gyr.map(|gyr| gyr.y), Some(0.25_f64.to_radians()));
    }

    #[test]
    fn a_hole_is_told_once_with_the_cause_that_says_most() {
        let mut run = Run::new();
        (0..100).for_each(|i| run.frame(i));
        (103..200).for_each(|i| run.frame(i));
        run.sequencer.interrupted();
        run.sequencer.interrupted();
        (500..600).for_each(|i| run.frame(i));
        run.sequencer.interrupted();
        run.take(600 * PERIOD_NS, &Action::Restarted);
        run.sequencer.interrupted();
        (700..800).for_each(|i| run.frame(i));
        assert_eq!(run.gaps(), [(3, GapCause::Loss), (300, GapCause::Disconnected), (100, GapCause::SensorReset)]);
    }

    #[test]
    fn a_reconnection_without_a_lost_sample_leaves_no_gap() {
        let mut run = Run::new();
        (0..50).for_each(|i| run.frame(i));
        run.sequencer.interrupted();
        (50..100).for_each(|i| run.frame(i));
        assert_eq!(run.gaps(), []);
    }

    #[test]
    fn samples_that_were_on_their_way_do_not_use_the_cause_up() {
        let mut run = Run::new();
        (0..50).for_each(|i| run.frame(i));
        run.sequencer.interrupted();
        (50..53).for_each(|i| run.frame(i));
        // BlueZ takes the subscription up again by itself, so these come before the connection is told.
        (300..310).for_each(|i| run.frame(i));
        run.sequencer.connected();
        (310..320).for_each(|i| run.frame(i));
        (322..330).for_each(|i| run.frame(i));
        assert_eq!(run.gaps(), [(247, GapCause::Disconnected), (2, GapCause::Loss)]);
    }

    #[test]
    fn a_silence_is_told_after_two_seconds_and_every_ten_from_then_on() {
        let mut run = Run::new();
        run.frame(0);
        let mut told = Vec::new();
        for tenth in 0..250_u64 {
            run.sequencer.listen(Arrival(tenth * 100_000_000), &mut |item| {
                if let Item::Silence { lasting, .. } = item {
                    told.push((lasting.0 * 10.0).round() / 10.0);
                }
            });
        }
        assert_eq!(told, [2.0, 12.0, 22.0]);
    }

    #[test]
    fn a_new_format_begins_a_new_recording() {
        let mut run = Run::new();
        run.frame(0);
        run.take(1, &Action::Format(Format { rate_hz: 50.0, ..format() }));
        run.frame(5);
        assert_eq!(run.items.iter().filter(|item| matches!(item, Item::Begin(_))).count(), 2);
        assert!(matches!(run.items.last(), Some(Item::Sample(RawSample { t: Time(0), .. }))));
    }

    #[test]
    fn hours_out_of_reach_are_one_away_gap_and_one_calm_line() {
        let mut run = Run::new();
        (0..100).for_each(|i| run.frame(i));
        run.items.clear();
        run.sequencer.interrupted();
        run.sequencer.status(LinkStatus::Lost, &mut |item| run.items.push(item));
        for second in 1..3 * 3600_u64 {
            // Each look for it ends, and the next begins.
            if second % 15 == 0 {
                run.sequencer.status(LinkStatus::Lost, &mut |item| run.items.push(item));
            }
            run.sequencer.listen(Arrival(second * 1_000_000_000), &mut |item| run.items.push(item));
        }
        let told = |status: LinkStatus| run.items.iter().filter(|item| **item == Item::Status(status.clone())).count();
        assert_eq!((told(LinkStatus::Lost), told(LinkStatus::Away)), (1, 1));
        let silences = run.items.iter().filter(|item| matches!(item, Item::Silence { .. })).count();
        assert_eq!(silences, 60, "one every ten seconds for ten minutes, then none");
        run.sequencer.interrupted();
        run.frame(3 * 3600 * 100);
        assert_eq!(run.gaps(), [(3 * 3600 * 100 - 100, GapCause::Away)]);
        assert_eq!(run.items.last(), Some(&Item::Status(LinkStatus::Streaming)));
    }

    #[test]
    fn a_new_start_that_cost_no_sample_is_told_all_the_same() {
        let mut run = Run::new();
        (0..100).for_each(|i| run.frame(i));
        run.take(99 * PERIOD_NS + 1, &Action::Restarted);
        run.take(100 * PERIOD_NS, &Action::Frame(Frame { seq: Some(0), ticks: Some(0), ..Frame::default() }));
        assert_eq!(run.gaps(), [(0, GapCause::SensorReset)]);
    }

    #[test]
    fn a_low_battery_is_told_beside_the_charge() {
        let mut run = Run::new();
        for percent in [60, 20, 19] {
            run.take(0, &Action::Battery { percent, millivolts: None });
        }
        let told = [Item::Battery(60), Item::Battery(20), Item::BatteryLow(20), Item::Battery(19)];
        assert_eq!(run.items, told);
        assert_eq!(run.sequencer.battery(), Some(19));
    }
}
