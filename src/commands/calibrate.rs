//! `calibrate`: guides the wearer through a calibration. In: a running daemon, or else a sensor of its own. Out: what
//! to do now, on stderr; then how good it is, or what to do on the next try.

use super::chart::{print, write_picture};
use super::feed::{Feed, Order, Wearer};
use super::heartbeat::Heartbeat;
use super::host::Host;
use super::service::mounting::{Kept, Wearing, calibration};
use super::service::{WISH, Wish};
use super::source::Source;
use super::{Exit, Failure, Globals, ask, here, known, now, print_json};
use crate::care::Locale;
use crate::care::calibrating::{GuideView, QualityFigures, StepName};
use crate::chart::look::Theme;
use crate::chart::wearing;
use crate::frames::Placement;
use crate::link::pace::Speed;
use crate::link::{Beginning, Item, LinkStatus};
use crate::signal::mounting::guided::{Guided, LIMIT, Step};
use crate::store::{self, Hand};
use crate::web::PageCommand;
use crate::web::live::link_words;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Learns how the sensor sits: stand still, then bend comfortably twice, at most 30 s.
///
/// Only as far as is comfortable. With lumbard running, its own sensor is calibrated; otherwise the sensor is
/// connected for the purpose. Nothing changes when it does not work, and the reason is told.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Where samples come from when lumbard is not running: ble, replay:FILE or simulate:SEED [default: ble]
    #[arg(long, value_name = "SOURCE")]
    source: Option<Source>,
    /// How fast a replay or a simulation passes: 1 is real time, or max.
    #[arg(long, value_name = "N", default_value = "1")]
    speed: Speed,
    /// Name or address of the sensor; without it, the first known one in reach.
    #[arg(long, value_name = "NAME")]
    sensor: Option<String>,
    /// Where on the back the sensor sits: L1, L3, L5_S1 or unknown.
    #[arg(long, value_name = "PLACE", default_value = "unknown")]
    placement: Placement,
    /// Samples a second to ask of the sensor.
    #[arg(long, value_name = "HZ", default_value_t = 100.0)]
    rate_hz: f64,
    /// Take the upright of the last walk, as a running lumbard has offered it, instead of calibrating.
    #[arg(long, conflicts_with_all = ["source", "picture"])]
    accept_refresh: bool,
    /// Show where and which way up to wear it, and do nothing else.
    #[arg(long)]
    picture: bool,
    /// With --picture: draw it into this file; the ending says the form, .svg or .png.
    #[arg(short, long, value_name = "FILE", requires = "picture")]
    output: Option<PathBuf>,
    /// Print how it ended as one JSON object.
    #[arg(long)]
    json: bool,
}

/// A sensor that is not heard within this is not in reach. Chosen by us: two tries of a connection.
const SENSOR_PATIENCE: Duration = Duration::from_secs(45);
/// A daemon takes a wish up within a second; one that has not answered by then does not listen.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);
/// So long a daemon may take to end a try: its limit, and some seconds for what is on the way.
const TRY_PATIENCE: Duration = Duration::from_secs(LIMIT.0 as u64 + 5);
/// A daemon's words are looked for so often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Calibrates, again if wished; exits 0 when it worked, 1 when not.
pub(super) fn run(globals: &Globals, args: &Args) -> Result<Exit, Failure> {
    if args.picture {
        return show_picture(args.output.as_deref(), globals);
    }
    let folder = globals.data_dir()?;
    let locale = here::locale(&folder);
    let running = store::holder(&folder).is_some();
    if args.accept_refresh {
        if !running {
            return Err(Failure { words: NO_DAEMON.to_owned(), exit: Exit::NotRunning });
        }
        return told(&by_daemon(&folder, PageCommand::AcceptRefresh)?, args.json, locale);
    }
    if running && args.source.is_some() {
        return Err(Failure::bad_input(
            "lumbard is running and has a sensor already, so it would be calibrated; leave --source away, or stop it",
        ));
    }
    if ask::possible() {
        eprintln!("{}\n\n{}", locale.phrases().wearing.sentence, wearing::drawing(locale));
    }
    loop {
        let view =
            if running { by_daemon(&folder, PageCommand::Calibrate)? } else { by_itself(&folder, args, locale)? };
        if view.step == StepName::Done || !wants_again(&view, locale)? {
            return told(&view, args.json, locale);
        }
    }
}

