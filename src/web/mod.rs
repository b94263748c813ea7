//! The local page: takes a live view, signals and the data folder, serves HTML, a live stream and figures on loopback.
//!
//! It decides nothing about backs. What it shows live comes in through [`Shared`]; the day figure is
//! read from the store; a snooze or a calibration goes out as a [`PageCommand`]. [`guard`] turns away other sites.

pub mod assets;
pub mod guard;
pub mod live;
pub mod pages;

use crate::care::Locale;
use crate::notify::Notice;
use crate::plan::session::{After, Order};
use crate::units::WallTime;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json};
use live::LiveView;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// How long open connections may take to end once the service stops: the whole program ends within two seconds.
pub const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(1);
/// Longest time a page may take to be made; the live stream is not bound by it, only its start.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// Largest request body: a form of a few words.
const LARGEST_BODY: usize = 4 * 1024;
/// How long a snooze may last, in minutes, as the page offers it; 0 ends one. Source: domain.md §6.
pub const SNOOZE_MINUTES: [u32; 3] = [15, 30, 60];

/// What the page asks the service to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageCommand {
    /// Rest signals for so many minutes from now.
    Snooze {
        /// One of [`SNOOZE_MINUTES`].
        minutes: u32,
    },
    /// End a snooze now.
    EndSnooze,
    /// Begin a guided calibration.
    Calibrate,
    /// End the guided calibration that is under way.
    StopCalibrating,
    /// Take the upright of the walk that was offered.
    AcceptRefresh,
    /// Open a set of an exercise.
    StartExercise(Order),
    /// End the set that is open.
    StopExercise(After),
    /// Say something of the set that ended last: how many it were, or the pain after it.
    AmendExercise(After),
}

/// What the page is given.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The newest live view. A channel that keeps only the newest, since a page needs no other.
    pub view: watch::Receiver<LiveView>,
    /// Signals as they are given. Each open page takes its own receiver; a slow one misses the oldest.
    pub signals: broadcast::Sender<Notice>,
    /// Where the store is. It is opened anew for each figure, so that a restore or an upgrade is seen.
    pub data_dir: PathBuf,
    /// What the page asks for. Bounded: when the service does not keep up, the page says so.
    pub commands: mpsc::Sender<PageCommand>,
    /// The time of day.
    pub clock: fn() -> WallTime,
}

/// Everything a request handler sees.
#[derive(Clone)]
struct App {
    shared: Shared,
    shutdown: CancellationToken,
    counters: Arc<Counters>,
}

impl App {
    /// The language of the page, as the service has it now.
    fn locale(&self) -> Locale {
        self.shared.view.borrow().locale
    }
}

#[derive(Default)]
struct Counters {
    /// Notices that a slow page missed.
    missed: AtomicU64,
    /// Live streams that are open.
    streams: AtomicU64,
}

/// Serves the page until `shutdown`; then ends every open stream and returns within [`SHUTDOWN_PATIENCE`].
///
/// The listener must be bound to loopback; the Host and Origin of each request are held against its port.
pub async fn serve(listener: TcpListener, shared: Shared, shutdown: CancellationToken) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{address} can be reached from other machines; the page is served on 127.0.0.1 only"),
        ));
    }
    let app = App { shared, shutdown: shutdown.clone(), counters: Arc::default() };
    let router = router(app, address.port());
    let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(SHUTDOWN_PATIENCE).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = patience => Ok(()),
    }
}

fn router(app: App, port: u16) -> Router {
    Router::new()
        .route("/", get(pages::today::page))
        .route("/figure/day", get(pages::today::figure))
        .route("/red-flags", get(pages::red_flags::page))
        .route(pages::episode::PATH, get(pages::episode::page).post(pages::episode::enter))
        .route("/calibrate", get(pages::calibrate::page).post(pages::calibrate::wish))
        .route("/exercise", get(pages::exercise::page).post(pages::exercise::wish))
        .route("/live", get(live::stream))
        .route("/snooze", post(snooze))
        .route("/health", get(health))
        .route("/assets/{name}", get(assets::file))
        .fallback(pages::not_found)
        .with_state(app)
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_PATIENCE))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(CsrfLayer::new())
        .layer(axum::middleware::from_fn_with_state(guard::Door::new(port), guard::check))
}

#[derive(Deserialize)]
struct SnoozeForm {
    minutes: u32,
}

async fn snooze(State(app): State<App>, Form(form): Form<SnoozeForm>) -> Response {
    let command = match form.minutes {
        0 => PageCommand::EndSnooze,
        minutes if SNOOZE_MINUTES.contains(&minutes) => PageCommand::Snooze { minutes },
        _ => return plain(StatusCode::BAD_REQUEST, "A snooze lasts 15, 30 or 60 minutes."),
    };
    match app.shared.commands.try_send(command) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, &app.locale().phrases().page.busy),
    }
}

/// A few plain words as an answer.
fn plain(status: StatusCode, words: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words).into_response()
}

#[derive(Serialize)]
struct Health {
    watching: bool,
    why_not: Option<String>,
    link: &'static str,
    open_pages: u64,
    missed_notices: u64,
}

async fn health(State(app): State<App>) -> Json<Health> {
    let view = app.shared.view.borrow().clone();
    Json(Health {
        watching: view.watching.is_on(),
        why_not: view.watching.why_not().map(str::to_owned),
        link: live::link_name(&view.link),
        open_pages: app.counters.streams.load(Ordering::Relaxed),
        missed_notices: app.counters.missed.load(Ordering::Relaxed),
    })
}
