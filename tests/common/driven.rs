//! A real browser that a test drives: clicks and script go in, what the page holds comes out.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A browser that is spoken to: its debugging pipe is the stdin and stdout of the child, a JSON and a NUL each.
pub(crate) struct Driven {
    child: Child,
    answers: BufReader<ChildStdout>,
    asked: u64,
    session: Option<String>,
    _profile: tempfile::TempDir,
}

impl Driven {
    pub(crate) async fn open(browser: &Path, url: &str, before: &str) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1"])
            .arg(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--remote-debugging-pipe", "about:blank"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the browser starts");
        let answers = BufReader::new(child.stdout.take().expect("its stdout is piped"));
        let mut driven = Self { child, answers, asked: 0, session: None, _profile: profile };
        let targets = driven.ask("Target.getTargets", json!({})).await;
        let targets = targets["targetInfos"].as_array().expect("targets").clone();
        let page = targets.iter().find(|target| target["type"] == "page").expect("a page")["targetId"].clone();
        let attach = json!({ "targetId": page, "flatten": true });
        let attached = driven.ask("Target.attachToTarget", attach).await;
        driven.session = attached["sessionId"].as_str().map(ToOwned::to_owned);
        driven.ask("Page.enable", json!({})).await;
        driven.ask("Page.addScriptToEvaluateOnNewDocument", json!({ "source": before })).await;
        driven.ask("Page.navigate", json!({ "url": url })).await;
        driven
    }

    /// Asks the browser, and gives its answer; what it tells unasked is passed over.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let stdin = self.child.stdin.as_mut().expect("its stdin is piped");
        stdin.write_all(format!("{message}\0").as_bytes()).await.expect("the browser listens");
        loop {
            let mut answer = Vec::new();
            let read = self.answers.read_until(0, &mut answer);
            timeout(Duration::from_secs(90), read).await.expect("the browser answers").expect("it goes on");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            if answer["id"] == self.asked {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// What a line of script gives, as if a person had done it.
    pub(crate) async fn eval(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "userGesture": true, "returnByValue": true });
        self.ask("Runtime.evaluate", params).await["result"]["value"].clone()
    }

    /// Waits until a line of script gives what is wanted.
    pub(crate) async fn eval_until(&mut self, script: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let value = self.eval(script).await;
            if wanted(&value) {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{script} never gives what is wanted")
    }
}
