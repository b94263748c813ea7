//! A private message bus: a real dbus-daemon on a socket of its own, in a temporary folder.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) struct PrivateBus {
    child: Child,
    dir: tempfile::TempDir,
    policy: &'static str,
    pub(crate) address: String,
}

impl PrivateBus {
    /// Starts a bus, or tells that there is no dbus-daemon here.
    pub(crate) fn start() -> Option<Self> {
        Self::with_policy(EVERYTHING)
    }

    /// The same, and this user may not speak to the Bluetooth service.
    pub(crate) fn denying() -> Option<Self> {
        Self::with_policy(NO_BLUETOOTH)
    }

    fn with_policy(policy: &'static str) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let child = spawn(dir.path(), policy);
        let Some((child, address)) = child else {
            assert!(
                std::env::var_os("LUMBARD_REQUIRE_BLUEZ").is_none_or(|v| v != "1"),
                "LUMBARD_REQUIRE_BLUEZ=1, but there is no dbus-daemon (package dbus-daemon)"
            );
            eprintln!("SKIPPED: there is no dbus-daemon here, so Bluetooth was not tested (package dbus-daemon)");
            return None;
        };
        Some(Self { child, dir, policy, address })
    }

    /// Ends the bus as a crash would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again at the same place.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let _ = std::fs::remove_file(self.dir.path().join("bus"));
        let (child, address) = spawn(self.dir.path(), self.policy).expect("dbus-daemon was there before");
        (self.child, self.address) = (child, address);
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Like a system bus for its clients, but everybody may own and send everything.
const EVERYTHING: &str = "";
/// As some distributions have it, for users who are not in the right group.
const NO_BLUETOOTH: &str = r#"<deny send_destination="org.bluez"/>"#;

fn spawn(dir: &Path, policy: &str) -> Option<(Child, String)> {
    let conf = dir.join("bus.conf");
    let text = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    {policy}
  </policy>
</busconfig>"#,
        dir.join("bus").display()
    );
    std::fs::write(&conf, text).expect("the bus configuration is written");
    let child = Command::new("dbus-daemon")
        .arg(format!("--config-file={}", conf.display()))
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("dbus-daemon: {error}"),
    };
    // The address is printed once the socket listens: no sleeping, no polling.
    let mut line = String::new();
    let stdout = child.stdout.take().expect("its stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("dbus-daemon prints its address");
    // Without the daemon's id, so that the address holds for the next daemon at the same place too.
    let address = line.split(',').next().unwrap_or_default().trim().to_owned();
    Some((child, address))
}