const NO_DAEMON: &str = "lumbard is not running, so no walk was watched that could be accepted; start it: lumbard run";

fn show_picture(file: Option<&Path>, globals: &Globals) -> Result<Exit, Failure> {
    let locale = here::locale(&globals.data_dir()?);
    let sentence = &locale.phrases().wearing.sentence;
    match file {
        Some(file) => {
            write_picture(file, wearing::picture(Theme::Light, locale))?;
            eprintln!("{sentence}");
            print(&format!("{}\n", file.display()))?;
        }
        None => print(&format!("{sentence}\n\n{}", wearing::drawing(locale)))?,
    }
    Ok(Exit::Done)
}

/// Asks, where someone can be asked, whether to try once more.
fn wants_again(view: &GuideView, locale: Locale) -> Result<bool, Failure> {
    if !ask::possible() {
        return Ok(false);
    }
    eprintln!("{}", view.words);
    ask::yes_or_no(&locale.phrases().ask.again, locale)
}

/// Says how it ended.
fn told(view: &GuideView, json: bool, locale: Locale) -> Result<Exit, Failure> {
    let done = view.step == StepName::Done;
    if json {
        print_json(view)?;
    } else if done {
        println!("{}", view.words);
        if let Some(quality) = &view.quality {
            println!("{}", quality.words(locale));
        }
    }
    match done {
        true => Ok(Exit::Done),
        false => Err(Failure::failed(format!("not calibrated: {}", view.words))),
    }
}

/// Shows what to do now: a line for each change, and on a terminal a short one below it that counts down.
#[derive(Default)]
struct Prompt {
    words: String,
}

impl Prompt {
    fn show(&mut self, view: &GuideView) {
        if view.step.is_over() {
            return self.end();
        }
        let new = self.words != view.words;
        if io::stderr().is_terminal() {
            const BARS: usize = 10;
            let full = (view.share * BARS as f64).round() as usize;
            let bar: String = (0..BARS).map(|i| if i < full { '#' } else { '.' }).collect();
            if new {
                let after_a_bar = if self.words.is_empty() { "" } else { "\n" };
                eprintln!("{after_a_bar}{}", view.words);
            }
            eprint!("\r{:>3.0} s  [{bar}]", view.left_s);
            let _ = io::stderr().flush();
        } else if new {
            eprintln!("{}", view.words);
        }
        if new {
            self.words.clone_from(&view.words);
        }
    }

    fn end(&mut self) {
        if !std::mem::take(&mut self.words).is_empty() && io::stderr().is_terminal() {
            eprintln!();
        }
    }
}

