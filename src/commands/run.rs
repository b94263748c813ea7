//! `run`: the daemon. Connects, judges, warns, stores, and shows a page, until it is stopped or its
//! source is at its end.

use super::feed::{Feed, Order, Wearer};
use super::host::{self, Host, Page};
use super::service::{MountingSource, recover};
use super::source::{AxesArg, Source, StartArg};
use super::supervisor::Supervisor;
use super::{Exit, Failure, Globals, known};
use crate::frames::Placement;
use crate::link::pace::Speed;
use crate::link::wanted::WantedSensors;
use crate::signal::mounting::Mounting;
use crate::store::Store;

/// Connects to the sensor, watches, warns in acute days, and keeps everything.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Where samples come from: ble, replay:FILE or simulate:SEED.
    #[arg(long, value_name = "SOURCE", default_value = "ble")]
    source: Source,
    /// How fast a replay or a simulation passes: 1 is real time, 60 a minute a second, or max.
    #[arg(long, value_name = "N", default_value = "1")]
    speed: Speed,
    /// Name or address of the sensor; without it, the first of those you added that is in reach, or any if you added
    /// none.
    #[arg(long, value_name = "NAME")]
    sensor: Option<String>,
    /// Where on the back the sensor sits: L1, L3, L5_S1 or unknown. Signals need it.
    #[arg(long, value_name = "PLACE", default_value = "unknown")]
    placement: Placement,
    /// Which sensor axis points where, such as up=+x,right=+y,forward=+z; auto learns it from movement.
    #[arg(long, value_name = "AXES", default_value = "auto")]
    axes: AxesArg,
    /// When a replay or a simulation begins, such as 2026-05-04T08:00; without it, so that it ends now.
    #[arg(long, value_name = "TIME")]
    start: Option<StartArg>,
    /// Hours of a simulated day.
    #[arg(long, value_name = "H", default_value_t = 16.0)]
    hours: f64,
    /// Samples a second to ask of a sensor, or to simulate.
    #[arg(long, value_name = "HZ", default_value_t = 100.0)]
    rate_hz: f64,
    /// Port of the page on 127.0.0.1; when it is taken, or 0, any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 7411)]
    port: u16,
    /// Show no page.
    #[arg(long)]
    no_page: bool,
}

/// Runs until SIGINT, SIGTERM, or the end of the source; then everything is committed.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    let mut order = Order {
        source: args.source.clone(),
        speed: args.speed,
        wanted: WantedSensors::default(),
        placement: args.placement,
        start: args.start.map(|start| start.0),
        hours: args.hours,
        rate_hz: args.rate_hz,
        wearer: Wearer::LivesADay,
    };
    // A file that cannot be read is refused before a data folder is made for it.
    let mounting = match args.axes.given() {
        Some(axes) => MountingSource::Given(Mounting::from_axes(axes)),
        None => order.mounting()?,
    };
    let mut supervisor = Supervisor::of_environment();
    supervisor.starting("Opening the store.");
    let store = Store::open(&globals.data_dir()?)?;
    for cut in store.recovered() {
        let end = cut.end.map_or_else(|| "its start".to_owned(), |end| format!("{:.0} s", end.seconds()));
        eprintln!("lumbard: recording {} was cut off last time; it is kept up to {end}", cut.recording);
    }
    recover::judge_cut_recordings(&store)?;
    // Read now, when the store is in the newest layout.
    order.wanted = known::wanted(&known::sensors(store.folder())?, args.sensor.as_deref())?;
    let host = Host::new()?;
    let feed = Feed::start(&order, host.runtime(), host.stop())?;
    let page = (!args.no_page).then_some(Page { port: args.port });
    let mut served = host.open_page(page, store.folder().to_path_buf())?;
    if page.is_some() {
        eprintln!("lumbard: the page is at {}", served.address);
    }
    served.supervisor = supervisor;
    let channels = host::channels(&feed);
    let ended = host.serve(store, mounting, &order, feed, &mut served, channels);
    host.close(served);
    let (_, tally) = ended?;
    eprintln!("lumbard: {} samples stored, {} steps, {} bends", tally.samples, tally.steps, tally.bends);
    Ok(Exit::Done)
}
