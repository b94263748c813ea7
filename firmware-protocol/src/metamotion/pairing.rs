//! Halves of samples put together: accelerations and rotation rates that are numbered apart.
//!
//! Both chips of a board take both at the same moments, but the two numbers begin apart. How far is taken from
//! the first two halves that meet, which is right to within one sample. From then on a half belongs to the one
//! of its number, so that a lost packet leaves one half alone and never shifts the rest.

/// Halves of one kind that may wait for the other, which then are 0.3 s at 100 Hz. Chosen by us.
const MOST: usize = 32;

/// Which half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Acc,
    Gyr,
}

/// A half with its number.
#[derive(Clone, Copy, Debug, Default)]
struct Half {
    number: u64,
    axes: [i16; 3],
}

/// What became of a half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// A whole sample: the number of its acceleration, acceleration, rotation rate.
    pub(super) whole: Option<(u64, [i16; 3], [i16; 3])>,
    /// Halves that stay alone.
    pub(super) alone: usize,
}

/// The halves that wait: of one side only, as both come in order.
#[derive(Clone, Debug)]
pub(super) struct Halves {
    waiting: [Half; MOST],
    len: usize,
    side: Side,
    /// The number of a rotation rate less that of its acceleration.
    apart: Option<i64>,
}

impl Default for Halves {
    fn default() -> Self {
        Self { waiting: [Half::default(); MOST], len: 0, side: Side::Acc, apart: None }
    }
}

impl Halves {
    /// Takes the next half of a side.
    pub(super) fn take(&mut self, side: Side, number: u64, axes: [i16; 3]) -> Met {
        let mut met = Met::default();
        let half = Half { number, axes };
        if self.len > 0 && self.side != side {
            if self.apart.is_none() {
                // The newest of those that wait is the nearest; the others came before the other side began.
                self.drop_front(self.len - 1);
                self.apart = Some(difference(side, number, self.waiting[0].number));
            }
            let wanted = self.other(side, number);
            let older = self.waiting[..self.len].iter().take_while(|half| half.number < wanted).count();
            met.alone += older;
            self.drop_front(older);
            if self.len > 0 {
                if self.waiting[0].number == wanted {
                    let [acc, gyr] = if side == Side::Acc { [half, self.waiting[0]] } else { [self.waiting[0], half] };
                    met.whole = Some((acc.number, acc.axes, gyr.axes));
                    self.drop_front(1);
                } else {
                    met.alone += 1;
                }
                return met;
            }
        }
        if self.len == MOST {
            self.drop_front(1);
            met.alone += 1;
        }
        self.side = side;
        self.waiting[self.len] = half;
        self.len += 1;
        met
    }

    /// The number that the other half of this one has.
    fn other(&self, side: Side, number: u64) -> u64 {
        let apart = self.apart.unwrap_or(0);
        number.saturating_add_signed(if side == Side::Acc { apart } else { apart.saturating_neg() })
    }

    fn drop_front(&mut self, n: usize) {
        self.waiting.copy_within(n..self.len, 0);
        self.len -= n;
    }
}

fn difference(side: Side, number: u64, waiting: u64) -> i64 {
    // Counters of 32 bits, extended: far from the ends of 64.
    let apart = number.wrapping_sub(waiting).cast_signed();
    if side == Side::Gyr { apart } else { apart.wrapping_neg() }
}
