//! The remote shell: a program that runs a command at the other end.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};

use rustix::fd::OwnedFd;

use super::operand::Place;
use crate::options::Bytes;
use crate::report::error_line;
use crate::{Failure, Status};

/// What a remote shell is asked to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The shell's own words.
    pub shell: Vec<Bytes>,
    /// Where.
    pub place: Place,
    /// The program there, as the shell there reads it.
    pub program: Bytes,
    /// What the program is to be.
    pub job: Job,
}

/// What a program at the other end is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Our server, with these arguments, guarded.
    Server(Vec<Bytes>),
    /// A daemon for one caller; the shell finds the port in `RSYNC_PORT`, 0 for none.
    Daemon(u16),
}

/// A remote shell that runs.
#[derive(Debug)]
pub struct Shell {
    child: Child,
}

impl Command {
    /// All words, the shell first. The user is named to it by its option `-l`; a user
    /// of a daemon is not where the shell's own words name one (observed: 3.5.0).
    pub fn argv(&self) -> Vec<Bytes> {
        let mut argv = self.shell.clone();
        let is_daemon = matches!(self.job, Job::Daemon(_));
        let names_user = is_daemon && self.shell.windows(2).any(|words| words[0] == b"-l");
        if let Some(user) = self.place.user.as_ref().filter(|_| !names_user) {
            argv.extend([b"-l".to_vec(), user.clone()]);
        }
        argv.push(self.place.host.clone());
        argv.push(self.program.clone());
        match &self.job {
            Job::Server(arguments) => argv.extend_from_slice(arguments),
            Job::Daemon(_) => argv.extend(["--server", "--daemon", "."].map(Bytes::from)),
        }
        argv
    }

    /// What is said before it is started, to those who asked for that much.
    pub fn opening_line(&self) -> Bytes {
        shown("opening connection using:", &self.argv())
    }

