//! Brings verdicts to people and keeps what became of each, with how every channel fared.

use crate::care::Message;
use crate::care::moving::{NUDGE, Nudge};
use crate::notify::{Delivery, Notice, Notifier, Ticket};
use crate::store::facts::{ChannelResult, NewSignal, RecordingId};
use crate::store::{Store, StoreError};
use crate::units::WallTime;
use crate::warning::{Outcome, Verdict};
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Sends notices and keeps signals.
pub(super) struct Signals {
    notifier: Notifier,
    /// Signals of each rule so far, so that messages take turns.
    told: HashMap<&'static str, u64>,
    /// Sent, and waiting for the channels to say how it went.
    waiting: VecDeque<(Ticket, NewSignal)>,
    /// Ready to be kept.
    settled: Vec<NewSignal>,
}

impl Signals {
    pub(super) fn new(notifier: Notifier) -> Self {
        Self { notifier, told: HashMap::new(), waiting: VecDeque::new(), settled: Vec::new() }
    }

    /// Takes a verdict: tells people at once if it is to be told. Never waits.
    pub(super) fn tell(&mut self, verdict: &Verdict, recording: Option<RecordingId>, zone: &TimeZone) {
        let signal = &verdict.signal;
        let told = self.told.entry(signal.rule.name()).or_default();
        let notice = Notice::from_verdict(verdict, *told, zone);
        let sent = verdict.outcome.is_sent();
        *told += u64::from(sent);
        let record = NewSignal {
            recording,
            at: signal.wall,
            rule: signal.rule.name().to_owned(),
            value: Some(signal.measured.value()),
            threshold: Some(signal.measured.threshold()),
            unit: Some(signal.measured.unit().to_owned()),
            ratio: Some(signal.measured.ratio()),
            sent,
            reason: match verdict.outcome {
                Outcome::Sent => None,
                Outcome::Withheld(reason) => Some(reason.name().to_owned()),
            },
            text: notice.as_ref().map(|notice| notice.text.clone()),
            channels: Vec::new(),
        };
        match notice {
            Some(notice) => self.waiting.push_back((self.notifier.send(&notice), record)),
            None => self.settled.push(record),
        }
    }

    /// Takes a nudge: tells people if it is to be told, and keeps it like any signal.
    pub(super) fn nudge(
        &mut self,
        nudge: &Nudge,
        message: &Message,
        at: WallTime,
        recording: Option<RecordingId>,
        zone: &TimeZone,
    ) {
        let notice = nudge.withheld.is_none().then(|| Notice::nudge(message, at, zone));
        let record = NewSignal {
            recording,
            at,
            rule: NUDGE.to_owned(),
            value: Some(nudge.still.0),
            threshold: Some(nudge.limit.0),
            unit: Some("s".to_owned()),
            ratio: Some(nudge.still.0 / nudge.limit.0),
            sent: nudge.withheld.is_none(),
            reason: nudge.withheld.map(str::to_owned),
            text: notice.as_ref().map(|notice| notice.text.clone()),
            channels: Vec::new(),
        };
        match notice {
            Some(notice) => self.waiting.push_back((self.notifier.send(&notice), record)),
            None => self.settled.push(record),
        }
    }

    /// Says a kind word. It is no signal: nothing is measured, so nothing is kept.
    pub(super) fn say(&mut self, message: &Message, at: WallTime, zone: &TimeZone) {
        self.notifier.send(&Notice::from_message(message, at, zone));
    }

    /// Says something about the sensor, once. Nothing is measured here either.
    pub(super) fn say_of_sensor(&mut self, text: String, at: WallTime, zone: &TimeZone) {
        self.notifier.send(&Notice::about_the_sensor(text, at, zone));
    }

    /// Hands signals to the store whose channels have all answered.
    pub(super) fn keep(&mut self, store: &Store) -> Result<(), StoreError> {
        let finished = self.notifier.finished();
        self.settle(finished);
        self.settled.drain(..).try_for_each(|signal| store.signal(signal))
    }

    /// Waits a little for the slow channels, then hands over everything.
    pub(super) fn finish(&mut self, at_most: Duration, store: &Store) -> Result<(), StoreError> {
        let finished = self.notifier.finish(at_most);
        self.settle(finished);
        self.settled.extend(self.waiting.drain(..).map(|(_, record)| record));
        self.settled.drain(..).try_for_each(|signal| store.signal(signal))
    }

    fn settle(&mut self, finished: Vec<(Ticket, Vec<Delivery>)>) {
        for (ticket, deliveries) in finished {
            let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) else { continue };
            if let Some((_, mut record)) = self.waiting.remove(place) {
                record.channels = deliveries.into_iter().map(result).collect();
                self.settled.push(record);
            }
        }
    }
}

fn result(delivery: Delivery) -> ChannelResult {
    ChannelResult {
        channel: delivery.channel.to_owned(),
        delivered: delivery.delivered,
        detail: delivery.detail,
        delay_s: Some(delivery.delay.as_secs_f64()),
    }
}
