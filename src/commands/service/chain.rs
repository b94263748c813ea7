//! One sample's way through the service: link items come in; facts go to the store, verdicts to the
//! notifier, and what is true now to the page. Holds no opinion about backs, and waits for nothing.
//! Longer than most files, so that the whole way is read from top to bottom.

use super::circumstances::Circumstances;
use super::exercising::{Exercising, Moment};
use super::guiding::{Guiding, Refused, accepted};
use super::moments::Moments;
use super::mounted::{Mounted, MountingSource};
use super::mounting::{Kept, Left, Wearing, calibration, left_behind, state};
use super::moving::{Encouraging, Saying};
use super::signals::Signals;
use super::tally::Tally;
use crate::care::Locale;
use crate::care::calibrating::{GuideView, QualityFigures};
use crate::frames::Placement;
use crate::link::{Beginning, GapCause, Item, LinkStatus, battery};
use crate::plan::session::{After, Order, SessionView};
use crate::raw::{RawFormat, RawSample};
use crate::signal::mounting::Mounting;
use crate::signal::mounting::auto::AutoMounting;
use crate::signal::mounting::standing::StandingParams;
use crate::signal::{ExerciseSet, Input, Kind, Monitor, Output, Setup, Tick, WarningKind};
use crate::store::facts::{Fact, Gap, NewRecording, Selection};
use crate::store::{Recorder, Store, StoreError};
use crate::units::{Angle, Arrival, Seconds, Time, WallTime};
use crate::warning::{
    Advice, CalibrationWatch, Context, Freshness, Moved, Reason, StaleCause, UprightCheck, Verdict, Warner,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A mounting learned from movement is used from this confidence on. Below it, posture stays unknown.
///
/// Source: chosen by us; `auto` reaches it within the first minutes of walking and bending.
pub(in crate::commands) const MIN_CONFIDENCE: f64 = 0.6;
/// So often a mounting that is being learned is asked for.
const ASK_EVERY: Seconds = Seconds(5.0);
/// The source of a recording that happens now and cannot wait.
const LIVE: &str = "ble";
/// A recording that begins this long before the last one ended says that time jumped. Chosen by us: more
/// than the times of two recordings of one sensor can differ by.
const JUMP: Seconds = Seconds(1.0);
/// Local days, snooze and quiet hours are looked at again so often, in the time of the recording.
const CONTEXT_HOLDS: Seconds = Seconds(1.0);

/// The recording that is open.
struct Recording {
    recorder: Recorder,
    format: RawFormat,
    start: WallTime,
    wearing: Wearing,
    monitor: Monitor,
    context: Context,
    /// The slow parts of the context are looked at again from then on.
    context_holds_until: Time,
    /// Learning is under way, and when it was last asked.
    learning: Option<(AutoMounting, Time)>,
    mounted: Option<Mounted>,
    newest: Time,
    /// When that one arrived, from a live sensor.
    arrived: Option<Arrival>,
    /// The wearer's day; it never moves backward.
    day: Date,
}

/// What of the chain people see at a moment.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Now {
    pub(in crate::commands) tick: Option<Tick>,
    pub(in crate::commands) status: LinkStatus,
    pub(in crate::commands) battery: Option<u8>,
    /// Bends are watched, or every reason why not.
    pub(in crate::commands) armed: Result<(), Vec<Reason>>,
    /// The moment it holds for, in the wall time of the recording.
    pub(in crate::commands) at: Option<WallTime>,
    pub(in crate::commands) zone: TimeZone,
    pub(in crate::commands) locale: Locale,
    /// The angle rests on an unknown placement or lies beyond the table.
    pub(in crate::commands) approximate: bool,
    pub(in crate::commands) snoozed_until: Option<WallTime>,
    /// A guided calibration, or how the last one ended.
    pub(in crate::commands) guide: Option<GuideView>,
    /// A walk shows upright this far from before, and the wearer may accept it.
    pub(in crate::commands) offer: Option<Angle>,
    /// An exercise set that is open, or how the last one ended.
    pub(in crate::commands) exercise: Option<SessionView>,
}

