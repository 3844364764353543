//! A line editor for the prompt: a library's, which would be a fifth of this
//! program, in the host tool that is installed beside it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::path::Path;

use crate::process::Child;

/// The host tool.
const PROGRAM: &str = "loopshim";

/// A process that edits lines at the terminal.
pub(super) struct Editor {
    process: Child,
    wishes: Option<PipeWriter>,
    lines: BufReader<PipeReader>,
}

impl Editor {
    /// The editor beside the program that `executable` links to; `None` where
    /// there is none.
    pub(super) fn beside(executable: &Path, prompt: &str) -> Option<Self> {
        let program = executable.read_link().ok()?.with_file_name(PROGRAM);
        let args = ["edit-lines", "--prompt", prompt].map(OsStr::new);
        let (process, wishes, lines) = Child::start_between_pipes(&program, &args).ok()?;
        Some(Self { process, wishes: Some(wishes), lines: BufReader::new(lines) })
    }

    /// The next line, without its end; `None` when there will be no more.
    pub(super) fn line(&mut self) -> Option<Vec<u8>> {
        self.wishes.as_mut()?.write_all(b"\n").ok()?;
        let mut line = Vec::new();
        self.lines.read_until(b'\n', &mut line).ok()?;
        line.pop_if(|byte| *byte == b'\n').map(|_| line)
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It ends when nobody can wish any more.
        drop(self.wishes.take());
        self.process.wait();
    }
}
