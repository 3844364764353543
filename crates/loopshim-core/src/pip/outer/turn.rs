//! The turn: what one has who may change an environment now.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::bypassing;
use super::queue::{self, Holder, Queue, Ticket};

/// A place at the head of the queue, and the environment's own locks. All are
/// the kernel's: who drops them, or dies, has the turn no more.
#[derive(Debug, Default)]
pub struct Turn {
    /// The place, where there is a queue.
    pub ticket: Option<Ticket>,
    /// The directories, locked.
    pub locks: Vec<File>,
    /// Who died in the queue, or in its turn, right before.
    pub dead: Vec<Holder>,
}

impl Turn {
    /// Draws a ticket and waits: for those before, then for those who change the
    /// directories by way of another queue, or of none.
    ///
    /// # Errors
    /// When the queue cannot be read, or there is a lasting want of files.
    pub fn wait(
        queue: Option<&Queue>,
        holder: &Holder,
        sites: &[PathBuf],
        interpreter: Option<&Path>,
    ) -> io::Result<Self> {
        let ticket = match queue.map(|queue| queue.draw(holder)) {
            Some(Ok(ticket)) => Some(ticket),
            // There is a queue, and others stand in it: past it goes nobody.
            Some(Err(error)) if super::is_shortage(&error) => return Err(error),
            // One that cannot be written leaves the directories' own locks.
            Some(Err(_)) | None => None,
        };
        let dead = ticket.as_ref().map(Ticket::wait).transpose()?.unwrap_or_default();
        let locks = queue::lock_directories(sites)?;
        if let Some(interpreter) = interpreter {
            bypassing::wait(interpreter);
        }
        Ok(Self { ticket, locks, dead })
    }

    /// Lets the next one have its turn.
    pub fn leave(self) {
        drop(self.locks);
        if let Some(ticket) = self.ticket {
            ticket.leave();
        }
    }
}
