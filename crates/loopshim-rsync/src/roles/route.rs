//! Between which places a client copies.

use crate::options::Bytes;
use crate::remote::{Operand, Place, daemon};
use crate::{Failure, Status};

/// Where files come from and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// From here to here.
    Local {
        /// What is copied.
        sources: Vec<Bytes>,
        /// To where.
        destination: Bytes,
    },
    /// From here to there.
    Push {
        /// What is copied.
        sources: Vec<Bytes>,
        /// To where.
        server: Server,
        /// The path there.
        path: Bytes,
    },
    /// From there to here.
    Pull {
        /// From where.
        server: Server,
        /// The paths there.
        paths: Vec<Bytes>,
        /// To where.
        destination: Bytes,
    },
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// By a remote shell.
    Shell(Place),
    /// A daemon.
    Daemon {
        /// Where it is.
        place: Place,
        /// Its port, if it is said.
        port: Option<u16>,
    },
}

impl Server {
    /// What a path on it names there: a daemon does not name modules.
    pub fn named<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        match self {
            Self::Shell(_) => path,
            Self::Daemon { .. } => daemon::split(path).1,
        }
    }
}

impl Route {
    /// Where `operands` lead. One alone is listed.
    ///
    /// # Errors
    /// Where they do not fit together.
    pub fn new(operands: &[Bytes]) -> Result<Self, Failure> {
        let Some((first, rest)) = operands.split_first() else {
            return Err(Failure::new(Status::Syntax, "there is nothing to copy"));
        };
        if let Some((server, path)) = remote(Operand::parse(first)) {
            return Self::pull(server, path, rest);
        }
        let Some((last, between)) = rest.split_last() else {
            return Ok(Self::Local { sources: operands.to_vec(), destination: b".".to_vec() });
        };
        let sources: Vec<Bytes> = std::iter::once(first).chain(between).cloned().collect();
        if let Some(source) = sources.iter().find(|source| remote(Operand::parse(source)).is_some()) {
            return Err(misplaced("remote", source));
        }
        Ok(match remote(Operand::parse(last)) {
            Some((server, path)) => Self::Push { sources, server, path },
            None => Self::Local { sources, destination: last.clone() },
        })
    }

    fn pull(server: Server, path: Bytes, rest: &[Bytes]) -> Result<Self, Failure> {
        let mut paths = vec![path];
        let Some((last, between)) = rest.split_last() else {
            return Ok(Self::Pull { server, paths, destination: b".".to_vec() });
        };
        if remote(Operand::parse(last)).is_some() {
            return Err(Failure::new(Status::Syntax, "The source and destination cannot both be remote.")
                .bare()
                .at("main.c(1471)"));
        }
        for operand in between {
            match remote(Operand::parse(operand)) {
                Some((_, path)) => paths.push(path),
                None => return Err(misplaced("local", operand)),
            }
        }
        Ok(Self::Pull { server, paths, destination: last.clone() })
    }
}

fn remote(operand: Operand) -> Option<(Server, Bytes)> {
    match operand {
        Operand::Local(_) => None,
        Operand::Shell { place, path } => Some((Server::Shell(place), path)),
        Operand::Daemon { place, port, path } => {
            // A module without a path is the directory that it is.
            let is_bare = !path.is_empty() && !path.contains(&b'/');
            let path = if is_bare { [&path[..], b"/"].concat() } else { path };
            Some((Server::Daemon { place, port }, path))
        }
    }
}

fn misplaced(what: &str, operand: &[u8]) -> Failure {
    let mut text = [b"Unexpected ", what.as_bytes(), b" arg: ", operand].concat();
    if what == "local" {
        text.extend_from_slice(b"\nIf arg is a remote file/dir, prefix it with a colon (:).");
    }
    let site = if what == "local" { "main.c(1571)" } else { "main.c(1555)" };
    Failure::new(Status::Syntax, text).bare().at(site)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(operands: &[&str]) -> Result<Route, Failure> {
        let operands: Vec<Bytes> = operands.iter().map(|operand| operand.as_bytes().to_vec()).collect();
        Route::new(&operands)
    }

    fn shell() -> Server {
        Server::Shell(Place { user: None, host: b"h".to_vec() })
    }

    #[test]
    fn the_first_and_the_last_operand_decide() {
        let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        let local = |sources, destination: &str| Route::Local { sources, destination: destination.into() };
        assert_eq!(route(&["a", "b", "c"]), Ok(local(bytes(&["a", "b"]), "c")));
        assert_eq!(route(&["a"]), Ok(local(bytes(&["a"]), ".")));
        let push = Route::Push { sources: bytes(&["a"]), server: shell(), path: b"p".to_vec() };
        assert_eq!(route(&["a", "h:p"]), Ok(push));
        let pull = |paths, destination: &str| Route::Pull {
            server: shell(),
            paths,
            destination: destination.into(),
        };
        assert_eq!(route(&["h:p", ":q", "h:r", "d"]), Ok(pull(bytes(&["p", "q", "r"]), "d")));
        assert_eq!(route(&["h:p"]), Ok(pull(bytes(&["p"]), ".")));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let text = |operands: &[&str]| route(operands).expect_err("refused").to_string();
        assert_eq!(text(&["h:a", "h:b"]), "The source and destination cannot both be remote.");
        assert!(text(&["h:a", "b c", "d"]).starts_with("Unexpected local arg: b c\n"));
        assert_eq!(text(&["a", "h:b", "d"]), "Unexpected remote arg: h:b");
    }
}
