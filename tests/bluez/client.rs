//! The other end: a child process, because libdbus reads `DBUS_SYSTEM_BUS_ADDRESS` once in a process's life.

use super::sensor::number;
use super::stand_in::utc_ns;
use firmware_protocol::session::Signal;
use lumbard::link::wanted::{Role, WantedSensors};
use lumbard::link::{Item, ble};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const ROLE: &str = "LUMBARD_TEST_RATE_HZ";
const SENSORS: &str = "LUMBARD_TEST_SENSORS";

/// Lists of sensors as one word: worn ones and buzzers.
fn split(list: &str) -> Vec<String> {
    list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What the child tells of one item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Begin {
        rate_hz: f64,
        name: String,
    },
    /// When it was taken, and when it came to us, in ns since 1970.
    Sample {
        number: u64,
        t_ns: i64,
        at_ns: u64,
    },
    Gap {
        from_ns: i64,
        to_ns: i64,
        lost: u32,
        cause: String,
    },
    Silence,
    Status(String),
    Battery(u8),
    BatteryLow(u8),
    Panics(u64),
}

/// A running link in a child process.
pub(crate) struct Client {
    child: Child,
    lines: Receiver<String>,
    pub(crate) told: Vec<Told>,
}

impl Client {
    /// This very test program again, as a client on that bus that takes any sensor.
    pub(crate) fn start(bus: &str, rate_hz: f64) -> Self {
        Self::wanting(bus, rate_hz, "", "")
    }

    /// The same for these sensors: worn ones and buzzers, separated by commas.
    pub(crate) fn wanting(bus: &str, rate_hz: f64, worn: &str, buzzers: &str) -> Self {
        Self::spawn("the_client", bus, rate_hz, &format!("{worn};{buzzers}"))
    }

    /// A reader that has nothing but btleplug.
    pub(crate) fn bare(bus: &str) -> Self {
        Self::spawn("the_bare_reader", bus, 0.0, ";")
    }

    fn spawn(role: &str, bus: &str, rate_hz: f64, sensors: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--exact", role, "--ignored", "--nocapture", "--test-threads=1"])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
            .env(ROLE, rate_hz.to_string())
            .env(SENSORS, sensors)
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
    pub(crate) fn numbers_in(told: &[Told]) -> Vec<u64> {
        let number = |told: &Told| if let Told::Sample { number, .. } = told { Some(*number) } else { None };
        told.iter().filter_map(number).collect()
    }

    pub(crate) fn samples(told: &[Told]) -> usize {
        told.iter().filter(|told| matches!(told, Told::Sample { .. })).count()
    }

    /// Resident memory of the client, in MiB.
    pub(crate) fn memory_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        kib.map_or(0.0, |kib: f64| kib / 1024.0)
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
        "begin" => Told::Begin { rate_hz: next().parse().ok()?, name: next().to_owned() },
        "sample" => {
            let (number, t_ns, at_ns) = (next().parse().ok()?, next().parse().ok()?, next().parse().ok()?);
            Told::Sample { number, t_ns, at_ns }
        }
        "gap" => Told::Gap {
            from_ns: next().parse().ok()?,
            to_ns: next().parse().ok()?,
            lost: next().parse().ok()?,
            cause: next().to_owned(),
        },
        "silence" => Told::Silence,
        "battery" => Told::Battery(next().parse().ok()?),
        "low" => Told::BatteryLow(next().parse().ok()?),
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
        eprintln!("{info}");
        if !ble::is_harmless_panic(info) {
            PANICS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }));
    tracing_subscriber::fmt().with_env_filter("lumbard=debug").with_writer(std::io::stderr).init();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let (sender, mut items) = tokio::sync::mpsc::channel(256);
    let sensors = std::env::var(SENSORS).unwrap_or_default();
    let (worn, buzzers) = sensors.split_once(';').unwrap_or_default();
    let wanted = WantedSensors { worn: split(worn), buzzers: split(buzzers) };
    let options = ble::Options { wanted, rate_hz, ..ble::Options::default() };
    let link = ble::start(options, sender, shutdown.clone()).expect("the link starts");
    let felt = [Role::Worn, Role::Buzzer].map(|role| link.feel(role));
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if line == "signal" {
                for feel in &felt {
                    feel.ask(Signal::Strong, Box::new(|how| eprintln!("a signal: {how:?}")));
                }
            }
        }
        shutdown.cancel();
    });
    let mut out = std::io::stdout().lock();
    while let Some(item) = items.blocking_recv() {
        let at_ns = utc_ns();
        let line = match item {
            Item::Begin(beginning) => format!("begin {} {}", beginning.format.nominal_rate_hz, beginning.name),
            Item::Sample(sample) => format!("sample {} {} {at_ns}", number(sample.acc), sample.t.0),
            Item::Gap { from, to, lost, cause } => format!("gap {} {} {lost} {cause:?}", from.0, to.0),
            Item::Silence { .. } => "silence".to_owned(),
            Item::Status(status) => format!("status {status:?}"),
            Item::Battery(percent) => format!("battery {percent}"),
            Item::BatteryLow(percent) => format!("low {percent}"),
            Item::End => continue,
        };
        writeln!(out, "told {line}").expect("the test listens");
    }
    link.join();
    writeln!(out, "told panics {}", PANICS.load(std::sync::atomic::Ordering::SeqCst)).expect("the test listens");
}
