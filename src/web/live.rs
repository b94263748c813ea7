//! What the page shows live: takes the newest view and the signals, gives a stream of server-sent events.
//!
//! One stream for each page, since a browser opens about six connections to a host. At most ten views
//! a second go out, and one at least every second, so that a page can tell a quiet back from a lost
//! service. A page too slow for a notice misses it and is counted; its stream goes on.

use super::App;
use super::pages::exercise::SetMessage;
use crate::care::Locale;
use crate::care::calibrating::{GuideView, StepName};
use crate::link::LinkStatus;
use crate::plan::session::SessionView;
use crate::signal::Posture;
use crate::units::{Angle, WallTime};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// Shortest time between two views on one stream: ten a second look fluent and cost little.
pub const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Longest time between two views: after three of these the page says that it lost touch.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Most streams at once; each page needs one.
const MOST_STREAMS: u64 = 32;

/// Whether bending signals are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// A deep, held or repeated bend is told.
    Yes,
    /// It is not, and why, in a sentence for the wearer.
    No(String),
}

impl Watching {
    /// Signals are on.
    pub fn is_on(&self) -> bool {
        *self == Self::Yes
    }
    /// Why they are not.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Yes => None,
            Self::No(why) => Some(why),
        }
    }
}

/// The state of things for the page, as of now. Whoever runs the service fills it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveView {
    /// Trunk-equivalent angle; `None` while it cannot be told.
    pub tea: Option<Angle>,
    /// Forward tilt of the sensor.
    pub tilt: Option<Angle>,
    /// Side bend of the sensor, positive to the right.
    pub side: Option<Angle>,
    /// The angle rests on an unknown placement, sitting, or lies beyond the table.
    pub approximate: bool,
    /// What the wearer is doing.
    pub posture: Posture,
    /// Whether bending signals are on, and why not.
    pub watching: Watching,
    /// A snooze is running until then.
    pub snoozed_until: Option<WallTime>,
    /// The link.
    pub link: LinkStatus,
    /// Charge of the sensor, 0 to 100 %.
    pub battery: Option<u8>,
    /// Nothing can be stored just now, and why, in a sentence for the wearer.
    pub store_trouble: Option<String>,
    /// A guided calibration that is under way, or how the last one ended.
    pub calibration: Option<GuideView>,
    /// A walk shows upright this far from before, and the wearer may accept it.
    pub refresh_offered: Option<Angle>,
    /// The language of the page.
    pub locale: Locale,
    /// An exercise set that is open, or how the last one ended.
    pub exercise: Option<SessionView>,
}

impl Default for LiveView {
    fn default() -> Self {
        Self::just_started(Locale::default())
    }
}

impl LiveView {
    /// Before anything is known.
    pub fn just_started(locale: Locale) -> Self {
        Self {
            tea: None,
            tilt: None,
            side: None,
            approximate: false,
            posture: Posture::Unknown,
            watching: Watching::No(locale.phrases().link.just_started.to_string()),
            snoozed_until: None,
            link: LinkStatus::Searching,
            battery: None,
            store_trouble: None,
            calibration: None,
            refresh_offered: None,
            locale,
            exercise: None,
        }
    }
}

/// A posture in the page's words.
pub fn posture_words(posture: Posture, locale: Locale) -> &'static str {
    let say = &locale.phrases().posture;
    match posture {
        Posture::Unknown => &say.unknown,
        Posture::NotWorn => &say.not_worn,
        Posture::Lying => &say.lying,
        Posture::Walking => &say.walking,
        Posture::Moving => &say.moving,
        Posture::UprightStill => &say.upright_still,
        Posture::ProneOrAllFours => &say.prone_or_all_fours,
    }
}

/// The link in one word, for programs.
pub fn link_name(link: &LinkStatus) -> &'static str {
    match link {
        LinkStatus::Searching => "searching",
        LinkStatus::Connecting => "connecting",
        LinkStatus::Streaming => "streaming",
        LinkStatus::Quiet => "quiet",
        LinkStatus::Lost => "lost",
        LinkStatus::Away => "away",
        LinkStatus::Played => "played",
        LinkStatus::Blocked(_) => "blocked",
    }
}

/// The link in the page's words.
pub fn link_words(link: &LinkStatus, locale: Locale) -> String {
    let say = &locale.phrases().link;
    let phrase = match link {
        LinkStatus::Searching => &say.searching,
        LinkStatus::Connecting => &say.connecting,
        LinkStatus::Streaming => &say.streaming,
        LinkStatus::Quiet => &say.quiet,
        LinkStatus::Lost => &say.lost,
        LinkStatus::Away => &say.away,
        LinkStatus::Played => &say.played,
        LinkStatus::Blocked(words) => return words.clone(),
    };
    phrase.to_string()
}

