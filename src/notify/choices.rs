//! Which channels the wearer chose: settings come in, channels that are on and where notes go come out.
//!
//! Every channel of this machine is on until it is switched off; what leaves the machine is off until an
//! address was given.

use super::address::{MqttAddress, WebhookAddress};
use std::collections::BTreeSet;

/// All channels, the quickest to notice first: a buzz, then what is seen, then what leaves the machine.
pub const CHANNELS: [&str; 7] = ["sensor", "wrist", "desktop", "page", "terminal", "webhook", "mqtt"];
/// Setting: the channels that are off, with commas between.
pub const OFF: &str = "channels_off";
/// Setting: the webhook as JSON; empty when there is none.
pub const WEBHOOK: &str = "channel_webhook";
/// Setting: the broker as JSON; empty when there is none.
pub const MQTT: &str = "channel_mqtt";
/// Whether this build can speak to a broker.
pub const HAS_MQTT: bool = cfg!(feature = "mqtt");

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    off: BTreeSet<&'static str>,
    /// Where notes are posted.
    pub webhook: Option<WebhookAddress>,
    /// Where notes are published.
    pub mqtt: Option<MqttAddress>,
}

impl Choices {
    /// Reads them from settings: `setting` gives the value of a key. What cannot be understood is not there.
    pub fn read<E>(mut setting: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<Self, E> {
        let off = setting(OFF)?.unwrap_or_default();
        let off = CHANNELS.into_iter().filter(|channel| off.split(',').any(|name| name == *channel)).collect();
        let webhook = setting(WEBHOOK)?.and_then(|text| serde_json::from_str(&text).ok());
        let mqtt = setting(MQTT)?.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self { off, webhook, mqtt })
    }

    /// Whether this channel is to be used.
    pub fn is_on(&self, channel: &str) -> bool {
        let set_up = match channel {
            "webhook" => self.webhook.is_some(),
            "mqtt" => self.mqtt.is_some() && HAS_MQTT,
            _ => true,
        };
        set_up && !self.is_switched_off(channel)
    }

    /// Whether the wearer switched it off, set up or not.
    pub(super) fn is_switched_off(&self, channel: &str) -> bool {
        self.off.contains(channel)
    }

    /// Switches a channel on or off, and gives the value of [`OFF`].
    pub fn switch(&mut self, channel: &'static str, on: bool) -> String {
        if on {
            self.off.remove(channel);
        } else {
            self.off.insert(channel);
        }
        self.off.iter().copied().collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::super::outward::Wording;
    use super::*;
    use std::convert::Infallible;

    fn read(of: &[(&str, &str)]) -> Choices {
        let value = |key: &str| of.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
        Choices::read(|key| Ok::<_, Infallible>(value(key))).unwrap()
    }

    #[test]
    fn nothing_leaves_the_machine_until_an_address_was_given() {
        let none = read(&[]);
        assert!(["sensor", "wrist", "desktop", "page", "terminal"].iter().all(|channel| none.is_on(channel)));
        assert!(!none.is_on("webhook") && !none.is_on("mqtt"));
        let address = WebhookAddress::new("https://example.org/x", Wording::Plain).unwrap();
        let set_up = read(&[(WEBHOOK, &serde_json::to_string(&address).unwrap())]);
        assert!(set_up.is_on("webhook"));
        assert!(!read(&[(WEBHOOK, ""), (MQTT, "{")]).is_on("webhook"));
    }

    #[test]
    fn a_channel_is_switched_off_and_on_again() {
        let mut choices = read(&[(OFF, "desktop,nonsense")]);
        assert!(!choices.is_on("desktop") && choices.is_on("page"));
        assert_eq!(choices.switch("terminal", false), "desktop,terminal");
        assert_eq!(choices.switch("desktop", true), "terminal");
        assert!(choices.is_on("desktop") && !choices.is_on("terminal"));
    }
}
