//! A server's lines: to its client, or to its own standard error.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use rsync_proto::multiplex::{Message, TextKind};

use crate::connection::Outgoing;
use crate::log::{Kind, Log};
use crate::options::StderrMode;
use crate::report::Escaping;

/// Sends lines to the client, once there are frames.
#[derive(Debug)]
pub struct RemoteLog {
    outgoing: Outgoing,
    mode: StderrMode,
    /// How names are shown where nobody does that for us.
    escaping: Escaping,
    has_frames: AtomicBool,
}

impl RemoteLog {
    /// For a connection on which there are no frames yet.
    pub const fn new(outgoing: Outgoing, mode: StderrMode, escaping: Escaping) -> Self {
        Self { outgoing, mode, escaping, has_frames: AtomicBool::new(false) }
    }

    /// From now on there are frames.
    pub fn begin_frames(&self) {
        self.has_frames.store(true, Ordering::Relaxed);
    }

    /// Whether there are frames.
    pub fn has_frames(&self) -> bool {
        self.has_frames.load(Ordering::Relaxed)
    }
}

impl Log for RemoteLog {
    fn line(&self, kind: Kind, text: &[u8]) {
        let goes_by_client = match self.mode {
            StderrMode::All => false,
            // Errors reach the user by the remote shell.
            StderrMode::Errors => kind == Kind::Info,
            StderrMode::Client => true,
        };
        if !goes_by_client || !self.has_frames() {
            let mut shown = Vec::with_capacity(text.len());
            self.escaping.show(text, &mut shown);
            // Nobody may be listening.
            let _ = std::io::stderr().write_all(&shown);
            return;
        }
        let kind = match kind {
            Kind::Info => TextKind::Info,
            Kind::Warning => TextKind::Warning,
            Kind::Error => TextKind::Error,
            Kind::TransferError => TextKind::TransferError,
        };
        // A client that is gone reads nothing.
        let _ = self.outgoing.message(&Message::Text(kind, text.to_vec()));
    }
}
