//! Tries of the channels: another command asks for one by a note in the store, and reads there how each channel
//! fared. In: the note's text, and answers of channels. Out: the wish, and the answer as it is kept.

use crate::notify::CHANNELS;
use crate::store::facts::ChannelResult;
use serde::{Deserialize, Serialize};

/// Where the newest wish for a try is kept; read as a setting.
pub(crate) const TRIAL_WISH: &str = "channel_trial_wish";
/// Where the answer to it is kept.
pub(crate) const TRIAL: &str = "channel_trial";
/// Stands for all channels that are on.
const ALL: &str = "all";

/// A wish as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrialWish {
    /// When it was made, ns since 1970-01-01 UTC: its name in the answer.
    pub(crate) asked_utc_ns: i64,
    /// The channel; `None` for all that are on.
    pub(crate) channel: Option<&'static str>,
}

impl TrialWish {
    /// The text that is kept.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.asked_utc_ns, self.channel.unwrap_or(ALL))
    }

    /// A wish from its text.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (asked, word) = text.split_once(' ')?;
        let channel = CHANNELS.into_iter().find(|channel| *channel == word);
        let known = channel.is_some() || word == ALL;
        known.then_some(Self { asked_utc_ns: asked.parse().ok()?, channel })
    }
}

/// How the channels fared, as far as they have answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrialAnswer {
    /// The wish it answers.
    pub(crate) asked_utc_ns: i64,
    /// Each channel that was tried.
    pub(crate) channels: Vec<ChannelResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_as_it_is_kept() {
        for channel in CHANNELS.into_iter().map(Some).chain([None]) {
            let wish = TrialWish { asked_utc_ns: 17, channel };
            assert_eq!(TrialWish::from_text(&wish.text()), Some(wish));
        }
        assert_eq!(TrialWish::from_text("17 pigeon"), None);
    }
}
