//! Sets from their order to their end.

use super::*;
use crate::care::Locale;
use crate::plan::{Quota, Side, catalogue};
use crate::signal::{Kind, Monitor, Setup};

fn now(stage: Stage, holding: f64) -> ExerciseNow {
    ExerciseNow { stage, holding: Seconds(holding), steady: None }
}

fn tick(s: f64) -> Tick {
    Tick { t: Time::from_seconds(s), ..Monitor::new(Setup::default()).now() }
}

fn repetition(from: f64, to: f64) -> Event {
    Event::new(Kind::Repetition, Time::from_seconds(from), Time::from_seconds(to), Time::from_seconds(to))
}

fn session(order: Order) -> Session {
    Session::new(order, Time::START)
}

fn open(exercise: &str) -> Order {
    Order::open(catalogue::find(exercise).unwrap())
}

#[test]
fn a_bridge_asks_for_the_position_counts_and_ends_when_all_are_done() {
    let mut set = session(Order { sets: Some(2), reps: Some(2), ..open("bridge") });
    assert_eq!(set.view(7).words(Locale::En), "Just a moment.");
    for (s, stage, words) in [
        (1.0, Stage::Elsewhere, "Lie on your back first."),
        (2.0, Stage::Settling, "Good. Stay still for two seconds."),
        (3.0, Stage::Known, "Ready. Begin when you like."),
    ] {
        set.tick(&tick(s), Some(now(stage, 0.0)));
        assert_eq!((set.view(7).words(Locale::En), set.view(7).asked_utc_ns), (words, 7));
    }
    for n in 1..=4 {
        let s = 4.0 * f64::from(n);
        set.tick(&tick(s), Some(now(Stage::Known, 1.5)));
        set.repetition(&repetition(s - 2.0, s));
        assert_eq!(set.view(7).figures(Locale::En), format!("{n} of 4"));
    }
    assert_eq!(set.over(), Some(Over::Reached));
    let (outcome, view) = (set.outcome(), set.view(7));
    assert_eq!((outcome.count, outcome.sets, outcome.by_sensor), (Some(4), 2, true));
    assert_eq!(view.details(Locale::En), "held 1.5 s each, one every 4.0 s");
    set.repetition(&repetition(18.0, 20.0));
    assert_eq!(set.outcome().count, Some(4), "it is over");
}

#[test]
fn pain_stops_with_the_stop_text_and_nothing_that_is_forgotten_goes_on_for_ever() {
    let mut set = session(open("bridge"));
    set.tick(&tick(3.0), Some(now(Stage::Known, 0.0)));
    set.stop(Over::Stopped(StopReason::Pain));
    assert!(set.view(1).words(Locale::En).contains("health professional") && set.view(1).is_over());
    for (exercise, s) in [("bridge", IDLE), ("seated_twist", LONGEST_SET), ("walk", IDLE_WALK)] {
        let mut set = session(open(exercise));
        let seen = (exercise != "walk").then_some(now(Stage::Known, 0.0));
        set.tick(&tick(s.0 - 1.0), seen);
        assert_eq!(set.over(), None, "{exercise}");
        set.tick(&tick(s.0 + 1.0), seen);
        assert_eq!(set.over(), Some(Over::TooLong), "{exercise}");
    }
}

#[test]
fn what_the_sensor_cannot_count_is_timed_and_says_so() {
    let mut twist = session(Order { seconds: Some(30), ..open("seated_twist") });
    twist.tick(&tick(1.0), Some(now(Stage::Elsewhere, 0.0)));
    assert_eq!(twist.view(1).words(Locale::En), "Sit upright first.");
    twist.tick(&tick(5.0), Some(now(Stage::Known, 0.0)));
    twist.tick(&tick(20.0), Some(now(Stage::Known, 0.0)));
    assert_eq!(twist.view(1).figures(Locale::En), "0:15 of 0:30");
    twist.tick(&tick(35.0), Some(now(Stage::Known, 0.0)));
    let outcome = twist.outcome();
    assert_eq!((twist.over(), outcome.count, outcome.by_sensor), (Some(Over::Reached), None, false));
    let mut unseen = session(open("bridge"));
    unseen.tick(&tick(1.0), None);
    assert!(unseen.view(1).words(Locale::En).contains("not calibrated") && unseen.outcome().count.is_none());
}

#[test]
fn a_hold_says_when_it_has_lasted_and_a_bird_dog_says_about() {
    let mut knee = session(Order { sets: Some(2), seconds: Some(20), ..open("knee_to_chest") });
    knee.tick(&tick(5.0), Some(now(Stage::Known, 14.2)));
    assert_eq!(knee.view(1).figures(Locale::En), "hold 1 of 2: 14 of 20 s");
    knee.tick(&tick(12.0), Some(now(Stage::Known, 20.2)));
    assert_eq!(knee.view(1).words(Locale::En), "That was the time. Lower slowly.");
    knee.repetition(&repetition(0.0, 21.0));
    knee.tick(&tick(30.0), Some(now(Stage::Known, 0.0)));
    assert_eq!(knee.view(1).figures(Locale::En), "1 of 2 holds, 21 s in all");
    let mut dog = session(Order { reps: Some(1), ..open("bird_dog") });
    let steady = ExerciseNow { steady: Some(0.9), ..now(Stage::Known, 0.0) };
    dog.tick(&tick(5.0), Some(steady));
    dog.repetition(&repetition(1.0, 4.0));
    assert_eq!((dog.over(), dog.view(1).figures(Locale::En).as_str()), (None, "about 1 of 1"));
    assert_eq!(dog.view(1).details(Locale::En), "back level for 90 % of it");
}

#[test]
fn an_order_is_read_as_it_is_written_and_takes_over_a_plan() {
    let order = Order { side: Some(Side::Left), nprs_before: Some(3), ..open("knee_to_chest") };
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
    assert!(serde_json::from_str::<Order>(&text.replace("knee_to_chest", "handstand")).is_err());
    let planned = Quota { sets: Some(2), reps: None, lasting: Some(Seconds(20.0)) };
    assert_eq!(order.or(&planned).quota(), planned);
    let own = Order { reps: Some(3), ..order };
    assert_eq!(own.or(&planned), own);
}
