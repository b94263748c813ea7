//! The channels of a signal, each against a real receiver on this machine: what arrives there, what is tried again,
//! and that one that hangs holds up no other. Times in here are limits against hanging, unless a test says so.
//!
//! The desktop needs `dbus-daemon`, the certificate of the web receiver `openssl`, MQTT `mosquitto` and the cargo
//! feature `mqtt`. A test that misses one says so and passes, unless `LUMBARD_REQUIRE_BLUEZ=1` (bus) or
//! `LUMBARD_REQUIRE_MQTT=1` (mosquitto) is set.

#![allow(missing_docs, reason = "a test program")]

#[cfg(feature = "mqtt")]
mod broker;
#[path = "../bluez/bus.rs"]
#[allow(dead_code, reason = "this program needs one kind of bus only")]
mod bus;
mod command;
mod daemon;
mod desktop;
mod receiver;
mod webhook;

use lumbard::care::Locale;
use lumbard::notify::{Loudness, Notice, NoticeKind};
use lumbard::units::WallTime;
use std::time::{Duration, Instant};

/// Enough for anything on a busy machine.
const LONG: Duration = Duration::from_secs(90);

/// The notice of a deep bend at half past one, as the service makes it.
fn deep_bend() -> Notice {
    Notice {
        kind: NoticeKind::Warning,
        rule: Some("W1"),
        loudness: Loudness::Strong,
        at: WallTime(5_400_000_000_000),
        clock: "01:30:00".into(),
        measured: "deep bend, 68 of 60 degrees".into(),
        text: "That was a deep bend. While things are sore, try smaller or slower.".into(),
        locale: Locale::En,
    }
}

/// All that may arrive of it.
const DEEP_BEND: &str = r#"{"kind":"warning","rule":"W1","at":"1970-01-01T01:30:00Z","text":"That was a deep bend. While things are sore, try smaller or slower."}"#;

/// Asks again and again until there is an answer.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The program with a data folder of its own and no bus of this machine.
fn lumbard(data: &std::path::Path, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lumbard"));
    command.args(args).arg("--data-dir").arg(data).env("TZ", "UTC").stdin(std::process::Stdio::null());
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").env_remove("XDG_RUNTIME_DIR");
    command
}

/// Runs it; its exit code, stdout and stderr.
fn run(data: &std::path::Path, args: &[&str]) -> (i32, String, String) {
    let output = lumbard(data, args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}
