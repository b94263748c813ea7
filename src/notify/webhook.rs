//! A note to a web address: notices come in; kind, time and a short text are posted as JSON.
//!
//! In:  a notice, and the address that the wearer set up.
//! Out: `POST` with a body of [`Outward`], and nothing else that says who, where or how it hurts.
//! Bounds: 5 s a try, three tries, nothing older than a minute; no redirect is followed, no proxy is used, the
//! answer is read no further than its head of at most 16 KiB.
//! Twice: a receiver that takes a note and answers late may get it again; rule and time tell that it is the same.
//! Never logged or recorded: the address. What is said of a failure is in our own words.

use super::address::WebhookAddress;
use super::answer::Answer;
use super::notice::{Loudness, Notice};
use super::notifier::Channel;
use super::outward::{Outward, PATIENCE, TRY_LASTS};
use super::retry::{Missed, persist, remark};
use std::sync::Arc;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// What it calls itself.
const CALLED: &str = "lumbard";
/// Longest head of an answer, in bytes. Chosen by us: what most servers send at most.
const LONGEST_HEAD: usize = 16 * 1024;

/// Posts notes. Slow by nature: it waits for another machine.
#[derive(Debug)]
pub struct Webhook {
    address: WebhookAddress,
    agent: Option<Agent>,
}

impl Webhook {
    /// To this address.
    pub fn new(address: WebhookAddress) -> Self {
        Self { address, agent: None }
    }

    fn deliver(&mut self, notice: &Notice, answer: &Answer) -> Result<Option<String>, String> {
        let body = Outward::of(notice, self.address.wording()).json();
        let agent = self.agent.get_or_insert_with(agent);
        persist(PATIENCE, answer.sent(), || post(agent, &self.address, &body)).map(remark)
    }
}

impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn least(&self) -> Loudness {
        Loudness::Text
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        let outcome = self.deliver(notice, &answer);
        answer.give(outcome);
    }
}

/// Made at the first note, on the channel's own thread: the certificates of this machine are read from files.
fn agent() -> Agent {
    let trusted = rustls_native_certs::load_native_certs().certs;
    let trusted = trusted.iter().map(|cert| Certificate::from_der(cert.as_ref()).to_owned());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(trusted.collect())))
        .build();
    let config: Config = Agent::config_builder()
        .timeout_global(Some(TRY_LASTS))
        .max_redirects(0)
        .http_status_as_error(false)
        .max_response_header_size(LONGEST_HEAD)
        .max_idle_connections(0)
        .user_agent(CALLED)
        .proxy(None)
        .tls_config(tls)
        .build();
    config.new_agent()
}

/// One try.
fn post(agent: &Agent, address: &WebhookAddress, body: &str) -> Result<(), Missed> {
    let sent = agent.post(address.url()).content_type("application/json").send(body);
    match sent {
        Ok(answer) => judge(answer.status().as_u16()),
        Err(error) => Err(missed(&error)),
    }
}

/// What a receiver's status means.
fn judge(status: u16) -> Result<(), Missed> {
    match status {
        200..=299 => Ok(()),
        300..=399 => Err(Missed::Lasting(format!(
            "the receiver answered {status}, a redirect; it is not followed, so set up the address it points to"
        ))),
        // Too early, too much at once, or a time limit of its own: passing by their meaning in RFC 9110 and 6585.
        408 | 425 | 429 | 500..=599 => Err(Missed::Passing(format!("the receiver answered {status}"))),
        _ => Err(Missed::Lasting(format!("the receiver answered {status}; check its address"))),
    }
}

/// Why there was no answer, without the address.
fn missed(error: &ureq::Error) -> Missed {
    let passing = |words: &str| Missed::Passing(words.to_owned());
    match error {
        ureq::Error::Timeout(_) => Missed::Passing(format!("no answer within {} s", TRY_LASTS.as_secs())),
        ureq::Error::HostNotFound => passing("the receiver's name is not known here"),
        ureq::Error::ConnectionFailed => passing("the receiver cannot be reached"),
        ureq::Error::Io(error) => Missed::Passing(io_words(error)),
        ureq::Error::Rustls(rustls::Error::InvalidCertificate(_)) => untrusted(),
        ureq::Error::LargeResponseHeader(..) => Missed::Lasting("the receiver's answer is too long".into()),
        ureq::Error::Protocol(_) => Missed::Lasting("the receiver's answer is not HTTP".into()),
        _ => passing("the receiver did not take it"),
    }
}

/// The kinds that people meet; the rest, such as a name that is not known, in one.
fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let by_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(_)) = by_tls {
        return UNTRUSTED.to_owned();
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => "nobody listens at the receiver".into(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "the receiver broke the connection off".into()
        }
        ErrorKind::UnexpectedEof => "the receiver hung up without an answer".into(),
        _ => "the receiver cannot be reached; check its name and the network".into(),
    }
}

const UNTRUSTED: &str = "the receiver's certificate is not trusted by this machine";

fn untrusted() -> Missed {
    Missed::Lasting(UNTRUSTED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert_eq!(judge(204), Ok(()));
        for status in [408, 425, 429, 500, 503] {
            assert!(matches!(judge(status), Err(Missed::Passing(_))), "{status}");
        }
        for status in [301, 307, 400, 401, 404, 410, 100, 600] {
            assert!(matches!(judge(status), Err(Missed::Lasting(_))), "{status}");
        }
    }

    #[test]
    fn no_failure_tells_the_address() {
        let uri = ureq::Error::BadUri("https://anna:secret@example.org".into());
        let Missed::Passing(said) = missed(&uri) else { panic!("it is passing") };
        assert!(!said.contains("secret"), "{said}");
    }
}
