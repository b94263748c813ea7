//! The desktop against a real bus with a small notification service on it.

use super::bus::PrivateBus;
use super::lumbard;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use zbus::{connection, fdo, interface};

/// What a desktop was asked to show: what it replaces, title, text, and for how long.
type Shown = (u32, String, String, i32);

#[derive(Clone, Default)]
struct Desktop {
    shown: Arc<Mutex<Vec<Shown>>>,
    /// So many calls are refused first.
    refuses: Arc<AtomicU32>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the call is as the desktop specification has it")]
    fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, zbus::OwnedVariant>,
        timeout: i32,
    ) -> fdo::Result<u32> {
        if self.refuses.load(Ordering::SeqCst) > 0 {
            self.refuses.fetch_sub(1, Ordering::SeqCst);
            return Err(fdo::Error::Failed("not yet".into()));
        }
        let mut shown = self.shown.lock().unwrap();
        shown.push((replaces, summary, body, timeout));
        Ok(shown.len() as u32)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_shown_and_tried_again_when_the_desktop_does_not_take_it() {
    let Some(bus) = PrivateBus::start() else { return };
    let desktop = Desktop::default();
    let _serving = connection::Builder::address(bus.address.as_str())
        .name("org.freedesktop.Notifications")
        .serve_at("/org/freedesktop/Notifications", desktop.clone())
        .build()
        .await
        .unwrap();
    let data = tempfile::tempdir().unwrap();
    let tried = || {
        let mut command = lumbard(data.path(), &["channel", "test", "desktop"]);
        command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        tokio::task::spawn_blocking(move || {
            let output = command.output().unwrap();
            (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
        })
    };
    let (code, out) = tried().await.unwrap();
    assert!(code == 0 && out.contains("well"), "{out}");
    let shown = desktop.shown.lock().unwrap().clone();
    assert_eq!(shown, [(0, "lumbard".into(), "This is a try. Notes from lumbard come this way.".into(), 8_000)]);

    desktop.refuses.store(1, Ordering::SeqCst);
    let (code, out) = tried().await.unwrap();
    assert!(code == 0 && out.contains("well (at try 2)"), "{out}");
    desktop.refuses.store(2, Ordering::SeqCst);
    let (code, out) = tried().await.unwrap();
    assert!(code == 3 && out.contains("no desktop here; tried 2 times"), "{out}");
    assert_eq!(desktop.shown.lock().unwrap().len(), 2);
}
