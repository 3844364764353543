//! How a client calls its server: by a remote shell, or a daemon.

use std::sync::Arc;

use rsync_proto::Version;

use super::client::{Client, Done, Outcome};
use super::route::Server;
use super::secrets::{early_input, password};
use crate::connection::{Link, Session, Side, agree, handshake};
use crate::log::Kind;
use crate::options::{Bytes, Debug, Quoting, ServerArguments};
use crate::remote::{Command, Job, Place, Reaching, Shell, daemon, file_name, shown, words};
use crate::{Failure, Status};

/// Who is logged in here.
fn login_name() -> Bytes {
    use std::os::unix::ffi::OsStringExt as _;
    let named = ["USER", "LOGNAME"].into_iter().find_map(std::env::var_os);
    named.map_or_else(|| b"nobody".to_vec(), std::ffi::OsString::into_vec)
}

/// Who of ours calls.
const fn role(sends: bool) -> &'static str {
    if sends { "sender" } else { "Receiver" }
}

impl Client {
    /// Calls a server, has `talk` talk to it, and parts from it. We send files if
    /// `sends`.
    pub(super) fn reach(
        &self,
        server: Server,
        paths: &[Bytes],
        sends: bool,
        talk: impl FnOnce(&mut Link, Session) -> Result<Outcome, Failure>,
    ) -> Result<Done, Failure> {
        match server {
            Server::Shell(place) => self.call(place, paths, talk, sends),
            Server::Daemon { place, port } => self.call_daemon(place, port, paths, talk, sends),
        }
    }

    /// Starts a server and talks to it.
    fn call(
        &self,
        place: Place,
        paths: &[Bytes],
        talk: impl FnOnce(&mut Link, Session) -> Result<Outcome, Failure>,
        sends: bool,
    ) -> Result<Done, Failure> {
        let ServerArguments { mut command, mut secluded } = self.options.server_arguments(sends);
        let operands = secluded.as_mut().unwrap_or(&mut command);
        operands.extend(paths.iter().map(|path| self.guarded(path, !sends)));
        let (mut link, shell) = self.start(place, Job::Server(command), sends)?;
        self.send_secluded(&link, secluded.as_deref())?;
        let outcome = self.converse(&mut link, sends, talk);
        end(link, Some(shell), outcome)
    }

    /// Runs a program at the other end.
    fn start(&self, place: Place, job: Job, sends: bool) -> Result<(Link, Shell), Failure> {
        let (remote, wire) = (&self.options.remote, &self.options.wire);
        let shell = remote.shell.as_ref().or(remote.usual_shell.as_ref());
        let shell = words(shell.map_or(b"ssh", |shell| shell))?;
        let program = remote.program.clone().unwrap_or_else(|| b"rsync".to_vec());
        let command = Command { shell, place, program, job };
        self.debug((Debug::Cmd, 1), &command.opening_line());
        let (shell, read, write) = command.start(role(sends))?;
        Ok((Link::over(read, write, wire.timeout, wire.bandwidth), shell))
    }

    /// Connects to a daemon, or has a remote shell start one, and talks to it.
    fn call_daemon(
        &self,
        place: Place,
        port: Option<u16>,
        paths: &[Bytes],
        talk: impl FnOnce(&mut Link, Session) -> Result<Outcome, Failure>,
        sends: bool,
    ) -> Result<Done, Failure> {
        let (remote, wire) = (&self.options.remote, &self.options.wire);
        let first = paths.first().map_or(&b""[..], |path| path);
        let has_module = !first.starts_with(b"/");
        let no_module = |rest| {
            let text = format!("ERROR: The remote path must start with a module name{rest}");
            Failure::new(Status::StartClient, text).bare()
        };
        let port = port.or(remote.port);
        let user = place.user.clone().unwrap_or_else(login_name);
        let (mut link, shell) = if remote.shell.is_some() {
            let (link, shell) = self.start(place, Job::Daemon(port.unwrap_or_default()), sends)?;
            if !has_module {
                return Err(no_module(""));
            }
            (link, Some(shell))
        } else if !has_module {
            return Err(no_module(" not a /"));
        } else {
            (self.connect(&place.host, port.unwrap_or(daemon::PORT), sends)?, None)
        };
        let ServerArguments { mut command, mut secluded } = self.options.server_arguments(sends);
        let operands = secluded.as_mut().unwrap_or(&mut command);
        operands.extend(paths.iter().map(|path| daemon::guarded(path)));
        let (module, _) = daemon::split(first);
        let hides = remote.hides_motd && !module.is_empty();
        let caller = daemon::Caller {
            user,
            password: &|| password(&self.options, role(sends)),
            tell: &|line| {
                if !hides {
                    self.log.line(Kind::Info, &[line, b"\n"].concat());
                }
            },
        };
        let greeting = daemon::greet(&mut link, wire.version)?;
        daemon::send_early(&link, &early_input(&self.options, role(sends))?)?;
        self.debug((Debug::Cmd, 1), &shown("sending daemon args:", &command));
        let version = match daemon::ask(&mut link, module, greeting, &caller)? {
            daemon::Answer::Session(version) => version,
            daemon::Answer::Exit => return Ok(Done::told()),
        };
        link.outgoing.raw(on_the_wire(&command))?;
        self.send_secluded(&link, secluded.as_deref())?;
        let options = Arc::clone(&self.options);
        let outcome = agree(&mut link, options, Side::Client, sends, &self.algorithms, version)
            .and_then(|session| talk(&mut link, session));
        let outcome = self.conclude(&mut link, outcome, sends, Some(version));
        end(link, shell, outcome)
    }

