//! What `run` and `demo` share: the runtime, the page, the channels, and a clean stop.

use super::Failure;
use super::feed::{Feed, Order};
use super::here;
use super::service::{self, Ended, Given, MountingSource, Tally};
use super::supervisor::Supervisor;
use crate::link::wanted::Role;
use crate::notify::{Buzz, Desktop, Notifier, Page as PageChannel, SensorBuzz, Terminal};
use crate::store::Store;
use crate::web::live::LiveView;
use crate::web::{self, Shared};
use firmware_protocol::session::Signal;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Wishes of the page that may wait for the service.
const COMMANDS_WAITING: usize = 8;
/// Notices that a slow page may lag behind.
const NOTICES_WAITING: usize = 32;

/// The page that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Its port; when it is taken, or 0, any that is free.
    pub port: u16,
}

/// A runtime that ends in order.
pub(super) struct Host {
    runtime: Runtime,
    stop: CancellationToken,
    page_stop: CancellationToken,
}

/// A page that is being served.
pub(super) struct Served {
    /// Its address.
    pub address: String,
    /// Who is told how the service is; nobody, unless that is said.
    pub supervisor: Supervisor,
    view: watch::Sender<LiveView>,
    commands: mpsc::Receiver<web::PageCommand>,
    notices: broadcast::Sender<crate::notify::Notice>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl Host {
    /// Starts the runtime, and listens for SIGINT and SIGTERM.
    pub(super) fn new() -> Result<Self, Failure> {
        let broken = |error| Failure::failed(format!("the program could not start: {error}"));
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(broken)?;
        let stop = CancellationToken::new();
        {
            let _inside = runtime.enter();
            for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
                let mut asked = signal(kind).map_err(broken)?;
                let stop = stop.clone();
                runtime.spawn(async move {
                    asked.recv().await;
                    stop.cancel();
                });
            }
        }
        // Asked to stop, the page ends beside everything else, so that all of it ends in time.
        let page_stop = stop.child_token();
        Ok(Self { runtime, stop, page_stop })
    }

    /// The runtime.
    pub(super) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Given when the program is asked to stop.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Opens the page; without one, the same channels lead nowhere.
    pub(super) fn open_page(&self, page: Option<Page>, data_dir: PathBuf) -> Result<Served, Failure> {
        let (view, newest) = watch::channel(LiveView::just_started(here::locale(&data_dir)));
        let (asked, commands) = mpsc::channel(COMMANDS_WAITING);
        let (notices, _) = broadcast::channel(NOTICES_WAITING);
        let mut served = Served {
            address: String::new(),
            supervisor: Supervisor::default(),
            view,
            commands,
            notices,
            serving: None,
        };
        let Some(page) = page else { return Ok(served) };
        let listener = self.runtime.block_on(listen(page.port))?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::failed(format!("the page has no address: {error}; try --no-page")))?;
        served.address = format!("http://{address}/");
        let shared =
            Shared { view: newest, signals: served.notices.clone(), data_dir, commands: asked, clock: super::now };
        served.serving = Some(self.runtime.spawn(web::serve(listener, shared, self.page_stop.clone())));
        Ok(served)
    }

    /// Runs the service to its end. The page goes on until [`Host::close`].
    pub(super) fn serve(
        &self,
        store: Store,
        mounting: MountingSource,
        order: &Order,
        feed: Feed,
        served: &mut Served,
        notifier: Notifier,
    ) -> Result<(Ended, Tally), Failure> {
        let Feed { items, source, exercises, link, reading, .. } = feed;
        let address = served.address.clone();
        let given = Given {
            store,
            mounting,
            placement: order.placement,
            exercises,
            items,
            notifier: notifier.with_quick(PageChannel::over(served.notices.clone())),
            view: &served.view,
            commands: &mut served.commands,
            source,
            page: (!address.is_empty()).then_some(address),
            supervisor: std::mem::take(&mut served.supervisor),
        };
        let ended = self.runtime.block_on(service::serve(given, self.stop.clone()));
        if let Some(link) = link {
            self.stop.cancel();
            link.join();
        }
        self.runtime.block_on(Feed::outcome(reading))?;
        ended
    }

    /// Waits until the program is asked to stop.
    pub(super) fn wait(&self) {
        self.runtime.block_on(self.stop.cancelled());
    }

    /// Ends the page and everything that still runs.
    pub(super) fn close(self, served: Served) {
        self.page_stop.cancel();
        if let Some(serving) = served.serving {
            // Nothing is left to save when the page ends badly.
            let _ = self.runtime.block_on(serving);
        }
        self.runtime.shutdown_background();
    }
}

/// The channels of a daemon on this machine: terminal, desktop, and where they can be asked the sensor itself and
/// a watch. What leaves the machine is added by the service, from what the wearer chose.
pub(super) fn channels(feed: &Feed) -> Notifier {
    let notifier = Notifier::new().with_slow(Terminal::new()).with_slow(Desktop::new());
    let Some(link) = &feed.link else { return notifier };
    let (worn, wrist) = (link.feel(Role::Worn), link.feel(Role::Buzzer));
    let notifier = notifier.with_quick(SensorBuzz::new(move |buzz, felt| worn.ask(signal_of(buzz), felt)));
    if !feed.has_buzzer {
        return notifier;
    }
    notifier.with_quick(SensorBuzz::at_the_wrist(move |buzz, felt| wrist.ask(signal_of(buzz), felt)))
}

fn signal_of(buzz: Buzz) -> Signal {
    match buzz {
        Buzz::Strong => Signal::Strong,
        Buzz::Soft => Signal::Soft,
    }
}

async fn listen(port: u16) -> Result<TcpListener, Failure> {
    let on = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    match on(port).await {
        Ok(listener) => Ok(listener),
        // Another program has the port: any free one serves as well, and is told.
        Err(_) => on(0)
            .await
            .map_err(|error| Failure::failed(format!("no page could be opened on 127.0.0.1: {error}; try --no-page"))),
    }
}
