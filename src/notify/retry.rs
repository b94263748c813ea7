//! Tries again what may work the next time: one try comes in, its last outcome comes out, within a bound.
//!
//! Each channel has its own bound: what is felt is of no use later than a second, a line on another machine is
//! for about a minute.

use std::time::{Duration, Instant};

/// Why one try did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// The next try may go better.
    Passing(String),
    /// It will be no better next time.
    Lasting(String),
}

/// How often, and until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Waits before the second try and those after it: one more try than there are waits.
    pub(super) waits: &'static [Duration],
    /// After this long no further try begins.
    pub(super) useful: Duration,
}

/// Tries until it works, cannot work, or is of no use any more. `sent` is when the notice was sent; `Ok` tells
/// which try it was, the first being 1.
pub(super) fn persist(
    patience: Patience,
    sent: Instant,
    mut once: impl FnMut() -> Result<(), Missed>,
) -> Result<usize, String> {
    if sent.elapsed() >= patience.useful {
        return Err("it had waited too long to be of use".into());
    }
    let mut tries = 0;
    loop {
        let why = match once() {
            Ok(()) => return Ok(tries + 1),
            Err(Missed::Lasting(why)) => return Err(why),
            Err(Missed::Passing(why)) => why,
        };
        let Some(wait) = patience.waits.get(tries) else {
            return Err(if tries > 0 { format!("{why}; tried {} times", tries + 1) } else { why });
        };
        if sent.elapsed() + *wait >= patience.useful {
            return Err(format!("{why}; too late to try again"));
        }
        std::thread::sleep(*wait);
        tries += 1;
    }
}

/// What the record says of a delivery: nothing when all went well at once.
pub(super) fn remark(tries: usize) -> Option<String> {
    (tries > 1).then(|| format!("at try {tries}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Patience =
        Patience { waits: &[Duration::from_millis(1), Duration::from_millis(2)], useful: Duration::from_secs(60) };

    /// Counts tries and fails the first `bad` of them.
    fn tried(patience: Patience, sent: Instant, bad: usize, why: &Missed) -> (usize, Result<usize, String>) {
        let mut tries = 0;
        let outcome = persist(patience, sent, || {
            tries += 1;
            if tries <= bad { Err(why.clone()) } else { Ok(()) }
        });
        (tries, outcome)
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_lasts_is_not() {
        let passing = Missed::Passing("nobody is there".into());
        assert_eq!(tried(QUICK, Instant::now(), 0, &passing), (1, Ok(1)));
        assert_eq!(tried(QUICK, Instant::now(), 2, &passing), (3, Ok(3)));
        assert_eq!(tried(QUICK, Instant::now(), 3, &passing), (3, Err("nobody is there; tried 3 times".into())));
        let lasting = Missed::Lasting("no such place".into());
        assert_eq!(tried(QUICK, Instant::now(), 3, &lasting), (1, Err("no such place".into())));
    }

    #[test]
    fn what_is_too_old_to_be_of_use_is_let_go() {
        let passing = Missed::Passing("nobody is there".into());
        let long_ago = Instant::now().checked_sub(Duration::from_secs(61)).expect("the machine is up for a minute");
        assert_eq!(tried(QUICK, long_ago, 0, &passing).0, 0);
        let soon = Patience { useful: Duration::from_millis(1), ..QUICK };
        let (tries, outcome) = tried(soon, Instant::now(), 3, &passing);
        assert_eq!((tries, outcome), (1, Err("nobody is there; too late to try again".into())));
    }
}
