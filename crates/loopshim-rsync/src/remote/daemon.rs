//! Calling a daemon: lines of text come before the session.

use rsync_proto::{Input as _, Version};
use sha2::{Digest as _, Sha256, Sha512};

use crate::connection::Link;
use crate::options::Bytes;
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

/// What a daemon greeted with.
#[derive(Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Our version.
    ours: Version,
    /// Its version.
    number: i32,
    /// Its digests for challenges.
    digests: Vec<String>,
}

/// Greets a daemon.
///
/// # Errors
/// Where it is none.
pub fn greet(link: &mut Link, ours: Version) -> Result<Greeting, Failure> {
    let greeting = format!("@RSYNCD: {}.0 sha512 sha256 sha1 md5 md4\n", ours.number());
    link.outgoing.raw(greeting.into_bytes())?;
    let Some(first) = line(link)? else { return Err(refused("did not see server greeting")) };
    let (number, digests) = greeted(&first)?;
    Ok(Greeting { ours, number, digests })
}

/// Sends what is for the program that a daemon starts early.
///
/// # Errors
/// Where the daemon is gone.
pub fn send_early(link: &Link, input: &[u8]) -> Result<(), Failure> {
    if input.is_empty() {
        return Ok(());
    }
    let head = format!("#early_input={}\n", input.len());
    link.outgoing.raw([head.as_bytes(), input].concat())
}

/// Asks a daemon for `module`, empty for the list of modules.
///
/// # Errors
/// Where it refuses.
pub fn ask(
    link: &mut Link,
    module: &[u8],
    Greeting { ours, number, digests }: Greeting,
    caller: &Caller<'_>,
) -> Result<Answer, Failure> {
    link.outgoing.raw([module, b"\n"].concat())?;
    loop {
        let Some(line) = line(link)? else { return Err(refused("didn't get server startup line")) };
        if let Some(challenge) = line.strip_prefix(b"@RSYNCD: AUTHREQD ") {
            let password = (caller.password)()?;
            let answer = answer(&digests, &password, challenge);
            link.outgoing.raw([&caller.user[..], b" ", answer.as_bytes(), b"\n"].concat())?;
        } else if line == b"@RSYNCD: OK" {
            return Version::agreed(ours, number).map(Answer::Session).map_err(Failure::from);
        } else if line == b"@RSYNCD: EXIT" {
            return Ok(Answer::Exit);
        } else if line.starts_with(b"@ERROR") {
            return Err(refused(line).bare());
        } else {
            (caller.tell)(&line);
        }
    }
}

/// An operand as a daemon reads it, which no shell meets: never an option.
pub fn guarded(path: &[u8]) -> Bytes {
    let start = if path.starts_with(b"-") { &b"./"[..] } else { b"" };
    [start, path].concat()
}

/// A module and a path in it, at the slash between them.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let slash = path.iter().position(|&byte| byte == b'/');
    slash.map_or((path, b""), |at| (&path[..at], &path[at + 1..]))
}

fn refused(text: impl Into<Bytes>) -> Failure {
    Failure::new(Status::StartClient, text)
}

/// The next line; none where it has no end, or none that we wait for.
fn line(link: &mut Link) -> Result<Option<Bytes>, Failure> {
    let mut line = Bytes::new();
    loop {
        match link.incoming.byte() {
            Ok(b'\n') => return Ok(Some(line)),
            Ok(b'\r') => {}
            Ok(byte) if line.len() < LINE_MAX => line.push(byte),
            Ok(_) => return Ok(None),
            Err(failure) if failure.status == Status::StreamIo => return Ok(None),
            Err(failure) => return Err(failure),
        }
    }
}

/// The version of a daemon that greets so, and its digests.
fn greeted(line: &[u8]) -> Result<(i32, Vec<String>), Failure> {
    let text = String::from_utf8_lossy(line);
    let none = || refused([b"server sent \"", line, b"\" rather than greeting"].concat());
    let mut words = text.strip_prefix("@RSYNCD: ").ok_or_else(none)?.split_ascii_whitespace();
    let mut version = words.next().ok_or_else(none)?.split('.');
    let number = version.next().and_then(|word| word.parse().ok()).ok_or_else(none)?;
    let lacks = |what: &str| refused([b"the server omitted the ", what.as_bytes(), b": ", line].concat());
    if number >= Version::V30.number() && version.next().is_none() {
        return Err(lacks("subprotocol value"));
    }
    let digests: Vec<String> = words.map(str::to_owned).collect();
    if number > Version::V31.number() && digests.is_empty() {
        return Err(lacks("digest name list"));
    }
    Ok((number, digests))
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
pub(super) fn base64(bytes: &[u8]) -> String {
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
    fn a_slash_ends_a_module() {
        for (path, module, below) in [("m/a/b", "m", "a/b"), ("m/", "m", ""), ("m", "m", ""), ("/a", "", "a")]
        {
            assert_eq!(split(path.as_bytes()), (module.as_bytes(), below.as_bytes()));
        }
    }

    #[test]
    fn greetings_tell_version_and_digests() {
        assert_eq!(greeted(b"@RSYNCD: 31.0"), Ok((31, Vec::new())));
        assert_eq!(greeted(b"@RSYNCD: 29"), Ok((29, Vec::new())));
        let (number, digests) = greeted(b"@RSYNCD: 32.0 sha512 md5").expect("a greeting");
        assert_eq!((number, digests.len()), (32, 2));
        let text = |line: &[u8]| greeted(line).expect_err("none").to_string();
        assert_eq!(text(b"SSH-2.0-OpenSSH"), "server sent \"SSH-2.0-OpenSSH\" rather than greeting");
        let said = greeted(b"hello \xff").expect_err("none").text;
        assert_eq!(said, Some(b"server sent \"hello \xff\" rather than greeting".to_vec()));
        assert_eq!(text(b"@RSYNCD: 31"), "the server omitted the subprotocol value: @RSYNCD: 31");
        assert_eq!(text(b"@RSYNCD: 32.0"), "the server omitted the digest name list: @RSYNCD: 32.0");
    }
}
