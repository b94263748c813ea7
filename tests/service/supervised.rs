//! `run` under a service manager: what it is told, and how the program ends when it is asked to.

use super::program::{LONG, json, lumbard, until};
use lumbard::store::Reader;
use lumbard::store::facts::RecordingState;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// DESIGN §6: a clean stop on SIGTERM.
const STOPS_WITHIN: Duration = Duration::from_secs(2);

/// A manager that listens, and remembers every line that it was told.
struct Manager {
    socket: UnixDatagram,
    told: Vec<String>,
}

impl Manager {
    fn hear(&mut self) {
        let mut message = [0; 4096];
        while let Ok(n) = self.socket.recv(&mut message) {
            self.told.extend(String::from_utf8_lossy(&message[..n]).lines().map(str::to_owned));
        }
    }

    fn count(&mut self, line: &str) -> usize {
        self.hear();
        self.told.iter().filter(|told| *told == line).count()
    }
}

#[test]
fn a_supervised_run_tells_how_it_is_and_ends_within_two_seconds() {
    let data = tempfile::tempdir().unwrap();
    let place = tempfile::tempdir().unwrap();
    let socket = place.path().join("notify");
    let mut manager = Manager { socket: UnixDatagram::bind(&socket).unwrap(), told: Vec::new() };
    manager.socket.set_nonblocking(true).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let source = ["run", "--source", "simulate:3", "--speed", "1", "--hours", "1", "--port", &port.to_string()];
    let mut child = lumbard(data.path(), &source)
        .env("NOTIFY_SOCKET", &socket)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    until("READY", || (manager.count("READY=1") > 0).then_some(()));
    assert!(Reader::open(data.path()).is_ok(), "ready, and the store is not open");
    let mut page = TcpStream::connect(("127.0.0.1", port)).expect("ready, and the page is not up");
    // Pages that stay open, and one that hangs in the middle of a request, hold nothing up.
    write!(page, "GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    page.set_read_timeout(Some(LONG)).unwrap();
    assert!(page.read(&mut [0; 64]).unwrap() > 0);
    let mut half = TcpStream::connect(("127.0.0.1", port)).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();

    until("three signs of life", || (manager.count("WATCHDOG=1") >= 3).then_some(()));
    until("what it does", || {
        manager.told.iter().any(|line| line.starts_with("STATUS=Sensor connected.")).then_some(())
    });
    assert_eq!(manager.count("STOPPING=1"), 0);
    let taken = json(data.path(), &["status", "--json"]).1["samples"].as_u64().unwrap();
    assert!(taken > 0);

    let asked = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(asked.elapsed() < LONG, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = asked.elapsed();
    eprintln!("ended after {took:?}");
    assert_eq!(status.code(), Some(0));
    assert!(took < STOPS_WITHIN, "{took:?}");
    assert_eq!((manager.count("READY=1"), manager.count("STOPPING=1")), (1, 1), "{:?}", manager.told);
    assert_eq!(manager.told.last().map(String::as_str), Some("STOPPING=1"), "{:?}", manager.told);
    let row = Reader::open(data.path()).unwrap().recording("newest").unwrap();
    assert_eq!(row.state, RecordingState::Ended);
    assert!(row.samples >= taken, "{} stored, {taken} told", row.samples);
}

#[test]
fn the_unit_says_what_the_program_does() {
    let unit = include_str!("../../packaging/lumbard.service");
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    assert_eq!(value("Type"), Some("notify"));
    assert_eq!(value("Restart"), Some("on-failure"));
    assert!(value("ExecStart").is_some_and(|start| start.ends_with("/lumbard run")));
    // The watchdog is told every second; it must bear a busy machine and a slow disk.
    let watchdog: u64 = value("WatchdogSec").unwrap().trim_end_matches('s').parse().unwrap();
    let stop: u64 = value("TimeoutStopSec").unwrap().trim_end_matches('s').parse().unwrap();
    assert!(watchdog >= 10 && Duration::from_secs(stop) > STOPS_WITHIN);
}
