//! Operands: paths here, on a host, or in a daemon's module (rsync(1),
//! "GENERAL").

use crate::options::Bytes;

/// What an operand names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A path on this machine.
    Local(Bytes),
    /// A path on a host that a remote shell reaches.
    Shell {
        /// Whose host.
        place: Place,
        /// The path there; empty for the home directory.
        path: Bytes,
    },
    /// A path in a module of a daemon.
    Daemon {
        /// Whose host.
        place: Place,
        /// The port, where the operand says it.
        port: Option<u16>,
        /// Module and path; empty for the list of modules.
        path: Bytes,
    },
}

/// A host and who is to log in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The user, where the operand says it.
    pub user: Option<Bytes>,
    /// The host, without brackets; empty for the host of the operand before.
    pub host: Bytes,
}

const SCHEME: &[u8] = b"rsync://";

impl Operand {
    /// Takes an operand apart; every text is one.
    pub fn parse(text: &[u8]) -> Self {
        let is_url = text.len() >= SCHEME.len() && text[..SCHEME.len()].eq_ignore_ascii_case(SCHEME);
        if is_url {
            return Self::parse_url(&text[SCHEME.len()..]);
        }
        let Some((place, rest)) = split_host(text) else { return Self::Local(text.to_vec()) };
        let place = Place::parse(place);
        match rest.strip_prefix(b":") {
            Some(path) => Self::Daemon { place, port: None, path: path.to_vec() },
            None => Self::Shell { place, path: rest.to_vec() },
        }
    }

    fn parse_url(rest: &[u8]) -> Self {
        let at = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
        let (authority, path) = (&rest[..at], rest.get(at + 1..).unwrap_or_default());
        let after_address = authority.iter().rposition(|&byte| byte == b']').map_or(0, |at| at + 1);
        let colon = authority[after_address..].iter().rposition(|&byte| byte == b':');
        let (host, port) = match colon {
            Some(at) => (&authority[..after_address + at], &authority[after_address + at + 1..]),
            None => (authority, &b""[..]),
        };
        let port = std::str::from_utf8(port).ok().and_then(|port| port.parse().ok());
        Self::Daemon { place: Place::parse(host), port, path: path.to_vec() }
    }
}

impl Place {
    /// `[user@]host`, the host perhaps in brackets.
    fn parse(text: &[u8]) -> Self {
        let (user, host) = match text.iter().rposition(|&byte| byte == b'@') {
            Some(at) => (Some(text[..at].to_vec()), &text[at + 1..]),
            None => (None, text),
        };
        let inner = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        Self { user, host: inner.unwrap_or(host).to_vec() }
    }
}

/// A host before a colon, which no slash may precede, and what follows it.
fn split_host(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = text.iter().position(|&byte| byte == b'@').map_or(0, |at| at + 1);
    let is_address = text.get(start) == Some(&b'[') && !text[..start].contains(&b'/');
    let address = if is_address { text.iter().position(|&byte| byte == b']').unwrap_or(0) } else { 0 };
    let colon = address + text[address..].iter().position(|&byte| byte == b':')?;
    (!text[..colon].contains(&b'/')).then(|| (&text[..colon], &text[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(user: Option<&str>, host: &str) -> Place {
        Place { user: user.map(|user| user.as_bytes().to_vec()), host: host.as_bytes().to_vec() }
    }

    #[test]
    fn a_colon_before_any_slash_ends_a_host() {
        for local in ["a", "./a:b", "/a:b", "a/b:c", "", "a/b::c"] {
            assert_eq!(Operand::parse(local.as_bytes()), Operand::Local(local.into()), "{local}");
        }
        for (text, user, host, path) in [
            ("h:a", None, "h", "a"),
            ("u@h:/a:b", Some("u"), "h", "/a:b"),
            (":b", None, "", "b"),
            ("[::1]:a b", None, "::1", "a b"),
            ("u@[fe80::1]:", Some("u"), "fe80::1", ""),
        ] {
            let expected = Operand::Shell { place: place(user, host), path: path.into() };
            assert_eq!(Operand::parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn two_colons_or_a_url_name_a_module() {
        let daemon = |user, host, port, path: &str| Operand::Daemon {
            place: place(user, host),
            port,
            path: path.into(),
        };
        assert_eq!(Operand::parse(b"u@h::m/p"), daemon(Some("u"), "h", None, "m/p"));
        assert_eq!(Operand::parse(b"rsync://u@h:99/m/p:q"), daemon(Some("u"), "h", Some(99), "m/p:q"));
        assert_eq!(Operand::parse(b"rsync://[::1]/m"), daemon(None, "::1", None, "m"));
        assert_eq!(Operand::parse(b"RSYNC://h"), daemon(None, "h", None, ""));
    }
}
