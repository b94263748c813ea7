//! The timeline on the patterns that sensors really send, against the truth: how far sample times are off,
//! RMS, after the first minute and apart from one constant, the least delay that no one-way link can tell.
//! Each test prints its figure.

use super::*;

/// Source: issue 4.
const WITHIN_RMS_S: f64 = 0.005;
const SETTLED_S: f64 = 60.0;

/// What a sensor sends, and over which link.
#[derive(Clone, Copy)]
struct Pattern {
    true_hz: f64,
    nominal_hz: f64,
    /// Tick in seconds and bits of the clock that is sent.
    clock: Option<(f64, u32)>,
    /// How much the sensor's clock runs fast, as a share.
    fast: f64,
    /// Bits of the counter that is sent.
    counter: Option<u32>,
    /// Samples that share a packet.
    packed: u64,
    /// Samples wait for the next connection event.
    interval_s: f64,
    /// Chance that an event fails, and everything waits for the next.
    retry: f64,
    /// Chance that a packet is lost for good.
    loss: f64,
}

const BURSTS: Pattern = Pattern {
    true_hz: 100.4,
    nominal_hz: 100.0,
    clock: None,
    fast: 0.0,
    counter: None,
    packed: 1,
    interval_s: 0.03,
    retry: 0.1,
    loss: 0.0,
};
const MILLIS: Pattern = Pattern { clock: Some((1e-3, 32)), fast: 25e-6, packed: 4, interval_s: 0.0375, ..BURSTS };

/// What happens on the way, in seconds of the truth.
#[derive(Clone, Copy)]
enum Happening {
    /// The sensor starts anew: clock and counter from zero.
    Restart { at_s: f64, down_s: f64 },
    /// The machine sleeps; what the sensor takes meanwhile is lost.
    Suspend { at_s: f64, lasting_s: f64 },
}

