//! Exercise sets while the service runs. In: wishes, what the detectors see, and time. Out: the sets that detectors
//! and warner must know, rows in the store from the moment a set is opened, and what people see of it.

use crate::care::local_date;
use crate::plan::session::{After, Order, Over, Session, SessionView};
use crate::plan::{StopReason, asks_to_stop};
use crate::signal::{Event, ExerciseNow, ExerciseSet, Tick};
use crate::store::facts::{CountSource, ExerciseLogRow, NewExerciseLog, RecordingId};
use crate::store::planned::{Plan, Rests};
use crate::store::{Store, StoreError};
use crate::units::{Seconds, Time, WallTime};
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

/// How a set ended is shown for so long. Chosen by us: time to get up from the floor and correct the count.
const SHOWN_FOR: Duration = Duration::from_secs(300);
/// A stop waits this long for one more sample, so that a hold that goes on is told. Chosen by us.
const LAST_SAMPLE: Duration = Duration::from_secs(1);
/// Steps become known a moment after they were made. Chosen by us: more than the steps of a walk ever take.
const LATE_STEPS: Seconds = Seconds(10.0);

/// The moment of a recording at which something is asked.
pub(super) struct Moment<'a> {
    pub(super) recording: RecordingId,
    pub(super) start: WallTime,
    pub(super) newest: Time,
    pub(super) zone: &'a TimeZone,
}

struct Running {
    session: Session,
    row: ExerciseLogRow,
    /// When its recording began.
    start: WallTime,
    asked_utc_ns: i64,
    begun: Instant,
    stopping: Option<(After, i64, Instant)>,
}

/// A walk that is over, whose last steps are still to come.
struct Late {
    session: Session,
    row: i64,
    told: u32,
    until: Time,
}

/// At most one set at a time.
#[derive(Default)]
pub(super) struct Exercising {
    running: Option<Running>,
    ended: Option<(SessionView, Instant)>,
    late: Option<Late>,
    /// The sets of this recording, with the one that is open.
    sets: Vec<ExerciseSet>,
}

impl Exercising {
    /// Opens a set, and ends the one that is open; or says why not. No moment: nothing is recorded just now.
    pub(super) fn begin(
        &mut self,
        order: Order,
        asked_utc_ns: i64,
        moment: Option<Moment<'_>>,
        store: &Store,
    ) -> Result<(), StoreError> {
        let Some(moment) = moment else {
            self.answer(SessionView::refused(asked_utc_ns, Some(order.exercise), "ex_no_sensor"));
            return Ok(());
        };
        let at = moment.start.at(moment.newest);
        let day = local_date(at, moment.zone);
        let plan = Plan::read(&store.reader()?, day)?;
        let unwatched = (!order.exercise.is_watched).then_some("ex_not_seen");
        if let Some(message) = plan.days.rest(order.exercise).map(Rests::message).or(unwatched) {
            self.answer(SessionView::refused(asked_utc_ns, Some(order.exercise), message));
            return Ok(());
        }
        self.end_now(Over::Stopped(StopReason::Done), store)?;
        let planned = plan.of(&order.exercise.id, day);
        let target = planned.map(|planned| planned.standing.target).unwrap_or_default();
        let order = order.or(&target);
        let session = Session::new(order, moment.newest);
        let new = NewExerciseLog {
            plan_item: planned.map(|planned| planned.row.id),
            started: Some(at),
            recording: Some(moment.recording),
            nprs_before: order.nprs_before,
            side: order.side,
            planned: order.quota(),
            ..NewExerciseLog::told(order.exercise.id.clone(), day, at)
        };
        let id = store.hand()?.open_set(&new)?;
        let (start, end) = session.longest();
        self.sets.push(ExerciseSet { id: order.exercise.id.as_str(), start, end });
        let row = ExerciseLogRow { id, about: new };
        let begun = Instant::now();
        self.ended = None;
        self.running = Some(Running { session, row, start: moment.start, asked_utc_ns, begun, stopping: None });
        Ok(())
    }

    /// Asks for the end of the set; it ends with the next sample.
    pub(super) fn stop(&mut self, after: After, asked_utc_ns: i64, newest: Time) {
        let Some(running) = &mut self.running else {
            let view = SessionView::refused(asked_utc_ns, None, "ex_none");
            return self.answer(SessionView { stopped_utc_ns: Some(asked_utc_ns), ..view });
        };
        running.stopping = Some((after, asked_utc_ns, Instant::now()));
        self.close_set(newest);
    }

    fn close_set(&mut self, end: Time) {
        if let Some(set) = self.sets.last_mut() {
            set.end = set.end.min(end);
        }
    }

    fn answer(&mut self, view: SessionView) {
        self.ended = Some((view, Instant::now()));
    }

    /// Takes what the wearer says of the set that ended last; the old value is kept.
    pub(super) fn amend(&mut self, after: &After, store: &Store) -> Result<(), StoreError> {
        let Some(mut row) = store.reader()?.newest_exercise_log()? else { return Ok(()) };
        row.about.amend(after);
        store.hand()?.change_exercise_log(&row, super::now())?;
        if let Some((view, _)) = self.ended.as_mut().filter(|(view, _)| view.log == Some(row.id)) {
            view.noted(after.count);
            view.stop_reason = row.about.stop_reason;
            if asks_to_stop(row.about.stop_reason, row.about.nprs_before, row.about.nprs_after) {
                view.ask_to_stop();
            }
        }
        Ok(())
    }

