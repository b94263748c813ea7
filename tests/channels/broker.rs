//! MQTT against a real broker: Debian's mosquitto on a port of its own.

use super::{DEEP_BEND, LONG, deep_bend, until};
use lumbard::notify::{Delivery, Mqtt, MqttAddress, NOT_YET, Notifier, Wording};
use rumqttc::{Client, Event, Incoming, MqttOptions, QoS};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const TOPIC: &str = "home/lumbard";

struct Broker {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

/// mosquitto, which Debian keeps where only administrators look.
fn mosquitto() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join("mosquitto")).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var_os("LUMBARD_REQUIRE_MQTT").is_some_and(|v| v == "1");
        assert!(!required, "LUMBARD_REQUIRE_MQTT=1, but there is no mosquitto (package mosquitto)");
        eprintln!("SKIPPED: there is no mosquitto here, so MQTT was not tried (package mosquitto)");
    }
    found
}

impl Broker {
    /// Starts one, open to all or to anna with her password only.
    fn start(open: bool) -> Option<Self> {
        let program = mosquitto()?;
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut conf = format!("listener {port} 127.0.0.1\nallow_anonymous {open}\n");
        if !open {
            let file = folder.path().join("passwords");
            std::fs::write(&file, "anna:s3cret\n").unwrap();
            let hashed = Command::new("mosquitto_passwd").arg("-U").arg(&file).status().unwrap();
            assert!(hashed.success());
            conf.push_str(&format!("password_file {}\n", file.display()));
        }
        // As root it would become another user, who may not read here.
        conf.push_str("user root\n");
        std::fs::write(folder.path().join("conf"), conf).unwrap();
        let child = Self::spawn(&program, &folder);
        let broker = Self { child, port, folder };
        broker.wait();
        Some(broker)
    }

    fn spawn(program: &PathBuf, folder: &tempfile::TempDir) -> Child {
        let conf = folder.path().join("conf");
        Command::new(program).arg("-c").arg(conf).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn wait(&self) {
        until("the broker listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn start_again(&mut self) {
        self.child = Self::spawn(&mosquitto().unwrap(), &self.folder);
        self.wait();
    }

    fn address(&self, login: &str, wording: Wording) -> MqttAddress {
        MqttAddress::new(&format!("{login}127.0.0.1:{}", self.port), TOPIC, wording).unwrap()
    }

    /// What comes to the topic from now on.
    fn messages(&self) -> mpsc::Receiver<(String, bool)> {
        let (client, mut connection) = Client::new(MqttOptions::new("reader", "127.0.0.1", self.port), 4);
        client.subscribe(TOPIC, QoS::AtLeastOnce).unwrap();
        let ((ready, is_ready), (tell, told)) = (mpsc::channel(), mpsc::channel());
        std::thread::spawn(move || {
            for event in connection.iter().map_while(Result::ok) {
                match event {
                    Event::Incoming(Incoming::SubAck(_)) => ready.send(()).unwrap(),
                    Event::Incoming(Incoming::Publish(message)) => {
                        let body = String::from_utf8_lossy(&message.payload).into_owned();
                        if tell.send((body, message.retain)).is_err() {
                            return;
                        }
                    }
                    _ => {}
                }
            }
            drop(client);
        });
        is_ready.recv_timeout(LONG).expect("the reader is subscribed");
        told
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop();
    }
}

fn sent(notifier: &mut Notifier) -> Delivery {
    notifier.send(&deep_bend());
    until("an outcome", || {
        let mut finished = notifier.finished().into_iter().flat_map(|(_, deliveries)| deliveries);
        let done = finished.find(|delivery| delivery.detail.as_deref() != Some(NOT_YET));
        done.or_else(|| notifier.late().pop().map(|(_, delivery)| delivery))
    })
}

#[test]
fn a_note_is_published_also_after_the_broker_was_away() {
    let Some(mut broker) = Broker::start(true) else { return };
    let mut notifier = Notifier::new().with_slow(Mqtt::new(broker.address("", Wording::Plain)));
    let messages = broker.messages();
    let delivery = sent(&mut notifier);
    assert_eq!((delivery.channel, delivery.delivered, delivery.detail), ("mqtt", true, None));
    assert_eq!(messages.recv_timeout(LONG).unwrap(), (DEEP_BEND.to_owned(), false), "and it is not retained");

    broker.stop();
    let delivery = sent(&mut notifier);
    let why = delivery.detail.unwrap();
    assert!(!delivery.delivered && why.contains("cannot be reached") && why.contains("tried 3 times"), "{why}");
    broker.start_again();
    let messages = broker.messages();
    assert_eq!(sent(&mut notifier).detail, None);
    assert_eq!(messages.recv_timeout(LONG).unwrap().0, DEEP_BEND);
}

#[test]
fn a_broker_that_wants_a_password_gets_it_and_one_that_refuses_is_told_once() {
    let Some(broker) = Broker::start(false) else { return };
    let mut right = Notifier::new().with_slow(Mqtt::new(broker.address("anna:s3cret@", Wording::Discreet)));
    assert_eq!(sent(&mut right).detail, None);
    let mut wrong = Notifier::new().with_slow(Mqtt::new(broker.address("anna:oops@", Wording::Plain)));
    let delivery = sent(&mut wrong);
    let why = delivery.detail.unwrap();
    assert!(!delivery.delivered && why.contains("the broker refused") && !why.contains("oops"), "{why}");
    assert!(delivery.delay < Duration::from_secs(5), "not tried again: {:?}", delivery.delay);
}

#[test]
fn a_broker_that_hangs_is_given_up_in_time() {
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = hanging.local_addr().unwrap().port();
    let address = MqttAddress::new(&format!("127.0.0.1:{port}"), TOPIC, Wording::Plain).unwrap();
    let delivery = sent(&mut Notifier::new().with_slow(Mqtt::new(address)));
    let why = delivery.detail.unwrap();
    assert!(!delivery.delivered && why.contains("no answer of the broker within 5 s; tried 3 times"), "{why}");
    assert!(delivery.delay < Duration::from_secs(40), "{:?}", delivery.delay);
}
