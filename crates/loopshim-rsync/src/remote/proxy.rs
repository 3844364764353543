//! A web proxy on the way to a daemon (`RSYNC_PROXY`).

use std::fs::File;
use std::io::{Read as _, Write as _};

use rustix::io::Errno;

use super::daemon::base64;
use crate::failure::system_text;
use crate::options::Bytes;
use crate::{Failure, Status};

/// Longest line of an answer, in bytes, without what ends it (observed: 3.5.0).
const LINE_MAX: usize = 1022;

/// A proxy, as the user names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// `USER:PASS`.
    credentials: Option<Bytes>,
    host: Bytes,
    port: Bytes,
}

fn failed(text: impl Into<Bytes>) -> Failure {
    Failure::new(Status::SocketIo, text).bare()
}

impl Proxy {
    /// The proxy of `HOST:PORT` or `USER:PASS@HOST:PORT`.
    ///
    /// # Errors
    /// Where it is neither.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let at = text.iter().rposition(|&byte| byte == b'@');
        let (credentials, place) = match at {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        let lacks_colon = |part: &[u8]| !part.contains(&b':');
        if credentials.is_some_and(lacks_colon) {
            return Err(failed("invalid proxy specification: should be USER:PASS@HOST:PORT"));
        }
        let Some(cut) = place.iter().position(|&byte| byte == b':') else {
            return Err(failed("invalid proxy specification: should be HOST:PORT"));
        };
        let credentials = credentials.map(<[u8]>::to_vec);
        Ok(Self { credentials, host: place[..cut].to_vec(), port: place[cut + 1..].to_vec() })
    }

    /// What is said before it is asked.
    pub(super) fn shown(&self) -> Bytes {
        [b"connection via http proxy ", &self.host[..], b" port ", &self.port].concat()
    }

    /// Where it is.
    ///
    /// # Errors
    /// Where its port is no number.
    pub(super) fn place(&self) -> Result<(&[u8], u16), Failure> {
        let port = std::str::from_utf8(&self.port).ok();
        let number = port.and_then(|port| if port.is_empty() { Some(0) } else { port.parse().ok() });
        number.map(|port| (&self.host[..], port)).ok_or_else(|| {
            let why = b": Servname not supported for ai_socktype";
            let text = [b"getaddrinfo: ", &self.host[..], b" ", &self.port, why].concat();
            Failure::new(Status::SocketIo, text)
        })
    }

    /// Has the proxy at the other end of `connection` reach `target`.
    ///
    /// # Errors
    /// Where it does not.
    pub(super) fn ask(
        &self,
        (mut read, mut write): (File, File),
        (host, port): (&[u8], u16),
        role: &str,
    ) -> Result<(File, File), Failure> {
        let rest = format!(":{port} HTTP/1.0\r\n{}\r\n", self.authorization());
        let request = [b"CONNECT ", host, rest.as_bytes()];
        write.write_all(&request.concat()).map_err(|error| {
            let text = format!("[{role}] failed to write to proxy: {}", system_text(&error));
            Failure::new(Status::SocketIo, text)
        })?;
        let Some(status) = line(&mut read, role)? else { return Err(failed("proxy response line too long")) };
        if !is_success(&status) {
            return Err(failed([b"bad response from proxy -- ", &status[..]].concat()));
        }
        loop {
            match line(&mut read, role)? {
                Some(line) if line.is_empty() => return Ok((read, write)),
                Some(_) => {}
                None => return Err(failed("proxy response header line too long")),
            }
        }
    }

    fn authorization(&self) -> String {
        let Some(credentials) = &self.credentials else { return String::new() };
        let mut text = base64(credentials);
        text.extend(std::iter::repeat_n('=', text.len().wrapping_neg() % 4));
        format!("Proxy-Authorization: Basic {text}\r\n")
    }
}

/// Whether a line is of HTTP and has a status that begins with 2.
fn is_success(status: &[u8]) -> bool {
    let rest = status.strip_prefix(b"HTTP/").unwrap_or_default();
    let code = rest.iter().skip_while(|&&byte| byte != b' ').find(|&&byte| byte != b' ');
    code == Some(&b'2')
}

/// The next line, without its end; none where it is too long. Not a byte more is
/// read: what follows the answer is the daemon's.
fn line(read: &mut File, role: &str) -> Result<Option<Bytes>, Failure> {
    let mut line = Bytes::new();
    loop {
        let mut byte = [0];
        let outcome = match read.read(&mut byte) {
            // What the system said last is what it said of the connection (observed: 3.5.0).
            Ok(0) => Err(Errno::INPROGRESS.into()),
            outcome => outcome,
        };
        outcome.map_err(|error| {
            let text = format!("[{role}] failed to read from proxy: {}", system_text(&error));
            Failure::new(Status::SocketIo, text)
        })?;
        if byte[0] == b'\n' {
            line.pop_if(|last| *last == b'\r');
            return Ok(Some(line));
        }
        if line.len() == LINE_MAX {
            return Ok(None);
        }
        line.push(byte[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_named_with_or_without_credentials() {
        let proxy = Proxy::parse(b"u@v:p@h:80").expect("a proxy");
        assert_eq!(proxy.place().expect("a place"), (&b"h"[..], 80));
        assert_eq!(proxy.authorization(), "Proxy-Authorization: Basic dUB2OnA=\r\n");
        assert!(Proxy::parse(b"h").is_err() && Proxy::parse(b"u@h:80").is_err());
        assert!(Proxy::parse(b"h:http").expect("a proxy").place().is_err());
    }

    #[test]
    fn a_status_that_begins_with_two_is_success() {
        for line in ["HTTP/1.0 200 OK", "HTTP/1.1  299", "HTTP/1.0 2"] {
            assert!(is_success(line.as_bytes()), "{line}");
        }
        for line in ["HTTP/1.0 403 Forbidden", "HTTP/1.0", "FOO 200", "", "HTTP/2", "HTTP/1.0 "] {
            assert!(!is_success(line.as_bytes()), "{line}");
        }
    }
}
