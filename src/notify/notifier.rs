//! Hands a notice to every channel without waiting: notices come in, tickets come out at once, and how
//! each channel fared comes out when all have answered or their time is up.

use super::notice::Notice;
use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TrySendError};
use std::time::{Duration, Instant};

/// A channel that has not answered after this long is taken to have failed. Chosen by us: the desktop's
/// own limit is 2 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Notices that may wait for a slow channel; more than the hourly budget never come at once.
const QUEUE: usize = 16;

/// One way to reach a person.
pub trait Channel: Send {
    /// Its word in records: `terminal`, `desktop`, `page`, `sensor`.
    fn name(&self) -> &'static str;

    /// Whether it carries such a notice.
    fn carries(&self, notice: &Notice) -> bool;

    /// Hands it over. `Ok` may hold a remark, `Err` says in calm words why not.
    fn deliver(&mut self, notice: &Notice) -> Result<Option<String>, String>;
}

/// Names one notice until its deliveries are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// How one channel fared with a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The channel's name.
    pub channel: &'static str,
    /// It was handed over.
    pub delivered: bool,
    /// Why not, or a remark.
    pub detail: Option<String>,
    /// From the call of [`Notifier::send`] to the hand-over.
    pub delay: Duration,
}

/// A notice on its way.
#[derive(Debug)]
struct Open {
    ticket: Ticket,
    sent: Instant,
    awaited: Vec<&'static str>,
    deliveries: Vec<Delivery>,
}

struct Job {
    ticket: Ticket,
    sent: Instant,
    notice: Notice,
}

/// A channel on a thread of its own.
struct Worker {
    name: &'static str,
    carries: Box<dyn Fn(&Notice) -> bool + Send>,
    jobs: SyncSender<Job>,
}

/// Sends notices to all channels.
pub struct Notifier {
    quick: Vec<Box<dyn Channel>>,
    workers: Vec<Worker>,
    answers: Receiver<(Ticket, Delivery)>,
    answer: Sender<(Ticket, Delivery)>,
    open: VecDeque<Open>,
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
        Self { quick: Vec::new(), workers: Vec::new(), answers, answer, open: VecDeque::new(), tickets: 0 }
    }

    /// Adds a channel whose hand-over never waits, such as the page; it is called in place.
    #[must_use]
    pub fn with_quick(mut self, channel: impl Channel + 'static) -> Self {
        self.quick.push(Box::new(channel));
        self
    }

    /// Adds a channel that may be slow; it gets a thread of its own, which ends with the notifier.
    /// A thread that cannot be started leaves the channel out, and says so in the log.
    #[must_use]
    pub fn with_slow<C: Channel + Clone + 'static>(mut self, channel: C) -> Self {
        let name = channel.name();
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE);
        let answer = self.answer.clone();
        let mut hand = channel.clone();
        let work = move || {
            for Job { ticket, sent, notice } in queue {
                let outcome = hand.deliver(&notice);
                if answer.send((ticket, delivery(name, outcome, sent))).is_err() {
                    return;
                }
            }
        };
        match std::thread::Builder::new().name(format!("notify-{name}")).spawn(work) {
            Ok(_) => {
                let carries = Box::new(move |notice: &Notice| channel.carries(notice));
                self.workers.push(Worker { name, carries, jobs });
            }
            Err(error) => tracing::warn!(channel = name, %error, "no thread for this channel, so it stays silent"),
        }
        self
    }

    /// Hands a notice to every channel that carries it. Never waits.
    pub fn send(&mut self, notice: &Notice) -> Ticket {
        let sent = Instant::now();
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        let mut open = Open { ticket, sent, awaited: Vec::new(), deliveries: Vec::new() };
        for channel in self.quick.iter_mut().filter(|channel| channel.carries(notice)) {
            let outcome = channel.deliver(notice);
            open.deliveries.push(delivery(channel.name(), outcome, sent));
        }
        for worker in self.workers.iter().filter(|worker| (worker.carries)(notice)) {
            match worker.jobs.try_send(Job { ticket, sent, notice: notice.clone() }) {
                Ok(()) => open.awaited.push(worker.name),
                Err(TrySendError::Full(_)) => {
                    open.deliveries.push(delivery(worker.name, Err("still busy with earlier notices".into()), sent));
                }
                Err(TrySendError::Disconnected(_)) => {
                    open.deliveries.push(delivery(worker.name, Err("this channel has stopped".into()), sent));
                }
            }
        }
        self.open.push_back(open);
        ticket
    }

    /// The notices whose deliveries are all known by now, in the order in which they were sent. Never
    /// waits; ask again later for the others.
    pub fn finished(&mut self) -> Vec<(Ticket, Vec<Delivery>)> {
        while let Ok(answer) = self.answers.try_recv() {
            self.take(answer);
        }
        self.done()
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
        // An answer that comes after its notice was given up is nobody's any more.
        if let Some(open) = self.open.iter_mut().find(|open| open.ticket == ticket) {
            open.awaited.retain(|name| *name != delivery.channel);
            open.deliveries.push(delivery);
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
        open.deliveries.push(delivery(name, Err("no answer in time".into()), open.sent));
    }
}

fn delivery(channel: &'static str, outcome: Result<Option<String>, String>, sent: Instant) -> Delivery {
    let (delivered, detail) = match outcome {
        Ok(remark) => (true, remark),
        Err(why) => (false, Some(why)),
    };
    Delivery { channel, delivered, detail, delay: sent.elapsed() }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::warning::Outcome;
    use jiff::tz::TimeZone;
    use std::sync::{Arc, Mutex};

    fn notice() -> Notice {
        Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap()
    }

    /// What a delivery is to end with.
    type Permit = Result<Option<String>, String>;

    /// A channel that waits for a permit before each delivery, and fails on demand.
    #[derive(Clone)]
    struct Held {
        permits: Arc<Mutex<Receiver<Permit>>>,
    }

    impl Channel for Held {
        fn name(&self) -> &'static str {
            "held"
        }
        fn carries(&self, _: &Notice) -> bool {
            true
        }
        fn deliver(&mut self, _: &Notice) -> Result<Option<String>, String> {
            self.permits.lock().unwrap().recv().unwrap_or_else(|_| Err("gone".into()))
        }
    }

    fn held() -> (Held, Sender<Result<Option<String>, String>>) {
        let (permit, permits) = mpsc::channel();
        (Held { permits: Arc::new(Mutex::new(permits)) }, permit)
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
