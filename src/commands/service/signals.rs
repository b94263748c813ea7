//! Brings verdicts to people and keeps what became of each, with how every channel fared.

use super::super::now;
use super::trial::{TRIAL, TrialAnswer, TrialWish};
use crate::care::moving::{NUDGE, Nudge};
use crate::care::{Locale, Message};
use crate::notify::{Choices, Delivery, Loudness, Notice, Notifier, Ticket};
use crate::store::facts::{ChannelResult, LateAnswer, NewSignal, RecordingId};
use crate::store::{Store, StoreError};
use crate::units::WallTime;
use crate::warning::{Outcome, Verdict};
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Sends notices and keeps signals.
pub(super) struct Signals {
    notifier: Notifier,
    /// Signals of each rule so far, so that messages take turns.
    told: HashMap<&'static str, u64>,
    /// Sent, and waiting for the channels to say how it went.
    waiting: VecDeque<(Ticket, NewSignal)>,
    /// Ready to be kept.
    settled: Vec<NewSignal>,
    /// Kept, and a channel may still answer: by what the store finds it again.
    kept: VecDeque<(Ticket, WallTime, String)>,
    /// The try of the channels that was asked for last.
    trial: Option<(Ticket, TrialAnswer)>,
    /// The answer to it is new.
    trial_is_new: bool,
}

/// Signals whose late answers are waited for. Chosen by us: twice what comes in an hour.
const KEPT: usize = 16;
/// A busy store is asked again so often at the end.
const BUSY_LOOK: Duration = Duration::from_millis(10);

impl Signals {
    pub(super) fn new(notifier: Notifier) -> Self {
        Self {
            notifier,
            told: HashMap::new(),
            waiting: VecDeque::new(),
            settled: Vec::new(),
            kept: VecDeque::new(),
            trial: None,
            trial_is_new: false,
        }
    }

    /// Takes up which channels the wearer chose.
    pub(super) fn choose(&mut self, choices: Choices) {
        self.notifier.choose(choices);
    }

    /// Sends a try through one channel, or through all that are on.
    pub(super) fn try_out(&mut self, wanted: &TrialWish, locale: Locale, at: WallTime, zone: &TimeZone) {
        let ticket = self.notifier.send_by(&Notice::trial(locale, at, zone), wanted.channel);
        let answer = TrialAnswer { asked_utc_ns: wanted.asked_utc_ns, channels: Vec::new() };
        self.trial = Some((ticket, answer));
    }

    /// Takes a verdict: tells people at once if it is to be told. Never waits.
    pub(super) fn tell(&mut self, verdict: &Verdict, recording: Option<RecordingId>, locale: Locale, zone: &TimeZone) {
        let signal = &verdict.signal;
        let told = self.told.entry(signal.rule.name()).or_default();
        let notice = Notice::from_verdict(verdict, *told, locale, zone);
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
        locale: Locale,
        at: WallTime,
        recording: Option<RecordingId>,
        zone: &TimeZone,
    ) {
        let notice = nudge.withheld.is_none().then(|| Notice::nudge(message, locale, at, zone));
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
    pub(super) fn say(&mut self, message: &Message, locale: Locale, at: WallTime, zone: &TimeZone) {
        self.notifier.send(&Notice::from_message(message, locale, at, zone));
    }

    /// Says a message that may disturb so much. It is no signal either.
    pub(super) fn remind(
        &mut self,
        message: &Message,
        loudness: Loudness,
        locale: Locale,
        at: WallTime,
        zone: &TimeZone,
    ) {
        self.notifier.send(&Notice { loudness, ..Notice::from_message(message, locale, at, zone) });
    }

    /// Says something about the sensor, once. Nothing is measured here either.
    pub(super) fn say_of_sensor(&mut self, text: String, locale: Locale, at: WallTime, zone: &TimeZone) {
        self.notifier.send(&Notice::about_the_sensor(text, locale, at, zone));
    }

    /// Hands signals to the store whose channels have all answered, or whose time is up; and what was answered
    /// later.
    pub(super) fn keep(&mut self, store: &Store) -> Result<(), StoreError> {
        let finished = self.notifier.finished();
        self.settle(finished);
        self.hand_over(store)?;
        self.keep_late(store)?;
        self.keep_trial(store)
    }

    /// Hands over what is settled. While the store is busy it waits here: a slow disk must not end the service.
    fn hand_over(&mut self, store: &Store) -> Result<(), StoreError> {
        for signal in std::mem::take(&mut self.settled) {
            match store.signal(signal.clone()) {
                Err(StoreError::Busy { .. }) => self.settled.push(signal),
                told => told?,
            }
        }
        Ok(())
    }

    /// Waits a little for the slow channels, then hands over everything; a busy store is waited for as long again.
    pub(super) fn finish(&mut self, at_most: Duration, store: &Store) -> Result<(), StoreError> {
        let finished = self.notifier.finish(at_most);
        self.settle(finished);
        self.settled.extend(self.waiting.drain(..).map(|(_, record)| record));
        let begun = Instant::now();
        self.hand_over(store)?;
        while !self.settled.is_empty() && begun.elapsed() < at_most {
            std::thread::sleep(BUSY_LOOK);
            self.hand_over(store)?;
        }
        if !self.settled.is_empty() {
            tracing::warn!(signals = self.settled.len(), "the store is busy, so these signals were not kept");
        }
        self.keep_late(store)
    }

    fn settle(&mut self, finished: Vec<(Ticket, Vec<Delivery>)>) {
        for (ticket, deliveries) in finished {
            let results = deliveries.into_iter().map(result).collect();
            if let Some((_, answer)) = self.trial.as_mut().filter(|(tried, _)| *tried == ticket) {
                answer.channels = results;
                self.trial_is_new = true;
                continue;
            }
            let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) else { continue };
            if let Some((_, mut record)) = self.waiting.remove(place) {
                record.channels = results;
                if self.kept.len() == KEPT {
                    self.kept.pop_front();
                }
                self.kept.push_back((ticket, record.at, record.rule.clone()));
                self.settled.push(record);
            }
        }
    }

    fn keep_late(&mut self, store: &Store) -> Result<(), StoreError> {
        for (ticket, delivery) in self.notifier.late() {
            let result = result(delivery);
            if let Some((_, answer)) = self.trial.as_mut().filter(|(tried, _)| *tried == ticket) {
                answer.channels.retain(|kept| kept.channel != result.channel);
                answer.channels.push(result);
                self.trial_is_new = true;
            } else if let Some((_, at, rule)) = self.kept.iter().find(|(kept, ..)| *kept == ticket) {
                match store.late_answer(LateAnswer { at: *at, rule: rule.clone(), result }) {
                    // The signal itself is kept; only how a late channel fared is not.
                    Err(StoreError::Busy { .. }) => tracing::debug!("the store is busy, so a late answer was not kept"),
                    told => told?,
                }
            }
        }
        Ok(())
    }

    /// Notes how the channels fared that were tried, for the command that asked.
    fn keep_trial(&mut self, store: &Store) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.trial_is_new) {
            return Ok(());
        }
        let text = self.trial.as_ref().and_then(|(_, answer)| serde_json::to_string(answer).ok()).unwrap_or_default();
        store.hand()?.note(TRIAL, &text, now())
    }
}

pub(in crate::commands) fn result(delivery: Delivery) -> ChannelResult {
    ChannelResult {
        channel: delivery.channel.to_owned(),
        delivered: delivery.delivered,
        detail: delivery.detail,
        delay_s: Some(delivery.delay.as_secs_f64()),
    }
}