/// Everything a sample goes through.
pub(super) struct Chain {
    store: Store,
    mounting: MountingSource,
    placement: Placement,
    exercises: Vec<ExerciseSet>,
    warner: Warner,
    watch: CalibrationWatch,
    circumstances: Circumstances,
    moments: Moments,
    recording: Option<Recording>,
    status: LinkStatus,
    battery: Option<u8>,
    guiding: Guiding,
    exercising: Exercising,
    /// A walk that the wearer may accept as upright.
    offer: Option<UprightCheck>,
    /// What was last kept of the state of the calibration.
    state_kept: Option<(String, String)>,
    /// Told by the sensor, and not yet to people.
    low_battery: Option<u8>,
    tally: Tally,
    tick: Option<Tick>,
    /// Reused for each sample.
    outputs: Vec<Output>,
    /// Decided, and not yet told.
    verdicts: Vec<Verdict>,
    /// Walks that ended, and not yet answered with a kind word.
    walks: Vec<(Time, Seconds)>,
    encouraging: Encouraging,
}

impl Recording {
    /// It is a sensor's, now.
    fn is_live(&self) -> bool {
        self.wearing.source == LIVE
    }
}

impl Chain {
    pub(super) fn new(
        store: Store,
        mounting: MountingSource,
        placement: Placement,
        exercises: Vec<ExerciseSet>,
        moments: Moments,
    ) -> Result<Self, StoreError> {
        let reader = store.reader()?;
        let circumstances = Circumstances::read(&reader)?;
        Ok(Self {
            store,
            mounting,
            placement,
            exercises,
            warner: Warner::new(circumstances.thresholds.params()),
            watch: CalibrationWatch::default(),
            circumstances,
            moments,
            recording: None,
            status: LinkStatus::Searching,
            battery: None,
            guiding: Guiding::default(),
            exercising: Exercising::default(),
            offer: None,
            state_kept: None,
            low_battery: None,
            tally: Tally::default(),
            tick: None,
            outputs: Vec::new(),
            verdicts: Vec::new(),
            walks: Vec::new(),
            encouraging: Encouraging::new(&reader)?,
        })
    }

