//! A peer of bytes: what it says, and when.

use std::fs::File;
use std::io::{Read, Write};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};

use loopshim_rsync::connection::Link;
use rsync_proto::multiplex::{Code, Header};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::pipe;

use super::threads;

/// Between what a peer says and what it says once it has been answered.
pub const PAUSE: &[u8] = &[0xfa, 0xce, 0xfa];

/// When a peer says its next piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// At once.
    None,
    /// When ours has taken what was said, and waits for more. Said sooner it
    /// would be an answer to what was not asked yet.
    UntilAsked,
}

/// What a peer says: an input is a byte of choices, a byte that chooses the
/// call, and what is said, in pieces between pauses.
pub struct Script {
    pieces: Vec<Vec<u8>>,
    /// What is left of the byte of choices.
    pub choice: u8,
    /// The byte that chooses the call.
    pub call: u8,
}

impl Script {
    /// Of an input. With the lowest bit set, all pieces but the first are put
    /// into frames of data; else they are said as they are.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let [how, call, said @ ..] = bytes else { return None };
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        let mut rest = said;
        while let Some(at) = rest.windows(PAUSE.len()).position(|window| window == PAUSE) {
            pieces.push(rest[..at].to_vec());
            rest = &rest[at + PAUSE.len()..];
        }
        pieces.push(rest.to_vec());
        if how & 1 != 0 {
            for piece in pieces.iter_mut().skip(1) {
                let header = Header { code: Code::Data, length: piece.len() }.encode();
                piece.splice(..0, header);
            }
        }
        Some(Self { pieces, choice: how >> 1, call: *call })
    }
}

/// A session's part of the peer.
struct Part {
    pieces: Vec<Vec<u8>>,
    patience: Patience,
    says: File,
    heard: File,
}

/// The thread that plays all parts, one after the other.
pub(super) struct Player(Mutex<mpsc::Sender<Part>>);

static PLAYER: LazyLock<Player> = LazyLock::new(|| {
    let (sender, parts) = mpsc::channel::<Part>();
    std::thread::spawn(move || parts.into_iter().for_each(Part::play));
    Player(Mutex::new(sender))
});

impl Player {
    /// The only one; it lives from now on.
    pub(super) fn get() -> &'static Self {
        &PLAYER
    }

    /// The connection to a peer that begins to say `script` now.
    pub(super) fn play(&self, Script { pieces, .. }: Script, patience: Patience) -> Link {
        let (hears, says) = pipe().expect("a pipe");
        let (heard, said) = pipe().expect("a pipe");
        let part = Part { pieces, patience, says: says.into(), heard: heard.into() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).send(part).expect("a player");
        Link::over(File::from(hears), File::from(said), None, None)
    }
}

impl Part {
    /// Says all, and hears until ours has ended.
    fn play(mut self) {
        for number in 0..self.pieces.len() {
            if number > 0 && self.patience == Patience::UntilAsked && !self.settle() {
                return;
            }
            // Nobody hears it any more.
            if self.says.write_all(&self.pieces[number]).is_err() {
                return;
            }
        }
        let Self { says, mut heard, .. } = self;
        drop(says);
        while hear(&mut heard) {}
    }

    /// Waits until ours has taken what was said and waits for more; whether it
    /// is still there.
    fn settle(&mut self) -> bool {
        const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            let is_taken = rustix::io::ioctl_fionread(&self.says).is_ok_and(|left| left == 0);
            let waits = is_taken && threads::all_others_sleep();
            // What it said before it fell asleep may fill the pipe.
            match poll(&mut [PollFd::new(&self.heard, PollFlags::IN)], Some(&NOW)) {
                Ok(0) if waits => return true,
                Ok(0) => std::thread::yield_now(),
                _ if !hear(&mut self.heard) => return false,
                _ => {}
            }
        }
    }
}

/// Hears what was said, and waits for it; whether ours is still there.
fn hear(heard: &mut File) -> bool {
    let mut buffer = [0; 1 << 16];
    heard.read(&mut buffer).is_ok_and(|length| length > 0)
}