    /// The sets of this recording.
    pub(super) fn sets(&self) -> &[ExerciseSet] {
        &self.sets
    }

    /// Whether one is open.
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// There is something for people to see.
    pub(super) fn is_shown(&self) -> bool {
        self.running.is_some() || self.ended.is_some()
    }

    /// Takes one grid step. Says whether the set is over, and `settle` must follow.
    pub(super) fn tick(&mut self, tick: &Tick, seen: Option<ExerciseNow>) -> bool {
        let Some(running) = &mut self.running else { return false };
        if running.stopping.is_none() {
            running.session.tick(tick, seen);
        }
        running.stopping.is_some() || running.session.over().is_some()
    }

    /// Takes a repetition.
    pub(super) fn repetition(&mut self, event: &Event) {
        if let Some(running) = &mut self.running {
            running.session.repetition(event);
        }
    }

    /// Takes a step, also one that was made before the walk ended.
    pub(super) fn step(&mut self, t: Time) {
        if let Some(running) = &mut self.running {
            running.session.step(t);
        } else if let Some(late) = &mut self.late {
            late.session.step(t);
        }
    }

    /// Ends the set that is over, and keeps it.
    pub(super) fn settle(&mut self, store: &Store) -> Result<(), StoreError> {
        let Some(running) = &mut self.running else { return Ok(()) };
        if let Some((after, ..)) = running.stopping {
            running.session.stop(Over::Stopped(after.reason.unwrap_or(StopReason::Done)));
        }
        if running.session.over().is_none() {
            return Ok(());
        }
        let Some(Running { session, mut row, start, asked_utc_ns, stopping, .. }) = self.running.take() else {
            return Ok(());
        };
        let end = session.newest();
        self.close_set(end);
        let (after, stopped) = stopping.map_or((After::default(), None), |(after, asked, _)| (after, Some(asked)));
        fill(&mut row.about, &session, start.at(end));
        row.about.amend(&after);
        store.hand()?.end_set(&row, super::now())?;
        let mut view = session.view(asked_utc_ns);
        view.log = Some(row.id);
        view.stopped_utc_ns = stopped;
        if asks_to_stop(row.about.stop_reason, row.about.nprs_before, row.about.nprs_after) {
            view.ask_to_stop();
        }
        if let Some(told) = session.outcome().steps {
            self.late = Some(Late { session, row: row.id, told, until: end + LATE_STEPS });
        }
        self.answer(view);
        Ok(())
    }

    /// Keeps the last steps of a walk that is over.
    pub(super) fn settle_steps(&mut self, t: Time, store: &Store) -> Result<(), StoreError> {
        let Some(late) = self.late.take_if(|late| t >= late.until) else { return Ok(()) };
        match late.session.outcome().steps {
            Some(steps) if steps != late.told => store.hand()?.add_to_set(late.row, steps, super::now()),
            _ => Ok(()),
        }
    }

    /// Ends the set at once, for this reason.
    pub(super) fn end_now(&mut self, over: Over, store: &Store) -> Result<(), StoreError> {
        if let Some(running) = &mut self.running {
            running.session.stop(over);
        }
        self.settle(store)
    }

    /// The recording ends: so does the set, and the next recording has none.
    pub(super) fn cut(&mut self, newest: Time, store: &Store) -> Result<(), StoreError> {
        self.end_now(Over::Cut, store)?;
        self.settle_steps(newest + LATE_STEPS, store)?;
        self.sets.clear();
        Ok(())
    }

    /// Lets time pass where no sample does.
    pub(super) fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        self.ended.take_if(|(_, at)| at.elapsed() >= SHOWN_FOR);
        let Some(running) = &self.running else { return Ok(()) };
        let (began, end) = running.session.longest();
        let too_long = running.begun.elapsed().as_secs_f64() > end.since(began).0;
        match &running.stopping {
            Some((_, _, at)) if at.elapsed() >= LAST_SAMPLE => self.settle(store),
            None if too_long => self.end_now(Over::TooLong, store),
            _ => Ok(()),
        }
    }

    /// What people see: the one under way, or how the last one ended.
    pub(super) fn view(&self) -> Option<SessionView> {
        match &self.running {
            Some(running) => {
                Some(SessionView { log: Some(running.row.id), ..running.session.view(running.asked_utc_ns) })
            }
            None => self.ended.as_ref().map(|(view, _)| view.clone()),
        }
    }
}

/// What a session says of what was done.
fn fill(about: &mut NewExerciseLog, session: &Session, ended: WallTime) {
    let outcome = session.outcome();
    about.at = ended;
    about.ended = Some(ended);
    about.sets = Some(outcome.sets);
    about.reps = outcome.count;
    about.lasting = Some(outcome.lasting);
    about.steps = outcome.steps;
    about.steady_share = outcome.steady_share;
    about.count_source = if outcome.by_sensor { CountSource::Auto } else { CountSource::Manual };
    about.stop_reason = session.over().map(Over::reason);
}
