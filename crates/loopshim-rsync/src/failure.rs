//! What ends a run, and the status it ends with (rsync(1), "EXIT VALUES").

use std::fmt;

use rsync_proto::Violation;

use crate::fs::{WayError, error_text};
use crate::options::Bytes;
use crate::report::error_line;

/// An exit status with a meaning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is worded by `Status::meaning`")]
pub enum Status {
    Success = 0,
    Syntax = 1,
    Protocol = 2,
    FileSelection = 3,
    Unsupported = 4,
    StartClient = 5,
    SocketIo = 10,
    FileIo = 11,
    StreamIo = 12,
    MessageIo = 13,
    Ipc = 14,
    Signal1 = 19,
    Signal = 20,
    WaitChild = 21,
    Malloc = 22,
    Partial = 23,
    Vanished = 24,
    DeletionLimit = 25,
    Timeout = 30,
    ConnectTimeout = 35,
    CommandFailed = 124,
    CommandKilled = 125,
    CommandRun = 126,
    CommandNotFound = 127,
}

impl Status {
    const ALL: [Self; 24] = [
        Self::Success,
        Self::Syntax,
        Self::Protocol,
        Self::FileSelection,
        Self::Unsupported,
        Self::StartClient,
        Self::SocketIo,
        Self::FileIo,
        Self::StreamIo,
        Self::MessageIo,
        Self::Ipc,
        Self::Signal1,
        Self::Signal,
        Self::WaitChild,
        Self::Malloc,
        Self::Partial,
        Self::Vanished,
        Self::DeletionLimit,
        Self::Timeout,
        Self::ConnectTimeout,
        Self::CommandFailed,
        Self::CommandKilled,
        Self::CommandRun,
        Self::CommandNotFound,
    ];

    /// The number the process ends with.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of that number, if it has a meaning.
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| i32::from(status.code()) == code)
    }

    /// Where the original usually ends with it.
    const fn site(self) -> &'static str {
        match self {
            Self::Protocol => "compat.c(625)",
            Self::FileSelection => "main.c(777)",
            Self::Unsupported => "compat.c(406)",
            Self::SocketIo => "clientserver.c(165)",
            Self::FileIo => "main.c(808)",
            Self::StartClient => "main.c(1954)",
            Self::StreamIo => "io.c(285)",
            Self::Timeout => "io.c(248)",
            Self::Ipc => "pipe.c(85)",
            Self::Partial | Self::Vanished | Self::DeletionLimit => "main.c(1394)",
            _ => "main.c(1886)",
        }
    }

    /// As the original words it in its last line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Syntax => "syntax or usage error",
            Self::Protocol => "protocol incompatibility",
            Self::FileSelection => "errors selecting input/output files, dirs",
            Self::Unsupported => "requested action not supported",
            Self::StartClient => "error starting client-server protocol",
            Self::SocketIo => "error in socket IO",
            Self::FileIo => "error in file IO",
            Self::StreamIo => "error in rsync protocol data stream",
            Self::MessageIo => "errors with program diagnostics",
            Self::Ipc => "error in IPC code",
            Self::Signal1 => "received SIGUSR1",
            Self::Signal => "received SIGINT, SIGTERM, or SIGHUP",
            Self::WaitChild => "waitpid() failed",
            Self::Malloc => "error allocating core memory buffers",
            Self::Partial => "some files/attrs were not transferred (see previous errors)",
            Self::Vanished => "some files vanished before they could be transferred",
            Self::DeletionLimit => "the --max-delete limit stopped deletions",
            Self::Timeout => "timeout in data send/receive",
            Self::ConnectTimeout => "timeout waiting for daemon connection",
            Self::CommandFailed => "remote shell failed",
            Self::CommandKilled => "remote shell killed",
            Self::CommandRun => "remote command could not be run",
            Self::CommandNotFound => "remote command not found",
        }
    }
}

/// What is said of a link that is not followed, as the original words it (3.5.0).
pub const UNTRUSTED: &str = "refusing to follow a symlink owned by an untrusted user; use --insecure-links \
    locally or \"insecure links = yes\" in a daemon module ONLY if every path component is trusted";

/// What ends a run before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status to end with.
    pub status: Status,
    /// What to say of it, a line without its end; nothing where the peer has
    /// said it. Names in it are bytes.
    pub text: Option<Bytes>,
    /// The code of a remote shell that ended with a higher one.
    remote: Option<u8>,
    /// Where the original says so, if it is not where its status usually is.
    site: Option<&'static str>,
    /// The text stands alone, without the program's name before it.
    is_bare: bool,
    /// Who says it, if not the one who ends.
    who: Option<&'static str>,
    /// Where the text names who says it.
    signature: Signature,
    /// A line before the text.
    preface: Option<&'static str>,
    /// The peer is told nothing: it finds the connection closed.
    is_abrupt: bool,
}

/// Where a text names who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    None,
    Before,
    Within,
    Behind,
}

impl Failure {
    /// A failure with something to say.
    pub fn new(status: Status, text: impl Into<Bytes>) -> Self {
        Self { text: Some(text.into()), ..Self::silent(status) }
    }

    /// The peer takes nothing any more.
    pub fn broken(why: String) -> Self {
        let failure = Self::new(Status::SocketIo, why).at("io.c(949)");
        Self { signature: Signature::Within, ..failure }
    }

