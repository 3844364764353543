//! Both directions of a connection together.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rsync_proto::multiplex::Message;

use super::incoming::{Incoming, Source};
use super::outgoing::Outgoing;
use super::queue::Queue;
use super::traffic::Traffic;
use super::writer;
use crate::{Failure, Status};

/// Bytes that may lie in a pipe to the peer: with more of them, who writes and
/// who reads take turns less often.
const PIPE_SIZE: usize = 256 << 10;

/// A connection to a peer.
pub struct Link {
    /// What comes from it.
    pub incoming: Incoming,
    /// What goes to it.
    pub outgoing: Outgoing,
    /// Bytes that passed.
    pub traffic: Arc<Traffic>,
    writer: Option<JoinHandle<()>>,
}

impl Link {
    /// A connection over descriptors, with a time limit and at most
    /// `bandwidth` bytes a second outwards.
    pub fn over(read: File, write: File, limit: Option<Duration>, bandwidth: Option<u64>) -> Self {
        let (queue, traffic) = (Arc::new(Queue::default()), Arc::new(Traffic::new(limit)));
        // What is no pipe, or may have no more, stays as it is.
        let _ = rustix::pipe::fcntl_setpipe_size(&write, PIPE_SIZE);
        let writer = writer::start(Arc::clone(&queue), write, Arc::clone(&traffic), bandwidth);
        Self::new(Source::File(read), queue, traffic, Some(writer))
    }

    fn new(source: Source, queue: Arc<Queue>, traffic: Arc<Traffic>, writer: Option<JoinHandle<()>>) -> Self {
        Self {
            incoming: Incoming::new(source, Arc::clone(&traffic)),
            outgoing: Outgoing::new(queue, Arc::clone(&traffic)),
            traffic,
            writer,
        }
    }

    /// Of a peer that takes nothing any more: what it has said of its end, if it has.
    pub fn last_heard(&mut self) -> Option<Failure> {
        self.incoming.last_messages().err().filter(|told| told.text.is_none())
    }

    /// Lets the peer end with the same status as we, and takes what it still
    /// sends: it may be unable to read before it has written. Where it told us
    /// of its own (`None`), it does that, until we end.
    pub fn abort(&mut self, status: Option<i32>) {
        let is_told = self.traffic.has_frames() && self.outgoing.message(&Message::ErrorExit(status)).is_ok();
        if is_told && status.is_some() {
            self.traffic.lower_limit(LAST_SECONDS);
            // Whatever comes is too late.
            let _ = self.incoming.drain();
        }
    }

    /// Tells the peer the status we end with as the last thing, and what the
    /// system says of that, if the peer has gone.
    pub fn last_word(mut self, status: i32) -> Option<Vec<u8>> {
        // What is wrong is found out below.
        let _ = self.outgoing.message(&Message::ErrorExit(Some(status)));
        self.outgoing.end();
        if let Some(writer) = self.writer.take() {
            // The thread does not panic, and reports its errors by the queue.
            let _ = writer.join();
        }
        self.outgoing.message(&Message::Nothing).err().and_then(|failure| failure.text)
    }

    /// Sends all that is queued, and then the end. What could not be sent is
    /// no error any more: the peer has gone.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.outgoing.end();
        if let Some(writer) = self.writer.take() {
            // The thread does not panic, and reports its errors by the queue.
            let _ = writer.join();
        }
    }
}

/// How long a peer that was told of our end may take for its own.
const LAST_SECONDS: u32 = 10;

/// Two ends of a connection within this process.
pub fn pair(limit: Option<Duration>) -> (Link, Link) {
    let (there, back) = (Arc::new(Queue::default()), Arc::new(Queue::default()));
    let end = |from: &Arc<Queue>, to: &Arc<Queue>| {
        let source = Source::Queue(Arc::clone(from), Default::default());
        Link::new(source, Arc::clone(to), Arc::new(Traffic::new(limit)), None)
    };
    (end(&back, &there), end(&there, &back))
}

/// The same, each way no faster than `bandwidth` bytes a second.
///
/// # Errors
/// Where the system has no sockets left.
pub fn paced_pair(limit: Option<Duration>, bandwidth: u64) -> Result<(Link, Link), Failure> {
    let paired = UnixStream::pair().and_then(|(here, there)| {
        let over = |stream: UnixStream| -> std::io::Result<Link> {
            let read = OwnedFd::from(stream.try_clone()?);
            Ok(Link::over(read.into(), OwnedFd::from(stream).into(), limit, Some(bandwidth)))
        };
        Ok((over(here)?, over(there)?))
    });
    paired.map_err(|error| Failure::new(Status::Ipc, crate::failure::system_text(&error)))
}
