//! Hands a notice to every channel without waiting: notices come in, tickets come out at once, and how
//! each channel fared comes out when all have answered or their time is up. Answers that come later still
//! come out, one by one.

#[cfg(feature = "mqtt")]
use super::Mqtt;
use super::answer::{Answer, Delivery};
use super::choices::Choices;
use super::notice::{Loudness, Notice};
use super::webhook::Webhook;
use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TrySendError};
use std::time::{Duration, Instant};

/// After this long a notice is told with the answers that are there. Chosen by us: what is on this machine
/// answers within 2 s; what is elsewhere may be tried for longer, and then answers late.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Notices that may wait for a slow channel; more than the hourly budget never come at once.
const QUEUE: usize = 16;
/// What the record says until a late answer comes.
pub const NOT_YET: &str = "no answer in time";

/// One way to reach a person.
pub trait Channel: Send {
    /// Its word in records: `terminal`, `desktop`, `page`, `sensor`, …
    fn name(&self) -> &'static str;

    /// The quietest notices it carries.
    fn least(&self) -> Loudness;

    /// Hands it over, and sees to it that the answer is given, now or later.
    fn hand_over(&mut self, notice: &Notice, answer: Answer);
}

/// Names one notice until its deliveries are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// A notice on its way.
#[derive(Debug)]
struct Open {
    ticket: Ticket,
    sent: Instant,
    awaited: Vec<&'static str>,
    deliveries: Vec<Delivery>,
}

struct Job {
    notice: Notice,
    answer: Answer,
}

/// A channel that is open.
struct Slot {
    name: &'static str,
    least: Loudness,
    on: bool,
    way: Way,
}

/// How a channel is called.
enum Way {
    /// In place: its hand-over never waits.
    Quick(Box<dyn Channel>),
    /// On a thread of its own.
    Slow(SyncSender<Job>),
}

/// Sends notices to all channels.
pub struct Notifier {
    slots: Vec<Slot>,
    choices: Choices,
    answers: Receiver<(Ticket, Delivery)>,
    answer: Sender<(Ticket, Delivery)>,
    open: VecDeque<Open>,
    /// Answers to notices that were told already.
    late: Vec<(Ticket, Delivery)>,
    tickets: u64,
}

impl Default for Notifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Notifier {
    /// A notifier without channels.
    pub fn new() -> Self {
        let (answer, answers) = mpsc::channel();
        let choices = Choices::default();
        Self { slots: Vec::new(), choices, answers, answer, open: VecDeque::new(), late: Vec::new(), tickets: 0 }
    }

    /// Adds a channel whose hand-over never waits, such as the page; it is called in place.
    #[must_use]
    pub fn with_quick(mut self, channel: impl Channel + 'static) -> Self {
        self.add(channel.name(), channel.least(), Way::Quick(Box::new(channel)));
        self
    }

    /// Adds a channel that may be slow; it gets a thread of its own, which ends with the notifier.
    /// A thread that cannot be started leaves the channel out, and says so in the log.
    #[must_use]
    pub fn with_slow(mut self, channel: impl Channel + 'static) -> Self {
        self.add_slow(channel);
        self
    }

    fn add(&mut self, name: &'static str, least: Loudness, way: Way) {
        let slot = Slot { name, least, on: !self.choices.is_switched_off(name), way };
        // Quick ones come first, so that no hand-over to a thread is between a bend and its buzz.
        let place = match slot.way {
            Way::Quick(_) => self.slots.iter().take_while(|slot| matches!(slot.way, Way::Quick(_))).count(),
            Way::Slow(_) => self.slots.len(),
        };
        self.slots.insert(place, slot);
    }

