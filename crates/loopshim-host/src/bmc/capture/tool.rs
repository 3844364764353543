//! The real ipmitool as a way to a BMC: one `ipmitool … shell` is kept open and
//! given a `raw` line at a time. The shell writes out what it has printed
//! before each prompt, so a request takes a tenth of a millisecond more than
//! the BMC's own time, where a process each would take ten to forty and a new
//! session with a remote BMC. Builds without readline have no shell: there it
//! is a process each.

use std::ffi::OsString;
use std::io::{self, PipeReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use ipmi::{CompletionCode, Request, Response};

/// What the shell prints when it waits for a line.
const PROMPT: &[u8] = b"ipmitool> ";
/// What a build without readline says instead.
const NO_SHELL: &str = "shell is disabled";
/// Most output for one request: nobody's answer is longer.
const LONGEST: usize = 1 << 20;

/// The real ipmitool and the arguments that lead it to the BMC.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
}

/// A way to one controller.
pub(super) enum Session {
    Shell(Shell),
    /// A process for each request.
    Each(Tool),
}

impl Tool {
    /// Opens a session.
    ///
    /// # Errors
    /// With what ipmitool said, when it does not come to a prompt.
    pub(super) fn open(&self) -> Result<Session, String> {
        let mut shell =
            Shell::start(self).map_err(|error| format!("cannot run {}: {error}", self.program.display()))?;
        match shell.until_prompt() {
            Ok(_) => Ok(Session::Shell(shell)),
            Err(said) if said.contains(NO_SHELL) => Ok(Session::Each(self.clone())),
            Err(said) => Err(said),
        }
    }

    /// The same tool with options of its own before all others.
    pub(super) fn with(&self, options: &[String]) -> Self {
        let arguments = self.arguments.iter().cloned().chain(options.iter().map(OsString::from)).collect();
        Self { program: self.program.clone(), arguments }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // A dumb terminal of any width: readline must not embellish what it echoes.
        command.args(&self.arguments).env("TERM", "dumb").env("LC_ALL", "C");
        command
    }
}

impl Session {
    /// Asks; `None` when no answer came.
    ///
    /// # Errors
    /// With what ipmitool said when it has ended.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Option<Response>, String> {
        match self {
            Self::Shell(shell) => {
                shell.send(&line(request)).map_err(|error| error.to_string())?;
                shell.until_prompt().map(|said| answer(&said))
            }
            Self::Each(tool) => {
                let words = line(request);
                let output = tool.command().args(words.split_whitespace()).stdin(Stdio::null()).output();
                let output = output.map_err(|error| error.to_string())?;
                let said = [output.stderr, output.stdout].concat();
                Ok(answer(&String::from_utf8_lossy(&said)))
            }
        }
    }
}

/// A running `ipmitool … shell`.
pub(super) struct Shell {
    child: Child,
    stdin: ChildStdin,
    output: PipeReader,
}

impl Shell {
    fn start(tool: &Tool) -> io::Result<Self> {
        let (output, both) = io::pipe()?;
        let errors = both.try_clone()?;
        let mut command = tool.command();
        command.arg("shell").stdin(Stdio::piped()).stdout(both).stderr(errors);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take().ok_or_else(|| io::Error::other("no standard input"))?;
        Ok(Self { child, stdin, output })
    }

    fn send(&mut self, line: &str) -> io::Result<()> {
        self.stdin.write_all(format!("{line}\n").as_bytes())
    }

    /// What is printed up to the next prompt, or an error with all that was said
    /// when there is none.
    fn until_prompt(&mut self) -> Result<String, String> {
        let mut said = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let len = self.output.read(&mut piece).unwrap_or(0);
            said.extend(&piece[..len]);
            if said.ends_with(PROMPT) {
                return Ok(String::from_utf8_lossy(&said).into_owned());
            }
            if len == 0 || said.len() > LONGEST {
                return Err(last_words(&said));
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // `exit` closes the session with a remote BMC; without it sessions pile up
        // there. Whatever fails, it is over.
        let _ = self.send("exit");
        let _ = self.child.wait();
    }
}

/// The lines that a program ended with, as one.
fn last_words(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match &lines[..] {
        [] => "ipmitool ended without a word".to_owned(),
        lines => lines[lines.len().saturating_sub(3)..].join("; "),
    }
}

/// The request as ipmitool's command. The prefixes tell an echo from an answer.
fn line(request: &Request) -> String {
    let mut line = format!("raw 0x{:02x} 0x{:02x}", request.netfn, request.cmd);
    request.data.iter().for_each(|byte| line.push_str(&format!(" 0x{byte:02x}")));
    line
}

/// What ipmitool printed for one `raw`, as the response.
fn answer(said: &str) -> Option<Response> {
    if let Some((_, rest)) = said.split_once("Unable to send RAW command") {
        let code = rest.split_once("rsp=0x")?.1.split(')').next()?;
        return Some(CompletionCode(u8::from_str_radix(code, 16).ok()?).into());
    }
    // The echo ends at the first line end; what follows is rows of digits, or one
    // empty line for an answer without data.
    let rows: Vec<Vec<u8>> = said.lines().filter_map(row).collect();
    let is_empty_answer = || said.lines().any(str::is_empty);
    (!rows.is_empty() || is_empty_answer()).then(|| Response::ok(rows.concat()))
}

/// The bytes of a line such as ` 20 01 ff`.
fn row(line: &str) -> Option<Vec<u8>> {
    let bytes = line.strip_prefix(' ')?.split(' ');
    bytes.map(|word| (word.len() == 2).then(|| u8::from_str_radix(word, 16).ok())?).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_echoes_and_errors() {
        let data = |said: &str| answer(said).map(|response| response.data);
        assert_eq!(data("raw 0x06 0x01\n 20 01\n ff\nipmitool> "), Some(vec![0x20, 0x01, 0xFF]));
        assert_eq!(data("raw 0x06 0x02\n\nipmitool> "), Some(vec![]));
        assert_eq!(data("\r<2 0x13 0x14\n 07\nipmitool> "), Some(vec![7]));
        let refusal =
            "Unable to send RAW command (channel=0x0 netfn=0x6 lun=0x0 cmd=0xff rsp=0xc1): Invalid command";
        assert_eq!(answer(refusal), Some(CompletionCode::INVALID_COMMAND.into()));
        assert_eq!(answer("Unable to send RAW command (channel=0x0 netfn=0x6 lun=0x0 cmd=0x1)\n"), None);
        assert_eq!(answer("raw 0x06 0x01\nipmitool> "), None);
    }

    #[test]
    fn a_program_that_ends_is_quoted() {
        assert_eq!(
            last_words(b"\nError: Unable to establish session\n"),
            "Error: Unable to establish session"
        );
        assert!(last_words(b"").contains("without a word"));
    }
}
