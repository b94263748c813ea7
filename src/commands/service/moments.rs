//! What time and which day it is for the wearer while a recording goes on. In: the machine's clocks and zone. Out: a
//! recording's times in the wall time that holds now, how old its newest sample is, and a day that never moves
//! backward (`care::days`).
//!
//! A recording of a sensor keeps the wall time of its beginning, and may last for days: meanwhile the clock may be
//! set, and the wearer may travel. What it stores counts on from its beginning; what goes by the time of day (quiet
//! hours, a snooze, acute days, the clock in a message) goes by the machine's clock and zone as they are now. A
//! replay or a simulation has a time and a zone of its own, and its days are not kept.

use super::super::now;
use crate::care::DaysSeen;
use crate::link::clock::ArrivalClock;
use crate::store::episode::DAYS_SEEN;
use crate::store::{Hand, Reader, StoreError};
use crate::units::{Arrival, Seconds, Time, WallTime};
use crate::warning::Context;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A wall time that is off by no more was not set: arrivals jitter. Chosen by us: far above any jitter, far below
/// what quiet hours or a person would notice.
const SET_BEYOND: Seconds = Seconds(2.0);

/// The machine's clocks and zone; tests bring their own.
pub(super) trait Host: Send {
    /// The time of day.
    fn wall(&self) -> WallTime;
    /// The clock of arrivals, which nobody sets.
    fn arrival(&self) -> Arrival;
    /// Has that clock count a suspension since the last look.
    fn look(&mut self);
    /// Where the machine is now.
    fn zone(&self) -> TimeZone;
}

/// This machine.
#[derive(Default)]
pub(super) struct Machine(ArrivalClock);

impl Host for Machine {
    fn wall(&self) -> WallTime {
        now()
    }
    fn arrival(&self) -> Arrival {
        self.0.now()
    }
    fn look(&mut self) {
        self.0.suspension();
    }
    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }
}

/// Follows the clocks.
pub(super) struct Moments {
    host: Box<dyn Host>,
    days: DaysSeen,
    /// What was last kept of them.
    kept: String,
    looked: Option<Arrival>,
    /// Days of a replay or a simulation, and the time of its newest look.
    played: (DaysSeen, Option<Time>),
}

impl Moments {
    /// With the days that were kept.
    pub(super) fn new(host: Box<dyn Host>, reader: &Reader) -> Result<Self, StoreError> {
        let kept = reader.setting(DAYS_SEEN)?.unwrap_or_default();
        Ok(Self { host, days: DaysSeen::from_kept(&kept), kept, looked: None, played: Default::default() })
    }

    /// A recording begins.
    pub(super) fn begin_recording(&mut self) {
        self.played = Default::default();
    }

    /// The time of day on this machine.
    pub(super) fn wall(&self) -> WallTime {
        self.host.wall()
    }

    /// How long ago something arrived.
    pub(super) fn age(&self, arrival: Arrival) -> Seconds {
        Seconds(self.host.arrival().0.saturating_sub(arrival.0) as f64 * 1e-9)
    }

    /// Brings the context of a sensor's recording to the clock and the zone of now. `t` is the time of a sample, and
    /// `age` how long ago it arrived.
    pub(super) fn follow(&mut self, context: &mut Context, t: Time, age: Seconds) {
        let shown = self.host.wall().0.saturating_sub(age.nanos()).saturating_sub(t.0);
        if shown.abs_diff(context.start.0) > SET_BEYOND.nanos().unsigned_abs() {
            context.start = WallTime(shown);
        }
        context.zone = self.host.zone();
    }

    /// The wearer's day while a sensor is worn or away.
    pub(super) fn today(&mut self) -> Date {
        self.host.look();
        let arrival = self.host.arrival();
        let passed = self.looked.replace(arrival).map(|looked| arrival.0.saturating_sub(looked.0));
        let passed = passed.map(|ns| Seconds(ns as f64 * 1e-9));
        self.days.see(self.host.wall(), passed, &self.host.zone())
    }

    /// The wearer's day at a moment of a replay or a simulation.
    pub(super) fn played(&mut self, context: &Context, t: Time) -> Date {
        let (days, looked) = &mut self.played;
        let passed = looked.replace(t).map(|looked| t.since(looked));
        days.see(context.start.at(t), passed, &context.zone)
    }

    /// Keeps the days for the next start, where they have changed.
    pub(super) fn keep(&mut self, hand: impl FnOnce() -> Result<Hand, StoreError>) -> Result<(), StoreError> {
        let now = self.days.kept();
        if now != self.kept {
            hand()?.note(DAYS_SEEN, &now, self.host.wall())?;
            self.kept = now;
        }
        Ok(())
    }
}