/// A view as the page's script reads it. Angles in degrees, words ready to show.
#[derive(Serialize)]
pub(super) struct ViewMessage {
    /// Trunk-equivalent angle in figures, such as `23°`, or a dash.
    pub(super) angle: String,
    /// Turn of the drawn trunk about the hip, degrees, forward positive.
    pub(super) trunk_deg: f64,
    /// The drawn person lies.
    pub(super) lies: bool,
    tea_deg: Option<f64>,
    tilt_deg: Option<f64>,
    side_deg: Option<f64>,
    pub(super) posture: &'static str,
    pub(super) posture_words: &'static str,
    pub(super) watching: bool,
    pub(super) watching_words: String,
    pub(super) snoozed: bool,
    pub(super) link_words: String,
    pub(super) guide: Option<GuideMessage>,
    pub(super) offer_words: Option<String>,
    pub(super) exercise: Option<SetMessage>,
}

/// A guided calibration as the page's script reads it.
#[derive(Serialize)]
pub(super) struct GuideMessage {
    pub(super) step: &'static str,
    pub(super) words: String,
    pub(super) left: String,
    pub(super) share: f64,
    pub(super) quality: String,
    pub(super) running: bool,
    /// What the button to begin says.
    pub(super) begin: &'static str,
}

impl GuideMessage {
    /// Before anything was asked for.
    pub(super) fn idle(locale: Locale) -> Self {
        Self {
            step: "idle",
            words: locale.phrases().guide.idle.to_string(),
            left: String::new(),
            share: 0.0,
            quality: String::new(),
            running: false,
            begin: &locale.phrases().page.begin,
        }
    }

    fn of(view: &GuideView, locale: Locale) -> Self {
        let say = &locale.phrases().page;
        let running = !view.step.is_over();
        Self {
            step: view.step.name(),
            words: view.words.clone(),
            left: if running { left_words(view.left_s, locale) } else { String::new() },
            share: (view.share * 100.0).round() / 100.0,
            quality: view.quality.map(|quality| quality.words(locale)).unwrap_or_default(),
            running,
            begin: if view.step == StepName::Again { &say.try_again } else { &say.begin_anew },
        }
    }
}

/// What is left of the time of a guided calibration.
fn left_words(seconds: f64, locale: Locale) -> String {
    locale.phrases().page.seconds_left.fill(&[("seconds", &format_args!("{seconds:.0}"))])
}

/// What is offered after a walk.
fn offer_words(difference: Angle, locale: Locale) -> String {
    locale.phrases().guide.offer.fill(&[("degrees", &format_args!("{:.0}", difference.degrees()))])
}

/// Degrees to one decimal, which is finer than the angle is known.
fn tenths(angle: Angle) -> f64 {
    (angle.degrees() * 10.0).round() / 10.0
}

/// Whether an angle means anything to a person in this posture.
fn shows_angle(posture: Posture) -> bool {
    matches!(posture, Posture::Walking | Posture::Moving | Posture::UprightStill)
}

/// How far the drawn trunk turns: the angle where it means something, hands and knees as such.
fn drawn_trunk(posture: Posture, tea: Option<Angle>) -> f64 {
    /// On hands and knees the trunk is level, or nearly.
    const ON_ALL_FOURS_DEG: f64 = 80.0;
    match posture {
        Posture::ProneOrAllFours => ON_ALL_FOURS_DEG,
        _ => tea.map_or(0.0, tenths),
    }
}

