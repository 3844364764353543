//! Whom the user calls.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rsync_proto::Version;
use rsync_proto::filter::{Sides, write as write_rules};
use rsync_proto::multiplex::{Message, TextKind};
use rustix::process::{Resource, getrlimit};

use super::names::{from_file, from_peer, open_names};
use super::route::Route;
use crate::connection::{
    Algorithms, Handover, Link, Messages, Outgoing, Session, Side, Traffic, handshake, paced_pair, pair,
};
use crate::filters::{Files, Filters, Surroundings};
use crate::fs::Temporaries;
use crate::log::{Kind, Log};
use crate::options::{Bytes, FilesFrom, Options, Recursion};
use crate::receiver::{Anything, Finished, Named, Receiving, Requested};
use crate::report::Statistics;
use crate::sender::{self, Sources, Summary, Task};
use crate::{Failure, Status, receiver};

/// What a client is to do, and by which means.
pub struct Client {
    /// What was asked for.
    pub options: Arc<Options>,
    /// Where both sides are here, what was asked of the one that receives.
    pub local_receiver: Arc<Options>,
    /// What may be negotiated.
    pub algorithms: Algorithms,
    /// Files in the making.
    pub temporaries: Temporaries,
    /// Lines for the user.
    pub log: Arc<dyn Log>,
    /// Told of what is sent.
    pub sent: Arc<dyn sender::Observer>,
    /// Told of what is received.
    pub received: Arc<dyn receiver::Observer>,
}

/// What came of a run.
pub enum Outcome {
    /// We sent.
    Sent(Summary),
    /// We received.
    Received(Finished),
    /// A daemon told all there is.
    Told,
}

impl Outcome {
    /// The status to end with, as far as we know.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Sent(summary) => summary.status(),
            Self::Received(finished) => finished.status,
            Self::Told => Status::Success,
        }
    }

    /// Bytes that were read and written: as the side that sends files counted them,
    /// if it told.
    pub(super) fn amounts(&self, traffic: &Traffic) -> (u64, u64) {
        match self {
            Self::Sent(summary) => (summary.read, summary.written),
            Self::Received(Finished { stats: Some(stats), .. }) => (stats.written, stats.read),
            Self::Received(_) | Self::Told => (traffic.bytes_read(), traffic.bytes_written()),
        }
    }
}

/// What a run came to, and how many bytes crossed the connection.
pub struct Done {
    /// What came of it.
    pub outcome: Outcome,
    /// Bytes that were read.
    pub read: u64,
    /// Bytes that were written.
    pub written: u64,
    /// The number to end with.
    pub code: u8,
    /// What is said behind the last line.
    pub afterword: Option<Bytes>,
}

impl Done {
    /// Of a daemon that told all there is.
    pub(super) const fn told() -> Self {
        Self { outcome: Outcome::Told, read: 0, written: 0, code: 0, afterword: None }
    }

    /// What is told of it at the end.
    pub fn statistics(&self, duration: Duration) -> Statistics {
        let common =
            Statistics { sent: self.written, received: self.read, duration, ..Statistics::default() };
        match &self.outcome {
            Outcome::Told => common,
            Outcome::Sent(summary) => Statistics {
                files: summary.listed.entries,
                created: summary.created,
                deleted: summary.deleted,
                transferred_files: summary.transferred_files,
                size: summary.listed.size,
                transferred_size: summary.transferred_size,
                literal: summary.literal,
                matched: summary.matched,
                list_size: summary.listed.list_bytes,
                list_building: Duration::from_millis(summary.list_milliseconds),
                ..common
            },
            Outcome::Received(finished) => {
                let counts = &finished.run.counts;
                let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
                let numbers = |counts: &[AtomicU64; 5]| [0, 1, 2, 3, 4].map(|at| number(&counts[at]));
                let stats = finished.stats.unwrap_or_default();
                Statistics {
                    files: numbers(&counts.listed),
                    created: numbers(&counts.created),
                    deleted: (finished.run.session.version >= Version::V31).then(|| numbers(&counts.deleted)),
                    transferred_files: number(&counts.transferred_files),
                    size: stats.size,
                    transferred_size: number(&counts.transferred_size),
                    literal: number(&counts.literal),
                    matched: number(&counts.matched),
                    list_size: number(&counts.list_size),
                    list_building: Duration::from_millis(stats.list_building),
                    list_sending: Duration::from_millis(stats.list_sending),
                    ..common
                }
            }
        }
    }
}

