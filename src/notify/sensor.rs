//! A buzz of the sensor itself: notices come in, a strong or soft buzz is asked of the link, if the
//! sensor can. How a buzz is written to a sensor is left to `link`.

use super::answer::Answer;
use super::notice::{Loudness, Notice};
use super::notifier::Channel;

/// What the wearer should feel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buzz {
    /// One short, clear buzz: a movement.
    Strong,
    /// A soft buzz: a posture.
    Soft,
}

/// How a buzz went, to be told once.
pub type Felt = Box<dyn FnOnce(Result<(), String>) + Send>;

/// Asks the link for buzzes. Never waits, as long as what it was given does not.
pub struct SensorBuzz {
    name: &'static str,
    ask: Box<dyn FnMut(Buzz, Felt) + Send>,
}

impl SensorBuzz {
    /// The sensor itself, over a way to the link: `ask` hands the wish over without waiting, and sees to it
    /// that how it went is told, such as "this sensor cannot vibrate" or "the sensor is out of reach".
    pub fn new(ask: impl FnMut(Buzz, Felt) + Send + 'static) -> Self {
        Self { name: "sensor", ask: Box::new(ask) }
    }

    /// A watch at the wrist, over the same kind of way.
    pub fn at_the_wrist(ask: impl FnMut(Buzz, Felt) + Send + 'static) -> Self {
        Self { name: "wrist", ..Self::new(ask) }
    }
}

impl Channel for SensorBuzz {
    fn name(&self) -> &'static str {
        self.name
    }

    fn least(&self) -> Loudness {
        Loudness::Soft
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        let buzz = if notice.loudness == Loudness::Strong { Buzz::Strong } else { Buzz::Soft };
        (self.ask)(buzz, Box::new(move |felt| answer.give(felt.map(|()| None))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Notifier;
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::signal::WarningKind;
    use crate::warning::{Outcome, Reason};
    use jiff::tz::TimeZone;
    use std::sync::mpsc;

    #[test]
    fn a_movement_is_one_strong_buzz_and_each_of_a_postures_series_a_soft_one() {
        let (asked, asks) = mpsc::channel();
        let to_wrist = asked.clone();
        let mut notifier = Notifier::new()
            .with_quick(SensorBuzz::new(move |buzz, felt| {
                asked.send(("sensor", buzz)).unwrap();
                felt(Ok(()));
            }))
            .with_quick(SensorBuzz::at_the_wrist(move |buzz, felt| {
                to_wrist.send(("wrist", buzz)).unwrap();
                felt(Err("no watch is in reach".into()));
            }));
        let mut signal = verdict(Outcome::Sent, false);
        let mut told = |rule, nth| {
            (signal.signal.rule, signal.signal.nth) = (rule, nth);
            notifier.send(&Notice::from_verdict(&signal, 0, Locale::En, &TimeZone::UTC).unwrap());
            let (_, fared) = notifier.finished().remove(0);
            let fared: Vec<_> = fared.iter().map(|delivery| (delivery.channel, delivery.delivered)).collect();
            (asks.try_iter().collect::<Vec<_>>(), fared)
        };
        let all = |buzz| vec![("sensor", buzz), ("wrist", buzz)];
        let fared = vec![("sensor", true), ("wrist", false)];
        assert_eq!(told(WarningKind::W1, 1), (all(Buzz::Strong), fared.clone()));
        for nth in 1..=3 {
            assert_eq!(told(WarningKind::W2, nth), (all(Buzz::Soft), fared.clone()));
        }
        for rule in [WarningKind::W3, WarningKind::W4] {
            assert_eq!(told(rule, 1), (vec![], vec![]), "told in words only");
        }
        let summary = verdict(Outcome::Withheld(Reason::HourlyLimit), true);
        notifier.send(&Notice::from_verdict(&summary, 0, Locale::En, &TimeZone::UTC).unwrap());
        assert!(asks.try_recv().is_err(), "a summary is not felt");
    }

    #[test]
    fn a_link_that_has_ended_is_no_open_end() {
        let mut notifier = Notifier::new().with_quick(SensorBuzz::new(|_, felt| drop(felt)));
        notifier.send(&Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap());
        let (_, fared) = notifier.finished().remove(0);
        assert_eq!(fared[0].detail.as_deref(), Some("this channel has stopped"));
    }
}
