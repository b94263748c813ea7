//! The local page from outside: a real server on a free port, spoken to in plain HTTP, and by a real browser.
//!
//! `LUMBARD_KEEP_PAGE=SECONDS` keeps the page with its made-up live data up for so long, to be looked at.
//! The browser test needs Chromium (Debian: `apt-get install chromium`). Without one it says so and
//! does nothing, unless `LUMBARD_REQUIRE_BROWSER=1`. Longer than most files: every page on one bench.

mod common;
#[path = "common/driven.rs"]
mod driven;

use common::figures::rich_day;
use common::stored::record;
use driven::Driven;
use jiff::tz::TimeZone;
use lumbard::care::Locale;
use lumbard::care::calibrating::{GuideView, QualityFigures, StepName};
use lumbard::care::words::objection;
use lumbard::chart::load::date_of;
use lumbard::link::LinkStatus;
use lumbard::notify::{Loudness, Notice, NoticeKind};
use lumbard::plan::session::{After, Order, Session, SessionView, SetStep};
use lumbard::plan::{StopReason, catalogue};
use lumbard::signal::Posture;
use lumbard::units::{Angle, Time, WallTime};
use lumbard::web::live::{LiveView, Watching};
use lumbard::web::{PageCommand, SHUTDOWN_PATIENCE, Shared, serve};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Far longer than anything here takes; only a test that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A page that is up, and the ends of everything it is given.
struct Page {
    port: u16,
    view: watch::Sender<LiveView>,
    signals: broadcast::Sender<Notice>,
    commands: mpsc::Receiver<PageCommand>,
    shutdown: CancellationToken,
    served: JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

fn clock() -> WallTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    WallTime(since.as_nanos() as i64)
}

impl Page {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let (view, newest) = watch::channel(LiveView::default());
        let (signals, _) = broadcast::channel(4);
        let (command, commands) = mpsc::channel(4);
        let shutdown = CancellationToken::new();
        let shared = Shared {
            view: newest,
            signals: signals.clone(),
            data_dir: folder.path().join("data"),
            commands: command,
            clock,
        };
        let served = tokio::spawn(serve(listener, shared, shutdown.clone()));
        Self { port, view, signals, commands, shutdown, served, _folder: folder }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.expect("the page listens")
    }

    /// Puts a made-up day into its store: today, as far as it has come.
    fn with_a_day(self) -> Self {
        let zone = TimeZone::get("Etc/GMT-14").expect("a zone of the embedded list");
        let now = clock();
        let mut figure = rich_day(date_of(now, &zone), "Etc/GMT-14");
        figure.until = Some(now);
        record(&self._folder.path().join("data"), &figure);
        self
    }

    /// Sends a request with these lines and gives back everything that is answered.
    async fn ask(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        let request = format!("{request}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time").expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}", self.port)).await
    }

    async fn post(&self, path: &str, origin: &str, body: &str) -> String {
        let mut stream = self.connect().await;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{origin}Connection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time").expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn close(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.served).await.expect("it ends").expect("it does not panic").expect("it ends in order");
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default()
}

/// Reads a live stream until it holds `wanted`.
async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut seen = String::new();
    let mut part = [0; 4096];
    while !seen.contains(wanted) {
        let n = timeout(PATIENCE, stream.read(&mut part)).await.expect("in time").expect("read");
        assert!(n > 0, "the stream ended before {wanted:?}: {seen}");
        seen.push_str(&String::from_utf8_lossy(&part[..n]));
    }
    seen
}

