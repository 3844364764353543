//! What the front and the supervisor say to each other, over a pair of sockets:
//! first the front's three streams, then, the other way, [`Message`]s.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

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
    /// The end: there is nothing to supervise, execute pip.
    Execute,
}

/// Largest piece of output in one message.
const PIECE: usize = 64 << 10;

impl Message {
    /// Writes the message: a letter, a length, and that many bytes.
    ///
    /// # Errors
    /// Those of writing.
    pub fn send(&self, mut to: &UnixStream) -> io::Result<()> {
        let (letter, bytes) = match self {
            Self::Out(bytes) => (b'o', bytes.clone()),
            Self::Err(bytes) => (b'e', bytes.clone()),
            Self::Status(number) => (b'x', number.to_le_bytes().to_vec()),
            Self::Signal(number) => (b's', number.to_le_bytes().to_vec()),
            Self::Execute => (b'p', Vec::new()),
        };
        let mut frame = vec![letter];
        frame.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        frame.extend_from_slice(&bytes);
        to.write_all(&frame)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the other is gone, or is none of us.
    pub fn receive(mut from: &UnixStream) -> io::Result<Self> {
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > PIECE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        let number =
            || bytes.as_slice().try_into().map(i32::from_le_bytes).map_err(|_| io::ErrorKind::InvalidData);
        Ok(match head[0] {
            b'o' => Self::Out(bytes),
            b'e' => Self::Err(bytes),
            b'x' => Self::Status(number()?),
            b's' => Self::Signal(number()?),
            b'p' => Self::Execute,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }

    /// Whether nothing follows it.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Status(_) | Self::Signal(_) | Self::Execute)
    }
}

/// Sends output in pieces.
///
/// # Errors
/// Those of writing.
pub fn send_output(to: &UnixStream, output: &[u8], message: fn(Vec<u8>) -> Message) -> io::Result<()> {
    output.chunks(PIECE).try_for_each(|piece| message(piece.to_vec()).send(to))
}

/// What the front sends along with its streams.
const GREETING: &[u8] = b"loopshim";

/// The caller's standard input, output and error.
#[derive(Debug)]
pub struct Streams {
    /// Standard input.
    pub stdin: OwnedFd,
    /// Standard output.
    pub stdout: OwnedFd,
    /// Standard error.
    pub stderr: OwnedFd,
}

/// Sends this process's streams.
///
/// # Errors
/// Those of `sendmsg(2)`.
pub fn send_streams(to: &UnixStream) -> io::Result<()> {
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let streams = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&streams));
    sendmsg(to, &[IoSlice::new(GREETING)], &mut ancillary, SendFlags::empty())?;
    Ok(())
}

/// Receives the streams that the front sent.
///
/// # Errors
/// When the other is none of us.
pub fn receive_streams(from: &UnixStream) -> io::Result<Streams> {
    let mut greeting = [0; GREETING.len()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    recvmsg(from, &mut [IoSliceMut::new(&mut greeting)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    let mut streams = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            streams.extend(received);
        }
    }
    match <[OwnedFd; 3]>::try_from(streams) {
        Ok([stdin, stdout, stderr]) if greeting == GREETING => Ok(Streams { stdin, stdout, stderr }),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_as_they_were_sent() {
        let (one, other) = UnixStream::pair().expect("sockets");
        let messages = [
            Message::Out(b"a\0b".to_vec()),
            Message::Err(Vec::new()),
            Message::Status(-1),
            Message::Signal(9),
            Message::Execute,
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
    fn streams_arrive_and_nothing_else_is_taken_for_them() {
        let (one, other) = UnixStream::pair().expect("sockets");
        send_streams(&one).expect("sent");
        assert!(receive_streams(&other).is_ok());
        (&one).write_all(GREETING).expect("sent");
        assert!(receive_streams(&other).is_err());
    }
}
