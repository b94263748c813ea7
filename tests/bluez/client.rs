//! The other end: a child process, because libdbus reads `DBUS_SYSTEM_BUS_ADDRESS` once in a process's life.

use super::sensor::number;
use lumbard::link::{Item, ble};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const ROLE: &str = "LUMBARD_TEST_RATE_HZ";

/// What the child tells of one item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Begin { rate_hz: f64 },
    Sample { number: u64, t_ns: i64 },
    Gap { from_ns: i64, to_ns: i64, lost: u32, cause: String },
    Silence,
    Status(String),
    Battery(u8),
    Panics(u64),
}

/// A running link in a child process.
pub(crate) struct Client {
    child: Child,
    lines: Receiver<String>,
    pub(crate) told: Vec<Told>,
}

impl Client {
    /// This very test program again, as a client on that bus.
    pub(crate) fn start(bus: &str, rate_hz: f64) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--exact", "the_client", "--ignored", "--nocapture", "--test-threads=1"])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
            .env(ROLE, rate_hz.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client starts");
        let stdout = child.stdout.take().expect("its stdout is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, told: Vec::new() }
    }

    /// Takes what the client tells until `enough`, or fails after `at_most`: a limit, not a measurement.
    pub(crate) fn until(&mut self, what: &str, at_most: Duration, mut enough: impl FnMut(&[Told]) -> bool) {
        let end = Instant::now() + at_most;
        while !enough(&self.told) {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.told.extend(parse(&line)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let from = self.told.len().saturating_sub(12);
                    panic!("{what}: not within {at_most:?}; the end of {}: {:?}", self.told.len(), &self.told[from..])
                }
            }
        }
    }

    /// Numbers of the samples that came, in order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let number = |told: &Told| if let Told::Sample { number, .. } = told { Some(*number) } else { None };
        self.told.iter().filter_map(number).collect()
    }

    pub(crate) fn samples(told: &[Told]) -> usize {
        told.iter().filter(|told| matches!(told, Told::Sample { .. })).count()
    }

    /// Asks for a signal of the sensor.
    pub(crate) fn signal(&mut self) {
        let stdin = self.child.stdin.as_mut().expect("its stdin is piped");
        stdin.write_all(b"signal\n").expect("the client listens");
    }

    /// Ends the client in good order; everything it still tells is taken, and it must not have panicked.
    pub(crate) fn stop(mut self) -> Vec<Told> {
        drop(self.child.stdin.take());
        self.until("the end", Duration::from_secs(20), |told| matches!(told.last(), Some(Told::Panics(_))));
        assert_eq!(self.told.last(), Some(&Told::Panics(0)));
        assert!(self.child.wait().expect("it can be waited for").success());
        std::mem::take(&mut self.told)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parse(line: &str) -> Option<Told> {
    // libtest writes its own words in front of the first line.
    let mut words = line.split_once("told ")?.1.split(' ');
    let kind = words.next()?;
    let mut next = || words.next().unwrap_or_default();
    let told = match kind {
        "begin" => Told::Begin { rate_hz: next().parse().ok()? },
        "sample" => Told::Sample { number: next().parse().ok()?, t_ns: next().parse().ok()? },
        "gap" => Told::Gap {
            from_ns: next().parse().ok()?,
            to_ns: next().parse().ok()?,
            lost: next().parse().ok()?,
            cause: next().to_owned(),
        },
        "silence" => Told::Silence,
        "battery" => Told::Battery(next().parse().ok()?),
        "panics" => Told::Panics(next().parse().ok()?),
        "status" => Told::Status(line.split_once("told status ")?.1.to_owned()),
        _ => return None,
    };
    Some(told)
}

/// The child's side: runs a link until stdin ends, and tells every item in a line.
pub(crate) fn run() {
    let Some(rate_hz) = std::env::var(ROLE).ok().and_then(|rate| rate.parse().ok()) else {
        println!("this is the client's side; the other tests start it");
        return;
    };
    static PANICS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    std::panic::set_hook(Box::new(|info| {
        PANICS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        eprintln!("{info}");
    }));
    tracing_subscriber::fmt().with_env_filter("lumbard=debug").with_writer(std::io::stderr).init();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let (sender, mut items) = tokio::sync::mpsc::channel(256);
    let options = ble::Options { rate_hz, ..ble::Options::default() };
    let link = ble::start(options, sender, shutdown.clone()).expect("the link starts");
    let signals = link.signals();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if line == "signal" {
                let _ = signals.blocking_send(firmware_protocol::session::Signal::Strong);
            }
        }
        shutdown.cancel();
    });
    let mut out = std::io::stdout().lock();
    while let Some(item) = items.blocking_recv() {
        let line = match item {
            Item::Begin(beginning) => format!("begin {}", beginning.format.nominal_rate_hz),
            Item::Sample(sample) => format!("sample {} {}", number(sample.acc), sample.t.0),
            Item::Gap { from, to, lost, cause } => format!("gap {} {} {lost} {cause:?}", from.0, to.0),
            Item::Silence { .. } => "silence".to_owned(),
            Item::Status(status) => format!("status {status:?}"),
            Item::Battery(percent) => format!("battery {percent}"),
            Item::End => continue,
        };
        writeln!(out, "told {line}").expect("the test listens");
    }
    link.join();
    writeln!(out, "told panics {}", PANICS.load(std::sync::atomic::Ordering::SeqCst)).expect("the test listens");
}
