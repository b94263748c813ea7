//! The talk with a Shimmer3R: stop whatever runs, set rate and sensors, ask what a sample holds, start.
//!
//! Every command is answered by one byte before the next one goes out. Ranges stay as they are: how they are
//! set is not known to us, but the inquiry tells them.

use super::stream::{Found, Stream, Window};
use super::wire::{self, ACK, Channels, Command, Inquiry, NACK};
use super::{FROM, TO};
use crate::clock::{LongClock, Stamp};
use crate::session::{
    Action, Counts, Event, Format, Frame, Moment, Refusal, Scale, Session, Signal, Uuid, Wanted, earliest,
};
use crate::sig::Battery;

/// How long a sensor that still streams is listened to after it was stopped, in ms. Source: the maker's
/// programs empty the line for 500 ms.
const DRAIN_MS: u64 = 500;
/// How long an answer may take, in ms. Chosen by us: several connection events; then the command goes out
/// once more, and after that everything from the stop on.
const ANSWER_MS: u64 = 1_500;
/// A tick of the sensor's clock, in s.
const TICK_S: f64 = 1.0 / wire::TICKS_PER_S;
/// The last number of the sensor's clock.
const CLOCK_END: u64 = (1 << wire::CLOCK_BITS) - 1;
/// The longest reply: acknowledgement and inquiry.
const LONGEST_REPLY: usize = 64;

/// What the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A connection.
    Down,
    /// The end of what still streams.
    Drain,
    /// The answer to this command.
    Answer(Command),
    /// Samples.
    Streaming,
}

/// A session with one Shimmer3R.
#[derive(Clone, Debug)]
pub struct Shimmer3r {
    divider: u16,
    step: Step,
    due: Option<Moment>,
    resent: bool,
    /// What came of an answer so far.
    reply: [u8; LONGEST_REPLY],
    reply_len: usize,
    inquiry: Option<Inquiry>,
    stream: Stream,
    clock: LongClock,
    told: Option<Format>,
    battery: Battery,
    counts: Counts,
}

impl Shimmer3r {
    /// A session that will ask for a rate; the sensor divides its clock, so it gets the next faster one.
    pub fn new(wanted: Wanted) -> Self {
        let divider = wire::divider(wanted.rate_hz);
        Self {
            divider,
            step: Step::Down,
            due: None,
            resent: false,
            reply: [0; LONGEST_REPLY],
            reply_len: 0,
            inquiry: None,
            stream: Stream::new(Channels::six_axes().frame_len(), divider),
            clock: LongClock::new(wire::CLOCK_BITS),
            told: None,
            battery: Battery::default(),
            counts: Counts::default(),
        }
    }

    fn stop(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        act(Action::Write { characteristic: TO, bytes: Command::Stop.encode().as_slice() });
        (self.step, self.due) = (Step::Drain, Some(now.plus_millis(DRAIN_MS)));
    }

