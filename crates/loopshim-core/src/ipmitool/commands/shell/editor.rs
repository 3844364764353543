//! A line editor for the prompt: a library's, which would be a fifth of this
//! program, in the host tool that is installed beside it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The host tool.
const PROGRAM: &str = "loopshim";

/// A process that edits lines at the terminal.
pub(super) struct Editor {
    process: Child,
    wishes: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
}

impl Editor {
    /// The editor beside the program that `executable` links to; `None` where
    /// there is none.
    pub(super) fn beside(executable: &Path, prompt: &str) -> Option<Self> {
        let program = executable.read_link().ok()?.with_file_name(PROGRAM);
        let mut command = Command::new(program);
        command.args(["edit-lines", "--prompt", prompt]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().ok()?;
        let (wishes, lines) = (process.stdin.take(), BufReader::new(process.stdout.take()?));
        Some(Self { process, wishes, lines })
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
        let _ = self.process.wait();
    }
}
