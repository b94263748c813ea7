//! The program: run to its end, or as a daemon that is looked at, stopped and killed.

use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Enough for anything on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(90);

/// The program over a data folder, in a zone that every machine has, and in English.
pub(crate) fn lumbard(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lumbard"));
    command.args(args).arg("--data-dir").arg(data).env("TZ", "UTC").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn output(data: &Path, args: &[&str]) -> Output {
    lumbard(data, args).output().unwrap()
}

/// Runs it to its end, which must be a good one; gives its words.
pub(crate) fn done(data: &Path, args: &[&str]) -> String {
    let output = output(data, args);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "lumbard {args:?}: {:?} {words}", output.status);
    words
}

/// Its exit code, and the JSON that it printed.
pub(crate) fn json(data: &Path, args: &[&str]) -> (i32, Value) {
    let output = output(data, args);
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error} {output:?}"));
    (output.status.code().unwrap(), json)
}

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// `lumbard run` going on.
pub(crate) struct Daemon<'a> {
    child: Child,
    data: &'a Path,
}

impl<'a> Daemon<'a> {
    /// Starts it, and waits until it takes samples in.
    pub(crate) fn start(data: &'a Path, args: &[&str]) -> Self {
        let mut command = lumbard(data, &["run", "--no-page"]);
        let child = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut daemon = Self { child, data };
        until("samples are taken in", || {
            assert!(daemon.child.try_wait().unwrap().is_none(), "the run ended by itself");
            daemon.samples().filter(|samples| *samples > 0)
        });
        daemon
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What `status --json` says, and its exit code.
    pub(crate) fn status(&self) -> (i32, Value) {
        json(self.data, &["status", "--json"])
    }

    /// Samples taken in, as this daemon told.
    pub(crate) fn samples(&self) -> Option<u64> {
        let (_, status) = self.status();
        (status["pid"] == self.pid()).then(|| status["samples"].as_u64()).flatten()
    }

    /// Asks it to stop, and waits for that.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().unwrap();
        assert!(asked.success());
        until("the run ends when asked to", || self.child.try_wait().unwrap())
    }

    /// Ends it as a crash would: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        // One that has ended is no trouble.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
