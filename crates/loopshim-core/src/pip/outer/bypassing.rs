//! Pips that come past the queue (`python3 -m pip`, `/usr/bin/pip3.6`): they
//! hold no lock of ours, so that they have to be looked for. What they have set
//! aside, or only half written, must not be taken for what a dead one left.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::attempt::HELD_VARIABLE;
use super::processes;

/// How often a process is looked at where the kernel (before 5.3) cannot tell of
/// its end.
const INTERVAL: Duration = Duration::from_millis(100);

/// Waits for the end of every pip that is changing the environment of this
/// interpreter without a turn in a queue of ours.
pub fn wait(interpreter: &Path) {
    while let Some(pid) = processes::all().find(|&pid| is_bypassing(pid, interpreter)) {
        match Pid::from_raw(pid as i32).map(|pid| pidfd_open(pid, PidfdFlags::empty())) {
            Some(Ok(process)) => {
                // An interrupted wait is begun anew.
                let _ = poll(&mut [PollFd::new(&process, PollFlags::IN)], None);
            }
            _ => std::thread::sleep(INTERVAL),
        }
    }
}

fn is_bypassing(pid: u32, interpreter: &Path) -> bool {
    let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let line = read("cmdline");
    let words: Vec<&[u8]> = line.split(|&byte| byte == 0).collect();
    changes_an_environment(&words)
        && is_of(pid, words[0], interpreter)
        && !processes::is_ancestor(pid)
        && !is_ours(&read("environ"))
}

/// Whether it was started by a supervisor. Who may not look takes it for one:
/// another user's pips change other environments.
fn is_ours(environment: &[u8]) -> bool {
    let is_held = |variable: &[u8]| {
        variable.strip_prefix(HELD_VARIABLE.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    };
    environment.is_empty() || environment.split(|&byte| byte == 0).any(is_held)
}

/// Whether a command line is a pip's that installs or uninstalls: behind the
/// interpreter, and maybe options of its own, `-m pip` or a script of that name.
fn changes_an_environment(words: &[&[u8]]) -> bool {
    let is_pip = |word: &[u8]| {
        let name = word.rsplit(|&byte| byte == b'/').next().unwrap_or(word);
        name.strip_prefix(b"pip").is_some_and(|version| {
            version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') || version == b"3.real"
        })
    };
    let Some(at) = words.iter().skip(1).take(6).position(|word| is_pip(word)) else { return false };
    words[at + 2..].iter().any(|word| matches!(*word, b"install" | b"uninstall"))
}

/// Whether a process runs this interpreter: the same program, and, where it was
/// called by a path, out of the same folder, for that makes the environment.
fn is_of(pid: u32, called: &[u8], interpreter: &Path) -> bool {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let ours = identity(interpreter);
    if ours.is_none() || identity(Path::new(&format!("/proc/{pid}/exe"))) != ours {
        return false;
    }
    let called = PathBuf::from(std::ffi::OsStr::from_bytes(called));
    !called.is_absolute() || called.parent().and_then(identity) == interpreter.parent().and_then(identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::{Command, Stdio};

    #[test]
    fn a_pip_is_known_by_its_command_line() {
        let changes = |line: &str| {
            let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
            changes_an_environment(&words)
        };
        for line in [
            "/usr/bin/python3 -m pip install -U x",
            "python3 -Es /usr/bin/pip3.6 install x",
            "/e/bin/python /e/bin/pip -q uninstall x",
            "/usr/bin/python3 /usr/bin/pip3.real install x",
        ] {
            assert!(changes(line), "{line}");
        }
        for line in
            ["python3 -m pip list", "python3 install.py pip", "pip3 install x", "python3 pipx install x", ""]
        {
            assert!(!changes(line), "{line}");
        }
    }

    #[test]
    fn ours_are_told_from_others_by_what_they_were_given() {
        assert!(is_ours(b"A=1\0LOOPSHIM_PIP_HELD=7:q;\0") && is_ours(b""));
        assert!(!is_ours(b"A=1\0XLOOPSHIM_PIP_HELD=1\0LOOPSHIM_PIP_HELDER=1\0"));
    }

    /// A shell in a pip's clothes: it is waited for, and only that long.
    #[test]
    fn one_that_comes_past_the_queue_is_waited_for() {
        let shell = std::fs::canonicalize("/bin/sh").expect("a shell");
        let mut stranger = Command::new(&shell)
            .args(["-c", "echo; read line; :", "pip", "install", "x"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        // Before that it may still be on its way into the program.
        let said = stranger.stdout.take().expect("a pipe").read(&mut [0]);
        assert!(said.is_ok_and(|length| length == 1));
        assert!(is_bypassing(stranger.id(), &shell));
        assert!(!is_bypassing(stranger.id(), Path::new("/bin/cat")));
        let waiting = std::thread::spawn(move || wait(&shell));
        assert!(!waiting.is_finished());
        drop(stranger.stdin.take());
        stranger.wait().expect("an end");
        waiting.join().expect("no panic");
    }
}