    /// Takes the next thing the source says.
    pub(super) fn take(&mut self, item: Item) -> Result<(), StoreError> {
        match item {
            Item::Begin(beginning) => self.begin(&beginning)?,
            Item::Sample(raw) => self.sample(&raw)?,
            Item::Gap { from, to, lost, cause } => self.gap(Gap { from, to, lost, cause })?,
            Item::Silence { since, lasting } => {
                self.push(Input::Silence { since, lasting })?;
                if let Some(recording) = &mut self.recording {
                    recording.context.sample_age = Some(lasting);
                }
            }
            Item::Status(status) => self.status = status,
            Item::Battery(percent) => self.battery = Some(percent),
            Item::BatteryLow(percent) => self.low_battery = Some(percent),
            Item::End => {
                self.status = LinkStatus::Played;
                self.end()?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, beginning: &Beginning) -> Result<(), StoreError> {
        let before = self.recording.as_ref().filter(|_| beginning.source == LIVE);
        let before = before.map(|recording| (recording.start.at(recording.newest), self.watch.freshness()));
        self.keep_state()?;
        let passed = self.passed_until(beginning)?;
        self.end()?;
        self.offer = None;
        let zone = TimeZone::get(&beginning.zone).unwrap_or(TimeZone::UTC);
        let (source, sensor) = (beginning.source.to_owned(), beginning.name.clone());
        let mut wearing = Wearing { placement: self.placement, source, sensor };
        let (mounting, freshness) = self.mounting_of(&mut wearing, beginning.start)?;
        let learning = matches!((&self.mounting, mounting), (MountingSource::Learn, None));
        let learning = learning.then(|| (AutoMounting::new(), Time::START));
        let body_from_sensor = mounting.map(|mounting| mounting.body_from_sensor);
        self.watch = CalibrationWatch::new(freshness);
        if let Some((ended, freshness)) = before {
            self.go_on(freshness, Seconds((beginning.start.0 - ended.0) as f64 * 1e-9));
        }
        self.warner.begin_recording(passed);
        self.encouraging.begin_recording(passed);
        self.moments.begin_recording();
        let about = NewRecording {
            name: beginning.name.clone(),
            source: beginning.source.to_owned(),
            format: beginning.format,
            start: beginning.start,
            zone: beginning.zone.clone(),
            placement: self.placement,
            calibration: None,
        };
        // A sensor cannot wait for a slow disk; a file can.
        let mut recorder =
            if beginning.source == LIVE { self.store.begin_live(about) } else { self.store.begin_replay(about) }?;
        if let Some(mounting) = &mounting {
            recorder.calibrated(calibration(mounting, Kept::Found, &wearing, beginning.start))?;
        }
        let setup = Setup {
            body_from_sensor,
            acc_scale: mounting.map(|mounting| mounting.acc_scale()).unwrap_or_default(),
            placement: self.placement,
            exercise_sets: self.exercises.clone(),
            ..Setup::default()
        };
        self.recording = Some(Recording {
            recorder,
            format: beginning.format,
            start: beginning.start,
            wearing,
            monitor: Monitor::new(setup),
            context: Context {
                acute: false,
                red_flag: false,
                calibration: self.watch.freshness(),
                placement: self.placement,
                exercise: false,
                calibrating: false,
                snoozed_until: None,
                quiet: None,
                zone,
                start: beginning.start,
                sample_age: None,
            },
            context_holds_until: Time::START,
            learning,
            mounted: mounting.map(|mounting| Mounted::new(mounting, beginning.source)),
            newest: Time::START,
            arrived: None,
            day: Date::MIN,
        });
        Ok(())
    }

    /// What has truly passed since the newest sample, as a recording begins. As the first one does, the signals of
    /// the hour before it are remembered: they count for its budget.
    fn passed_until(&mut self, beginning: &Beginning) -> Result<Seconds, StoreError> {
        let Self { recording, moments, warner, store, .. } = self;
        if let Some(recording) = recording {
            return Ok(match recording.arrived.filter(|_| recording.is_live()) {
                Some(arrived) => moments.age(arrived),
                None => Seconds((beginning.start.0 - recording.context.start.at(recording.newest).0) as f64 * 1e-9),
            });
        }
        let hour = WallTime(beginning.start.0 - warner.params().budget_within.nanos())..beginning.start;
        for signal in store.reader()?.signals(&Selection::Wall(hour))?.iter().filter(|signal| signal.about.sent) {
            let ago = Seconds((beginning.start.0 - signal.about.at.0) as f64 * 1e-9);
            warner.remember(WarningKind::from_name(&signal.about.rule), ago);
        }
        Ok(Seconds(0.0))
    }

    /// How the sensor sits as the recording begins, and whether that can be trusted.
    fn mounting_of(
        &mut self,
        wearing: &mut Wearing,
        begins: WallTime,
    ) -> Result<(Option<Mounting>, Freshness), StoreError> {
        let given = match &mut self.mounting {
            MountingSource::Given(mounting) => Some(*mounting),
            MountingSource::Found(each) => each.pop_front().flatten(),
            MountingSource::Learn => match left_behind(&self.store.reader()?, wearing, begins)? {
                Some(Left { mounting, placement, freshness }) => {
                    (self.placement, wearing.placement) = (placement, placement);
                    return Ok((Some(mounting), freshness));
                }
                None => None,
            },
        };
        Ok((given, if given.is_some() { Freshness::Fresh } else { Freshness::Missing }))
    }

    /// The sensor stays on the body from one live recording to the next, which begins this long after it.
    fn go_on(&mut self, before: Freshness, after: Seconds) {
        if let Freshness::Stale(cause) = before {
            self.watch.stale(cause);
        }
        if after.0 < -JUMP.0 {
            self.watch.stale(StaleCause::TimeJump);
        } else {
            self.watch.was_away(after);
        }
    }

    fn sample(&mut self, raw: &RawSample) -> Result<(), StoreError> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        recording.recorder.sample(*raw)?;
        self.tally.samples += 1;
        (recording.newest, recording.arrived) = (raw.t, raw.arrival);
        let sample = recording.format.sample(raw);
        let mut found = None;
        if let Some((auto, asked)) = &mut recording.learning {
            auto.push(&sample);
            if raw.t.since(*asked).0 >= ASK_EVERY.0 {
                *asked = raw.t;
                let sure = auto.estimate().filter(|found| found.confidence() >= MIN_CONFIDENCE);
                found = sure.map(|mounting| (mounting, Kept::Found));
            }
        }
        if let Some(guided) = self.guiding.push(&sample, self.circumstances.locale) {
            found = Some((guided.mounting, Kept::Guided(QualityFigures::of(&guided, &StandingParams::default()))));
            // From the next recording on it is found where it is kept, also in place of typed axes.
            if let MountingSource::Given(_) = self.mounting {
                self.mounting = MountingSource::Learn;
            }
        }
        if let Some((mounting, kept)) = found {
            self.mount(mounting, kept)?;
        }
        self.push(Input::Sample(sample))
    }

    /// From now on the sensor sits like this.
    fn mount(&mut self, found: Mounting, kept: Kept) -> Result<(), StoreError> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let at = recording.start.at(recording.newest);
        recording.recorder.calibrated(calibration(&found, kept, &recording.wearing, at))?;
        recording.monitor.set_mounting(Some(found.body_from_sensor));
        recording.monitor.set_acc_scale(found.acc_scale());
        recording.learning = None;
        recording.mounted = Some(Mounted::new(found, ""));
        self.offer = None;
        self.watch.calibrated();
        recording.context.calibration = self.watch.freshness();
        Ok(())
    }

