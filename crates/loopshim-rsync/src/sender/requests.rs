//! What the sender needs to know of the messages that come between requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rsync_proto::multiplex::{IoErrors, Message, TextKind};

use super::Observer;
use crate::connection::Messages;
use crate::log::{Kind, Log};
use crate::{Failure, Status};

/// What messages told; shared with who reads them.
#[derive(Debug, Default)]
pub(super) struct Told {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Entries that have arrived, so that their sources may go.
    arrived: VecDeque<u32>,
    errors: IoErrors,
    has_transfer_error: bool,
}

impl Told {
    /// The next entry that has arrived.
    pub(super) fn take_arrived(&self) -> Option<u32> {
        self.lock().arrived.pop_front()
    }

    /// What went wrong at the receiver.
    pub(super) fn errors(&self) -> IoErrors {
        self.lock().errors
    }

    /// Whether the receiver said that something was not transferred.
    pub(super) fn has_transfer_error(&self) -> bool {
        self.lock().has_transfer_error
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the messages of a receiver.
pub(super) struct FromReceiver {
    pub(super) told: Arc<Told>,
    pub(super) log: Arc<dyn Log>,
    pub(super) observer: Arc<dyn Observer>,
}

impl Messages for FromReceiver {
    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::Text(kind, text) => self.text(kind, &text),
            Message::IoError(errors) => {
                let mut state = self.told.lock();
                state.errors = state.errors.and(errors);
            }
            Message::Success(index) => {
                let index = u32::try_from(index)
                    .map_err(|_| Failure::new(Status::Protocol, "a negative index has arrived"))?;
                self.told.lock().arrived.push_back(index);
            }
            Message::Deleted { name, is_directory } => self.observer.deleted(&name, is_directory),
            Message::ErrorExit(status) => {
                let status = status.and_then(Status::from_code).unwrap_or(Status::Partial);
                return Err(Failure::silent(status));
            }
            Message::NoSend(_) => {
                return Err(Failure::new(Status::StreamIo, "a receiver sent that it cannot send"));
            }
            Message::IoTimeout(_) | Message::Nothing => {}
        }
        Ok(())
    }
}

impl FromReceiver {
    fn text(&mut self, kind: TextKind, text: &[u8]) {
        let kind = match kind {
            TextKind::TransferError => {
                self.told.lock().has_transfer_error = true;
                Kind::TransferError
            }
            TextKind::Info => Kind::Info,
            TextKind::Error => Kind::Error,
            TextKind::Warning => Kind::Warning,
        };
        self.log.line(kind, text);
    }
}