    fn ask(&mut self, now: Moment, command: Command, act: &mut dyn FnMut(Action<'_>)) {
        act(Action::Write { characteristic: TO, bytes: command.encode().as_slice() });
        (self.step, self.due) = (Step::Answer(command), Some(now.plus_millis(ANSWER_MS)));
        (self.resent, self.reply_len) = (false, 0);
    }

    fn wake(&mut self, now: Moment, act: &mut dyn FnMut(Action<'_>)) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        match self.step {
            Step::Drain => self.ask(now, Command::Rate(self.divider), act),
            Step::Answer(command) if !self.resent => {
                self.ask(now, command, act);
                self.resent = true;
            }
            Step::Answer(_) => self.stop(now, act),
            Step::Down | Step::Streaming => self.due = None,
        }
    }

    fn notification(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        match self.step {
            Step::Streaming => self.samples(now, bytes, act),
            Step::Answer(command) => self.answer(now, command, bytes, act),
            // The acknowledgement of the stop, perhaps behind samples.
            Step::Drain | Step::Down if bytes == [ACK] => {}
            Step::Drain | Step::Down => self.counts.refuse(Refusal::Early, bytes.len(), act),
        }
    }

    fn answer(&mut self, now: Moment, command: Command, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let end = self.reply_len + bytes.len();
        let first = if self.reply_len == 0 { bytes.first().copied() } else { Some(self.reply[0]) };
        match (first, self.reply.get_mut(self.reply_len..end)) {
            (Some(ACK), Some(place)) => place.copy_from_slice(bytes),
            (Some(NACK), _) => {
                (self.step, self.due) = (Step::Down, None);
                return act(Action::Unsupported("it refuses a command; set it up with its maker's program"));
            }
            // No answer: the line is not empty yet.
            _ => return self.counts.refuse(Refusal::Early, bytes.len(), act),
        }
        self.reply_len = end;
        match command {
            Command::Rate(_) => self.ask(now, Command::Sensors(wire::LOW_NOISE | wire::GYRO), act),
            Command::Sensors(_) => self.ask(now, Command::Inquiry, act),
            Command::Inquiry => match Inquiry::parse(&self.reply[1..end]) {
                None => {}
                Some(Ok(inquiry)) => self.settle(now, inquiry, act),
                Some(Err(why)) => {
                    self.reply_len = 0;
                    self.counts.refuse(why, end, act);
                }
            },
            _ => {
                (self.step, self.due) = (Step::Streaming, None);
                let reply = self.reply;
                self.samples(now, &reply[1..end], act);
            }
        }
    }

    /// What a sample holds is known: say it, and let it stream.
    fn settle(&mut self, now: Moment, inquiry: Inquiry, act: &mut dyn FnMut(Action<'_>)) {
        let has = |wanted: [u8; 3]| wanted.iter().all(|id| inquiry.channels.ids().contains(id));
        let gyr = inquiry.gyr_range().filter(|_| has(wire::GYR));
        if !has(wire::ACC) || gyr.is_none() {
            (self.step, self.due) = (Step::Down, None);
            return act(Action::Unsupported("it does not measure acceleration and rotation; set it up anew"));
        }
        let (_, acc_per) = inquiry.acc_range();
        let scale = |full_count| Scale::Counts { full_scale: 1.0, full_count };
        let format = Format {
            acc: scale(acc_per * wire::STANDARD_GRAVITY),
            gyr: gyr.map(|(_, per_dps)| scale(per_dps)),
            rate_hz: inquiry.rate_hz(),
            tick_s: Some(TICK_S),
        };
        self.stream = Stream::new(inquiry.channels.frame_len(), inquiry.divider);
        self.inquiry = Some(inquiry);
        if self.told != Some(format) {
            self.told = Some(format);
            act(Action::Format(format));
        }
        if inquiry.divider != self.divider {
            act(Action::ReadOnly { rate_hz: format.rate_hz });
        }
        self.ask(now, Command::Start, act);
    }

    fn samples(&mut self, now: Moment, bytes: &[u8], act: &mut dyn FnMut(Action<'_>)) {
        let Some(Inquiry { channels, .. }) = self.inquiry else { return };
        let Self { stream, clock, counts, .. } = self;
        // The low bits of the clock, and a span that may be longer than those hold.
        let window = |(ticks, span): (u64, u64)| Window { after: ticks as u32, span: span.min(CLOCK_END) as u32 };
        let window = clock.window(now, TICK_S).map(window);
        stream.push(bytes, window, &mut |found| match found {
            Found::Refused(why, bytes) => counts.refuse(why, bytes, act),
            Found::Frame(frame) => {
                let ticks = match clock.take(now, u64::from(wire::stamp(frame)), TICK_S) {
                    Stamp::At(ticks) => ticks,
                    Stamp::Restarted(ticks) => {
                        act(Action::Restarted);
                        ticks
                    }
                    Stamp::Past => return counts.refuse(Refusal::Repeated, frame.len(), act),
                };
                let read = |ids| channels.read(frame, ids).unwrap_or_default();
                let (acc, gyr) = (read(wire::ACC), read(wire::GYR));
                counts.frames += 1;
                act(Action::Frame(Frame {
                    seq: None,
                    ticks: Some(ticks),
                    acc: acc.map(i32::from),
                    gyr: gyr.map(i32::from),
                    clipped: acc.iter().chain(&gyr).any(|&n| matches!(n, i16::MIN | i16::MAX)),
                }));
            }
        });
    }
}

impl Session for Shimmer3r {
    fn handle(&mut self, now: Moment, event: Event<'_>, act: &mut dyn FnMut(Action<'_>)) {
        const BOTH: [Uuid; 2] = [FROM, TO];
        match event {
            Event::Connected { .. } => {
                self.clock.connected();
                act(Action::Subscribe(FROM));
                self.stop(now, act);
            }
            Event::Disconnected => {
                (self.step, self.due) = (Step::Down, None);
                let counts = &mut self.counts;
                self.stream.finish(&mut |found| {
                    if let Found::Refused(why, bytes) = found {
                        counts.refuse(why, bytes, act);
                    }
                });
            }
            Event::Failed { characteristic: FROM } if self.step != Step::Down => act(Action::Subscribe(TO)),
            Event::Notification { characteristic, bytes } if BOTH.contains(&characteristic) => {
                self.notification(now, bytes, act);
            }
            Event::Wake => self.wake(now, act),
            Event::Notification { .. } | Event::Read { .. } | Event::Failed { .. } => {}
        }
        self.battery.take(now, &event, &mut self.counts, act);
    }

    fn signal(&mut self, _: Signal, _: &mut dyn FnMut(Action<'_>)) -> bool {
        false
    }

    fn wake_at(&self) -> Option<Moment> {
        earliest([self.due, self.battery.wake_at()])
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}