/// Has the running daemon do it, and shows what it says.
fn by_daemon(folder: &Path, command: PageCommand) -> Result<GuideView, Failure> {
    let wish = Wish { asked_utc_ns: now().0, command };
    let text = wish.text().unwrap_or_default();
    Hand::open(folder)?.note(WISH, &text, now())?;
    let (begun, mut heard, mut prompt) = (Instant::now(), None, Prompt::default());
    loop {
        let view = Heartbeat::read(folder).and_then(|beat| beat.calibration);
        match view.filter(|view| view.asked_utc_ns == wish.asked_utc_ns) {
            Some(view) if view.step.is_over() => {
                prompt.end();
                return Ok(view);
            }
            Some(view) => {
                heard.get_or_insert_with(Instant::now);
                prompt.show(&view);
            }
            None if heard.is_some() => return Err(Failure::failed(INTERRUPTED)),
            None => {}
        }
        if store::holder(folder).is_none() {
            return Err(Failure::failed(INTERRUPTED));
        }
        let late = heard.map_or(begun.elapsed() > ANSWER_PATIENCE, |heard| heard.elapsed() > TRY_PATIENCE);
        if late {
            return Err(Failure::failed(
                "the running lumbard does not answer, so nothing was calibrated; look at: lumbard status",
            ));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

const INTERRUPTED: &str = "lumbard was stopped, or something else was begun meanwhile; nothing was changed";

/// Does it with a sensor of its own, and keeps the calibration for the next `run`.
fn by_itself(folder: &Path, args: &Args, locale: Locale) -> Result<GuideView, Failure> {
    let order = Order {
        source: args.source.clone().unwrap_or(Source::Ble),
        speed: args.speed,
        wanted: known::wanted(&known::sensors(folder)?, args.sensor.as_deref())?,
        placement: args.placement,
        start: None,
        hours: 1.0,
        rate_hz: args.rate_hz,
        wearer: Wearer::Calibrates,
    };
    let host = Host::new()?;
    let Feed { mut items, source, link, reading, .. } = Feed::start(&order, host.runtime(), host.stop())?;
    let asked = now();
    let guided = host.runtime().block_on(async {
        tokio::select! {
            guided = follow(&mut items, asked.0, locale) => guided,
            () = host.stop().cancelled() => Err(Failure::failed("stopped; nothing was changed")),
        }
    });
    drop(items);
    host.stop().cancel();
    if let Some(link) = link {
        link.join();
    }
    let (guided, beginning) = guided?;
    if beginning.is_none() {
        // A file that could not be read says more than that nothing came.
        host.runtime().block_on(Feed::outcome(reading))?;
    }
    if let (Step::Over(Ok(found)), Some(beginning)) = (guided.step(), beginning) {
        let wearing = Wearing { placement: args.placement, source: source.to_owned(), sensor: beginning.name };
        let figures = QualityFigures::of(found, guided.params());
        let kept = calibration(&found.mounting, Kept::Guided(figures), &wearing, now());
        Hand::open(folder)?.add_calibration(&kept)?;
    }
    Ok(GuideView::of(&guided, asked.0, locale))
}

/// Takes samples until the calibration is over.
async fn follow(
    items: &mut mpsc::Receiver<Item>,
    asked_utc_ns: i64,
    locale: Locale,
) -> Result<(Guided, Option<Beginning>), Failure> {
    let (mut guided, mut prompt, mut beginning, mut format) = (Guided::default(), Prompt::default(), None, None);
    let mut status = LinkStatus::Searching;
    let mut until = tokio::time::Instant::now() + SENSOR_PATIENCE;
    prompt.show(&GuideView::of(&guided, asked_utc_ns, locale));
    while !guided.is_over() {
        match tokio::time::timeout_at(until, items.recv()).await {
            Ok(Some(Item::Begin(new))) => {
                guided = Guided::default();
                format = Some(new.format);
                beginning = Some(new);
                until = tokio::time::Instant::now() + TRY_PATIENCE;
            }
            Ok(Some(Item::Sample(raw))) => {
                if let Some(format) = &format {
                    guided.push(&format.sample(&raw));
                    prompt.show(&GuideView::of(&guided, asked_utc_ns, locale));
                }
            }
            Ok(Some(Item::Status(new))) => status = new,
            Ok(Some(Item::End) | None) => guided.time_is_up(),
            Ok(Some(_)) => {}
            Err(_) if beginning.is_none() => {
                prompt.end();
                return Err(Failure::failed(link_words(&status, locale)));
            }
            Err(_) => guided.time_is_up(),
        }
        if let (LinkStatus::Blocked(why), None) = (&status, &beginning) {
            prompt.end();
            return Err(Failure::failed(why.clone()));
        }
    }
    prompt.end();
    Ok((guided, beginning))
}
