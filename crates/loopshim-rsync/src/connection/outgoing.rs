//! What goes to the peer.

use std::sync::Arc;

use rsync_proto::multiplex::{Code, Header, Message};

use super::queue::Queue;
use super::traffic::Traffic;
use crate::Failure;

/// Longest contents of a frame of data that peers were seen to send, in bytes.
const FRAME_MAX: usize = (64 << 10) - HEADER;
/// A frame is handed over when it has so many bytes: some hundred entries or requests,
/// so that the peer begins with the first of them while we come to the next.
const FRAME_FULL: usize = 8 << 10;
/// Bytes of a frame's header.
const HEADER: usize = 4;

/// The way to the peer, for any number of threads.
#[derive(Debug, Clone)]
pub struct Outgoing {
    queue: Arc<Queue>,
    traffic: Arc<Traffic>,
}

impl Outgoing {
    pub(super) fn new(queue: Arc<Queue>, traffic: Arc<Traffic>) -> Self {
        Self { queue, traffic }
    }

    /// Sends bytes as they are, as peers do before frames begin.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub fn raw(&self, bytes: Vec<u8>) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.traffic.note_written(bytes.len() as u64);
        self.queue.add(bytes).map_err(broken)
    }

    /// Sends a message. It is never waited.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub fn message(&self, message: &Message) -> Result<(), Failure> {
        let mut buffer = self.queue.spare();
        message.encode(&mut buffer);
        self.traffic.note_written(buffer.len() as u64);
        self.queue.add_at_once(buffer).map_err(broken)
    }

    /// The one stream of data, to be written by one thread.
    pub fn data(&self) -> Data {
        Data { outgoing: self.clone(), buffer: Vec::new(), sent: 0, contents: 0 }
    }

    /// Nothing more will be sent.
    pub fn end(&self) {
        self.queue.end();
    }

    fn frame(&self, mut buffer: Vec<u8>) -> Result<(), Failure> {
        let contents = buffer.len() - HEADER;
        if contents <= FRAME_MAX {
            buffer[..HEADER].copy_from_slice(&Header { code: Code::Data, length: contents }.encode());
            self.traffic.note_written(buffer.len() as u64);
            return self.queue.add(buffer).map_err(broken);
        }
        for piece in buffer[HEADER..].chunks(FRAME_MAX) {
            let mut frame = self.queue.spare();
            frame.extend_from_slice(&Header { code: Code::Data, length: piece.len() }.encode());
            frame.extend_from_slice(piece);
            self.traffic.note_written(frame.len() as u64);
            self.queue.add(frame).map_err(broken)?;
        }
        self.queue.give_back(buffer);
        Ok(())
    }
}

fn broken(why: String) -> Failure {
    Failure::broken(why)
}

/// The stream of data to the peer, collected into frames.
#[derive(Debug)]
pub struct Data {
    outgoing: Outgoing,
    /// Empty, or a frame whose header is not filled in yet.
    buffer: Vec<u8>,
    /// Bytes of all frames that were handed over.
    sent: u64,
    /// Without their headers.
    contents: u64,
}

impl Data {
    /// Where data are appended. What is in it already must stay.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        if self.buffer.is_empty() {
            self.buffer = self.outgoing.queue.spare();
            self.buffer.resize(HEADER, 0);
        }
        &mut self.buffer
    }

    /// Hands over what was appended, if it is enough for a frame. To be called
    /// at least after every 64 KiB.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub fn settle(&mut self) -> Result<(), Failure> {
        if self.buffer.len() >= FRAME_FULL { self.flush() } else { Ok(()) }
    }

    /// Hands over what was appended.
    ///
    /// # Errors
    /// Where the peer does not take any more.
    pub fn flush(&mut self) -> Result<(), Failure> {
        if self.buffer.len() <= HEADER {
            return Ok(());
        }
        self.sent += self.buffer.len() as u64;
        self.contents += (self.buffer.len() - HEADER) as u64;
        self.outgoing.frame(std::mem::take(&mut self.buffer))
    }

    /// Bytes that were appended so far, without headers of frames.
    pub fn appended(&self) -> u64 {
        self.contents + self.buffer.len().saturating_sub(HEADER) as u64
    }

    /// Bytes that were handed over so far.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// The way for messages.
    pub const fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }
}
