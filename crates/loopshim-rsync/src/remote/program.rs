//! A program that reaches a daemon in our place (`RSYNC_CONNECT_PROG`).

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use rustix::fd::OwnedFd;

use super::reach::Reaching;
use crate::failure::system_text;
use crate::options::{Bytes, Debug};
use crate::{Failure, Status};

/// What a host's name may have in it beside letters and digits, where it becomes
/// part of a command (observed: 3.5.0).
const SAFE: &[u8] = b"%+-._~:";

/// Has `shell` run `command`, in which `%H` is the host, and talks to it.
///
/// # Errors
/// Where it cannot be started, or a shell might take the host for something else.
pub(super) fn run(
    shell: &[u8],
    command: &[u8],
    host: &[u8],
    reaching: &Reaching<'_>,
) -> Result<(File, File), Failure> {
    let line = expanded(command, host)?;
    (reaching.tell)((Debug::Cmd, 1), &[b"Running socket program: \"", &line[..], b"\""].concat());
    let line = OsString::from_vec(line);
    let shell = OsString::from_vec(shell.to_vec());
    // A socket, whose end is told apart from what was not read.
    let (ours, theirs) =
        UnixStream::pair().map_err(|error| Failure::new(Status::Ipc, system_text(&error)))?;
    let both = |stream: UnixStream| Ok((stream.try_clone()?, stream));
    let started = both(theirs).and_then(|(input, output)| {
        let (input, output) = (OwnedFd::from(input), OwnedFd::from(output));
        Command::new(&shell).arg("-c").arg(line).stdin(Stdio::from(input)).stdout(Stdio::from(output)).spawn()
    });
    // It is waited for by nobody: its end is seen at the socket.
    let ends = started.and_then(|_| both(ours)).map_err(|error| {
        let why = format!(": {}", system_text(&error));
        let head = format!("[{}] Failed to exec ", reaching.role);
        Failure::new(Status::Ipc, [head.as_bytes(), shell.as_encoded_bytes(), why.as_bytes()].concat())
    })?;
    Ok((File::from(OwnedFd::from(ends.0)), File::from(OwnedFd::from(ends.1))))
}

/// The command for a host: `%H` is its name, in quotation marks, `%%` a percent sign.
fn expanded(command: &[u8], host: &[u8]) -> Result<Bytes, Failure> {
    let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || SAFE.contains(byte);
    let is_safe = !host.is_empty() && !host.starts_with(b"-") && host.iter().all(is_safe);
    let mut line = Bytes::new();
    let mut rest = command;
    while let Some((&first, others)) = rest.split_first() {
        rest = others;
        match (first, others.first()) {
            (b'%', Some(b'H')) if !is_safe => {
                let text = "unsafe host characters for RSYNC_CONNECT_PROG";
                return Err(Failure::new(Status::SocketIo, text).bare());
            }
            (b'%', Some(b'H')) => line.extend([b"'", host, b"'"].concat()),
            (b'%', Some(b'%')) => line.push(b'%'),
            _ => {
                line.push(first);
                continue;
            }
        }
        rest = &others[1..];
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_host_in_quotation_marks() {
        let line = expanded(b"nc %H 873 %%d %x 100%", b"a.b").expect("a command");
        assert_eq!(line, b"nc 'a.b' 873 %d %x 100%");
        assert_eq!(expanded(b"%%H%H", b"::1").expect("a command"), b"%H'::1'");
        for host in ["", "-h", "a;b", "a b", "a'b", "\u{e9}", "a$b", "a\nb"] {
            assert!(expanded(b"%H", host.as_bytes()).is_err(), "{host}");
            assert_eq!(expanded(b"true", host.as_bytes()), Ok(b"true".to_vec()), "{host}");
        }
    }
}
