//! What comes from the peer.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsync_proto::Input;
use rsync_proto::multiplex::{Code, Header, Message};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::interrupt::Interrupt;
use super::queue::{Queue, Taken};
use super::traffic::Traffic;
use crate::{Failure, Status};

/// Bytes read at a time.
const BUFFER: usize = 128 << 10;

/// Takes the messages between the data.
pub trait Messages: Send {
    /// Takes a message. It must not read, and must not wait for the peer.
    ///
    /// # Errors
    /// What ends the run.
    fn take(&mut self, message: Message) -> Result<(), Failure>;

    /// Nothing is left to read, and it may take time until there is.
    fn before_waiting(&mut self) {}
}

/// Hears one thing only: that the peer ends.
struct Leaving;

impl Messages for Leaving {
    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::ErrorExit(_) => Err(Failure::silent(Status::Success)),
            _ => Ok(()),
        }
    }
}

/// The stream of data from the peer.
pub struct Incoming {
    source: Source,
    traffic: Arc<Traffic>,
    buffer: Vec<u8>,
    /// What of the buffer has been read.
    at: usize,
    /// Bytes of data that were taken.
    data: u64,
    /// Of the present frame of data, if there are frames.
    frame: Option<usize>,
    messages: Option<Box<dyn Messages>>,
    /// What may end the reading before the peer does.
    interrupt: Option<Interrupt>,
}

pub(super) enum Source {
    /// A descriptor.
    File(File),
    /// The queue of a peer in this process, and what has been taken of it.
    Queue(Arc<Queue>, VecDeque<Vec<u8>>),
}

impl Incoming {
    pub(super) fn new(source: Source, traffic: Arc<Traffic>) -> Self {
        Self {
            source,
            traffic,
            buffer: Vec::new(),
            at: 0,
            data: 0,
            frame: None,
            messages: None,
            interrupt: None,
        }
    }

    /// What ends the reading from another thread, other than [`Incoming::drain`].
    ///
    /// # Errors
    /// Where the system has no descriptors left.
    pub fn interrupt(&mut self) -> Result<Interrupt, Failure> {
        let interrupt = match &self.source {
            Source::File(_) => Interrupt::of_descriptor()
                .map_err(|errno| Failure::new(Status::Ipc, crate::failure::system_text(&errno.into())))?,
            Source::Queue(queue, _) => Interrupt::of_queue(queue),
        };
        Ok(self.interrupt.insert(interrupt).clone())
    }

    /// From now on there are frames; `messages` gets those that carry no data.
    pub fn begin_frames(&mut self, messages: Box<dyn Messages>) {
        (self.frame, self.messages) = (Some(0), Some(messages));
        self.traffic.begin_frames();
    }

    /// Bytes of data that were taken so far, without headers of frames.
    pub const fn data_taken(&self) -> u64 {
        self.data
    }

    /// Bytes that were taken since the peers agreed, frames' headers included.
    pub fn taken(&self) -> u64 {
        self.traffic.bytes_read().saturating_sub((self.buffer.len() - self.at) as u64)
    }

    /// The peers have agreed: from now on bytes are counted.
    pub(super) fn restart_counts(&self) {
        self.traffic.restart(self.buffer.len() - self.at);
    }