    /// Begins a guided calibration; signals rest until it is over.
    pub(super) fn guide(&mut self, asked_utc_ns: i64) {
        self.guiding.begin(asked_utc_ns);
    }

    /// Ends the guided calibration that is under way.
    pub(super) fn stop_guide(&mut self) {
        self.guiding.stop(self.circumstances.locale);
    }

    /// The wearer accepts the upright of the last walk.
    pub(super) fn accept_offer(&mut self, asked_utc_ns: i64) -> Result<(), StoreError> {
        let taken = match (self.offer.take(), &mut self.recording) {
            (Some(check), Some(recording)) => match recording.mounted.as_mut().and_then(|mounted| {
                let kept = mounted.accept(&check)?;
                Some((*mounted.now(), kept))
            }) {
                Some((mounting, kept)) => {
                    let at = recording.start.at(recording.newest);
                    recording.recorder.calibrated(calibration(&mounting, kept, &recording.wearing, at))?;
                    recording.monitor.refresh_mounting(mounting.body_from_sensor);
                    recording.learning = None;
                    self.watch.calibrated();
                    recording.context.calibration = self.watch.freshness();
                    Ok(())
                }
                None => Err(Refused::TooFar),
            },
            _ => Err(Refused::NoWalk),
        };
        self.guiding.answer(accepted(taken, asked_utc_ns, self.circumstances.locale));
        Ok(())
    }

    /// Opens a set of an exercise: bends rest in it, and signals.
    pub(super) fn begin_set(&mut self, order: Order, asked_utc_ns: i64) -> Result<(), StoreError> {
        let moment = self.recording.as_ref().map(|recording| Moment {
            recording: recording.recorder.id(),
            start: recording.start,
            newest: recording.newest,
            zone: &recording.context.zone,
        });
        self.exercising.begin(order, asked_utc_ns, moment, &self.store)?;
        self.tell_sets();
        Ok(())
    }

    /// Ends the set that is open.
    pub(super) fn stop_set(&mut self, after: After, asked_utc_ns: i64) -> Result<(), StoreError> {
        let newest = self.recording.as_ref().map(|recording| recording.newest).unwrap_or_default();
        self.exercising.stop(after, asked_utc_ns, newest);
        self.tell_sets();
        Ok(())
    }

    /// Takes what the wearer says of the set that ended last.
    pub(super) fn amend_set(&mut self, after: &After) -> Result<(), StoreError> {
        self.exercising.amend(after, &self.store)
    }