impl Client {
    /// Copies along a route.
    ///
    /// # Errors
    /// What ends the run before its time.
    pub fn run(self, route: Route) -> Result<Done, Failure> {
        let mut stdin = std::io::stdin();
        let filters = Filters::from_options(&self.options, &mut Surroundings { stdin: &mut stdin })?;
        match route {
            Route::Local { sources, destination } => self.copy(&sources, &destination, &filters),
            Route::Push { sources, server, path } => self.reach(server, &[path], true, |link, session| {
                self.push(link, session, &sources, &filters).map(Outcome::Sent)
            }),
            Route::Pull { server, paths, destination } => {
                let asked: Vec<Bytes> = paths.iter().map(|path| server.named(path).to_vec()).collect();
                self.reach(server, &paths, false, |link, session| {
                    self.pull(link, session, &asked, &destination, &filters).map(Outcome::Received)
                })
            }
        }
    }

    /// Copies along a route whose server is at the other end of `link` and has
    /// been told its arguments; within this machine as [`Client::run`].
    ///
    /// # Errors
    /// What ends the run before its time.
    pub fn run_over(self, mut link: Link, route: Route) -> Result<Outcome, Failure> {
        let mut stdin = std::io::stdin();
        let filters = Filters::from_options(&self.options, &mut Surroundings { stdin: &mut stdin })?;
        match route {
            Route::Local { .. } => self.run(route).map(|done| done.outcome),
            Route::Push { sources, .. } => self.converse(&mut link, true, |link, session| {
                self.push(link, session, &sources, &filters).map(Outcome::Sent)
            }),
            Route::Pull { paths, destination, .. } => self.converse(&mut link, false, |link, session| {
                self.pull(link, session, &paths, &destination, &filters).map(Outcome::Received)
            }),
        }
    }

    fn push(
        &self,
        link: &mut Link,
        session: Session,
        sources: &[Bytes],
        filters: &Filters,
    ) -> Result<Summary, Failure> {
        let options = &self.options;
        if options.deletion.timing.is_some() || options.selection.prunes_empty_directories {
            send_rules(&link.outgoing, &filters.texts(Sides::Receiver))?;
        }
        self.send(link, &session, sources, filters)
    }

    fn send(
        &self,
        link: &mut Link,
        session: &Session,
        operands: &[Bytes],
        filters: &Filters,
    ) -> Result<Summary, Failure> {
        let selection = &self.options.selection;
        let directory = operands.first().map_or(&b"."[..], |path| path);
        let is_from0 = selection.is_from0;
        let version = session.version;
        let sources = match &selection.files_from {
            None => Sources::Operands(operands),
            Some(FilesFrom::Remote(_)) => {
                Sources::Named { directory, next: Box::new(move |incoming| from_peer(incoming, version)) }
            }
            Some(FilesFrom::Local(path)) => {
                let mut file = BufReader::new(open_names(path, self.options.links.trust())?);
                Sources::Named { directory, next: Box::new(move |_| from_file(&mut file, is_from0, false)) }
            }
            Some(FilesFrom::Stdin) => {
                let mut file = BufReader::new(std::io::stdin());
                Sources::Named { directory, next: Box::new(move |_| from_file(&mut file, is_from0, false)) }
            }
        };
        let scope = filters.scope(Sides::Sender, self.rule_files());
        let (log, observer) = (Arc::clone(&self.log), Arc::clone(&self.sent));
        sender::run(link, Task { session, sources, scope, log, observer })
    }

