//! What the front and the supervisor say to each other, over a pair of sockets:
//! first the request with its files, then, the other way, [`Message`]s.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use crate::pip::fields::Fields;

/// What the supervisor tells the front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Bytes for standard output.
    Out(Vec<u8>),
    /// Bytes for standard error.
    Err(Vec<u8>),
    /// The end: exit with this status.
    Status(i32),
    /// The end: die of this signal.
    Signal(i32),
    /// A question: which signal was it? Answered by its number, one byte.
    Which,
}

/// Largest piece of output in one message.
const PIECE: usize = 64 << 10;

impl Message {
    /// Writes the message: a letter, a length, and that many bytes.
    ///
    /// # Errors
    /// Those of writing.
    pub fn send(&self, to: impl AsFd) -> io::Result<()> {
        let (letter, bytes) = match self {
            Self::Out(bytes) => (b'o', bytes.clone()),
            Self::Err(bytes) => (b'e', bytes.clone()),
            Self::Status(number) => (b'x', number.to_le_bytes().to_vec()),
            Self::Signal(number) => (b's', number.to_le_bytes().to_vec()),
            Self::Which => (b'w', Vec::new()),
        };
        let mut frame = vec![letter];
        frame.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        frame.extend_from_slice(&bytes);
        write_all(to, &frame)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the other is gone, or is none of us.
    pub fn receive(from: impl AsFd) -> io::Result<Self> {
        let mut head = [0; 5];
        read_exact(&from, &mut head)?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > PIECE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        read_exact(&from, &mut bytes)?;
        let number =
            || bytes.as_slice().try_into().map(i32::from_le_bytes).map_err(|_| io::ErrorKind::InvalidData);
        Ok(match head[0] {
            b'o' => Self::Out(bytes),
            b'e' => Self::Err(bytes),
            b'x' => Self::Status(number()?),
            b's' => Self::Signal(number()?),
            b'w' => Self::Which,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

/// Sends output in pieces.
///
/// # Errors
/// Those of writing.
pub fn send_output(to: impl AsFd, output: &[u8], message: fn(Vec<u8>) -> Message) -> io::Result<()> {
    output.chunks(PIECE).try_for_each(|piece| message(piece.to_vec()).send(&to))
}

/// Answers [`Message::Which`].
///
/// # Errors
/// Those of writing.
pub fn say_which(to: impl AsFd, signal: i32) -> io::Result<()> {
    write_all(to, &[signal as u8])
}

/// What the front sends along with its files.
const GREETING: &[u8] = b"loopshim";

/// What the front sends when it was signalled, all that a signal's handler can
/// send; it is asked [`Message::Which`] signal it was, and sends that number.
pub const SIGNALLED: u8 = b'X';

/// Most files sent: standard input, the place in the queue, and locks of
/// directories, of which an environment has a few.
const FILES_MAX: usize = 64;

/// Hands a request down, with files of it.
///
/// # Errors
/// Those of `sendmsg(2)`, or when there are too many files.
pub fn send_request(to: &UnixStream, files: &[BorrowedFd<'_>], fields: &Fields) -> io::Result<()> {
    let body = fields.encode();
    let head = [GREETING, &(body.len() as u32).to_le_bytes()].concat();
    // A user may have so many files on their way at once, and no more.
    super::patiently(|| send_files(to, files, &head))?;
    write_all(to, &body)
}

fn send_files(to: &UnixStream, files: &[BorrowedFd<'_>], head: &[u8]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if files.len() > FILES_MAX || !ancillary.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    sendmsg(to, &[IoSlice::new(head)], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives what the front handed down.
///
/// # Errors
/// When the other is none of us.
pub fn receive_request(from: impl AsFd) -> io::Result<(Vec<OwnedFd>, Fields)> {
    let mut head = [0; GREETING.len() + 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL;
    recvmsg(&from, &mut [IoSliceMut::new(&mut head)], &mut ancillary, flags)?;
    let mut files = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            files.extend(received);
        }
    }
    let length =
        head.strip_prefix(GREETING).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    let length = length.filter(|&length| length as usize <= PIECE).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length as usize];
    read_exact(&from, &mut body)?;
    Ok((files, Fields::decode(&body).ok_or(io::ErrorKind::InvalidData)?))
}

fn read_exact(from: impl AsFd, mut to: &mut [u8]) -> io::Result<()> {
    while !to.is_empty() {
        match rustix::io::retry_on_intr(|| rustix::io::read(&from, &mut *to))? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => to = &mut to[length..],
        }
    }
    Ok(())
}

fn write_all(to: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let length = rustix::io::retry_on_intr(|| rustix::net::send(&to, bytes, SendFlags::NOSIGNAL))?;
        bytes = &bytes[length..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let (one, other) = UnixStream::pair().expect("sockets");
        let messages = [
            Message::Out(b"a\0b".to_vec()),
            Message::Err(Vec::new()),
            Message::Status(-1),
            Message::Signal(9),
            Message::Which,
        ];
        for message in messages {
            message.send(&one).expect("sent");
            assert_eq!(Message::receive(&other).expect("received"), message);
        }
        drop(one);
        assert!(Message::receive(&other).is_err());
    }

    #[test]
    fn rubbish_is_refused() {
        for rubbish in [&b"z\0\0\0\0"[..], b"o\xff\xff\xff\xff", b"x\x01\0\0\0a"] {
            let (mut one, other) = UnixStream::pair().expect("sockets");
            one.write_all(rubbish).expect("sent");
            assert!(Message::receive(&other).is_err());
        }
    }

    #[test]
    fn a_request_arrives_with_its_files_and_nothing_else_is_taken_for_one() {
        let (one, other) = UnixStream::pair().expect("sockets");
        let fields = Fields::default().with("a", b"\0x");
        let (stdin, stdout) = (io::stdin(), io::stdout());
        send_request(&one, &[stdin.as_fd(), stdout.as_fd()], &fields).expect("sent");
        // A signal right behind it is none of it.
        (&one).write_all(&[SIGNALLED]).expect("sent");
        let (files, received) = receive_request(&other).expect("received");
        assert_eq!((files.len(), received), (2, fields.clone()));
        let mut letter = [0];
        read_exact(&other, &mut letter).expect("a letter");
        assert_eq!(letter, [SIGNALLED]);
        (&one).write_all(b"loopshim\xff\xff\xff\xff").expect("sent");
        assert!(receive_request(&other).is_err());
        let many = vec![stdin.as_fd(); FILES_MAX + 1];
        assert!(send_request(&one, &many, &fields).is_err());
        drop(one);
        assert!(receive_request(&other).is_err());
    }
}
