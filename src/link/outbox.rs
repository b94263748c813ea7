//! Items on their way to whoever takes them: bounded, the oldest samples go first, and what went is told.

use super::{GapCause, Item};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Items held while the taker is busy: five minutes at 200 Hz, about 12 MB. Chosen by us.
const MOST: usize = 60_000;

/// A queue in front of a bounded channel. The radio never waits for it.
#[derive(Debug)]
pub(super) struct Outbox {
    items: mpsc::Sender<Item>,
    queue: VecDeque<Item>,
    most: usize,
    dropped: Arc<AtomicU64>,
}

impl Outbox {
    /// In front of this channel.
    pub(super) fn new(items: mpsc::Sender<Item>) -> Self {
        Self { items, queue: VecDeque::new(), most: MOST, dropped: Arc::default() }
    }

    /// Counts the samples that were dropped because nobody took them.
    pub(super) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }

    /// Sends what can be sent at once, and keeps the rest.
    pub(super) fn push(&mut self, item: Item) {
        if self.queue.is_empty() {
            match self.items.try_send(item) {
                // A closed channel means that the program ends.
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => return,
                Err(mpsc::error::TrySendError::Full(item)) => self.queue.push_back(item),
            }
        } else {
            self.queue.push_back(item);
        }
        while self.queue.len() > self.most {
            self.drop_oldest();
        }
    }

    /// Drops the oldest sample and notes the hole in its place.
    fn drop_oldest(&mut self) {
        let Some(place) = self.queue.iter().position(|item| matches!(item, Item::Sample(_))) else {
            self.queue.pop_front();
            return;
        };
        let Some(Item::Sample(gone)) = self.queue.remove(place) else { return };
        self.dropped.fetch_add(1, Ordering::Relaxed);
        let before = place.checked_sub(1).and_then(|i| self.queue.get_mut(i));
        if let Some(Item::Gap { to, lost, cause: GapCause::Loss, .. }) = before {
            (*to, *lost) = (gone.t, lost.saturating_add(1));
        } else {
            self.queue.insert(place, Item::Gap { from: gone.t, to: gone.t, lost: 1, cause: GapCause::Loss });
        }
    }

    /// Sends the next item as soon as there is room; never returns while there is none to send.
    /// May be dropped at any point without losing an item.
    pub(super) async fn flush_one(&mut self) {
        if self.queue.is_empty() {
            return std::future::pending().await;
        }
        match self.items.reserve().await {
            Ok(permit) => {
                if let Some(item) = self.queue.pop_front() {
                    permit.send(item);
                }
            }
            Err(_) => self.queue.clear(),
        }
    }

    /// Something waits to be sent.
    pub(super) fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Nobody will take anything any more.
    pub(super) fn is_closed(&self) -> bool {
        self.items.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::RawSample;
    use crate::units::Time;

    fn sample(i: i64) -> Item {
        Item::Sample(RawSample { t: Time(i), ..RawSample::default() })
    }

    #[tokio::test]
    async fn a_taker_who_is_late_gets_everything_in_order_up_to_the_limit() {
        let (sender, mut taker) = mpsc::channel(1);
        let mut outbox = Outbox { most: 4, ..Outbox::new(sender) };
        for i in 0..10 {
            outbox.push(sample(i));
        }
        let dropped = outbox.dropped();
        let mut taken = Vec::new();
        while taken.len() < 5 {
            tokio::select! {
                () = outbox.flush_one() => {}
                item = taker.recv() => taken.extend(item),
            }
        }
        // The first was sent at once; the queue holds the gap and the newest three.
        assert_eq!(taken[0], sample(0));
        assert!(matches!(taken[1], Item::Gap { from: Time(1), lost: 6, .. }), "{taken:?}");
        assert_eq!(taken[2..], [sample(7), sample(8), sample(9)]);
        assert_eq!(dropped.load(Ordering::Relaxed), 6);
    }
}
