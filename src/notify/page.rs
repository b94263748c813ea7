//! The local page, wherever it is open: notices come in, every open page receives a copy.

use super::answer::{Answer, Outcome};
use super::notice::{Loudness, Notice};
use super::notifier::Channel;
use tokio::sync::broadcast;

/// Notices that a page may lag behind; a slower one loses the oldest and is told how many.
const KEPT: usize = 32;

/// Sends notices to all open pages. Never waits: a broadcast drops for the slow instead.
#[derive(Clone, Debug)]
pub struct Page {
    pages: broadcast::Sender<Notice>,
}

impl Page {
    /// A channel and its first page.
    pub fn new() -> (Self, broadcast::Receiver<Notice>) {
        let (pages, first) = broadcast::channel(KEPT);
        (Self { pages }, first)
    }

    /// A channel over a sender that the web server already has.
    pub fn over(pages: broadcast::Sender<Notice>) -> Self {
        Self { pages }
    }

    /// One more page.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.pages.subscribe()
    }
}

impl Page {
    fn deliver(&mut self, notice: &Notice) -> Outcome {
        match self.pages.send(notice.clone()) {
            Ok(1) => Ok(None),
            Ok(pages) => Ok(Some(format!("{pages} pages"))),
            Err(_) => Err("no page is open".into()),
        }
    }
}

impl Channel for Page {
    fn name(&self) -> &'static str {
        "page"
    }

    fn least(&self) -> Loudness {
        Loudness::Quiet
    }

    fn hand_over(&mut self, notice: &Notice, answer: Answer) {
        answer.give(self.deliver(notice));
    }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::verdict;
    use super::*;
    use crate::care::Locale;
    use crate::warning::Outcome;
    use jiff::tz::TimeZone;

    #[test]
    fn every_open_page_gets_it_and_none_is_no_failure_of_the_others() {
        let notice = Notice::from_verdict(&verdict(Outcome::Sent, false), 0, Locale::En, &TimeZone::UTC).unwrap();
        let (mut page, mut first) = Page::new();
        let mut second = page.subscribe();
        assert_eq!(page.deliver(&notice), Ok(Some("2 pages".into())));
        assert_eq!((first.try_recv().unwrap(), second.try_recv().unwrap()), (notice.clone(), notice.clone()));
        drop((first, second));
        assert_eq!(page.deliver(&notice), Err("no page is open".into()));
    }
}