    /// Starts it for `who` of ours (`sender`, `Receiver`), with what is read from it
    /// and what is written to it.
    ///
    /// # Errors
    /// Where it cannot be started; a host that looks like an option is none.
    pub fn start(&self, who: &str) -> Result<(Shell, File, File), Failure> {
        if self.place.host.starts_with(b"-") {
            let text = "Invalid remote host: hostnames may not start with '-'.";
            return Err(Failure::new(Status::Syntax, text).bare().at("main.c(1620)"));
        }
        let argv: Vec<OsString> = self.argv().into_iter().map(OsString::from_vec).collect();
        let mut command = std::process::Command::new(&argv[0]);
        command.args(&argv[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Job::Daemon(port) = self.job {
            command.env("RSYNC_PORT", port.to_string());
        }
        let mut child = command.spawn().map_err(|error| self.cannot_start(&argv[0], &error, who))?;
        let (Some(write), Some(read)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::silent(Status::Ipc));
        };
        let read = File::from(OwnedFd::from(read));
        let write = File::from(OwnedFd::from(write));
        Ok((Shell { child }, read, write))
    }

    /// What is said of a program that cannot be run: by a process of the original
    /// that was to become it, and then by the one that talks to that.
    fn cannot_start(&self, program: &OsString, error: &io::Error, who: &str) -> Failure {
        let why = crate::failure::system_text(error);
        let head = format!("[{who}] Failed to exec ");
        let last = error_line(Status::Ipc.code(), "pipe.c(85)", who);
        let said = |echo: &str| {
            let tail = format!(": {why}\n{last}rsync: {echo}");
            [head.as_bytes(), program.as_encoded_bytes(), tail.as_bytes()].concat()
        };
        match self.job {
            Job::Server(_) => {
                let text = said("connection unexpectedly closed (0 bytes received so far)");
                Failure::new(Status::Ipc, text).signed().at("io.c(285)")
            }
            Job::Daemon(_) => Failure::new(Status::StartClient, said("did not see server greeting")),
        }
    }
}

/// Words of a command as they are shown, with their number (observed: 3.5.0).
pub fn shown(head: &str, argv: &[Bytes]) -> Bytes {
    let mut line = head.as_bytes().to_vec();
    for word in argv {
        line.push(b' ');
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=+,./@".contains(byte);
        let is_plain = !word.is_empty() && word.iter().all(is_plain);
        match is_plain {
            true => line.extend_from_slice(word),
            false => line.extend([b"\"", &word[..], b"\""].concat()),
        }
    }
    line.extend_from_slice(format!("  ({} args)\n", argv.len()).as_bytes());
    line
}

impl Shell {
    /// Waits for its end: the status it ended with; none where it was killed.
    pub fn wait(mut self) -> Option<u8> {
        let status = self.child.wait().ok()?;
        match status.signal() {
            Some(_) => None,
            None => status.code().and_then(|code| u8::try_from(code).ok()),
        }
    }
}

/// The words of a command line; quotation marks of either kind hold words
/// together, and are doubled to stand for themselves.
///
/// # Errors
/// Where a quotation does not end.
pub fn words(line: &[u8]) -> Result<Vec<Bytes>, Failure> {
    let mut words = Vec::new();
    let mut word: Option<Bytes> = None;
    let mut quote = None;
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match quote {
            Some(mark) if byte == mark => {
                if bytes.peek() == Some(&mark) {
                    bytes.next();
                    word.get_or_insert_default().push(mark);
                } else {
                    quote = None;
                }
            }
            Some(_) => word.get_or_insert_default().push(byte),
            None if byte == b'\'' || byte == b'"' => {
                word.get_or_insert_default();
                quote = Some(byte);
            }
            None if byte == b' ' => words.extend(word.take()),
            None => word.get_or_insert_default().push(byte),
        }
    }
    if let Some(mark) = quote {
        let text = format!("Missing trailing-{} in remote-shell command.", char::from(mark));
        return Err(Failure::new(Status::Syntax, text).bare().at("main.c(547)"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_hold_words_together() {
        let split = |line: &str| -> Vec<String> {
            let words = words(line.as_bytes()).expect("words");
            words.into_iter().map(|word| String::from_utf8(word).expect("text")).collect()
        };
        assert_eq!(split("ssh -p 22"), ["ssh", "-p", "22"]);
        assert_eq!(split("./x \"a b\" 'c d' e\\ f g\"h\""), ["./x", "a b", "c d", "e\\", "f", "gh"]);
        assert_eq!(split(" a  '' b 'it''s'"), ["a", "", "b", "it's"]);
        assert!(words(b"ssh 'x").is_err());
    }

    #[test]
    fn a_user_goes_to_the_shell_by_its_own_option() {
        let place = Place { user: Some(b"u".to_vec()), host: b"h".to_vec() };
        let command = Command {
            shell: vec![b"ssh".to_vec()],
            place,
            program: b"rsync".to_vec(),
            job: Job::Server(vec![b"--server".to_vec()]),
        };
        assert_eq!(command.argv().join(&b' '), b"ssh -l u h rsync --server");
        let arguments = vec![b".".to_vec(), b"a\\ b".to_vec()];
        let line = Command { job: Job::Server(arguments), ..command }.opening_line();
        let expected = b"opening connection using: ssh -l u h rsync . \"a\\ b\"  (7 args)\n";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_daemon_s_user_is_not_named_twice() {
        let argv = |shell: &str| {
            let place = Place { user: Some(b"u".to_vec()), host: b"h".to_vec() };
            let shell = words(shell.as_bytes()).expect("words");
            let job = Job::Daemon(0);
            let argv = Command { shell, place, program: b"rsync".to_vec(), job }.argv();
            String::from_utf8(argv.join(&b' ')).expect("text")
        };
        assert_eq!(argv("ssh -p 9"), "ssh -p 9 -l u h rsync --server --daemon .");
        assert_eq!(argv("ssh -l v"), "ssh -l v h rsync --server --daemon .");
        assert_eq!(argv("ssh -l"), "ssh -l -l u h rsync --server --daemon .");
    }
}
