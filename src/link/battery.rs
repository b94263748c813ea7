//! Notices when a sensor's battery gets low. In: its charge, now and then. Out: each limit once, when the
//! charge has come down to it. Telling people is left to others.

use crate::care::Locale;

/// Charges at which a person is told, in %: in time to charge overnight, and in time to charge at once.
/// Chosen by us.
pub const LOW_PERCENT: [u8; 2] = [20, 10];
/// A charge this much above a limit says that it was charged: below it is the noise of a voltage under load.
/// Chosen by us.
const CHARGED_PERCENT: u8 = 10;

/// Which limits were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LowBattery {
    newest: Option<u8>,
    told: [bool; LOW_PERCENT.len()],
}

impl LowBattery {
    /// Takes a charge; true when it is to be told.
    pub fn step(&mut self, percent: u8) -> bool {
        self.newest = Some(percent);
        let mut tell = false;
        for (told, limit) in self.told.iter_mut().zip(LOW_PERCENT) {
            if percent <= limit {
                tell |= !std::mem::replace(told, true);
            } else if percent >= limit + CHARGED_PERCENT {
                *told = false;
            }
        }
        tell
    }

    /// The charge last told, in %.
    pub fn newest(&self) -> Option<u8> {
        self.newest
    }
}

/// What a person is told at such a charge.
pub fn words(percent: u8, locale: Locale) -> String {
    let say = &locale.phrases().link;
    let phrase = if percent > LOW_PERCENT[1] { &say.battery_tonight } else { &say.battery_soon };
    phrase.fill(&[("percent", &percent)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_battery_is_told_at_20_and_at_10_percent_once_each() {
        let mut battery = LowBattery::default();
        // A voltage under load swings by a few percent around a limit.
        let charges = [90, 40, 21, 20, 22, 19, 23, 12, 11, 10, 12, 9, 3];
        let told: Vec<u8> = charges.into_iter().filter(|&percent| battery.step(percent)).collect();
        assert_eq!(told, [20, 10]);
        battery.step(100);
        assert!(battery.step(8), "charged in between, and told anew; both limits at once are one message");
        assert!(!battery.step(7));
    }

    #[test]
    fn low_battery_is_told_in_one_short_sentence() {
        for (limit, locale) in LOW_PERCENT.into_iter().flat_map(|limit| Locale::ALL.map(|locale| (limit, locale))) {
            assert_eq!(crate::care::words::short_message_objection(locale, &words(limit, locale)), None);
        }
    }
}