    /// Connects to a daemon's socket.
    fn connect(&self, host: &[u8], port: u16, sends: bool) -> Result<Link, Failure> {
        let wire = &self.options.wire;
        let reaching = Reaching {
            family: self.options.remote.address_family,
            limit: wire.connect_timeout,
            role: role(sends),
            tell: &|level, line| self.debug(level, &[line, b"\n"].concat()),
        };
        let (read, write) = reaching.reach((host, port))?;
        Ok(Link::over(read, write, wire.timeout, wire.bandwidth))
    }

    fn guarded(&self, path: &[u8], is_pulled: bool) -> Bytes {
        let path = if path.is_empty() { b"." } else { path };
        match self.options.remote.quoting {
            Quoting::Escaped => file_name(path, is_pulled),
            _ => path.to_vec(),
        }
    }

    /// Sends the arguments that no shell is to meet.
    fn send_secluded(&self, link: &Link, secluded: Option<&[Bytes]>) -> Result<(), Failure> {
        let Some(arguments) = secluded else { return Ok(()) };
        // The first one is the program's name.
        self.debug((Debug::Cmd, 1), &shown("protected args:", &arguments[1..]));
        link.outgoing.raw(on_the_wire(arguments))
    }

    /// Tells those who debug so much.
    fn debug(&self, (what, level): (Debug, u8), line: &[u8]) {
        if self.options.output.debug.has(what, level) {
            self.log.line(Kind::Info, line);
        }
    }

    /// Agrees with the server and talks to it; tells it of a failure.
    pub(super) fn converse(
        &self,
        link: &mut Link,
        sends: bool,
        talk: impl FnOnce(&mut Link, Session) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        let options = Arc::clone(&self.options);
        let mut version = None;
        let outcome = handshake(link, options, Side::Client, sends, &self.algorithms).and_then(|session| {
            version = Some(session.version);
            talk(link, session)
        });
        self.conclude(link, outcome, sends, version)
    }

    /// Hears why a peer has gone, and tells one that understands it of a failure here.
    fn conclude(
        &self,
        link: &mut Link,
        outcome: Result<Outcome, Failure>,
        sends: bool,
        version: Option<Version>,
    ) -> Result<Outcome, Failure> {
        let failure = match outcome {
            Err(failure) if version.is_some_and(|version| version >= Version::V31) => failure,
            outcome => return outcome,
        };
        if failure.is_broken() {
            let Some(told) = link.last_heard() else { return Err(failure) };
            let lines = failure.lines(role(sends)).unwrap_or_default();
            let first = lines.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
            self.log.line(Kind::Error, first);
            return Err(told);
        }
        if !failure.is_abrupt() {
            link.abort(failure.own_code());
        }
        Err(failure)
    }
}

/// Arguments as they go over the wire: an empty one ends them.
fn on_the_wire(arguments: &[Bytes]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for argument in arguments {
        bytes.extend_from_slice(argument);
        bytes.push(0);
    }
    bytes.push(0);
    bytes
}

/// Waits for the end of what the shell started, whose status counts if it is higher.
fn end(link: Link, shell: Option<Shell>, outcome: Result<Outcome, Failure>) -> Result<Done, Failure> {
    let amounts = outcome.as_ref().ok().map(|outcome| outcome.amounts(&link.traffic));
    let wait = || shell.and_then(Shell::wait).unwrap_or(0);
    // Who pulls nothing learns why by the server's status, and passes it on where
    // there is a message for it: too late for a server that has ended, which is
    // said (observed: 3.5.0).
    let nothing = match &outcome {
        Ok(Outcome::Received(finished)) if finished.entries == 0 => Some(finished.run.session.version),
        _ => None,
    };
    let (theirs, afterword) = if let Some(version) = nothing {
        let theirs = wait();
        let is_told = theirs != 0 && version >= Version::V31;
        (theirs, if is_told { link.last_word(theirs.into()) } else { None })
    } else {
        link.close();
        (wait(), None)
    };
    match outcome {
        Err(failure) if failure.is_abrupt() => Err(failure),
        Err(failure) => Err(failure.with_remote(theirs)),
        Ok(outcome) => {
            let (read, written) = amounts.unwrap_or_default();
            let code = outcome.status().code().max(theirs);
            Ok(Done { outcome, read, written, code, afterword })
        }
    }
}