    fn pull(
        &self,
        link: &mut Link,
        session: Session,
        paths: &[Bytes],
        destination: &[u8],
        filters: &Filters,
    ) -> Result<Finished, Failure> {
        let version = session.version;
        let receiving = self.receiving(session)?;
        link.incoming.begin_frames(receiving.messages(Box::new(Told(Arc::clone(&self.log)))));
        send_rules(&link.outgoing, &filters.texts(Sides::Sender))?;
        let named = Named::new(self.options.selection.recursion);
        let names = self.forwarded_names(link, version, &named)?;
        let accept = self.acceptable(paths, named, filters);
        let outgoing = link.outgoing.clone();
        let scope = filters.clone().protecting_cvs().scope(Sides::Receiver, self.rule_files());
        let finished = receiving.run(&mut link.incoming, &outgoing, destination, scope, accept, false);
        match names.map(std::thread::JoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            // What the names met, the session met too.
            _ => finished,
        }
    }

    /// How files of rules in directories are read.
    fn rule_files(&self) -> Files {
        Files::new(&self.options, Arc::clone(&self.log))
    }

    /// What a server may name.
    fn acceptable(
        &self,
        paths: &[Bytes],
        named: Named,
        filters: &Filters,
    ) -> Box<dyn receiver::Accept + Send> {
        let selection = &self.options.selection;
        let requested = match &selection.files_from {
            _ if self.options.wire.trusts_sender => return Box::new(Anything),
            // What is in the server's own list only the server knows.
            Some(FilesFrom::Remote(_)) => return Box::new(Anything),
            Some(FilesFrom::Local(_) | FilesFrom::Stdin) => Requested::named(named),
            None => Requested::new(paths.iter().map(Vec::as_slice), selection.is_relative),
        };
        let requested = requested.no_deeper(selection.recursion == Recursion::Recurse);
        Box::new(requested.but_for(filters.scope(Sides::Sender, self.rule_files())))
    }

    fn receiving(&self, session: Session) -> Result<Receiving, Failure> {
        let (log, observer) = (Arc::clone(&self.log), Arc::clone(&self.received));
        Receiving::new(session, self.temporaries.clone(), log, observer)
    }

    /// Sends the names of `--files-from` to a server that has none, while its
    /// list comes, and has them accepted.
    fn forwarded_names(
        &self,
        link: &Link,
        version: Version,
        named: &Named,
    ) -> Result<Option<std::thread::JoinHandle<Result<(), Failure>>>, Failure> {
        let is_from0 = self.options.selection.is_from0;
        let file: Box<dyn std::io::Read + Send> = match &self.options.selection.files_from {
            None | Some(FilesFrom::Remote(_)) => return Ok(None),
            Some(FilesFrom::Local(path)) => Box::new(open_names(path, self.options.links.trust())?),
            Some(FilesFrom::Stdin) => Box::new(std::io::stdin()),
        };
        let (outgoing, named) = (link.outgoing.clone(), named.clone());
        let is_relative = self.options.selection.is_relative;
        Ok(Some(std::thread::spawn(move || {
            let mut file = BufReader::new(file);
            let next = || {
                let name = from_file(&mut file, is_from0, true)?;
                Ok(name.inspect(|name| named.add(name, is_relative)))
            };
            forward(next, version, &outgoing)
        })))
    }

