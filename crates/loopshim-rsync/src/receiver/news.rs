//! What the threads of the receiving side tell the one that decides.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use super::list::FileList;
use super::run::lock;

/// What the generator is told.
#[derive(Debug)]
pub enum Event {
    /// A list has come.
    List(Arc<FileList>),
    /// No more lists will come.
    LastList,
    /// What was asked for has been dealt with, in this order.
    Finished(Vec<Ended>),
    /// What came was not what the sender has: it is to be asked for again.
    Redo(u32),
    /// The sender cannot send it.
    NoSend(u32),
    /// The sender has answered all of a phase, counted from 1.
    Phase(u8),
    /// The conversation is over.
    Over,
}

/// The end of something that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its index.
    pub index: u32,
    /// It is there.
    pub is_done: bool,
}

/// The way to the generator. Ends are gathered: to wake it for each would cost
/// more than a small file does.
#[derive(Debug, Clone)]
pub struct News {
    generator: Sender<Event>,
    gathered: Arc<Mutex<Vec<Ended>>>,
}

impl News {
    /// To whoever has the other end of `generator`.
    pub fn new(generator: Sender<Event>) -> Self {
        Self { generator, gathered: Arc::default() }
    }

    /// Gathers an end, to be told before anything else is, or by
    /// [`News::settle`].
    pub fn gather(&self, ended: Ended) {
        lock(&self.gathered).push(ended);
    }

    /// Tells what was gathered. To be called before waiting for the peer.
    pub fn settle(&self) {
        let gathered = std::mem::take(&mut *lock(&self.gathered));
        if !gathered.is_empty() {
            self.send(Event::Finished(gathered));
        }
    }

    /// Tells something, at once.
    pub fn tell(&self, event: Event) {
        self.settle();
        self.send(event);
    }

    /// A generator that has ended by itself needs no telling.
    fn send(&self, event: Event) {
        let _ = self.generator.send(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_was_gathered_is_told_before_anything_else() {
        let (sender, events) = channel();
        let news = News::new(sender);
        news.settle();
        let [one, other] = [3, 5].map(|index| Ended { index, is_done: index == 3 });
        news.gather(one);
        news.clone().gather(other);
        assert!(events.try_recv().is_err());
        news.tell(Event::LastList);
        assert!(matches!(events.try_recv(), Ok(Event::Finished(ended)) if ended == [one, other]));
        assert!(matches!(events.try_recv(), Ok(Event::LastList)));
        assert!(events.try_recv().is_err());
    }
}