    /// The next byte of what comes without a frame although there are frames.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn byte_between_frames(&mut self) -> Result<u8, Failure> {
        let mut byte = [0];
        self.fill_raw(&mut byte)?;
        Ok(byte[0])
    }

    /// Counts of the connection's bytes.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Whether data, or the end, have arrived that were not read yet; messages
    /// before them are taken. A peer that waits for us may well have said
    /// something, which is no answer.
    ///
    /// # Errors
    /// What the messages bring, or where the peer is gone.
    pub fn has_data(&mut self) -> Result<bool, Failure> {
        loop {
            if self.at == self.buffer.len() {
                if !self.has_arrived() {
                    return Ok(false);
                }
                if !self.refill()? {
                    return Ok(true);
                }
            }
            match self.frame {
                Some(0) => self.next_frame()?,
                _ => return Ok(true),
            }
        }
    }

    fn has_arrived(&self) -> bool {
        match &self.source {
            Source::File(file) => is_readable(file, None, Some(Duration::ZERO)).unwrap_or(true),
            Source::Queue(queue, taken) => !taken.is_empty() || queue.has_more(),
        }
    }

    /// Reads the messages that are left, dropping all data.
    ///
    /// # Errors
    /// What the messages bring, or a time limit.
    pub fn last_messages(&mut self) -> Result<(), Failure> {
        while self.at < self.buffer.len() || self.refill()? {
            match self.frame {
                Some(0) => self.next_frame()?,
                _ => self.skip(),
            }
        }
        Ok(())
    }

    /// Drops what is in the buffer of the present frame.
    fn skip(&mut self) {
        let present = self.buffer.len() - self.at;
        self.consume(self.frame.map_or(present, |left| left.min(present)));
    }

    /// Reads until the peer ends or says that it will, dropping all else. A daemon
    /// that has said so leaves it to us to close the connection.
    ///
    /// # Errors
    /// A time limit.
    pub fn drain(&mut self) -> Result<(), Failure> {
        self.interrupt = None;
        self.messages = Some(Box::new(Leaving));
        while self.at < self.buffer.len() || self.refill()? {
            match self.frame {
                Some(0) => match self.next_frame() {
                    Err(failure) if failure.status == Status::Success => return Ok(()),
                    // What is no frame is dropped like all that follows it.
                    Err(_) => self.frame = None,
                    Ok(()) => {}
                },
                _ => self.skip(),
            }
        }
        Ok(())
    }

    /// Bytes of data that can be read without another frame or refill, one at
    /// least.
    fn present(&mut self) -> Result<&[u8], Failure> {
        loop {
            if self.frame == Some(0) {
                self.next_frame()?;
                continue;
            }
            if self.at == self.buffer.len() && !self.refill()? {
                return Err(self.closed());
            }
            let present = &self.buffer[self.at..];
            let most = self.frame.unwrap_or(present.len());
            return Ok(&present[..present.len().min(most)]);
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
        self.data += bytes as u64;
        if let Some(left) = &mut self.frame {
            *left -= bytes;
        }
    }

    /// Reads the next header, and what belongs to it unless that is data.
    fn next_frame(&mut self) -> Result<(), Failure> {
        let mut bytes = [0; 4];
        self.fill_raw(&mut bytes)?;
        let header = Header::decode(bytes)?;
        if header.code == Code::Data {
            self.frame = Some(header.length);
            return Ok(());
        }
        let mut contents = vec![0; header.length];
        self.fill_raw(&mut contents)?;
        let message = Message::decode(header.code, &contents)?;
        if let Some(Message::IoTimeout(Some(seconds))) = message {
            self.traffic.lower_limit(seconds);
        }
        match (message, &mut self.messages) {
            (Some(message), Some(messages)) => messages.take(message),
            _ => Ok(()),
        }
    }

    fn fill_raw(&mut self, mut bytes: &mut [u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            if self.at == self.buffer.len() && !self.refill()? {
                return Err(self.closed());
            }
            let present = &self.buffer[self.at..];
            let length = present.len().min(bytes.len());
            let (now, later) = bytes.split_at_mut(length);
            now.copy_from_slice(&present[..length]);
            self.at += length;
            bytes = later;
        }
        Ok(())
    }

    fn closed(&self) -> Failure {
        // As the original counts: what both sides began with is none of it.
        let bytes = self.frame.map_or(0, |_| self.traffic.bytes_read());
        let text = format!("connection unexpectedly closed ({bytes} bytes received so far)");
        Failure::new(Status::StreamIo, text).signed()
    }

    /// Replaces the buffer, which has been read, by more; `false` at the end.
    fn refill(&mut self) -> Result<bool, Failure> {
        self.at = 0;
        if !matches!(&self.source, Source::Queue(_, taken) if !taken.is_empty())
            && let Some(messages) = &mut self.messages
        {
            messages.before_waiting();
        }
        let (traffic, interrupt) = (&self.traffic, self.interrupt.as_ref());
        if interrupt.is_some_and(Interrupt::is_raised) {
            self.buffer.clear();
            return Ok(false);
        }
        match &mut self.source {
            Source::File(file) => {
                self.buffer.resize(BUFFER, 0);
                let length = read(file, &mut self.buffer, interrupt, traffic)?;
                self.buffer.truncate(length);
            }
            Source::Queue(queue, taken) => {
                queue.give_back(std::mem::take(&mut self.buffer));
                if taken.is_empty() {
                    *taken = take(queue, traffic)?;
                }
                self.buffer = taken.pop_front().unwrap_or_default();
            }
        }
        traffic.note_read(self.buffer.len());
        Ok(!self.buffer.is_empty())
    }
}

impl Input for Incoming {
    type Error = Failure;

    fn byte(&mut self) -> Result<u8, Failure> {
        self.array().map(|[byte]| byte)
    }

    /// Most of what is read are numbers of a few bytes that have arrived already.
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        if let Some(&bytes) = self.buffer[self.at..].first_chunk()
            && self.frame.is_none_or(|left| left >= N)
        {
            self.consume(N);
            return Ok(bytes);
        }
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, mut bytes: &mut [u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let present = self.present()?;
            let length = present.len().min(bytes.len());
            let (now, later) = bytes.split_at_mut(length);
            now.copy_from_slice(&present[..length]);
            self.consume(length);
            bytes = later;
        }
        Ok(())
    }
}

/// The peer in this process is taken to be gone once its queue is dropped from
/// here: it must not fill it for ever.
impl Drop for Incoming {
    fn drop(&mut self) {
        if let Source::Queue(queue, _) = &self.source {
            queue.break_off("the other side has ended".to_owned());
        }
    }
}

