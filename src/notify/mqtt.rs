//! A note to an MQTT broker: notices come in; kind, time and a short text are published as JSON.
//!
//! In:  a notice, and the broker and topic that the wearer set up.
//! Out: one message of quality 1, not retained, with a body of [`super::outward::Outward`].
//! Bounds: 5 s a try, three tries, nothing older than a minute. At most a few notes come in an hour, so each
//! makes a connection of its own and ends it: a broker that was away or restarted in between is never noticed,
//! and nothing is sent while there is nothing to say. Without TLS: for a broker in the own network.

use super::address::MqttAddress;
use super::answer::Answer;
use super::notice::{Loudness, Notice};
use super::notifier::Channel;
use super::outward::{Outward, PATIENCE, TRY_LASTS};
use super::retry::{Missed, persist, remark};
use rumqttc::{Client, Connection, ConnectionError, Event, Incoming, MqttOptions, NetworkOptions, Outgoing, QoS};
use std::time::{Duration, Instant};

/// Requests that may wait inside the client: a message and the goodbye.
const REQUESTS: usize = 4;
/// Largest packet that is taken from a broker, in bytes: its answers hold a few.
const LARGEST_PACKET: usize = 4 * 1024;
/// How long the goodbye may take; without one a broker ends the connection by itself.
const GOODBYE: Duration = Duration::from_millis(500);

/// Publishes notes. Slow by nature: it waits for another machine.
#[derive(Debug)]
pub struct Mqtt {
    address: MqttAddress,
}

impl Mqtt {
    /// To this topic.
    pub fn new(address: MqttAddress) -> Self {
        Self { address }
    }
}

impl Channel for Mqtt {
    fn name(&self) -> &'static str {
        "mqtt"
    }

    fn least(&self) -> Loudness {
        Loudness::Text
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        let body = Outward::of(notice, self.address.wording()).json();
        let outcome = persist(PATIENCE, answer.sent(), || publish(&self.address, &body));
        answer.give(outcome.map(remark));
    }
}

/// One try: connects, publishes, waits until the broker has taken it.
fn publish(address: &MqttAddress, body: &str) -> Result<(), Missed> {
    let (client, mut connection) = connect(address)?;
    client
        .try_publish(address.topic(), QoS::AtLeastOnce, false, body)
        .map_err(|_| Missed::Lasting("the broker's topic cannot be written to".into()))?;
    let until = Instant::now() + TRY_LASTS;
    let taken = wait_for(&mut connection, until, |event| matches!(event, Event::Incoming(Incoming::PubAck(_))));
    if taken.is_ok() && client.try_disconnect().is_ok() {
        // It was taken, however the goodbye goes.
        let _ = wait_for(&mut connection, Instant::now() + GOODBYE, |event| {
            matches!(event, Event::Outgoing(Outgoing::Disconnect))
        });
    }
    taken
}

fn connect(address: &MqttAddress) -> Result<(Client, Connection), Missed> {
    let mut number = [0; 4];
    getrandom::fill(&mut number).map_err(|_| Missed::Passing("this machine has no random numbers".into()))?;
    let (host, port) = address.host_and_port();
    // A name of its own for each connection: a broker ends the older one of two with the same name.
    let mut options = MqttOptions::new(format!("lumbard-{:08x}", u32::from_le_bytes(number)), host, port);
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    if let Some((name, password)) = address.login() {
        options.set_credentials(name, password);
    }
    let (client, mut connection) = Client::new(options, REQUESTS);
    let mut network = NetworkOptions::new();
    network.set_connection_timeout(TRY_LASTS.as_secs());
    connection.eventloop.set_network_options(network);
    Ok((client, connection))
}

/// Goes on with the connection until this comes.
fn wait_for(connection: &mut Connection, until: Instant, wanted: impl Fn(&Event) -> bool) -> Result<(), Missed> {
    loop {
        match connection.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Ok(event)) if wanted(&event) => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(missed(&error)),
            Err(_) => return Err(Missed::Passing(format!("no answer of the broker within {} s", TRY_LASTS.as_secs()))),
        }
    }
}

/// Why it was not taken, without the address.
fn missed(error: &ConnectionError) -> Missed {
    match error {
        ConnectionError::ConnectionRefused(why) => {
            Missed::Lasting(format!("the broker refused: {why:?}; check name and password"))
        }
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            Missed::Passing(format!("no answer of the broker within {} s", TRY_LASTS.as_secs()))
        }
        ConnectionError::Io(_) => {
            Missed::Passing("the broker cannot be reached; check its name and whether it runs".into())
        }
        _ => Missed::Passing("the broker broke the connection off".into()),
    }
}