    /// The detectors know of the sets that were opened.
    fn tell_sets(&mut self) {
        if let Some(recording) = &mut self.recording {
            let sets = self.exercises.iter().chain(self.exercising.sets()).cloned();
            recording.monitor.set_exercises(sets.collect());
        }
    }

    /// Keeps a set that is over.
    fn settle_set(&mut self) -> Result<(), StoreError> {
        self.exercising.settle(&self.store)?;
        self.tell_sets();
        Ok(())
    }

    /// Something is asked of the wearer just now, or was just answered.
    pub(super) fn is_asking(&self) -> bool {
        self.guiding.is_shown() || self.exercising.is_shown()
    }

    /// The wearer's day in the recording that is open.
    pub(super) fn today(&self) -> Option<Date> {
        self.recording.as_ref().map(|recording| recording.day).filter(|day| *day > Date::MIN)
    }

    /// Samples a second that the sensor says it takes.
    pub(super) fn rate_hz(&self) -> Option<f64> {
        self.recording.as_ref().map(|recording| recording.format.nominal_rate_hz)
    }

    /// Lets time pass where no sample does.
    pub(super) fn look(&mut self) -> Result<(), StoreError> {
        self.guiding.look(self.circumstances.locale);
        if let Some(recording) = self.recording.as_mut().filter(|recording| recording.is_live()) {
            // Days end and evenings come while the sensor is away, too.
            recording.context_holds_until = Time::START;
            let newest = recording.newest;
            self.renew_context(newest);
            let (wall, hand) = (self.moments.wall(), || self.store.hand());
            self.moments.keep(hand)?;
            self.encouraging.keep(wall, hand)?;
        }
        self.exercising.look(&self.store)?;
        self.keep_state()
    }

    /// Keeps whether the calibration can be trusted, for the next start.
    fn keep_state(&mut self) -> Result<(), StoreError> {
        let Some(recording) = &self.recording else { return Ok(()) };
        // What was learned or typed is never taken up from the store.
        if !recording.mounted.as_ref().is_some_and(Mounted::is_guided) {
            return Ok(());
        }
        let now = state(&recording.wearing, self.watch.freshness());
        if let Some((key, value)) = now.as_ref().filter(|_| now != self.state_kept) {
            self.store.hand()?.note(key, value, super::now())?;
            self.state_kept = now;
        }
        Ok(())
    }

    fn gap(&mut self, gap: Gap) -> Result<(), StoreError> {
        if gap.cause == GapCause::Loss {
            self.tally.lost += u64::from(gap.lost);
        } else {
            self.offer = None;
        }
        if let Some(recording) = &mut self.recording {
            recording.recorder.fact(Fact::Gap(gap));
            recording.recorder.hand_over()?;
        }
        if gap.cause == GapCause::SensorReset {
            self.stale(StaleCause::PowerCycle);
        }
        // A file's holes are found by the detectors themselves, just as `analyze` finds them.
        if gap.cause != GapCause::Recorded {
            return self.push(Input::Gap { from: gap.from, to: gap.to, lost: gap.lost });
        }
        Ok(())
    }

    /// The calibration can no longer be trusted. One that was learned from movement is learned again.
    fn stale(&mut self, cause: StaleCause) {
        self.watch.stale(cause);
        self.learn_again();
    }

    fn learn_again(&mut self) {
        let Some(recording) = &mut self.recording else { return };
        let stale = matches!(self.watch.freshness(), Freshness::Stale(_));
        let learned = recording.mounted.as_ref().is_none_or(Mounted::is_learned);
        if stale && learned && self.mounting.is_learned() && recording.learning.is_none() {
            recording.learning = Some((AutoMounting::new(), recording.newest));
        }
    }

    /// The sensor has moved on the body: what is being learned began before that, and begins anew.
    fn moved(&mut self) {
        self.offer = None;
        if let Some(recording) = &mut self.recording
            && let Some(learning) = &mut recording.learning
        {
            *learning = (AutoMounting::new(), recording.newest);
        }
        self.learn_again();
    }