/// Reads into `buffer`; nothing at the end, and where it is interrupted.
fn read(
    file: &mut File,
    buffer: &mut [u8],
    interrupt: Option<&Interrupt>,
    traffic: &Traffic,
) -> Result<usize, Failure> {
    loop {
        wait(file, interrupt, traffic)?;
        if interrupt.is_some_and(Interrupt::is_raised) {
            return Ok(0);
        }
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The descriptor is shared with somebody who wants it so.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                is_readable(file, interrupt, None).map_err(|error| read_error(&error))?;
            }
            // Some sockets end so.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(0),
            read => return read.map_err(|error| read_error(&error)),
        }
    }
}

/// Waits for bytes where there is a time limit, or somebody may interrupt.
fn wait(file: &File, interrupt: Option<&Interrupt>, traffic: &Traffic) -> Result<(), Failure> {
    loop {
        let left = traffic.time_left();
        if left.is_none() && interrupt.is_none() {
            return Ok(());
        }
        if is_readable(file, interrupt, left).map_err(|error| read_error(&error))? {
            return Ok(());
        }
        out_of_time(traffic)?;
    }
}

fn take(queue: &Queue, traffic: &Traffic) -> Result<VecDeque<Vec<u8>>, Failure> {
    loop {
        match queue.take(traffic.time_left().map(|left| Instant::now() + left)) {
            Taken::Buffers(buffers) => return Ok(buffers),
            Taken::End => return Ok(VecDeque::new()),
            Taken::Nothing => out_of_time(traffic)?,
        }
    }
}

fn out_of_time(traffic: &Traffic) -> Result<(), Failure> {
    match traffic.limit() {
        Some(limit) if traffic.time_left() == Some(Duration::ZERO) => {
            let text = format!("io timeout after {} seconds -- exiting", limit.as_secs());
            Err(Failure::new(Status::Timeout, text).spoken())
        }
        // Meanwhile bytes were written.
        _ => Ok(()),
    }
}

fn read_error(error: &io::Error) -> Failure {
    Failure::new(Status::SocketIo, format!("read error: {error}"))
}

/// Whether there are bytes, or an interruption, within `limit`.
fn is_readable(file: &File, interrupt: Option<&Interrupt>, limit: Option<Duration>) -> io::Result<bool> {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    let bell = interrupt.and_then(Interrupt::descriptor);
    let mut polled = [PollFd::new(file, PollFlags::IN), PollFd::new(file, PollFlags::IN)];
    let count = if bell.is_some() { 2 } else { 1 };
    if let Some(bell) = &bell {
        polled[1] = PollFd::new(bell, PollFlags::IN);
    }
    match poll(&mut polled[..count], limit.as_ref()) {
        Ok(count) => Ok(count > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::sync::mpsc;

    struct Taken(mpsc::Sender<Message>);

    impl Messages for Taken {
        fn take(&mut self, message: Message) -> Result<(), Failure> {
            self.0.send(message).expect("a listener");
            Ok(())
        }
    }

    #[test]
    fn who_waits_is_interrupted() {
        let (read, _write) = rustix::pipe::pipe().expect("a pipe");
        let queue = Arc::new(Queue::default());
        for source in [Source::File(read.into()), Source::Queue(Arc::clone(&queue), VecDeque::new())] {
            let mut incoming = Incoming::new(source, Arc::new(Traffic::new(None)));
            let interrupt = incoming.interrupt().expect("a descriptor");
            let (sender, read) = mpsc::channel();
            std::thread::spawn(move || sender.send(incoming.byte()));
            interrupt.raise();
            // Without it the reader would wait for ever, and not the test.
            let outcome = read.recv_timeout(Duration::from_secs(20)).expect("an end");
            assert!(outcome.expect_err("nothing came").is_echo());
        }
        assert!(queue.add(vec![0]).is_err(), "who sends would wait for ever");
    }

    /// Who takes a message for an answer waits for it with his own unsaid.
    #[test]
    fn messages_are_no_data() {
        let (read, write) = rustix::pipe::pipe().expect("a pipe");
        let mut write = File::from(write);
        let (sender, taken) = mpsc::channel();
        let mut incoming = Incoming::new(Source::File(read.into()), Arc::new(Traffic::new(None)));
        incoming.begin_frames(Box::new(Taken(sender)));
        assert!(!incoming.has_data().expect("nothing"));
        // A line, and a frame of data in which there are none.
        write.write_all(b"\x03\0\0\x09hi\n\0\0\0\x07").expect("written");
        assert!(!incoming.has_data().expect("a message"));
        assert!(matches!(taken.try_recv(), Ok(Message::Text(_, text)) if text == b"hi\n"));
        write.write_all(b"\x01\0\0\x07x").expect("written");
        assert!(incoming.has_data().expect("data"));
        assert_eq!(incoming.byte().expect("a byte"), b'x');
        drop(write);
        assert!(incoming.has_data().expect("an end"));
    }
}
