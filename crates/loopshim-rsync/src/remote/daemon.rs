//! Calling a daemon: lines of text come before the session.

use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use rsync_proto::{Input as _, Version};
use rustix::fd::OwnedFd;
use sha2::{Digest as _, Sha256, Sha512};

use crate::connection::Link;
use crate::failure::system_text;
use crate::options::{AddressFamily, Bytes};
use crate::{Failure, Status};

/// The port of a daemon where none is named.
pub const PORT: u16 = 873;
/// Longest line accepted from a daemon.
const LINE_MAX: usize = 4096;
/// The digests that we answer challenges with, as the original lists them.
const DIGESTS: [&str; 3] = ["sha512", "sha256", "md5"];

/// Who calls a daemon.
pub struct Caller<'c> {
    /// The user to name if one is asked for.
    pub user: Bytes,
    /// Gives the password if one is asked for.
    pub password: &'c dyn Fn() -> Result<Bytes, Failure>,
    /// Takes the lines that are for the user.
    pub tell: &'c dyn Fn(&[u8]),
}

/// What a daemon answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The session may begin, in this version.
    Session(Version),
    /// It has said all there is.
    Exit,
}

/// Connects to the socket of a daemon at a host's port, as `role`.
///
/// # Errors
/// Where nobody answers there.
pub fn connect(
    (host, port): (&[u8], u16),
    family: AddressFamily,
    limit: Option<Duration>,
    role: &str,
) -> Result<(File, File), Failure> {
    let host = String::from_utf8_lossy(host).into_owned();
    let found = (&host[..], port)
        .to_socket_addrs()
        .map_err(|error| Failure::new(Status::SocketIo, format!("getaddrinfo: {host} {port}: {error}")))?;
    let is_meant = |address: &SocketAddr| match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => address.is_ipv4(),
        AddressFamily::V6 => address.is_ipv6(),
    };
    let mut last =
        Failure::new(Status::SocketIo, format!("[{role}] failed to connect to {host}: no address"));
    for address in found.filter(is_meant) {
        let connected = match limit {
            Some(limit) => TcpStream::connect_timeout(&address, limit),
            None => TcpStream::connect(address),
        };
        match connected.and_then(both_ways) {
            Ok(files) => return Ok(files),
            Err(error) if error.kind() == io::ErrorKind::TimedOut && limit.is_some() => {
                last = Failure::silent(Status::ConnectTimeout);
            }
            Err(error) => {
                let why = system_text(&error);
                let text = format!("[{role}] failed to connect to {host} ({}): {why}", address.ip());
                last = Failure::new(Status::SocketIo, text);
            }
        }
    }
    Err(last)
}

fn both_ways(stream: TcpStream) -> io::Result<(File, File)> {
    // Requests are small, and each is waited for.
    stream.set_nodelay(true)?;
    let read = OwnedFd::from(stream.try_clone()?);
    Ok((File::from(read), File::from(OwnedFd::from(stream))))
}

/// Greets a daemon and asks for `module`, empty for the list of modules.
///
/// # Errors
/// Where it is none, or refuses.
pub fn ask(link: &mut Link, module: &[u8], ours: Version, caller: &Caller<'_>) -> Result<Answer, Failure> {
    let greeting = format!("@RSYNCD: {}.0 sha512 sha256 sha1 md5 md4\n", ours.number());
    link.outgoing.raw(greeting.into_bytes())?;
    let (version, digests) = greeted(&line(link)?, ours)?;
    link.outgoing.raw([module, b"\n"].concat())?;
    loop {
        let line = line(link)?;
        if let Some(challenge) = line.strip_prefix(b"@RSYNCD: AUTHREQD ") {
            let password = (caller.password)()?;
            let answer = answer(&digests, &password, challenge);
            link.outgoing.raw([&caller.user[..], b" ", answer.as_bytes(), b"\n"].concat())?;
        } else if line == b"@RSYNCD: OK" {
            return Ok(Answer::Session(version));
        } else if line == b"@RSYNCD: EXIT" {
            return Ok(Answer::Exit);
        } else if line.starts_with(b"@ERROR") {
            let text = String::from_utf8_lossy(&line).into_owned();
            return Err(Failure::new(Status::StartClient, text).bare());
        } else {
            (caller.tell)(&line);
        }
    }
}

fn line(link: &mut Link) -> Result<Bytes, Failure> {
    let mut line = Bytes::new();
    loop {
        match link.incoming.byte()? {
            b'\n' => return Ok(line),
            b'\r' => {}
            byte if line.len() < LINE_MAX => line.push(byte),
            _ => return Err(Failure::new(Status::Protocol, "a daemon's line is too long")),
        }
    }
}

/// The version agreed on with a daemon that greets so, and its digests.
fn greeted(line: &[u8], ours: Version) -> Result<(Version, Vec<String>), Failure> {
    let text = String::from_utf8_lossy(line).into_owned();
    let none = || Failure::new(Status::StartClient, "did not see server greeting");
    let mut words = text.strip_prefix("@RSYNCD: ").ok_or_else(none)?.split_ascii_whitespace();
    let number = words.next().and_then(|word| word.split('.').next()?.parse().ok()).ok_or_else(none)?;
    Ok((Version::agreed(ours, number)?, words.map(str::to_owned).collect()))
}

/// The answer to a challenge, by the best digest that the daemon has too.
fn answer(theirs: &[String], password: &[u8], challenge: &[u8]) -> String {
    let digest = DIGESTS.into_iter().find(|digest| theirs.iter().any(|other| other == digest));
    let text = [password, challenge].concat();
    match digest {
        Some("sha512") => base64(&Sha512::digest(&text)),
        Some("sha256") => base64(&Sha256::digest(&text)),
        _ => {
            let mut digest = rsync_proto::digest::Checksum::Md5.of_file();
            digest.update(&text);
            base64(digest.finish().bytes())
        }
    }
}

/// Base 64 without the padding at its end.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        for at in 0..=three.len() as u32 {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_answered_by_the_best_common_digest() {
        assert_eq!(base64(b"abcd"), "YWJjZA");
        // `printf abc | openssl md5 -binary | base64`, without padding.
        let md5 = answer(&[], b"a", b"bc");
        assert_eq!(md5, "kAFQmDzST7DWlj99KOF/cg");
        let sha256 = answer(&["md5".to_owned(), "sha256".to_owned()], b"a", b"bc");
        assert_eq!(sha256, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
    }

    #[test]
    fn greetings_tell_version_and_digests() {
        assert_eq!(greeted(b"@RSYNCD: 31.0", Version::V32).map(|(version, _)| version), Ok(Version::V31));
        let (version, digests) = greeted(b"@RSYNCD: 32.0 sha512 md5", Version::V31).expect("a greeting");
        assert_eq!((version, digests.len()), (Version::V31, 2));
        assert!(greeted(b"SSH-2.0-OpenSSH", Version::V32).is_err());
    }
}
