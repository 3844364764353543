//! A daemon's socket: its addresses, and the way to one of them.

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;

use super::reach::Reaching;
use crate::failure::system_text;
use crate::options::{AddressFamily, Debug};
use crate::{Failure, Status};

/// Connects to the socket of a daemon at a host's port, to its addresses in turn,
/// but for no longer than its limit altogether.
///
/// # Errors
/// Where nobody answers there.
pub fn connect(
    (host, port): (&[u8], u16),
    &Reaching { family, limit, role, tell }: &Reaching<'_>,
) -> Result<(File, File), Failure> {
    let until = limit.map(|limit| Instant::now() + limit);
    let mut complaints = Vec::new();
    for address in addresses(host, port, family)? {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let connected = match left {
            Some(Duration::ZERO) => return Err(too_late()),
            Some(left) => TcpStream::connect_timeout(&address, left),
            None => TcpStream::connect(address),
        };
        match connected.and_then(both_ways) {
            Ok(files) => {
                let address = format!(" ({})", address.ip());
                tell((Debug::Connect, 2), &[b"Connected to ", host, address.as_bytes()].concat());
                return Ok(files);
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut && limit.is_some() => {
                return Err(too_late());
            }
            Err(error) => {
                let (address, why) = (address.ip(), system_text(&error));
                let head = format!("[{role}] failed to connect to ");
                let rest = format!(" ({address}): {why}");
                complaints.push([head.as_bytes(), host, rest.as_bytes()].concat());
            }
        }
    }
    Err(Failure::new(Status::SocketIo, complaints.join(&b"\nrsync: "[..])))
}

fn too_late() -> Failure {
    Failure::wordless(Status::ConnectTimeout).at("socket.c(429)")
}

fn both_ways(stream: TcpStream) -> io::Result<(File, File)> {
    // Requests are small, and each is waited for.
    stream.set_nodelay(true)?;
    let read = OwnedFd::from(stream.try_clone()?);
    Ok((File::from(read), File::from(OwnedFd::from(stream))))
}

/// A host's addresses, at least one.
fn addresses(host: &[u8], port: u16, family: AddressFamily) -> Result<Vec<SocketAddr>, Failure> {
    // One that is no text is the name of no host.
    let name = String::from_utf8_lossy(host);
    let is_meant = |address: &SocketAddr| match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => address.is_ipv4(),
        AddressFamily::V6 => address.is_ipv6(),
    };
    let found = (&*name, port).to_socket_addrs().map(|found| found.filter(is_meant).collect::<Vec<_>>());
    let why = match found {
        Ok(found) if !found.is_empty() => return Ok(found),
        Ok(_) if name.parse::<IpAddr>().is_ok() => "Address family for hostname not supported".to_owned(),
        Ok(_) => UNKNOWN.to_owned(),
        Err(error) => lookup_text(&error),
    };
    let rest = format!(" {port}: {why}");
    Err(Failure::new(Status::SocketIo, [b"getaddrinfo: ", host, rest.as_bytes()].concat()))
}

/// Why a name was not found, as glibc says it, whose words the original's are.
fn lookup_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let known = WORDS.iter().find(|(other, _)| *other == text);
    known.map_or(text, |(_, ours)| ours).to_owned()
}

const UNKNOWN: &str = "Name or service not known";

/// What musl says, and glibc.
const WORDS: [(&str, &str); 5] = [
    ("Name does not resolve", UNKNOWN),
    ("Name has no usable address", "No address associated with hostname"),
    ("Try again", "Temporary failure in name resolution"),
    ("Non-recoverable error", "Non-recoverable failure in name resolution"),
    ("Out of memory", "Memory allocation failure"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_the_words_of_the_original() {
        let text = |host: &str, family| {
            addresses(host.as_bytes(), 873, family).expect_err("no such host").to_string()
        };
        let unknown = "getaddrinfo: 300.1.1.1 873: Name or service not known";
        assert_eq!(text("300.1.1.1", AddressFamily::Any), unknown);
        let other = "getaddrinfo: 127.0.0.1 873: Address family for hostname not supported";
        assert_eq!(text("127.0.0.1", AddressFamily::V6), other);
        let error = io::Error::other("failed to lookup address information: Try again");
        assert_eq!(lookup_text(&error), "Temporary failure in name resolution");
    }
}
