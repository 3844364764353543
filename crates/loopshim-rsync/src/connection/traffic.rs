//! What both directions of a connection have in common: counts of bytes, and
//! the time limit.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes that passed, and how long nothing may.
#[derive(Debug)]
pub struct Traffic {
    read: AtomicU64,
    written: AtomicU64,
    /// Seconds; zero for no limit.
    limit: AtomicU64,
    start: Instant,
    /// Milliseconds after the start at which bytes last passed.
    last: AtomicU64,
    is_framed: AtomicBool,
}

impl Traffic {
    /// Of a connection with that time limit.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            limit: AtomicU64::new(limit.map_or(0, |limit| limit.as_secs())),
            start: Instant::now(),
            last: AtomicU64::new(0),
            is_framed: AtomicBool::new(false),
        }
    }

    /// Bytes read since the peers agreed, frames' headers included.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes written since the peers agreed, frames' headers included.
    pub fn bytes_written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How long the connection may be silent.
    pub fn limit(&self) -> Option<Duration> {
        match self.limit.load(Ordering::Relaxed) {
            0 => None,
            seconds => Some(Duration::from_secs(seconds)),
        }
    }

    /// A peer wants the limit lower, to that many seconds.
    pub fn lower_limit(&self, seconds: u32) {
        let lower = |limit| (limit == 0 || u64::from(seconds) < limit).then_some(u64::from(seconds));
        // Not lower: nothing to do.
        let _ = self.limit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lower);
    }

    /// How much longer silence may last; `None` without a limit.
    pub fn time_left(&self) -> Option<Duration> {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.limit().map(|limit| (last + limit).saturating_sub(self.start.elapsed()))
    }

    /// From now on there are frames outwards, so that an empty one can be sent.
    pub(super) fn begin_frames(&self) {
        self.is_framed.store(true, Ordering::Relaxed);
    }

    /// Whether there are.
    pub fn has_frames(&self) -> bool {
        self.is_framed.load(Ordering::Relaxed)
    }

    /// When bytes last passed.
    pub(super) fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }

    /// The peers have agreed: what passed until now is not counted, but for `ahead`
    /// bytes that were read already and belong to what follows (observed: 3.5.0).
    pub(super) fn restart(&self, ahead: usize) {
        self.read.store(ahead as u64, Ordering::Relaxed);
        self.written.store(0, Ordering::Relaxed);
    }

    pub(super) fn note_read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        self.touch();
    }

    /// So many bytes are written, or would have been.
    pub fn note_written(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
        self.touch();
    }

    fn touch(&self) {
        if self.limit.load(Ordering::Relaxed) != 0 {
            self.last.store(self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
        }
    }
}