    /// Does what a walk says about upright. An offer is for the wearer to take, and asking is done by the
    /// reason that is shown.
    fn upright(&mut self, check: &UprightCheck) -> Result<(), StoreError> {
        match (check.advice, self.watch.freshness()) {
            (Advice::AskCalibrate, _) => {
                self.offer = None;
                self.learn_again();
            }
            (Advice::OfferRefresh, Freshness::Stale(cause)) if cause.is_refreshed_by_walking() => {
                self.offer = Some(*check);
            }
            _ => {}
        }
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let Some(mounted) = &mut recording.mounted else { return Ok(()) };
        let Some(kept) = mounted.walked(check) else { return Ok(()) };
        if let Kept::Refreshed(_) = kept {
            recording.monitor.refresh_mounting(mounted.now().body_from_sensor);
            self.watch.refreshed();
        }
        let at = recording.start.at(recording.newest);
        recording.recorder.calibrated(calibration(mounted.now(), kept, &recording.wearing, at))
    }

    /// Runs one input through the detectors, and everything that they say through warner and store.
    fn push(&mut self, input: Input) -> Result<(), StoreError> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let mut outputs = std::mem::take(&mut self.outputs);
        recording.monitor.push(input, &mut |output| outputs.push(output));
        let told = outputs.drain(..).try_for_each(|output| self.say(output));
        self.outputs = outputs;
        told
    }

    fn say(&mut self, output: Output) -> Result<(), StoreError> {
        match &output {
            Output::Tick(tick) => {
                self.tick = Some(*tick);
                match self.watch.push_tick(tick) {
                    Some(Moved::Reattached | Moved::Slipped(_)) => self.moved(),
                    None => {}
                }
                self.warn(tick);
                let seen = self.recording.as_ref().and_then(|recording| recording.monitor.exercise());
                if self.exercising.tick(tick, seen) {
                    self.settle_set()?;
                }
                self.exercising.settle_steps(tick.t, &self.store)?;
            }
            Output::Event(event) => {
                self.tally.count(event);
                if event.kind == Kind::WalkingBout {
                    self.walks.push((event.end, event.end.since(event.start)));
                }
                if event.kind == Kind::Repetition {
                    self.exercising.repetition(event);
                }
                if event.kind == Kind::Gap {
                    self.watch.was_away(event.end.since(event.start));
                    self.learn_again();
                }
                if let Some(recording) = &self.recording {
                    self.warner.push_event(event, &recording.context);
                }
            }
            Output::Step(step) => {
                self.tally.steps += 1;
                self.exercising.step(step.t);
                if let Some(check) = self.watch.push_step(step) {
                    self.upright(&check)?;
                }
            }
            Output::Epoch(epoch) => {
                if let Some(recording) = &self.recording {
                    let (context, chosen) = (&recording.context, &self.circumstances);
                    self.encouraging.epoch(epoch, recording.day, context, chosen, &mut self.warner);
                }
            }
            Output::Posture(_) => {}
        }
        if let (Some(recording), Some(fact)) = (&mut self.recording, Fact::from_output(output)) {
            recording.recorder.fact(fact);
        }
        Ok(())
    }

    fn warn(&mut self, tick: &Tick) {
        self.renew_context(tick.t);
        let Some(recording) = &self.recording else { return };
        let (tally, verdicts) = (&mut self.tally, &mut self.verdicts);
        self.warner.push_tick(tick, &recording.context, &mut |verdict| {
            if verdict.outcome.is_sent() {
                tally.signals += 1;
            } else {
                tally.withheld += 1;
            }
            verdicts.push(verdict);
        });
    }

    /// Brings the warner's context up to date: calibration at once, local days now and then.
    fn renew_context(&mut self, t: Time) {
        let Some(recording) = &mut self.recording else { return };
        let live = recording.is_live();
        let context = &mut recording.context;
        context.calibration = self.watch.freshness();
        // What is played is always new; from a sensor, samples may have waited for a busy machine.
        let age = recording.arrived.filter(|_| live).map_or(Seconds(0.0), |arrived| self.moments.age(arrived));
        context.sample_age = Some(age);
        context.calibrating = self.guiding.is_running();
        let given = self.exercises.iter().any(|set| (set.start..set.end).contains(&t));
        context.exercise = given || self.exercising.is_running();
        if t >= recording.context_holds_until {
            recording.context_holds_until = t + CONTEXT_HOLDS;
            let circumstances = &self.circumstances;
            recording.day = if live {
                self.moments.follow(context, recording.newest, age);
                self.moments.today()
            } else {
                self.moments.played(context, t)
            };
            context.acute = circumstances.acute(recording.day);
            context.red_flag = circumstances.red_flag();
            context.snoozed_until = circumstances.snoozed_until;
            context.quiet = circumstances.quiet;
            let at = if live { self.moments.wall() } else { context.start.at(t) };
            self.encouraging.look(at, &context.zone, recording.day);
        }
    }

    /// Takes what people changed; holds from the next sample on.
    pub(super) fn change(&mut self, circumstances: Circumstances) {
        self.warner.set_params(circumstances.thresholds.params());
        self.circumstances = circumstances;
        if let Some(recording) = &mut self.recording {
            recording.context_holds_until = Time::START;
        }
    }

    /// Ends the recording that is open: what the detectors still hold comes out, and all is committed.
    pub(super) fn end(&mut self) -> Result<(), StoreError> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        self.exercising.cut(recording.newest, &self.store)?;
        let mut outputs = Vec::new();
        recording.monitor.finish(&mut |output| outputs.push(output));
        self.tally.recorded = self.tally.recorded + recording.newest.since(Time::START);
        outputs.into_iter().try_for_each(|output| self.say(output))?;
        self.recording.take().map_or(Ok(()), |recording| recording.recorder.end().map(drop))
    }

    /// Has `signals` tell everything that was decided since the last call: warnings, a kind word after a
    /// walk for each of them, and a battery that gets low.
    pub(super) fn tell(&mut self, signals: &mut Signals) {
        let Some(recording) = &self.recording else {
            self.verdicts.clear();
            return self.walks.clear();
        };
        let (locale, zone) = (self.circumstances.locale, &recording.context.zone);
        for verdict in self.verdicts.drain(..) {
            if verdict.outcome.is_sent() {
                self.encouraging.warned(recording.day);
            }
            signals.tell(&verdict, Some(recording.recorder.id()), locale, zone);
        }
        for (end, lasting) in self.walks.drain(..) {
            self.encouraging.walked(recording.day, recording.context.start.at(end), lasting);
        }
        for saying in self.encouraging.sayings() {
            match saying {
                Saying::Nudge(nudge, message, at) => {
                    signals.nudge(&nudge, message, locale, at, Some(recording.recorder.id()), zone);
                }
                Saying::Kind(message, at) => signals.say(message, locale, at, zone),
            }
        }
        if let Some(percent) = self.low_battery.take() {
            let at = recording.context.start.at(recording.newest);
            signals.say_of_sensor(battery::words(percent, locale), locale, at, zone);
        }
    }

    /// Commits everything and gives the folder free.
    pub(super) fn close(self) -> Result<(), StoreError> {
        self.store.close()
    }

    /// The store, for signals and their outcomes.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// What was counted since the chain began.
    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// What people may see now.
    pub(super) fn now(&self) -> Now {
        let recording = self.recording.as_ref();
        // The sensor may be away for hours while the day goes on.
        let at = recording.map(|recording| match recording.is_live() {
            true => self.moments.wall(),
            false => recording.context.start.at(recording.newest),
        });
        let armed = match (recording, at) {
            (Some(recording), Some(at)) => self.warner.armed(&recording.context, at),
            _ => Err(vec![Reason::NoFreshSample]),
        };
        Now {
            tick: self.tick,
            status: self.status.clone(),
            battery: self.battery,
            armed,
            at,
            zone: recording.map_or(TimeZone::UTC, |recording| recording.context.zone.clone()),
            locale: self.circumstances.locale,
            approximate: self.placement == Placement::Unknown || self.tick.is_some_and(|tick| tick.beyond_table),
            guide: self.guiding.view(self.circumstances.locale),
            offer: self.offer.map(|check| check.difference),
            exercise: self.exercising.view(),
            snoozed_until: self.circumstances.snoozed_until.filter(|until| at.is_some_and(|at| at < *until)),
        }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