/// A number in [0, 1) that belongs to these two.
fn chance(what: u64, n: u64) -> f64 {
    let mut x =
        what.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ 0x5851_f42d_4c95_7f2d;
    for _ in 0..3 {
        x ^= x >> 32;
        x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number of few bits made long again, as the families do: the one nearest to what is expected.
fn lengthen(expected: u64, full: u64, bits: u32) -> u64 {
    let turn = 1_u64 << bits;
    let low = full % turn;
    let near = expected / turn * turn + low;
    [near.checked_sub(turn), Some(near), Some(near + turn)]
        .into_iter()
        .flatten()
        .min_by_key(|candidate| candidate.abs_diff(expected))
        .unwrap()
}

impl Pattern {
    /// When the packet with this sample reaches us.
    fn arrival_s(&self, n: u64) -> f64 {
        let full_s = (n / self.packed * self.packed + self.packed - 1) as f64 / self.true_hz;
        let mut event = (full_s / self.interval_s).ceil() as u64;
        // A sensor's queue holds half a second at most; what does not leave it by then is lost, which is another
        // matter.
        let longest = event + (0.3 / self.interval_s) as u64;
        while chance(1, event) < self.retry && event < longest {
            event += 1;
        }
        event as f64 * self.interval_s + 0.002 + 0.000_5 * chance(2, n / self.packed)
    }

    /// Runs so many seconds; gives the RMS error in seconds, and what was told as lost.
    fn run(&self, seconds: f64, happening: Option<Happening>) -> (f64, u64) {
        let timeline = Timeline::new(TimelineParams::default(), self.nominal_hz, self.clock.map(|(tick_s, _)| tick_s));
        let (mut state, mut offs, mut lost) = (TimelineState::default(), Vec::new(), 0_u64);
        let (mut reference_s, mut ticks, mut seq) = (None, None, None);
        let mut last: Option<Time> = None;
        // The clock shows this at the first sample: so that it wraps on the way, whatever its length.
        let ahead = |bits: u32, step_s: f64| ((1_u64 << bits) - 1).saturating_sub((0.3 * seconds / step_s) as u64);
        let (mut began_s, mut began_n, mut told, mut starts) = (0.0, 0, false, 0);
        for n in 0..(seconds * self.true_hz) as u64 {
            let taken_s = n as f64 / self.true_hz;
            match happening {
                Some(Happening::Restart { at_s, down_s }) if taken_s >= at_s => {
                    if taken_s < at_s + down_s {
                        continue;
                    }
                    if !std::mem::replace(&mut told, true) {
                        (began_s, began_n, starts) = (taken_s, n, 1);
                        (ticks, seq) = (None, None);
                        state.restarted();
                    }
                }
                Some(Happening::Suspend { at_s, lasting_s }) if taken_s >= at_s => {
                    if taken_s < at_s + lasting_s {
                        continue;
                    }
                    if !std::mem::replace(&mut told, true) {
                        state.interrupted();
                    }
                }
                _ => {}
            }
            if chance(3, n / self.packed) < self.loss {
                continue;
            }
            let arrival_s = self.arrival_s(n);
            let first = ticks.is_none() && seq.is_none() && starts == 0;
            if let Some((tick_s, bits)) = self.clock {
                let full =
                    ahead(bits, tick_s) * (1 - starts) + ((taken_s - began_s) * (1.0 + self.fast) / tick_s) as u64;
                ticks = Some(if first { full } else { lengthen(ticks.unwrap_or(full), full, bits) });
            }
            if let Some(bits) = self.counter {
                let full = ((1_u64 << bits) - 100) * (1 - starts) + n - began_n;
                seq = Some(lengthen(seq.map_or(full, |seq: u64| seq + 1), full, bits));
            }
            let arrival = Arrival((3e12 + arrival_s * 1e9) as u64);
            let placed = timeline.place(&mut state, Reading { arrival, ticks: ticks.map(Ticks), seq });
            assert!(last.is_none_or(|last| placed.t > last), "backward at {taken_s}");
            last = Some(placed.t);
            lost += placed.lost.map_or(0, |lost| u64::from(lost.samples));
            let reference_s = *reference_s.get_or_insert(arrival_s);
            if taken_s > SETTLED_S {
                offs.push(placed.t.seconds() + reference_s - taken_s);
            }
        }
        let mean = offs.iter().sum::<f64>() / offs.len() as f64;
        let square = offs.iter().map(|off| (off - mean) * (off - mean)).sum::<f64>() / offs.len() as f64;
        (square.sqrt(), lost)
    }

    fn check(&self, what: &str, seconds: f64, happening: Option<Happening>) -> u64 {
        let (rms_s, lost) = self.run(seconds, happening);
        println!("{what}: {:.2} ms RMS over {seconds:.0} s, {lost} samples told as lost", rms_s * 1e3);
        assert!(rms_s <= WITHIN_RMS_S, "{what}: {} ms", rms_s * 1e3);
        lost
    }
}

#[test]
fn bursts_without_timestamps() {
    for (true_hz, nominal_hz, interval_s) in
        [(100.4, 100.0, 0.03), (197.0, 200.0, 0.048_75), (50.3, 50.0, 0.015), (99.97, 100.0, 0.1)]
    {
        let pattern = Pattern { true_hz, nominal_hz, interval_s, ..BURSTS };
        let what = format!("bursts every {:.2} ms of {true_hz} Hz", interval_s * 1e3);
        assert_eq!(pattern.check(&what, 1_200.0, None), 0, "{what}");
    }
}

#[test]
fn a_clock_of_32_bits_in_milliseconds_that_wraps() {
    assert_eq!(MILLIS.check("milliseconds, wrapping", 1_800.0, None), 0);
}

#[test]
fn a_clock_of_32_bits_in_microseconds_that_wraps() {
    let pattern = Pattern { clock: Some((1e-6, 32)), true_hz: 60.0, nominal_hz: 60.0, packed: 1, ..MILLIS };
    assert_eq!(pattern.check("microseconds, wrapping after 72 min", 9_000.0, None), 0);
}

#[test]
fn counters_of_8_and_16_bits_tell_every_loss() {
    for (bits, packed) in [(8, 1), (16, 3)] {
        let pattern = Pattern { counter: Some(bits), loss: 0.01, packed, ..BURSTS };
        let truth = (0..(1_200.0 * pattern.true_hz) as u64).filter(|n| chance(3, n / packed) < 0.01).count() as u64;
        let lost = pattern.check(&format!("counter of {bits} bits, 1 % lost"), 1_200.0, None);
        // A loss at the very end shows in no later sample.
        assert!(truth.abs_diff(lost) <= packed, "{bits} bits: {lost} of {truth}");
    }
}

#[test]
fn a_drift_of_200_ppm_either_way() {
    for fast in [200e-6, -200e-6] {
        let pattern = Pattern { fast, ..MILLIS };
        assert_eq!(pattern.check(&format!("{:+.0} ppm", fast * 1e6), 7_200.0, None), 0);
    }
}

#[test]
fn a_sensor_that_starts_anew() {
    let restart = Some(Happening::Restart { at_s: 600.0, down_s: 7.3 });
    for (what, pattern) in [("clock", MILLIS), ("no clock", BURSTS)] {
        let lost = pattern.check(&format!("a new start, {what}"), 1_200.0, restart);
        let truth = (7.3 * pattern.true_hz) as u64;
        assert!(truth.abs_diff(lost) <= (0.05 * pattern.true_hz) as u64, "{what}: {lost} of {truth}");
    }
}

#[test]
fn a_machine_that_sleeps() {
    let suspend = Some(Happening::Suspend { at_s: 600.0, lasting_s: 1_800.0 });
    for (what, pattern) in [("clock", MILLIS), ("no clock", BURSTS)] {
        let lost = pattern.check(&format!("half an hour of sleep, {what}"), 3_600.0, suspend);
        // With a clock, the samples that its nominal rate gives; by arrival alone, those of the rate that was
        // learned, to a fraction of how far it is off.
        let truth = 1_800.0 * if pattern.clock.is_some() { pattern.nominal_hz } else { pattern.true_hz };
        assert!((truth - lost as f64).abs() <= 0.05 * pattern.true_hz + 1e-4 * truth, "{what}: {lost} of {truth}");
    }
}
