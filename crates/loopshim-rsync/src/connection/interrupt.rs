//! Ending what another thread waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;

use super::queue::Queue;

/// Ends the reading of what comes from a peer, from any thread: who reads finds
/// the connection closed, though the peer has not closed it.
#[derive(Debug, Clone)]
pub struct Interrupt {
    is_raised: Arc<AtomicBool>,
    bell: Bell,
}

/// What wakes who waits.
#[derive(Debug, Clone)]
enum Bell {
    /// A descriptor that he waits for too.
    Event(Arc<OwnedFd>),
    /// The queue that he waits for.
    Queue(Arc<Queue>),
}

impl Interrupt {
    /// For who waits for a descriptor.
    pub(super) fn of_descriptor() -> Result<Self, Errno> {
        let event = eventfd(0, EventfdFlags::CLOEXEC)?;
        Ok(Self { is_raised: Arc::default(), bell: Bell::Event(Arc::new(event)) })
    }

    /// For who waits for a queue.
    pub(super) fn of_queue(queue: &Arc<Queue>) -> Self {
        Self { is_raised: Arc::default(), bell: Bell::Queue(Arc::clone(queue)) }
    }

    /// Ends the reading, for good.
    pub fn raise(&self) {
        self.is_raised.store(true, Ordering::Release);
        match &self.bell {
            // It is no more than that is in it, and never read.
            Bell::Event(event) => drop(rustix::io::write(event, &1_u64.to_ne_bytes())),
            Bell::Queue(queue) => queue.break_off("the other side has ended".to_owned()),
        }
    }

    /// Whether the reading is to end.
    pub fn is_raised(&self) -> bool {
        self.is_raised.load(Ordering::Acquire)
    }

    /// What can be read as soon as it is raised.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        match &self.bell {
            Bell::Event(event) => Some(event.as_fd()),
            Bell::Queue(_) => None,
        }
    }
}