    /// Copies within this machine: the receiving side is a thread.
    fn copy(&self, sources: &[Bytes], destination: &[u8], filters: &Filters) -> Result<Done, Failure> {
        let wire = &self.options.wire;
        let (mut here, there) = match wire.bandwidth {
            None => pair(wire.timeout),
            Some(bandwidth) => paced_pair(wire.timeout, bandwidth)?,
        };
        // Files that need no comparison are not sent from thread to thread, but
        // where the user wants that to take its time, or to see their checksums.
        let passes = wire.bandwidth.is_none() && !self.options.shows_sums();
        let handover = passes.then(|| Handover::within(getrlimit(Resource::Nofile).current));
        std::thread::scope(|scope| {
            let receiver = scope.spawn(|| self.receive_here(there, destination, filters, handover.clone()));
            let options = Arc::clone(&self.options);
            let outcome = handshake(&mut here, options, Side::Client, true, &self.algorithms).and_then(
                |mut session| {
                    session.handover = handover.clone();
                    self.send(&mut here, &session, sources, filters)
                },
            );
            here.close();
            let received = match receiver.join() {
                Ok(received) => received,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            // Of two failures the first one said why.
            let (summary, finished) = match (outcome, received) {
                (Ok(summary), Ok(finished)) => (summary, finished),
                (Err(sender), Err(receiver)) => return Err(graver(sender, receiver.by("Receiver"))),
                (Err(failure), Ok(_)) => return Err(failure),
                (Ok(_), Err(failure)) => return Err(failure.by("Receiver")),
            };
            let code = summary.status().max(finished.status).code();
            let (read, written) = (summary.read, summary.written);
            Ok(Done { outcome: Outcome::Sent(summary), read, written, code, afterword: None })
        })
    }

    fn receive_here(
        &self,
        mut link: Link,
        destination: &[u8],
        filters: &Filters,
        handover: Option<Arc<Handover>>,
    ) -> Result<Finished, Failure> {
        let mut options = (*self.local_receiver).clone();
        options.role = crate::options::Role::ServerReceiver { offered: options.offer(true) };
        let session = handshake(&mut link, Arc::new(options), Side::Server, false, &self.algorithms);
        let finished = session.and_then(|mut session| {
            session.handover = handover;
            let receiving = self.receiving(session)?;
            link.incoming.begin_frames(receiving.messages(Box::new(Told(Arc::clone(&self.log)))));
            let (outgoing, scope) =
                (link.outgoing.clone(), filters.scope(Sides::Receiver, self.rule_files()));
            receiving.run(&mut link.incoming, &outgoing, destination, scope, Box::new(Anything), true)
        });
        link.close();
        finished
    }
}

/// The failure that says why; the other side only noticed.
fn graver(one: Failure, other: Failure) -> Failure {
    if one.is_echo() { other } else { one }
}

fn send_rules(outgoing: &Outgoing, texts: &[Vec<u8>]) -> Result<(), Failure> {
    let mut data = outgoing.data();
    write_rules(data.buffer(), texts);
    data.flush()
}

/// Sends names, each ended by a zero byte, and an empty one at the end; before
/// protocol 31 without frames.
fn forward(
    mut next: impl FnMut() -> Result<Option<Bytes>, Failure>,
    version: Version,
    outgoing: &Outgoing,
) -> Result<(), Failure> {
    let mut data = outgoing.data();
    let mut raw = Vec::new();
    let has_frames = version >= Version::V31;
    while let Some(name) = next()? {
        let buffer = if has_frames { data.buffer() } else { &mut raw };
        buffer.extend_from_slice(&name);
        buffer.push(0);
        data.settle()?;
    }
    if has_frames {
        data.buffer().push(0);
        return data.flush();
    }
    raw.push(0);
    outgoing.raw(raw)
}

/// Shows a server's lines.
struct Told(Arc<dyn Log>);

impl Messages for Told {
    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::Text(kind, text) => {
                let kind = match kind {
                    TextKind::TransferError => Kind::TransferError,
                    TextKind::Info => Kind::Info,
                    TextKind::Error => Kind::Error,
                    TextKind::Warning => Kind::Warning,
                };
                self.0.line(kind, &text);
                Ok(())
            }
            Message::ErrorExit(status) => {
                let status = status.and_then(Status::from_code).unwrap_or(Status::Partial);
                Err(Failure::silent(status))
            }
            _ => Ok(()),
        }
    }
}