    fn add_slow(&mut self, mut channel: impl Channel + 'static) {
        let (name, least) = (channel.name(), channel.least());
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE);
        let work = move || queue.into_iter().for_each(|Job { notice, answer }| channel.hand_over(&notice, answer));
        match std::thread::Builder::new().name(format!("notify-{name}")).spawn(work) {
            Ok(_) => self.add(name, least, Way::Slow(jobs)),
            Err(error) => tracing::warn!(channel = name, %error, "no thread for this channel, so it stays silent"),
        }
    }

    /// Takes up what the wearer chose: channels go on and off, and notes to other machines go where they are
    /// to go now. What is under way to another place is still answered.
    pub fn choose(&mut self, choices: Choices) {
        let before = std::mem::replace(&mut self.choices, choices);
        if before.webhook != self.choices.webhook {
            self.slots.retain(|slot| slot.name != "webhook");
            if let Some(address) = self.choices.webhook.clone() {
                self.add_slow(Webhook::new(address));
            }
        }
        #[cfg(feature = "mqtt")]
        if before.mqtt != self.choices.mqtt {
            self.slots.retain(|slot| slot.name != "mqtt");
            if let Some(address) = self.choices.mqtt.clone() {
                self.add_slow(Mqtt::new(address));
            }
        }
        for slot in &mut self.slots {
            slot.on = !self.choices.is_switched_off(slot.name);
        }
    }

    /// Hands a notice to every channel that is on and carries it. Never waits.
    pub fn send(&mut self, notice: &Notice) -> Ticket {
        self.send_where(notice, |slot| slot.on && notice.loudness >= slot.least)
    }

    /// Hands a notice to one channel, on or off, or to all that are on. Never waits.
    pub fn send_by(&mut self, notice: &Notice, channel: Option<&str>) -> Ticket {
        self.send_where(notice, |slot| channel.map_or(slot.on, |name| name == slot.name))
    }

    fn send_where(&mut self, notice: &Notice, wanted: impl Fn(&Slot) -> bool) -> Ticket {
        let sent = Instant::now();
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        let mut awaited = Vec::new();
        for slot in self.slots.iter_mut().filter(|slot| wanted(slot)) {
            awaited.push(slot.name);
            let answer = Answer::new(ticket, slot.name, sent, self.answer.clone());
            match &mut slot.way {
                Way::Quick(channel) => channel.hand_over(notice, answer),
                Way::Slow(jobs) => match jobs.try_send(Job { notice: notice.clone(), answer }) {
                    Ok(()) => {}
                    Err(TrySendError::Full(job)) => job.answer.give(Err("still busy with earlier notices".into())),
                    // Its answer says so when it is dropped.
                    Err(TrySendError::Disconnected(_)) => {}
                },
            }
        }
        self.open.push_back(Open { ticket, sent, awaited, deliveries: Vec::new() });
        ticket
    }

    /// The notices whose deliveries are all known by now, or whose time is up, in the order in which they were
    /// sent. Never waits; ask again later for the others.
    pub fn finished(&mut self) -> Vec<(Ticket, Vec<Delivery>)> {
        while let Ok(answer) = self.answers.try_recv() {
            self.take(answer);
        }
        self.done()
    }

    /// Answers that came after their notice was told by [`Notifier::finished`].
    pub fn late(&mut self) -> Vec<(Ticket, Delivery)> {
        std::mem::take(&mut self.late)
    }

    /// Waits for deliveries that are still open, at most so long, and gives all of them; for the end of
    /// the program. What is still unanswered then counts as not delivered.
    pub fn finish(&mut self, at_most: Duration) -> Vec<(Ticket, Vec<Delivery>)> {
        let until = Instant::now() + at_most;
        while self.open.iter().any(|open| !open.awaited.is_empty()) {
            match self.answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(answer) => self.take(answer),
                Err(_) => break,
            }
        }
        for open in &mut self.open {
            give_up(open);
        }
        self.done()
    }

    fn take(&mut self, (ticket, delivery): (Ticket, Delivery)) {
        match self.open.iter_mut().find(|open| open.ticket == ticket) {
            Some(open) => {
                open.awaited.retain(|name| *name != delivery.channel);
                open.deliveries.push(delivery);
            }
            None => self.late.push((ticket, delivery)),
        }
    }

    fn done(&mut self) -> Vec<(Ticket, Vec<Delivery>)> {
        let mut done = Vec::new();
        while let Some(first) = self.open.front_mut() {
            if first.sent.elapsed() >= ANSWER_WITHIN {
                give_up(first);
            }
            if !first.awaited.is_empty() {
                break;
            }
            done.extend(self.open.pop_front().map(|open| (open.ticket, open.deliveries)));
        }
        done
    }
}