    /// Whether the peer takes nothing any more. It may have said why.
    pub fn is_broken(&self) -> bool {
        self.signature == Signature::Within
    }

    /// A failure of which all has been said.
    pub const fn silent(status: Status) -> Self {
        Self {
            status,
            text: None,
            remote: None,
            site: None,
            is_bare: false,
            who: None,
            signature: Signature::None,
            preface: None,
            is_abrupt: false,
        }
    }

    /// A failure that is told by its status alone.
    pub fn wordless(status: Status) -> Self {
        Self::new(status, "").bare()
    }

    /// The same, said where the original says it: file and line.
    #[must_use]
    pub fn at(self, site: &'static str) -> Self {
        Self { site: Some(site), ..self }
    }

    /// The same, without the program's name before its text.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { is_bare: true, ..self }
    }

    /// The same, said by `who` rather than by who ends, unless it is known
    /// already who says it.
    #[must_use]
    pub fn by(self, who: &'static str) -> Self {
        Self { who: self.who.or(Some(who)), ..self }
    }

    /// The same, with who says it behind its text.
    #[must_use]
    pub fn signed(self) -> Self {
        Self { signature: Signature::Behind, ..self }
    }

    /// The same, with who says it before its text in the program's place.
    #[must_use]
    pub fn spoken(self) -> Self {
        Self { signature: Signature::Before, ..self }
    }

    /// The same, of a path that a user named: what is said of links comes first.
    #[must_use]
    pub fn on_the_way(self, error: WayError) -> Self {
        Self { preface: (error == WayError::Untrusted).then_some(UNTRUSTED), ..self }
    }

    /// The same, without a word to the peer.
    #[must_use]
    pub fn abrupt(self) -> Self {
        Self { is_abrupt: true, ..self }
    }

    /// Whether it comes of another failure, which says why: the connection is
    /// gone, or the peer has ended.
    pub fn is_echo(&self) -> bool {
        self.text.is_none() || self.status == Status::StreamIo || self.is_broken()
    }

    /// Who says it, if not the one who ends.
    pub const fn speaker(&self) -> Option<&'static str> {
        self.who
    }

    /// Whether the peer is told nothing.
    pub const fn is_abrupt(&self) -> bool {
        self.is_abrupt
    }

    /// What is shown of it by `who` (`sender`, `Receiver`, `client`, `server`),
    /// in lines; nothing where the peer has said it.
    pub fn lines(&self, who: &str) -> Option<Bytes> {
        let text = self.text.as_ref()?;
        let site = self.site.unwrap_or_else(|| self.status.site());
        let who = self.who.unwrap_or(who);
        let last = error_line(self.code(), site, who);
        let preface = self.preface.map_or(String::new(), |line| format!("{line}\n"));
        let (before, behind) = match self.signature {
            _ if text.is_empty() => return Some((preface + &last).into()),
            Signature::Before => (format!("[{who}] "), String::new()),
            Signature::Within => (format!("rsync: [{who}] "), String::new()),
            Signature::Behind => ("rsync: ".to_owned(), format!(" [{who}]")),
            Signature::None if self.is_bare => Default::default(),
            Signature::None => ("rsync: ".to_owned(), String::new()),
        };
        let (preface, before) = (preface.as_bytes(), before.as_bytes());
        Some([preface, before, text, behind.as_bytes(), b"\n", last.as_bytes()].concat())
    }

    /// The number for a peer that does not know it yet.
    pub fn own_code(&self) -> Option<i32> {
        self.text.is_some().then_some(i32::from(self.status.code()))
    }

    /// The number to end with: a remote shell's says more than that it is gone.
    pub fn code(&self) -> u8 {
        self.remote.unwrap_or(self.status.code())
    }

    /// The same, where a remote shell ended with `code`: of two that only noticed,
    /// the higher code says more. What failed here has its own (observed: 3.5.0).
    #[must_use]
    pub fn with_remote(self, code: u8) -> Self {
        let counts = self.is_echo() && !self.is_broken();
        let remote = (code > self.code() && counts).then_some(code).or(self.remote);
        Self { remote, ..self }
    }
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        use rsync_proto::Field;
        let status = match violation {
            Violation::NotOffered => Status::Syntax,
            Violation::Version(_)
            | Violation::FileType(_)
            | Violation::BasisName
            | Violation::Reference(Field::HardLink)
            | Violation::OutOfRange(
                Field::AccessControlList
                | Field::BlockCount
                | Field::BlockLength
                | Field::ExtendedAttribute
                | Field::Remainder
                | Field::StrongSumLength
                | Field::Token,
            ) => Status::Protocol,
            Violation::NothingInCommon | Violation::Name | Violation::OutOfRange(Field::FileSize) => {
                Status::Unsupported
            }
            // The original has no room for them.
            Violation::NameLength | Violation::OutOfRange(Field::SymlinkTarget) => Status::Malloc,
            _ => Status::StreamIo,
        };
        Self::new(status, violation.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(&String::from_utf8_lossy(text)),
            None => f.write_str(self.status.meaning()),
        }
    }
}

impl std::error::Error for Failure {}

/// An error of the system as the original words it: text and number.
pub fn system_text(error: &std::io::Error) -> String {
    rustix::io::Errno::from_io_error(error).map_or_else(|| error.to_string(), error_text)
}
