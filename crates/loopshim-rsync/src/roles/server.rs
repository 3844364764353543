//! What a client calls at the other end of a remote shell.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use rsync_proto::Version;
use rsync_proto::file_list::Entry;
use rsync_proto::filter::{Sides, read as read_rules};
use rsync_proto::item::Item;
use rsync_proto::multiplex::{Message, TextKind};
use rustix::fd::AsFd;

use super::names::{from_file, from_peer, open_names};
use super::wildcards::expanded;
use super::{Quiet, RemoteLog};
use crate::connection::{Algorithms, Link, Messages, Outgoing, Session, Side, handshake};
use crate::filters::{Files, Filters};
use crate::fs::{FileType, Temporaries};
use crate::log::{Kind, Log};
use crate::options::{Bytes, FilesFrom, Options, Quoting, Role};
use crate::receiver::{self, Anything, Receiving};
use crate::report::{Lister, Locale, ZoneOf};
use crate::sender::{self, Sources, Task};
use crate::{Failure, Status};

/// Serves the client on standard input and output. `operands` are those after
/// the `.` that stands for the directory; `locale` is that of what is said here.
pub fn serve(
    options: Options,
    operands: &[Bytes],
    algorithms: &Algorithms,
    temporaries: Temporaries,
    locale: Locale,
) -> Status {
    let (Ok(read), Ok(write)) = (duplicate(rustix::stdio::stdin()), duplicate(rustix::stdio::stdout()))
    else {
        return Status::Ipc;
    };
    let link = Link::over(read, write, options.wire.timeout, options.wire.bandwidth);
    serve_over(link, options, operands, algorithms, temporaries, locale)
}

/// Serves the client at the other end of `link`, as [`serve`] does.
pub fn serve_over(
    mut link: Link,
    options: Options,
    operands: &[Bytes],
    algorithms: &Algorithms,
    temporaries: Temporaries,
    locale: Locale,
) -> Status {
    let log = Arc::new(RemoteLog::new(link.outgoing.clone(), options.output.stderr, locale.escaping));
    let options = Arc::new(options);
    let mut version = None;
    let who = if matches!(options.role, Role::ServerSender { .. }) { "sender" } else { "Receiver" };
    let serving =
        Serving { options, operands, algorithms, log: Arc::clone(&log), temporaries, zone: locale.zone };
    let status = match serving.run(&mut link, &mut version) {
        Ok(status) => status,
        Err(failure) => {
            let told = if failure.is_broken() { link.last_heard() } else { None };
            let failure = told.unwrap_or(failure);
            report(&failure, who, &*log);
            if version.is_some_and(|version| version >= Version::V31) && !failure.is_abrupt() {
                link.abort(failure.own_code());
            }
            failure.status
        }
    };
    link.close();
    status
}

fn duplicate(descriptor: impl AsFd) -> std::io::Result<File> {
    descriptor.as_fd().try_clone_to_owned().map(File::from)
}

fn report(failure: &Failure, who: &str, log: &dyn Log) {
    for line in failure.lines(who).iter().flat_map(|lines| lines.split_inclusive(|&byte| byte == b'\n')) {
        log.line(Kind::Error, line);
    }
}

struct Serving<'s> {
    options: Arc<Options>,
    operands: &'s [Bytes],
    algorithms: &'s Algorithms,
    log: Arc<RemoteLog>,
    temporaries: Temporaries,
    zone: ZoneOf,
}

