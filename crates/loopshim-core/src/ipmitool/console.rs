//! The original's two output channels: C's buffered standard output, and the
//! levelled log on standard error that carries errors and all usage text.

use std::fmt;
use std::io::{self, Write};

/// Importance of a log line, numbered as syslog does; larger is less important.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub i32);

impl Level {
    /// Something failed.
    pub const ERR: Self = Self(3);
    /// Something is odd.
    pub const WARN: Self = Self(4);
    /// Shown without `-v`: usage and help.
    pub const NOTICE: Self = Self(5);
    /// Shown with `-v`.
    pub const INFO: Self = Self(6);
    /// Shown with `-vv`.
    pub const DEBUG: Self = Self(7);
    /// Shown with `-vvvv`.
    pub const DEBUG2: Self = Self(9);
}

/// Longest log line the original can format, less its terminating NUL.
const LOG_LINE_MAX: usize = 1023;

/// What the original's stdio buffers before it writes to a pipe or file
/// (`st_blksize` of both on Linux); a caller with `2>&1` sees the interleaving.
const STDOUT_BLOCK: usize = 4096;

/// Standard output and the log of one invocation.
pub struct Console<'w> {
    stdout: &'w mut dyn Write,
    stdout_is_terminal: bool,
    stderr: &'w mut dyn Write,
    pending: Vec<u8>,
    broken_pipe: bool,
    /// Highest level shown; `None` until the first line or [`Console::open_log`].
    level: Option<Level>,
}

impl<'w> Console<'w> {
    /// A console over two unbuffered streams.
    pub fn new(stdout: &'w mut dyn Write, stdout_is_terminal: bool, stderr: &'w mut dyn Write) -> Self {
        Self { stdout, stdout_is_terminal, stderr, pending: Vec::new(), broken_pipe: false, level: None }
    }

    /// Fixes the log level from the number of `-v`. As in the original the
    /// first caller wins: a line logged earlier has already fixed it at NOTICE.
    pub fn open_log(&mut self, verbose: i32) {
        self.level.get_or_insert(Level(Level::NOTICE.0 + verbose));
    }

    /// Sets the log level whatever it was (`set verbose N`).
    pub fn set_log_level(&mut self, level: Level) {
        self.level = Some(level);
    }

    /// The level in force.
    pub fn log_level(&mut self) -> Level {
        *self.level.get_or_insert(Level::NOTICE)
    }

    /// Writes formatted text to standard output.
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        // What is appended to a vector always fits.
        let _ = io::Write::write_fmt(&mut self.pending, text);
        self.settle();
    }

    /// Writes bytes to standard output.
    pub fn put(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        self.settle();
    }

    /// Writes what C's buffer would not hold any longer.
    fn settle(&mut self) {
        if self.stdout_is_terminal {
            if let Some(end) = self.pending.iter().rposition(|&byte| byte == b'\n') {
                self.write_pending(end + 1);
            }
        } else if self.pending.len() > STDOUT_BLOCK {
            self.write_pending(self.pending.len() / STDOUT_BLOCK * STDOUT_BLOCK);
        }
    }

    /// Writes `bytes` left-justified in `width` columns, as C's `%-Ns`.
    pub fn put_padded(&mut self, bytes: &[u8], width: usize) {
        self.pending.extend_from_slice(bytes);
        let gap = width.saturating_sub(bytes.len());
        self.pending.resize(self.pending.len() + gap, b' ');
        self.settle();
    }

    /// Logs one line, if the level in force shows it.
    pub fn log(&mut self, level: Level, text: fmt::Arguments<'_>) {
        if self.log_level() >= level {
            self.log_bytes(level, text.to_string().as_bytes());
        }
    }

    /// Logs one line of bytes, cut where the original's buffer ends.
    pub fn log_bytes(&mut self, level: Level, text: &[u8]) {
        if self.log_level() >= level {
            let mut line = text[..text.len().min(LOG_LINE_MAX)].to_vec();
            line.push(b'\n');
            self.put_err(&line);
        }
    }

    /// Writes formatted text to standard error, whatever the level.
    pub fn print_err(&mut self, text: fmt::Arguments<'_>) {
        self.put_err(text.to_string().as_bytes());
    }

    /// Writes bytes to standard error, whatever the level.
    pub fn put_err(&mut self, bytes: &[u8]) {
        // A closed standard error loses the text, as in the original.
        let _ = self.stderr.write_all(bytes);
    }

    /// Flushes standard output.
    pub fn flush(&mut self) {
        self.write_pending(self.pending.len());
    }

    /// Whether the reader of standard output has gone away (SIGPIPE in C).
    pub fn broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    fn write_pending(&mut self, len: usize) {
        let result = self.stdout.write_all(&self.pending[..len]);
        self.broken_pipe |= matches!(&result, Err(error) if error.kind() == io::ErrorKind::BrokenPipe);
        self.pending.drain(..len);
    }
}

/// `printf` to a session's standard output.
#[macro_export]
macro_rules! out {
    ($session:expr, $($text:tt)*) => { $session.console.print(format_args!($($text)*)) };
}

/// One line to a session's log at a level: `log!(s, ERR, "…", …)`.
#[macro_export]
macro_rules! log {
    ($session:expr, $level:ident, $($text:tt)*) => {
        $session.console.log($crate::ipmitool::Level::$level, format_args!($($text)*))
    };
}

/// `fprintf(stderr, …)`: no level, no newline added.
#[macro_export]
macro_rules! err {
    ($session:expr, $($text:tt)*) => { $session.console.print_err(format_args!($($text)*)) };
}
