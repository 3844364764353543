//! What the sender says of files.

use std::os::unix::ffi::OsStringExt as _;

use rustix::io::Errno;

use super::operand::collapsed;
use crate::failure::system_text;
use crate::log::{Kind, Log};
use crate::options::{Info, Options};

/// Says things of files, as `sender`.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'s> {
    log: &'s dyn Log,
    options: &'s Options,
    /// The current directory.
    current: &'s [u8],
}

impl<'s> Speaker<'s> {
    pub(super) fn new(log: &'s dyn Log, options: &'s Options, current: &'s [u8]) -> Self {
        Self { log, options, current }
    }

    /// A path from the root on, without what says nothing.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        let whole = match path {
            [b'/', ..] => path.to_vec(),
            _ => [self.current, path].join(&b'/'),
        };
        [b"/", &collapsed(&whole)[..]].concat()
    }

    /// A line for those who asked for that much.
    pub(super) fn info(&self, of: Info, level: u8, parts: &[&[u8]]) {
        if self.options.output.info.has(of, level) {
            self.line(Kind::Info, b"", parts);
        }
    }

    /// A line for standard output.
    pub(super) fn say(&self, parts: &[&[u8]]) {
        self.line(Kind::Info, b"", parts);
    }

    /// A warning as it is.
    pub(super) fn warning(&self, parts: &[&[u8]]) {
        self.line(Kind::Warning, b"", parts);
    }

    /// An error as it is.
    pub(super) fn transfer_error(&self, parts: &[&[u8]]) {
        self.line(Kind::TransferError, b"", parts);
    }

    /// An error about a file, because of which the run will end with status 23.
    pub(super) fn failed(&self, call: &str, path: &[u8], errno: Errno) {
        let why = system_text(&errno.into());
        let text = [call.as_bytes(), b" \"", path, b"\" failed: ", why.as_bytes()].concat();
        self.line(Kind::TransferError, b"rsync: [sender] ", &[&text]);
    }

    /// An error with the program's name before it.
    pub(super) fn error(&self, parts: &[&[u8]]) {
        self.line(Kind::TransferError, b"rsync: [sender] ", parts);
    }

    fn line(&self, kind: Kind, before: &[u8], parts: &[&[u8]]) {
        self.log.line(kind, &[before, &parts.concat(), b"\n"].concat());
    }
}

/// The current directory's path; the root's where it is not known.
pub(super) fn current_directory() -> Vec<u8> {
    std::env::current_dir().map_or_else(|_| b"/".to_vec(), |path| path.into_os_string().into_vec())
}
