//! Where notes to other machines go: what was typed comes in, an address that is never shown whole comes out.

use super::outward::Wording;
use serde::{Deserialize, Serialize};
use std::fmt;
use ureq::http::Uri;
use ureq::http::uri::Authority;

/// The usual port of an MQTT broker.
const MQTT_PORT: u16 = 1883;
/// Longest address or topic that is taken. Chosen by us: what browsers and brokers take as well.
const LONGEST: usize = 2_000;

/// Where a webhook is called. Whoever knows it may call it, so it is shown as scheme and host only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAddress {
    url: String,
    #[serde(default)]
    discreet: bool,
}

impl WebhookAddress {
    /// Takes an `http` or `https` address, or says what is missing.
    pub fn new(url: &str, wording: Wording) -> Result<Self, String> {
        let uri = Some(url).filter(|url| url.len() <= LONGEST).and_then(|url| url.parse::<Uri>().ok());
        let web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
        match uri.filter(web).and_then(|uri| uri.host().map(|host| !host.is_empty())) {
            Some(true) => Ok(Self { url: url.to_owned(), discreet: wording == Wording::Discreet }),
            _ => Err("that is no address of a webhook; give one such as https://example.org/path".into()),
        }
    }

    /// How much its words tell.
    pub fn wording(&self) -> Wording {
        wording(self.discreet)
    }

    /// Whether others on the way can read it.
    pub fn is_open(&self) -> bool {
        self.url.starts_with("http:")
    }

    /// Scheme and host.
    pub fn shown(&self) -> String {
        let uri = self.url.parse::<Uri>().unwrap_or_default();
        format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// A topic on an MQTT broker.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MqttAddress {
    host: String,
    port: u16,
    topic: String,
    #[serde(default)]
    login: Option<(String, String)>,
    #[serde(default)]
    discreet: bool,
}

impl MqttAddress {
    /// Takes `[mqtt://][NAME:PASSWORD@]HOST[:PORT]` and a topic, or says what is amiss.
    pub fn new(broker: &str, topic: &str, wording: Wording) -> Result<Self, String> {
        const HOW: &str = "that is no broker; give a host, with a port where it is not 1883, such as home.local:1883";
        let place = broker.strip_prefix("mqtt://").unwrap_or(broker);
        let authority: Authority = place.parse().map_err(|_| HOW.to_owned())?;
        let (login, place) = place.rsplit_once('@').map_or((None, place), |(login, place)| (Some(login), place));
        let login = login.map(|login| login.split_once(':').unwrap_or((login, "")));
        let login = login.map(|(name, password)| (name.to_owned(), password.to_owned()));
        let host = authority.host();
        let port = match place.strip_prefix(host) {
            Some("") => MQTT_PORT,
            Some(rest) => rest.strip_prefix(':').and_then(|port| port.parse().ok()).ok_or(HOW)?,
            None => return Err(HOW.into()),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(HOW.into());
        }
        if topic.is_empty() || topic.len() > LONGEST || topic.contains(['#', '+', '\0']) {
            return Err("that is no topic to write to; give one such as home/lumbard, without # or +".into());
        }
        Ok(Self { host, port, topic: topic.to_owned(), login, discreet: wording == Wording::Discreet })
    }

    /// How much its words tell.
    pub fn wording(&self) -> Wording {
        wording(self.discreet)
    }

    /// Scheme and host.
    pub fn shown(&self) -> String {
        format!("mqtt://{}", self.host)
    }

    #[cfg(feature = "mqtt")]
    pub(super) fn host_and_port(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    #[cfg(feature = "mqtt")]
    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    #[cfg(feature = "mqtt")]
    pub(super) fn login(&self) -> Option<&(String, String)> {
        self.login.as_ref()
    }
}

fn wording(discreet: bool) -> Wording {
    if discreet { Wording::Discreet } else { Wording::Plain }
}

impl fmt::Debug for WebhookAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookAddress({})", self.shown())
    }
}

impl fmt::Debug for MqttAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MqttAddress({})", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_shown_without_anything_secret() {
        let typed = "https://anna:secret@hooks.example.org:8443/services/T0KEN?key=K3Y";
        let address = WebhookAddress::new(typed, Wording::Plain).unwrap();
        assert_eq!(address.shown(), "https://hooks.example.org");
        let said = format!("{address:?}");
        for secret in ["anna", "secret", "T0KEN", "K3Y", "8443"] {
            assert!(!said.contains(secret), "{said}");
        }
        assert!(!address.is_open() && WebhookAddress::new("http://a/b", Wording::Plain).unwrap().is_open());
        let long = format!("https://a/{}", "x".repeat(LONGEST));
        for wrong in ["", "example.org/x", "ftp://example.org", "https://", "/path", "https://a b/", &long] {
            let refused = WebhookAddress::new(wrong, Wording::Plain).unwrap_err();
            assert!(refused.contains("https://example.org/path"), "{wrong}");
        }
    }

    #[test]
    fn a_broker_is_a_host_and_perhaps_a_port_and_a_login() {
        let new = |broker| MqttAddress::new(broker, "home/lumbard", Wording::Discreet);
        let of = |broker| new(broker).map(|a| (a.host, a.port, a.login.map(|(name, word)| format!("{name}/{word}"))));
        assert_eq!(of("home.local"), Ok(("home.local".into(), 1883, None)));
        assert_eq!(of("mqtt://127.0.0.1:1884"), Ok(("127.0.0.1".into(), 1884, None)));
        assert_eq!(of("anna:pa:ss@home"), Ok(("home".into(), 1883, Some("anna/pa:ss".into()))));
        assert_eq!(of("[::1]:1883"), Ok(("::1".into(), 1883, None)));
        for wrong in ["", "a b", "home:99999", "home:x", "mqtt://", "home/path", "a@b@c d"] {
            assert!(new(wrong).is_err(), "{wrong}");
        }
        for topic in ["", "home/#", "+/x"] {
            assert!(MqttAddress::new("home", topic, Wording::Plain).is_err(), "{topic}");
        }
        let kept = new("anna:secret@home").unwrap();
        assert!(!format!("{kept:?}").contains("secret") && kept.wording() == Wording::Discreet);
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<MqttAddress>(&text).unwrap(), kept);
    }
}
