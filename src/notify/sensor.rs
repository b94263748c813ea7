//! A buzz of the sensor itself: notices come in, a strong or soft buzz is asked of the link, if the
//! sensor can. How a buzz is written to a sensor is left to `link`.

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

/// Asks the link for buzzes. Never waits, as long as what it was given does not.
pub struct SensorBuzz {
    ask: Box<dyn FnMut(Buzz) -> Result<(), String> + Send>,
}

impl SensorBuzz {
    /// Over a way to the link: `ask` hands the wish over without waiting, or says why that cannot be,
    /// such as "this sensor cannot vibrate" or "the sensor is out of reach".
    pub fn new(ask: impl FnMut(Buzz) -> Result<(), String> + Send + 'static) -> Self {
        Self { ask: Box::new(ask) }
    }
}

impl Channel for SensorBuzz {
    fn name(&self) -> &'static str {
        "sensor"
    }

    fn carries(&self, notice: &Notice) -> bool {
        notice.loudness >= Loudness::Soft
    }

    fn deliver(&mut self, notice: &Notice) -> Result<Option<String>, String> {
        let buzz = if notice.loudness == Loudness::Strong { Buzz::Strong } else { Buzz::Soft };
        (self.ask)(buzz).map(|()| None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::warning::{Outcome, Reason};
    use jiff::tz::TimeZone;
    use std::sync::mpsc;

    #[test]
    fn a_deep_bend_is_felt_and_a_summary_is_not() {
        let (asked, asks) = mpsc::channel();
        let mut sensor = SensorBuzz::new(move |buzz| asked.send(buzz).map_err(|_| "out of reach".to_owned()));
        let deep = Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap();
        assert!(sensor.carries(&deep));
        assert_eq!(sensor.deliver(&deep), Ok(None));
        assert_eq!(asks.recv(), Ok(Buzz::Strong));
        let soft = Notice { loudness: Loudness::Soft, ..deep };
        assert_eq!(sensor.deliver(&soft), Ok(None));
        assert_eq!(asks.recv(), Ok(Buzz::Soft));
        drop(asks);
        assert_eq!(sensor.deliver(&soft), Err("out of reach".into()));
        let summary = verdict(Outcome::Withheld(Reason::HourlyLimit), true);
        assert!(!sensor.carries(&Notice::from_verdict(&summary, 0, Locale::En, &TimeZone::UTC).unwrap()));
    }
}