fn give_up(open: &mut Open) {
    for name in open.awaited.drain(..) {
        open.deliveries.push(Delivery::new(name, Err(NOT_YET.into()), open.sent.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::warning::Outcome;
    use jiff::tz::TimeZone;

    fn notice() -> Notice {
        Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap()
    }

    /// What a delivery is to end with.
    type Permit = Result<Option<String>, String>;

    /// A channel that waits for a permit before each delivery, and fails on demand.
    struct Held {
        permits: Receiver<Permit>,
    }

    impl Channel for Held {
        fn name(&self) -> &'static str {
            "held"
        }
        fn least(&self) -> Loudness {
            Loudness::Quiet
        }
        fn hand_over(&mut self, _: &Notice, answer: Answer) {
            let outcome = self.permits.recv().unwrap_or_else(|_| Err("gone".into()));
            answer.give(outcome);
        }
    }

    fn held() -> (Held, Sender<Permit>) {
        let (permit, permits) = mpsc::channel();
        (Held { permits }, permit)
    }

    #[test]
    fn a_slow_channel_holds_up_neither_sending_nor_the_others() {
        let (slow, permit) = held();
        let (page, mut open_page) = super::super::Page::new();
        let mut notifier = Notifier::new().with_slow(slow).with_quick(page);
        let first = notifier.send(&notice());
        let second = notifier.send(&notice());
        assert_eq!(open_page.try_recv().unwrap(), notice(), "the page has it while the slow one hangs");
        assert_eq!(notifier.finished(), []);
        permit.send(Ok(None)).unwrap();
        permit.send(Err("no desktop here".into())).unwrap();
        let done = notifier.finish(Duration::from_secs(60));
        assert_eq!(done.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [first, second]);
        let fared =
            |i: usize| -> Vec<_> { done[i].1.iter().map(|delivery| (delivery.channel, delivery.delivered)).collect() };
        assert_eq!(fared(0), [("page", true), ("held", true)]);
        assert_eq!(fared(1), [("page", true), ("held", false)]);
    }

    #[test]
    fn a_channel_that_never_answers_is_given_up_at_the_end() {
        let (slow, _permit) = held();
        let mut notifier = Notifier::new().with_slow(slow);
        notifier.send(&notice());
        let done = notifier.finish(Duration::ZERO);
        assert_eq!(done[0].1[0].detail.as_deref(), Some("no answer in time"));
    }

    #[test]
    fn an_answer_that_comes_after_its_notice_was_told_still_comes_out() {
        let (slow, permit) = held();
        let mut notifier = Notifier::new().with_slow(slow);
        let ticket = notifier.send(&notice());
        assert_eq!(notifier.finish(Duration::ZERO)[0].1[0].detail.as_deref(), Some(NOT_YET));
        permit.send(Ok(Some("at try 2".into()))).unwrap();
        let late = loop {
            assert_eq!(notifier.finished(), []);
            if let Some(late) = notifier.late().pop() {
                break late;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        assert_eq!((late.0, late.1.delivered, late.1.detail.as_deref()), (ticket, true, Some("at try 2")));
    }

    #[test]
    fn a_channel_that_is_off_is_left_out_unless_it_is_named() {
        let (page, mut open_page) = super::super::Page::new();
        let mut notifier = Notifier::new().with_quick(page);
        let mut choices = Choices::default();
        choices.switch("page", false);
        notifier.choose(choices.clone());
        notifier.send(&notice());
        assert!(open_page.try_recv().is_err() && notifier.finished()[0].1.is_empty());
        notifier.send_by(&notice(), Some("page"));
        assert!(open_page.try_recv().is_ok() && notifier.finished()[0].1[0].delivered);
        choices.switch("page", true);
        notifier.choose(choices);
        notifier.send(&notice());
        assert!(open_page.try_recv().is_ok());
    }

    #[test]
    fn too_many_notices_for_a_hanging_channel_are_told_and_dropped() {
        let (slow, _permit) = held();
        let mut notifier = Notifier::new().with_slow(slow);
        for _ in 0..QUEUE + 5 {
            notifier.send(&notice());
        }
        let done = notifier.finish(Duration::ZERO);
        let busy = |deliveries: &[Delivery]| deliveries[0].detail.as_deref() == Some("still busy with earlier notices");
        assert_eq!(done.len(), QUEUE + 5);
        assert!(done.iter().filter(|(_, deliveries)| busy(deliveries)).count() >= 4);
    }
}