impl ViewMessage {
    pub(super) fn of(view: &LiveView) -> Self {
        let (locale, say) = (view.locale, view.locale.phrases());
        let tea = view.tea.filter(|_| shows_angle(view.posture));
        // Adding zero turns -0 into 0.
        let angle = tea.map(|tea| format!("{:.0}°", tea.degrees().round() + 0.0));
        let angle = angle.map(|angle| if view.approximate { say.page.about.fill(&[("angle", &angle)]) } else { angle });
        let watching_words = match &view.watching {
            Watching::Yes => say.page.watching.to_string(),
            Watching::No(why) => say.page.not_watching.fill(&[("why", why)]),
        };
        let mut link_words = link_words(&view.link, locale);
        if let Some(charge) = view.battery {
            link_words.push(' ');
            link_words.push_str(&say.link.battery.fill(&[("percent", &charge)]));
        }
        if let Some(trouble) = &view.store_trouble {
            link_words.push(' ');
            link_words.push_str(trouble);
        }
        Self {
            angle: angle.unwrap_or_else(|| "–".to_owned()),
            trunk_deg: drawn_trunk(view.posture, tea),
            lies: view.posture == Posture::Lying,
            tea_deg: tea.map(tenths),
            tilt_deg: view.tilt.map(tenths),
            side_deg: view.side.map(tenths),
            posture: view.posture.name(),
            posture_words: posture_words(view.posture, locale),
            watching: view.watching.is_on(),
            watching_words,
            snoozed: view.snoozed_until.is_some(),
            link_words,
            guide: view.calibration.as_ref().map(|guide| GuideMessage::of(guide, locale)),
            offer_words: view.refresh_offered.map(|by| offer_words(by, locale)),
            exercise: view.exercise.as_ref().map(|set| SetMessage::of(set, locale)),
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Our messages hold only strings, numbers and booleans, which always serialize.
    Event::default().event(name).json_data(data).unwrap_or_default()
}

/// Views, no faster than [`SHORTEST_PAUSE`], no slower than [`LONGEST_PAUSE`]. Ends with the service.
fn views(mut newest: watch::Receiver<LiveView>) -> impl Stream<Item = Event> {
    newest.mark_changed();
    stream::unfold((newest, Instant::now()), |(mut newest, not_before)| async move {
        sleep_until(not_before).await;
        // A time limit that passes is the reason to send the same view again.
        if let Ok(Err(_)) = timeout(LONGEST_PAUSE, newest.changed()).await {
            return None;
        }
        let message = ViewMessage::of(&newest.borrow_and_update());
        Some((event("view", &message), (newest, Instant::now() + SHORTEST_PAUSE)))
    })
}

/// Counts a stream as open for as long as it lives.
struct OpenStream(App);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.counters.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `GET /live`: events `view` and `notice` until the page closes or the service stops.
pub(super) async fn stream(State(app): State<App>) -> Response {
    let open = OpenStream(app.clone());
    if app.counters.streams.fetch_add(1, Ordering::Relaxed) >= MOST_STREAMS {
        return super::plain(StatusCode::SERVICE_UNAVAILABLE, &app.locale().phrases().page.too_many_pages);
    }
    let counting = app.clone();
    let notices = BroadcastStream::new(app.shared.signals.subscribe()).filter_map(move |notice| {
        let shown = match notice {
            Ok(notice) => Some(event("notice", &notice)),
            Err(BroadcastStreamRecvError::Lagged(missed)) => {
                counting.counters.missed.fetch_add(missed, Ordering::Relaxed);
                None
            }
        };
        std::future::ready(shown)
    });
    let events = stream::select(views(app.shared.view.clone()), notices)
        .take_until(app.shutdown.cancelled_owned())
        .map(move |event| {
            // The stream owns its place in the count.
            let _counted = &open;
            Ok::<_, Infallible>(event)
        });
    Sse::new(events).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::words::short_message_objection;

    #[test]
    fn an_angle_is_shown_only_where_it_means_something() {
        let view = |posture, deg: f64| LiveView {
            tea: Some(Angle::from_degrees(deg)),
            posture,
            watching: Watching::Yes,
            ..LiveView::default()
        };
        assert_eq!(ViewMessage::of(&view(Posture::Walking, 22.6)).angle, "23°");
        assert_eq!(ViewMessage::of(&view(Posture::UprightStill, -0.3)).angle, "0°");
        assert_eq!(ViewMessage::of(&view(Posture::Lying, -88.0)).angle, "–");
        let about = LiveView { approximate: true, ..view(Posture::Moving, 41.0) };
        assert_eq!(ViewMessage::of(&about).angle, "about 41°");
    }

    #[test]
    fn every_word_of_the_live_view_is_one_we_use() {
        let links = [
            LinkStatus::Searching,
            LinkStatus::Connecting,
            LinkStatus::Streaming,
            LinkStatus::Quiet,
            LinkStatus::Lost,
            LinkStatus::Away,
            LinkStatus::Played,
        ];
        for locale in Locale::ALL {
            let links = links.iter().map(|link| link_words(link, locale));
            for words in links.chain([offer_words(Angle::from_degrees(7.0), locale), GuideMessage::idle(locale).words])
            {
                assert_eq!(short_message_objection(locale, &words), None, "{words}");
            }
            assert!(Posture::ALL.iter().all(|posture| !posture_words(*posture, locale).is_empty()));
        }
        assert!(ViewMessage::of(&LiveView::default()).watching_words.starts_with("Not watching."));
        let german = ViewMessage::of(&LiveView { battery: Some(80), ..LiveView::just_started(Locale::De) });
        assert!(german.watching_words.starts_with("Es wird nicht beobachtet."), "{}", german.watching_words);
        assert!(german.link_words.ends_with("Akku 80\u{202f}%."), "{}", german.link_words);
    }

    #[tokio::test(start_paused = true)]
    async fn views_come_at_most_ten_times_a_second_and_at_least_once() {
        let (send, receive) = watch::channel(LiveView::default());
        let mut views = Box::pin(views(receive));
        let begun = Instant::now();
        let _ = views.next().await.expect("the first view comes at once");
        assert!(begun.elapsed() < SHORTEST_PAUSE);
        send.send_modify(|view| view.battery = Some(50));
        let _ = views.next().await.expect("a change is told");
        assert_eq!(begun.elapsed().as_millis(), SHORTEST_PAUSE.as_millis());
        let _ = views.next().await.expect("without a change it is told again");
        assert!(begun.elapsed() >= LONGEST_PAUSE && begun.elapsed() <= LONGEST_PAUSE + 3 * SHORTEST_PAUSE);
        drop(send);
        assert!(views.next().await.is_none(), "it ends with the service");
    }
}
