//! The program: from its arguments to its exit status.

use std::ffi::OsString;
use std::io::{BufWriter, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopshim_core::World;
use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::Zone;
use rustix::fd::AsFd;

use crate::connection::{Algorithms, Side};
use crate::failure::system_text;
use crate::fs::Temporaries;
use crate::log::{Kind, Log};
use crate::options::{
    Buffering, Bytes, DebugLevels, Ending, Info, InfoLevels, Invocation, Options, Quoting, Refusal,
    Surroundings, parse,
};
use crate::report::{self, Escaping, Reporter, Streams, Way};
use crate::roles::{Client, Done, Route, serve};
use crate::{Failure, Status, receiver, sender};

/// Runs with the world's arguments; the exit status.
pub(crate) fn run(world: &mut World) -> u8 {
    let arguments: Vec<Bytes> = world.args.iter().map(|argument| argument.as_bytes().to_vec()).collect();
    match understood(world, &arguments) {
        Ok(invocation) if is_told_more(&invocation.options) => match told_arguments() {
            Ok(told) => match understood(world, &[arguments, told].concat()) {
                Ok(invocation) => start(world, invocation),
                Err(ending) => end(world, &ending),
            },
            Err(failure) => report_failure(&failure),
        },
        Ok(invocation) => start(world, invocation),
        Err(ending) => end(world, &ending),
    }
}

fn understood(world: &World, arguments: &[Bytes]) -> Result<Invocation, Ending> {
    let variable = |name: &str| world.var(name).map(OsString::into_vec);
    let zone = || Zone::of(&Environment::new(world.root.clone(), world.vars.clone()));
    parse(arguments, &Surroundings { variable: &variable, now: (world.clock)(), zone: &zone })
}

/// Whether a client sends the rest of its arguments.
fn is_told_more(options: &Options) -> bool {
    options.role.is_server() && options.remote.quoting == Quoting::Secluded
}

/// The arguments that a client sends before anything else, without the
/// program's name: each is ended by a zero byte, an empty one is the end.
fn told_arguments() -> Result<Vec<Bytes>, Failure> {
    let mut arguments = Vec::new();
    // Not a byte more may be read: what follows is the session's.
    let stdin = rustix::stdio::stdin();
    let mut argument = Bytes::new();
    loop {
        let mut byte = [0];
        match rustix::io::read(stdin, &mut byte) {
            Ok(1) if byte[0] != 0 && argument.len() < ARGUMENT_MAX => argument.push(byte[0]),
            Ok(1) if byte[0] == 0 && argument.is_empty() => break,
            Ok(1) if byte[0] == 0 && arguments.len() < ARGUMENTS_MAX => {
                arguments.push(std::mem::take(&mut argument));
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => return Err(Failure::new(Status::Protocol, "the client's arguments are incomplete")),
        }
    }
    Ok(arguments.split_off(arguments.len().min(1)))
}

/// Most arguments that a client may send.
const ARGUMENTS_MAX: usize = 1 << 20;
/// Most bytes in one of them.
const ARGUMENT_MAX: usize = 1 << 20;

/// What ends the program before a run.
fn end(world: &mut World, ending: &Ending) -> u8 {
    let (text, status) = match ending {
        Ending::Help => (report::usage(), Status::Success),
        Ending::Usage => (report::usage(), Status::Syntax),
        Ending::Version => (report::version(), Status::Success),
        Ending::VersionJson => (report::json(), Status::Success),
        Ending::InfoHelp => (InfoLevels::help(), Status::Success),
        Ending::DebugHelp => (DebugLevels::help(), Status::Success),
        Ending::Refused(refusal) => return refuse(world, refusal),
    };
    let stream = if status == Status::Success { &mut world.stdout } else { &mut world.stderr };
    // A closed stream loses the text; the status remains.
    let _ = stream.write_all(text.as_bytes());
    if status != Status::Success {
        let _ = world.stderr.write_all(report::error_line(status, USAGE_SITE, "client").as_bytes());
    }
    status.code()
}

fn refuse(world: &mut World, refusal: &Refusal) -> u8 {
    let last = report::error_line(refusal.status, refusal.site, "client");
    // A closed standard error loses the text; the status remains.
    let _ = world.stderr.write_all(&[&refusal.text, &b"\n"[..], last.as_bytes()].concat());
    refusal.status.code()
}

fn start(world: &mut World, Invocation { options, operands }: Invocation) -> u8 {
    let side = if options.role.is_server() { Side::Server } else { Side::Client };
    let list = |name| world.var(name).map(OsString::into_vec);
    let (checksums, compressions) = (list("RSYNC_CHECKSUM_LIST"), list("RSYNC_COMPRESS_LIST"));
    let algorithms = Algorithms::of(checksums.as_deref(), compressions.as_deref(), side);
    let temporaries = Temporaries::default();
    if side == Side::Server {
        return serve(options, &operands, &algorithms, temporaries).code();
    }
    let options = Arc::new(options);
    let outcome = Route::new(&operands).and_then(|route| {
        let reporter = Arc::new(reporter(world, &options, &route)?);
        Ok((route, reporter))
    });
    let (route, reporter) = match outcome {
        Ok(begun) => begun,
        Err(failure) => {
            let last = last_words(&failure, "client", CLIENT_SITE);
            let _ = world.stderr.write_all(last.as_bytes());
            return failure.code();
        }
    };
    let who = if matches!(route, Route::Pull { .. }) { "Receiver" } else { "sender" };
    let client = Client {
        options: Arc::clone(&options),
        algorithms,
        temporaries,
        log: Arc::clone(&reporter) as Arc<dyn Log>,
        sent: Arc::clone(&reporter) as Arc<dyn sender::Observer>,
        received: Arc::clone(&reporter) as Arc<dyn receiver::Observer>,
    };
    let start = Instant::now();
    let code = match client.run(route) {
        Ok(done) => {
            tell_statistics(&reporter, &options, &done, start.elapsed());
            finish(&reporter, &done, who)
        }
        Err(failure) => {
            reporter.line(Kind::Error, last_words(&failure, who, STREAM_SITE).as_bytes());
            failure.code()
        }
    };
    reporter.finish();
    code
}

/// The last line of a run that came to its end, though not with all it had to do.
fn finish(reporter: &Reporter, done: &Done, who: &str) -> u8 {
    let site = if who == "sender" { SENDER_SITE } else { RECEIVER_SITE };
    let status = Status::from_code(done.code.into());
    if let Some(status) = status.filter(|status| *status != Status::Success) {
        reporter.line(Kind::Error, report::error_line(status, site, who).as_bytes());
    }
    done.code
}

/// Where the original reports such ends (observed: 3.5.0).
const USAGE_SITE: &str = "main.c(1933)";
const CLIENT_SITE: &str = "main.c(1495)";
const STREAM_SITE: &str = "io.c(285)";
const SENDER_SITE: &str = "main.c(1394)";
const RECEIVER_SITE: &str = "main.c(1956)";

fn last_words(failure: &Failure, who: &str, site: &str) -> String {
    let text = failure.text.as_ref().map(|text| format!("rsync: {text} [{who}]\n")).unwrap_or_default();
    // A peer that ended has said why.
    if failure.text.is_none() { text } else { text + &report::error_line(failure.status, site, who) }
}

fn reporter(world: &World, options: &Arc<Options>, route: &Route) -> Result<Reporter, Failure> {
    let (way, sources) = match route {
        Route::Local { sources, .. } => (Way::Local, &sources[..]),
        Route::Push { sources, .. } => (Way::Push, &sources[..]),
        Route::Pull { .. } => (Way::Pull, &[][..]),
    };
    let environment = Environment::new(world.root.clone(), world.vars.clone());
    let is_utf8 = {
        let name = environment.locale_name("LC_CTYPE").to_ascii_lowercase();
        name.windows(5).any(|part| part == b"utf-8") || name.ends_with(b"utf8")
    };
    let log_file = options.output.log.as_ref().map(|log| open_log(&log.path)).transpose()?;
    let output: Box<dyn Write + Send> = match options.output.buffering {
        Some(Buffering::None) => Box::new(duplicate(rustix::stdio::stdout())?),
        Some(Buffering::Block) => Box::new(BufWriter::new(duplicate(rustix::stdio::stdout())?)),
        None if !world.stdout_is_terminal => Box::new(BufWriter::new(duplicate(rustix::stdio::stdout())?)),
        _ => Box::new(std::io::stdout()),
    };
    let streams = Streams { output, errors: Box::new(std::io::stderr()), log_file };
    let escaping = Escaping { keeps_high: options.output.is_8_bit, is_utf8 };
    let zone = Box::new(move || Zone::of(&environment));
    Ok(Reporter::new(Arc::clone(options), way, sources, escaping, streams, zone))
}

fn duplicate(descriptor: impl AsFd) -> Result<std::fs::File, Failure> {
    let owned = descriptor.as_fd().try_clone_to_owned();
    owned.map(Into::into).map_err(|error| Failure::new(Status::FileIo, system_text(&error)))
}

fn open_log(path: &[u8]) -> Result<Box<dyn Write + Send>, Failure> {
    let opened = std::fs::File::options().append(true).create(true).open(std::ffi::OsStr::from_bytes(path));
    let file = opened.map_err(|error| {
        let path = String::from_utf8_lossy(path);
        Failure::new(Status::FileIo, format!("failed to open log-file {path}: {}", system_text(&error)))
    })?;
    Ok(Box::new(BufWriter::new(file)))
}

fn tell_statistics(reporter: &Reporter, options: &Options, done: &Done, duration: Duration) {
    let statistics = done.statistics(duration);
    let style = options.output.human;
    let mut lines = Vec::new();
    if options.output.info.has(Info::Stats, 2) {
        lines.push(String::new());
        lines.extend(statistics.block(style));
    }
    if options.output.info.has(Info::Stats, 1) {
        lines.extend(statistics.last(style, options.is_dry_run));
    } else {
        reporter.write_down_line(statistics.logged().as_bytes());
    }
    lines.iter().for_each(|line| reporter.tell(line.as_bytes(), true));
}

fn report_failure(failure: &Failure) -> u8 {
    // Nobody may be listening.
    let _ = std::io::stderr().write_all(last_words(failure, "server", STREAM_SITE).as_bytes());
    failure.code()
}