fn walking(deg: f64) -> LiveView {
    LiveView {
        tea: Some(Angle::from_degrees(deg)),
        tilt: Some(Angle::from_degrees(deg / 2.0)),
        posture: Posture::Walking,
        watching: Watching::Yes,
        link: LinkStatus::Streaming,
        battery: Some(81),
        ..LiveView::default()
    }
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_and_ours_is_served() {
    let page = Page::open().await;
    assert_eq!(status(&page.get("/").await), 200);
    let rebound = format!("GET / HTTP/1.1\r\nHost: example.org:{}", page.port);
    assert_eq!(status(&page.ask(&rebound).await), 403);
    assert_eq!(status(&page.ask("GET / HTTP/1.0").await), 403, "no host at all");
    let stream = format!("GET /live HTTP/1.1\r\nHost: localhost:{}\r\nOrigin: http://example.org", page.port);
    assert_eq!(status(&page.ask(&stream).await), 403);
    page.close().await;
}

#[tokio::test]
async fn a_snooze_is_taken_from_our_own_page_and_from_no_other() {
    let mut page = Page::open().await;
    let ours = format!("Origin: http://127.0.0.1:{}\r\n", page.port);
    assert_eq!(status(&page.post("/snooze", &ours, "minutes=30").await), 303);
    assert_eq!(page.commands.try_recv(), Ok(PageCommand::Snooze { minutes: 30 }));
    assert_eq!(status(&page.post("/snooze", &ours, "minutes=0").await), 303);
    assert_eq!(page.commands.try_recv(), Ok(PageCommand::EndSnooze));
    for foreign in ["Origin: http://example.org\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(status(&page.post("/snooze", foreign, "minutes=30").await), 403, "{foreign}");
    }
    for body in ["minutes=31", "minutes=-1", "minutes=", "", &"x".repeat(100_000)] {
        let code = status(&page.post("/snooze", &ours, body).await);
        assert!((400..500).contains(&code), "{code}");
    }
    assert_eq!(status(&page.get("/snooze").await), 405, "a link cannot snooze");
    assert!(page.commands.try_recv().is_err());
    page.close().await;
}

/// Standing still in a guided calibration, or how one ended.
fn guided(step: StepName, words: &str) -> LiveView {
    let quality = (step == StepName::Done).then_some(QualityFigures {
        good: true,
        standing_mg: 3.1,
        bends: 2,
        deepest_deg: Some(38.0),
        one_axis: Some(0.97),
        walked_s: 0.0,
        standing_g: 0.998,
    });
    let view = GuideView { asked_utc_ns: 1, step, words: words.to_owned(), left_s: 24.0, share: 0.66, quality };
    LiveView { calibration: Some(view), ..walking(0.0) }
}

#[tokio::test]
async fn a_calibration_is_begun_shown_and_ended_from_our_own_page_and_from_no_other() {
    let mut page = Page::open().await;
    let ours = format!("Origin: http://127.0.0.1:{}\r\n", page.port);
    for (wish, command) in [
        ("begin", PageCommand::Calibrate),
        ("stop", PageCommand::StopCalibrating),
        ("accept", PageCommand::AcceptRefresh),
    ] {
        assert_eq!(status(&page.post("/calibrate", &ours, &format!("wish={wish}")).await), 303);
        assert_eq!(page.commands.try_recv(), Ok(command));
    }
    assert_eq!(status(&page.post("/calibrate", "Origin: http://example.org\r\n", "wish=begin").await), 403);
    assert_eq!(status(&page.post("/calibrate", &ours, "wish=fly").await), 400);
    assert!(page.commands.try_recv().is_err());

    let idle = page.get("/calibrate").await;
    assert!(idle.contains("Ready when you are") && idle.contains("Where to wear the sensor"), "{idle}");
    page.view.send_replace(guided(StepName::Stand, "Stand upright and still, arms at your sides."));
    let shown = page.get("/calibrate").await;
    assert!(shown.contains("data-step=\"stand\"") && shown.contains("24\u{202f}s left"), "{shown}");
    assert!(shown.contains("id=\"guide-begin\" name=\"wish\" value=\"begin\" hidden"), "{shown}");
    page.view.send_replace(guided(StepName::Again, "Bend straight forward, without turning."));
    let shown = page.get("/calibrate").await;
    assert!(shown.contains("without turning.") && shown.contains("Try again"), "{shown}");
    page.view.send_replace(guided(StepName::Done, "Calibrated, and well."));
    let shown = page.get("/calibrate").await;
    assert!(shown.contains("Standing steady to 3.1 mg"), "{shown}");

    assert!(page.get("/").await.contains("id=\"offer\" action=\"/calibrate\" method=\"post\" hidden"));
    page.view.send_replace(LiveView { refresh_offered: Some(Angle::from_degrees(4.2)), ..walking(0.0) });
    let today = page.get("/").await;
    assert!(today.contains("Your walk shows upright 4° from before.") && today.contains("value=\"accept\""), "{today}");
    page.close().await;
}

/// A set of bridges, so many of ten counted.
fn bridges(step: SetStep, count: u32, message: &str) -> LiveView {
    let order = Order { reps: Some(10), ..Order::open(catalogue::find("bridge").unwrap()) };
    let set = Session::new(order, Time::START).view(1);
    let set = SessionView { step, count: Some(count), count_of: Some(10), message: message.into(), ..set };
    LiveView { exercise: Some(set), ..walking(0.0) }
}

#[tokio::test]
async fn a_set_is_begun_shown_stopped_and_put_right_from_our_own_page_and_from_no_other() {
    let mut page = Page::open().await.with_a_day();
    let ours = format!("Origin: http://127.0.0.1:{}\r\n", page.port);
    let start = "wish=start&exercise=walk&nprs_before=3&side=";
    assert_eq!(status(&page.post("/exercise", &ours, start).await), 303);
    let order = Order { nprs_before: Some(3), ..Order::open(catalogue::find("walk").unwrap()) };
    assert_eq!(page.commands.try_recv(), Ok(PageCommand::StartExercise(order)));
    assert_eq!(status(&page.post("/exercise", &ours, "wish=stop&reason=pain").await), 303);
    let pain = After { reason: Some(StopReason::Pain), ..After::default() };
    assert_eq!(page.commands.try_recv(), Ok(PageCommand::StopExercise(pain)));
    assert_eq!(status(&page.post("/exercise", "Origin: http://example.org\r\n", start).await), 403);
    assert_eq!(status(&page.post("/exercise", &ours, "wish=start&exercise=handstand").await), 400);
    assert!(page.commands.try_recv().is_err());

    // The made-up day is an acute one with a plan: strength rests, the walk is offered.
    let idle = page.get("/exercise").await;
    assert!(
        idle.contains("On your plan") && idle.contains("value=\"walk\"") && !idle.contains("value=\"bridge\""),
        "{idle}"
    );
    assert!(idle.contains("id=\"set-stop\" action=\"/exercise\" method=\"post\" hidden"), "{idle}");
    page.view.send_replace(bridges(SetStep::Going, 3, "ex_counting"));
    let going = page.get("/exercise").await;
    assert!(going.contains("3 of 10") && going.contains("Slowly is fine."), "{going}");
    assert!(going.contains("id=\"set-start\" action=\"/exercise\" method=\"post\" hidden"), "{going}");
    page.view.send_replace(bridges(SetStep::Over, 9, "ex_kept"));
    let over = page.get("/exercise").await;
    assert!(over.contains("How many were it") && over.contains("value=\"9\""), "{over}");
    page.close().await;
}

#[tokio::test]
async fn the_live_stream_tells_views_and_notices_and_ends_when_the_service_stops() {
    let page = Page::open().await;
    let mut live = page.connect().await;
    let request = format!("GET /live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", page.port);
    live.write_all(request.as_bytes()).await.unwrap();
    let first = read_until(&mut live, "event: view").await;
    assert!(first.contains("text/event-stream") && first.contains("200 OK"), "{first}");
    page.view.send_replace(walking(22.6));
    read_until(&mut live, "\"angle\":\"23°\"").await;
    page.signals.send(deep_bend("That was a deep bend.")).expect("the stream listens");
    let told = read_until(&mut live, "That was a deep bend.").await;
    assert!(told.contains("event: notice"), "{told}");

    let asked = std::time::Instant::now();
    page.shutdown.cancel();
    let mut rest = Vec::new();
    timeout(PATIENCE, live.read_to_end(&mut rest)).await.expect("the stream ends").expect("read");
    timeout(PATIENCE, page.served).await.expect("it ends").unwrap().expect("in order");
    assert!(asked.elapsed() <= SHUTDOWN_PATIENCE + Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_reader_that_hangs_does_not_keep_the_service_from_stopping() {
    let page = Page::open().await;
    let mut half = page.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    let mut idle = page.connect().await;
    idle.write_all(format!("GET /live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", page.port).as_bytes()).await.unwrap();
    read_until(&mut idle, "event: view").await;
    page.close().await;
}

#[tokio::test]
async fn a_slow_page_misses_notices_is_counted_and_stays_connected() {
    let page = Page::open().await;
    let mut live = page.connect().await;
    live.write_all(format!("GET /live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", page.port).as_bytes()).await.unwrap();
    read_until(&mut live, "event: view").await;
    // More than the channel holds, in one go: the task of the stream cannot run in between.
    for n in 0..20 {
        page.signals.send(deep_bend(&format!("Notice {n}."))).expect("the stream listens");
    }
    read_until(&mut live, "Notice 19.").await;
    let health = page.get("/health").await;
    assert!(health.contains("\"missed_notices\":16"), "{health}");
    assert!(health.contains("\"open_pages\":1"), "{health}");
    page.close().await;
}

#[tokio::test]
async fn health_says_whether_it_watches_and_why_not() {
    let page = Page::open().await;
    let answer = page.get("/health").await;
    assert!(answer.contains("\"watching\":false") && answer.contains("waiting for the sensor"), "{answer}");
    page.view.send_replace(walking(3.0));
    let answer = page.get("/health").await;
    assert!(answer.contains("\"watching\":true") && answer.contains("\"link\":\"streaming\""), "{answer}");
    page.close().await;
}

/// What a person reads of a page: its text, without markup.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

#[tokio::test]
async fn every_page_is_small_loads_nothing_from_elsewhere_and_says_what_we_say() {
    let page = Page::open().await.with_a_day();
    let mut together = 0;
    for path in [
        "/",
        "/calibrate",
        "/exercise",
        "/red-flags",
        "/no-such-page",
        "/assets/page.css",
        "/assets/page.js",
        "/assets/icon.svg",
    ] {
        let answer = page.get(path).await;
        assert_eq!(status(&answer), if path == "/no-such-page" { 404 } else { 200 }, "{path}");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let head = head.to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(head.contains(header), "{path} lacks {header}");
        }
        if path == "/" || path.starts_with("/assets") {
            together += body.len();
        }
        let elsewhere = body.replace("http://www.w3.org/2000/svg", "");
        for sign in ["http://", "https://", "src=\"//", "href=\"//", "url(", "@import", "style=\"", "onclick"] {
            assert!(!elsewhere.contains(sign), "{path} holds {sign}");
        }
        if path.starts_with("/assets") {
            continue;
        }
        assert!(body.contains("<html lang=\"en\">"), "{path}");
        let words = text_of(body).replace("Red flags", "");
        assert_eq!(objection(Locale::En, &words), None, "{path}: {words}");
    }
    let figure = page.get("/figure/day").await;
    assert!(figure.contains("<svg") && figure.contains("var(--lying)"), "{figure}");
    eprintln!("the first page takes {together} bytes");
    assert!(together < 150_000, "the first page takes {together} bytes");
    page.close().await;
}

#[tokio::test]
async fn only_loopback_is_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let (_view, newest) = watch::channel(LiveView::default());
    let (commands, _asked) = mpsc::channel(1);
    let shared = Shared { view: newest, signals: broadcast::channel(1).0, data_dir: PathBuf::new(), commands, clock };
    let refused = serve(listener, shared, CancellationToken::new()).await.expect_err("it is refused");
    assert!(refused.to_string().contains("127.0.0.1 only"), "{refused}");
}

/// The texts of a page that stand between two tags and have more than one word.
fn texts_of(html: &str) -> BTreeSet<&str> {
    let texts = html.split('>').filter_map(|part| part.split('<').next()).map(str::trim);
    texts.filter(|text| text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count() > 1).collect()
}

#[tokio::test]
async fn a_page_in_german_holds_no_sentence_in_english() {
    /// What the wearer wrote, and what has no name in the catalogue.
    const OWN_WORDS: [&str; 4] = ["sat ", "garden", "walk ", "stretch "];
    let page = Page::open().await.with_a_day();
    for path in ["/", "/figure/day", "/calibrate", "/red-flags", "/no-such-page"] {
        page.view.send_replace(LiveView { locale: Locale::En, ..walking(20.0) });
        let english = page.get(path).await;
        page.view.send_replace(LiveView { locale: Locale::De, ..walking(20.0) });
        let german = page.get(path).await;
        let body = |answer: &str| answer.split_once("\r\n\r\n").expect("a head and a body").1.to_owned();
        let (english, german) = (body(&english), body(&german));
        assert_eq!(german.contains("<html lang=\"de\">"), path != "/figure/day", "{path}");
        assert_eq!(objection(Locale::De, &text_of(&german)), None, "{path}");
        let (english, german) = (texts_of(&english), texts_of(&german));
        assert!(german.len() > 1, "{path}: {german:?}");
        let both: Vec<&&str> = english.intersection(&german).collect();
        let left: Vec<_> = both.iter().filter(|text| !OWN_WORDS.iter().any(|own| text.starts_with(own))).collect();
        assert!(left.is_empty(), "{path}: {left:?}");
    }
    page.close().await;
}

/// Chromium, if this machine has one.
fn browser() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

/// Runs the browser on a page without a screen, with a profile of its own, and gives what it printed.
async fn browse(browser: &Path, url: &str, wanted: &[String]) -> String {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let child = tokio::process::Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(wanted)
        .arg(url)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_secs(90), child).await.expect("the browser ends").expect("the browser starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The angle that a page shows.
fn angle_in(html: &str) -> &str {
    html.split("id=\"angle\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1)).unwrap_or_default()
}

/// The notice of a deep bend, in these words.
fn deep_bend(text: &str) -> Notice {
    Notice {
        kind: NoticeKind::Warning,
        rule: Some("W1"),
        loudness: Loudness::Strong,
        at: WallTime::default(),
        clock: "14:03".into(),
        measured: "68 of 60 degrees".into(),
        text: text.into(),
        locale: Locale::En,
    }
}

/// Bends and rises ten times a second, for as long as the page is up.
fn moving_back(view: watch::Sender<LiveView>, signals: broadcast::Sender<Notice>) -> JoinHandle<()> {
    tokio::spawn(async move {
        for n in 0u32.. {
            let phase = f64::from(n) * 0.1;
            let locale = view.borrow().locale;
            view.send_replace(LiveView { locale, ..walking(34.0 + 30.0 * (phase * 0.7).sin()) });
            if n % 100 == 20 {
                // Without a page nobody hears it.
                let _ = signals.send(deep_bend("That was a deep bend. While things are sore, try smaller or slower."));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_real_browser_the_live_angle_replaces_its_placeholder() {
    let Some(browser) = browser() else {
        let required = std::env::var("LUMBARD_REQUIRE_BROWSER").is_ok_and(|value| value == "1");
        assert!(!required, "no Chromium on PATH; install it with: apt-get install chromium");
        eprintln!("SKIPPED: no Chromium on PATH, so the page was not tried in a real browser");
        return;
    };
    let page = Page::open().await;
    let url = format!("http://127.0.0.1:{}/", page.port);
    let placeholder = page.get("/").await;
    assert!(placeholder.contains("aria-hidden=\"true\">–</p>"), "{placeholder}");
    let moving = moving_back(page.view.clone(), page.signals.clone());
    // An open stream keeps virtual time from passing, so the browser looks after real time; a slow
    // machine may need more than one look.
    let mut dom = String::new();
    for patience_ms in [2_000, 5_000, 15_000] {
        dom = browse(&browser, &url, &["--dump-dom".into(), format!("--timeout={patience_ms}")]).await;
        if angle_in(&dom).ends_with('°') && dom.contains("data-on=\"true\"") {
            break;
        }
    }
    let angle = angle_in(&dom);
    assert!(angle.ends_with('°') && angle.len() > '°'.len_utf8(), "the angle reads {angle:?} in {dom}");
    assert!(dom.contains("Watching: deep, held and repeated bends are told."), "{dom}");
    assert!(dom.contains("transform=\"rotate("), "the back does not tilt: {dom}");
    moving.abort();
    page.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_real_browser_a_calibration_is_followed_without_loading_the_page_again() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no Chromium on PATH, so the calibrate page was not tried in a real browser");
        return;
    };
    let page = Page::open().await;
    let url = format!("http://127.0.0.1:{}/calibrate", page.port);
    let view = page.view.clone();
    let going = tokio::spawn(async move {
        for n in 0u32.. {
            // Idle at first, so that what is seen later came by the stream.
            let now = if n < 5 { walking(0.0) } else { guided(StepName::Move, "Once more, and come up.") };
            view.send_replace(now);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut dom = String::new();
    for patience_ms in [2_000, 5_000, 15_000] {
        dom = browse(&browser, &url, &["--dump-dom".into(), format!("--timeout={patience_ms}")]).await;
        if dom.contains("data-step=\"move\"") {
            break;
        }
    }
    assert!(dom.contains("data-step=\"move\"") && dom.contains("Once more, and come up."), "{dom}");
    assert!(dom.contains("24\u{202f}s left"), "{dom}");
    going.abort();
    page.close().await;
}

/// Domain.md §16, scenario 13, on the page: what to do is the next thing shown, before anything else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_flag_at_a_check_in_is_answered_before_any_other_content() {
    let page = Page::open().await;
    let begun = page.post("/episode", "", "act=start&sudden=yes&nprs=6").await;
    assert_eq!(status(&begun), 303, "{begun}");
    let day = page.get("/episode").await;
    assert!(day.contains("Day 0 of this spell") && day.contains("Check-in for today"), "{day}");
    assert!(page.get("/").await.contains("How is today?"));
    assert_eq!(status(&page.post("/episode", "", "act=check_in&nprs=5&normal=no&no_red_flags=on").await), 303);
    assert!(!page.get("/").await.contains("How is today?"), "it was answered");
    assert_eq!(status(&page.post("/episode", "", "act=check_in&flag_bladder=on&nprs=9").await), 303);
    for path in ["/episode", "/"] {
        let answer = page.get(path).await;
        let main = answer.split("<main>").nth(1).unwrap_or_default();
        assert!(main.starts_with("<p class=\"act first\" role=\"alert\">Please get help now"), "{path}: {main}");
        assert!(!answer.contains("id=\"next\""), "exercises are not shown");
    }
    assert_eq!(status(&page.post("/episode", "", "act=seen").await), 303);
    assert!(!page.get("/").await.contains("get help now"));
    assert_eq!(status(&page.post("/episode", "", "act=end").await), 303);
    assert!(page.get("/episode").await.contains("A new episode"));
    let nowhere = page.post("/episode", "", "act=renew").await;
    assert_eq!(status(&nowhere), 400, "{nowhere}");
    assert_eq!(status(&page.post("/episode", "Origin: http://elsewhere.example\r\n", "act=start").await), 403);
    page.close().await;
}

/// Notes each tone that a page plays: its pitch, its loudest gain and its length.
const LISTEN: &str = "
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
        const tone = { hz: this.frequency.value, running: this.context.state, gain: 0, from: at[0] };
        window.tones.push(tone);
        this.noted = tone;
        return start.apply(this, at);
    };
    const stop = OscillatorNode.prototype.stop;
    OscillatorNode.prototype.stop = function (...at) {
        this.noted.seconds = at[0] - this.noted.from;
        return stop.apply(this, at);
    };
    const ramp = AudioParam.prototype.exponentialRampToValueAtTime;
    AudioParam.prototype.exponentialRampToValueAtTime = function (value, at) {
        window.loudest = Math.max(window.loudest ?? 0, value);
        return ramp.call(this, value, at);
    };
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_real_browser_a_ticked_sound_is_short_and_clear_for_a_movement_and_soft_for_a_posture() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no Chromium on PATH, so the sound of the page was not tried in a real browser");
        return;
    };
    let page = Page::open().await;
    page.view.send_replace(walking(3.0));
    let mut driven = Driven::open(&browser, &format!("http://127.0.0.1:{}/", page.port), LISTEN).await;
    driven.eval_until("document.getElementById('angle')?.textContent", |angle| angle == "3°").await;
    // The page as it was loaded shows the angle too: what is told is heard once its stream is open.
    while page.signals.receiver_count() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tell = |loudness| {
        let told = Notice { loudness, ..deep_bend(&format!("{loudness:?}")) };
        page.signals.send(told).expect("the page listens");
    };
    // Not ticked: told, and silent.
    tell(Loudness::Strong);
    driven.eval_until("document.getElementById('notice').textContent", |text| text == "14:03  Strong").await;
    assert_eq!(driven.eval("window.tones.length").await, 0);

    driven.eval("document.getElementById('sound').click()").await;
    assert_eq!(driven.eval("window.tones.length").await, 1, "ticking it lets it be heard once");
    let mut played = Vec::new();
    for (loudness, so_far) in [(Loudness::Strong, 2), (Loudness::Soft, 3), (Loudness::Soft, 4)] {
        driven.eval("window.loudest = 0").await;
        tell(loudness);
        let all = driven.eval_until("window.tones", |tones| tones.as_array().map(Vec::len) == Some(so_far)).await;
        let gain = driven.eval("window.loudest").await.as_f64().expect("a gain");
        let tone = &all[so_far - 1];
        played.push((tone["hz"].as_f64().expect("a pitch"), gain, tone["seconds"].as_f64().expect("a length")));
    }
    let [strong, soft, again] = played[..] else { panic!("{played:?}") };
    assert!(strong.0 > soft.0 && strong.1 > 2.0 * soft.1 && strong.2 < soft.2, "{played:?}");
    assert!((soft.0 - again.0).abs() < 1e-9 && (soft.1 - again.1).abs() < 1e-9, "{played:?}");
    // What is only to be read is not played.
    tell(Loudness::Text);
    driven.eval_until("document.getElementById('notice').textContent", |text| text == "14:03  Text").await;
    assert_eq!(driven.eval("window.tones.length").await, 4);
    drop(driven);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_real_browser_the_count_of_a_set_goes_up_without_loading_the_page_again() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no Chromium on PATH, so the exercise page was not tried in a real browser");
        return;
    };
    let page = Page::open().await;
    let url = format!("http://127.0.0.1:{}/exercise", page.port);
    let view = page.view.clone();
    let going = tokio::spawn(async move {
        for n in 0u32.. {
            let now = if n < 5 { walking(0.0) } else { bridges(SetStep::Going, 4, "ex_counting") };
            view.send_replace(now);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut dom = String::new();
    for patience_ms in [2_000, 5_000, 15_000] {
        dom = browse(&browser, &url, &["--dump-dom".into(), format!("--timeout={patience_ms}")]).await;
        if dom.contains("4 of 10") {
            break;
        }
    }
    assert!(dom.contains("4 of 10") && dom.contains("Slowly is fine."), "{dom}");
    going.abort();
    page.close().await;
}

/// Does nothing unless someone wants to look at the page, in the language of `LUMBARD_KEEP_LANGUAGE`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_stays_up_for_someone_who_wants_to_look() {
    let Some(seconds) = std::env::var("LUMBARD_KEEP_PAGE").ok().and_then(|text| text.parse().ok()) else { return };
    let page = Page::open().await.with_a_day();
    let language = std::env::var("LUMBARD_KEEP_LANGUAGE").ok().and_then(|tag| Locale::from_tag(&tag));
    page.view.send_modify(|view| view.locale = language.unwrap_or_default());
    let moving = moving_back(page.view.clone(), page.signals.clone());
    eprintln!("the page is up for {seconds} s at http://127.0.0.1:{}/", page.port);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    moving.abort();
    page.close().await;
}
