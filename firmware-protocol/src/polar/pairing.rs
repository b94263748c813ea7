//! Acceleration and rotation rate of the same moment, from two streams that come in turns of many samples.
//!
//! Both streams tell the same clock. Each acceleration gets the rotation rate nearest in time, once the
//! rotation rate is known up to that moment. An acceleration without one near enough is left out, so that no
//! sample holds numbers of different moments. As both streams have the same rate, each rotation rate is used
//! once, apart from the rare place where the two slip by one sample.

/// Samples that either stream may be ahead. Chosen by us: four frames of 63 samples, and 1.2 s at 208 Hz.
const MOST: usize = 256;

/// A sample and its moment, in ns of the sensor's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timed {
    pub(super) ns: u64,
    pub(super) axes: [i32; 3],
}

/// The samples of one stream that wait for the other.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    samples: [Timed; MOST],
    first: usize,
    len: usize,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { samples: [Timed::default(); MOST], first: 0, len: 0 }
    }
}

impl Waiting {
    /// Adds the newest; false if the oldest had to go for it.
    pub(super) fn push(&mut self, sample: Timed) -> bool {
        let room = self.len < MOST;
        if !room {
            self.pop();
        }
        self.samples[(self.first + self.len) % MOST] = sample;
        self.len += 1;
        room
    }

    /// Takes the oldest.
    pub(super) fn pop(&mut self) -> Option<Timed> {
        let oldest = self.get(0)?;
        (self.first, self.len) = ((self.first + 1) % MOST, self.len - 1);
        Some(oldest)
    }

    fn get(&self, i: usize) -> Option<Timed> {
        (i < self.len).then(|| self.samples[(self.first + i) % MOST])
    }

    fn newest(&self) -> Option<Timed> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Forgets all; gives how many there were.
    pub(super) fn clear(&mut self) -> usize {
        core::mem::take(&mut self.len)
    }
}

/// The next acceleration whose rotation rate is decided: with it, or with none.
pub(super) fn next(acc: &mut Waiting, gyr: &mut Waiting, near_ns: u64) -> Option<(Timed, Option<[i32; 3]>)> {
    let oldest = acc.get(0)?;
    if gyr.newest()?.ns < oldest.ns {
        return None;
    }
    let away = |sample: Timed| sample.ns.abs_diff(oldest.ns);
    while gyr.get(0).zip(gyr.get(1)).is_some_and(|(first, second)| away(second) <= away(first)) {
        gyr.pop();
    }
    acc.pop();
    Some((oldest, gyr.get(0).filter(|&found| away(found) <= near_ns).map(|found| found.axes)))
}