impl Serving<'_> {
    fn run(self, link: &mut Link, version: &mut Option<Version>) -> Result<Status, Failure> {
        let sends = matches!(self.options.role, Role::ServerSender { .. });
        let options = Arc::clone(&self.options);
        let session = handshake(link, options, Side::Server, sends, self.algorithms)?;
        *version = Some(session.version);
        self.log.begin_frames();
        if sends { self.send(link, &session) } else { self.receive(link, session) }
    }

    fn send(self, link: &mut Link, session: &Session) -> Result<Status, Failure> {
        // Rules come before anything else, in frames of which nobody needs the messages yet.
        link.incoming.begin_frames(Box::new(Nobody));
        let rules = read_rules(&mut link.incoming)?;
        let filters = Filters::from_wire(&rules, &self.options)?;
        let (directory, is_from0) =
            (self.operands.first().map_or(&b"."[..], |path| path), self.options.selection.is_from0);
        let version = session.version;
        let operands: Vec<Bytes> = match self.options.remote.quoting {
            Quoting::Secluded => self.operands.iter().flat_map(|operand| expanded(operand)).collect(),
            _ => self.operands.to_vec(),
        };
        let sources = match &self.options.selection.files_from {
            None => Sources::Operands(&operands),
            Some(FilesFrom::Stdin) => {
                Sources::Named { directory, next: Box::new(move |incoming| from_peer(incoming, version)) }
            }
            Some(FilesFrom::Local(path) | FilesFrom::Remote(path)) => {
                let mut file = BufReader::new(open_names(path, self.options.links.trust())?);
                Sources::Named { directory, next: Box::new(move |_| from_file(&mut file, is_from0, false)) }
            }
        };
        let task = Task {
            session,
            sources,
            scope: filters
                .scope(Sides::Sender, Files::new(&self.options, Arc::clone(&self.log) as Arc<dyn Log>)),
            log: Arc::clone(&self.log) as Arc<dyn Log>,
            observer: Arc::new(Quiet),
        };
        sender::run(link, task).map(|summary| summary.status())
    }

    fn receive(self, link: &mut Link, session: Session) -> Result<Status, Failure> {
        let options = Arc::clone(&self.options);
        let log = Arc::clone(&self.log) as Arc<dyn Log>;
        let lister = Lister::new(&options, self.zone);
        let observer = Arc::new(Telling { outgoing: link.outgoing.clone(), lister });
        let files = Files::new(&options, Arc::clone(&log));
        let receiving = Receiving::new(session, self.temporaries, log, observer)?;
        link.incoming.begin_frames(receiving.messages(Box::new(Nobody)));
        let wants_rules = options.deletion.timing.is_some() || options.selection.prunes_empty_directories;
        let rules = if wants_rules { read_rules(&mut link.incoming)? } else { Vec::new() };
        let filters = Filters::from_wire(&rules, &options)?;
        let operand = self.operands.first().map_or(&b"."[..], |path| path);
        let scope = filters.scope(Sides::Receiver, files);
        let outgoing = link.outgoing.clone();
        let finished =
            receiving.run(&mut link.incoming, &outgoing, operand, scope, Box::new(Anything), false)?;
        Ok(finished.status)
    }
}

/// Tells the client what is deleted here, and what a list that is only shown
/// has; of items its own side knows.
struct Telling {
    outgoing: Outgoing,
    lister: Lister,
}

impl receiver::Observer for Telling {
    fn item(&self, _: u32, _: &Entry, _: &Item) {}
    fn listed(&self, entry: &Entry) {
        let message = Message::Text(TextKind::Info, self.lister.line(entry));
        // As below.
        let _ = self.outgoing.message(&message);
    }

    fn progress(&self, _: &Entry, _: u64, _: bool) {}

    fn deleted(&self, name: &[u8], kind: FileType) {
        let message = Message::Deleted { name: name.to_vec(), is_directory: kind == FileType::Directory };
        // A client that is gone needs no telling; who reads from it finds out.
        let _ = self.outgoing.message(&message);
    }
}

/// Takes messages that a client has no reason to send.
struct Nobody;

impl Messages for Nobody {
    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::ErrorExit(status) => {
                Err(Failure::silent(status.and_then(Status::from_code).unwrap_or(Status::Partial)))
            }
            _ => Ok(()),
        }
    }
}
