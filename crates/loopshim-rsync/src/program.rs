//! The program: from its arguments to its exit status.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, LineWriter, Write};
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::Arc;
use std::time::Instant;

use loopshim_core::World;
use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::Zone;
use rustix::fd::AsFd;

use crate::connection::{Algorithms, Handover, Side};
use crate::failure::UNTRUSTED;
use crate::filters::Filters;
use crate::fs::{Access, Temporaries, WayError, error_text, make_room, open_named};
use crate::log::{Kind, Log};
use crate::options::{
    Buffering, Bytes, DebugLevels, Ending, FilesFrom, Info, InfoLevels, Invocation, Options, Quoting,
    Refusal, Role, Surroundings, parse,
};
use crate::report::{self, Escaping, Locale, Reporter, Statistics, Streams, Way};
use crate::roles::{Client, Done, Outcome, Route, Server, open_names, serve};
use crate::signals;
use crate::{Failure, Status, filters, receiver, sender};

/// Runs with the world's arguments; the exit status.
pub(crate) fn run(world: &mut World) -> u8 {
    let arguments: Vec<Bytes> = world.args.iter().map(|argument| argument.as_bytes().to_vec()).collect();
    match understood(world, &arguments) {
        Ok(invocation) if is_told_more(&invocation.options) => match told_arguments() {
            Ok(told) => match understood(world, &[&arguments[..], &told].concat()) {
                Ok(invocation) => start(world, invocation, &arguments),
                Err(ending) => end(world, &ending),
            },
            Err(failure) => report_failure(&failure),
        },
        Ok(invocation) => start(world, invocation, &arguments),
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
    let (status, output, errors) = match ending {
        Ending::Refused(refusal) => return refuse(world, refusal),
        Ending::Usage => {
            let last = report::error_line(Status::Syntax.code(), "main.c(1871)", "client");
            (Status::Syntax, String::new(), report::usage() + &last)
        }
        Ending::Help => (Status::Success, report::usage(), String::new()),
        Ending::Version => (Status::Success, report::version(), String::new()),
        Ending::VersionJson => (Status::Success, report::json(), String::new()),
        Ending::InfoHelp => (Status::Success, InfoLevels::help(), String::new()),
        Ending::DebugHelp => (Status::Success, DebugLevels::help(), String::new()),
    };
    // A closed stream loses the text; the status remains.
    let _ = world.stdout.write_all(output.as_bytes());
    let _ = world.stderr.write_all(errors.as_bytes());
    status.code()
}

/// Says why the arguments are refused, unless a filter before was wrong.
fn refuse(world: &mut World, refusal: &Refusal) -> u8 {
    let mut options = Options::default();
    options.selection.filters.clone_from(&refusal.filters_before);
    let mut stdin = std::io::stdin();
    let who = if world.args.iter().any(|argument| argument == "--server") { "server" } else { "client" };
    if let Err(failure) = Filters::from_options(&options, &mut filters::Surroundings { stdin: &mut stdin }) {
        return refuse_for(world, &options, &failure, who);
    }
    let mut text = Vec::new();
    escaping(world, &options).show(&refusal.text, &mut text);
    text.push(b'\n');
    text.extend(report::error_line(refusal.status.code(), refusal.site, who).into_bytes());
    // A closed standard error loses the text; the status remains.
    let _ = world.stderr.write_all(&text);
    refusal.status.code()
}

/// Says why there is no run.
fn refuse_for(world: &mut World, options: &Options, failure: &Failure, who: &str) -> u8 {
    let (escaping, lines) = (escaping(world, options), failure.lines(who).unwrap_or_default());
    let mut text = Vec::new();
    lines.split_inclusive(|&byte| byte == b'\n').for_each(|line| escaping.show(line, &mut text));
    // As above.
    let _ = world.stderr.write_all(&text);
    failure.code()
}

/// Which bytes of names are shown as they are, by options and locale.
fn escaping(world: &World, options: &Options) -> Escaping {
    let environment = Environment::new(world.root.clone(), world.vars.clone());
    let name = environment.locale_name("LC_CTYPE").to_ascii_lowercase();
    let is_utf8 = name.windows(5).any(|part| part == b"utf-8") || name.ends_with(b"utf8");
    Escaping { keeps_high: options.output.is_8_bit, is_utf8 }
}

/// Open files of a client: those that are handed over on this machine, and the rest.
const DESCRIPTORS: RawFd = Handover::OPEN_MAX as RawFd + 64;

fn start(world: &mut World, Invocation { options, operands }: Invocation, arguments: &[Bytes]) -> u8 {
    let side = if options.role.is_server() { Side::Server } else { Side::Client };
    let list = |name| world.var(name).map(OsString::into_vec);
    let (checksums, compressions) = (list("RSYNC_CHECKSUM_LIST"), list("RSYNC_COMPRESS_LIST"));
    let algorithms = Algorithms::of(checksums.as_deref(), compressions.as_deref(), side);
    let temporaries = Temporaries::default();
    if side == Side::Client {
        make_room(DESCRIPTORS);
    }
    let environment = Environment::new(world.root.clone(), world.vars.clone());
    let zone = Box::new(move || Zone::of(&environment));
    if side == Side::Server {
        watch_signals(&temporaries, matches!(options.role, Role::ServerSender { .. }));
        let locale = Locale { escaping: escaping(world, &options), zone };
        return serve(options, &operands, &algorithms, temporaries, locale).code();
    }
    let options = Arc::new(options);
    let (route, who) = match check(&options) {
        Ok(()) => (Route::new(&operands), first_role(&operands)),
        Err(failure) => (Err(failure), "client"),
    };
    let route = match route {
        Ok(route) => route,
        Err(failure) => {
            return refuse_for(world, &options, &failure, who);
        }
    };
    if let Err(failure) = check_server(&options, &route) {
        return refuse_for(world, &options, &failure, who);
    }
    watch_signals(&temporaries, !matches!(route, Route::Pull { .. }));
    let way = match &route {
        Route::Local { .. } => Way::Local,
        Route::Push { .. } => Way::Push,
        Route::Pull { .. } => Way::Pull,
    };
    // There is no other machine: the options for it are for the side that receives.
    let local_receiver = match &options.remote.options[..] {
        [] => Arc::clone(&options),
        more if way == Way::Local => match understood(world, &[more, arguments].concat()) {
            Ok(invocation) => Arc::new(invocation.options),
            Err(ending) => return end(world, &ending),
        },
        _ => Arc::clone(&options),
    };
    let escaping = escaping(world, &options);
    let streams = streams(&options, escaping, world.stdout_is_terminal);
    let reporter = Arc::new(Reporter::new(Arc::clone(&options), way, escaping, streams, zone));
    let begun = Instant::now();
    let client = Client {
        options: Arc::clone(&options),
        local_receiver,
        algorithms,
        temporaries,
        log: Arc::clone(&reporter) as Arc<dyn Log>,
        sent: Arc::clone(&reporter) as Arc<dyn sender::Observer>,
        received: Arc::clone(&reporter) as Arc<dyn receiver::Observer>,
    };
    conclude(&options, way, &reporter, client.run(route), begun)
}

/// From now on a signal ends the process in the words of the side it is.
fn watch_signals(temporaries: &Temporaries, sends: bool) {
    // Where signals cannot be watched they end the process as they always do.
    let _ = signals::watch(temporaries.clone(), if sends { "sender" } else { "generator" });
}

/// Who we would be by the first operand.
fn first_role(operands: &[Bytes]) -> &'static str {
    match operands.first().map(|operand| Route::new(std::slice::from_ref(operand))) {
        Some(Ok(Route::Pull { .. })) => "Receiver",
        _ => "sender",
    }
}

/// Whether what is asked for of a daemon can be asked of where the route leads.
fn check_server(options: &Options, route: &Route) -> Result<(), Failure> {
    let is_daemon = match route {
        Route::Local { .. } => false,
        Route::Push { server, .. } | Route::Pull { server, .. } => matches!(server, Server::Daemon { .. }),
    };
    let has_socket = is_daemon && options.remote.shell.is_none();
    let (option, what, site) = if options.remote.password_file.is_some() && !is_daemon {
        ("password-file", "accessing", "main.c(1602)")
    } else if options.wire.connect_timeout.is_some_and(|limit| !limit.is_zero()) && !has_socket {
        ("contimeout", "connecting to", "main.c(1608)")
    } else {
        return Ok(());
    };
    let text = format!("The --{option} option may only be used when {what} an rsync daemon.");
    Err(Failure::new(Status::Syntax, text).bare().at(site))
}

/// Whether files that are read from the beginning on can be.
fn check(options: &Options) -> Result<(), Failure> {
    match &options.selection.files_from {
        Some(FilesFrom::Local(path)) => open_names(path, options.links.trust()).map(drop),
        _ => Ok(()),
    }
}

/// Where a client's lines go; a log file that cannot be had is done without.
fn streams(options: &Options, escaping: Escaping, is_terminal: bool) -> Streams {
    let mut output: Box<dyn Write + Send> =
        match (options.output.buffering, duplicate(rustix::stdio::stdout())) {
            (Some(Buffering::None), Ok(file)) => Box::new(file),
            (Some(Buffering::Block), Ok(file)) => Box::new(BufWriter::new(file)),
            (None, Ok(file)) if !is_terminal => Box::new(BufWriter::new(file)),
            _ => Box::new(std::io::stdout()),
        };
    let log_file = options.output.log.as_ref().and_then(|log| {
        match open_named(&log.path, Access::Append, options.links.trust()) {
            Ok(file) => Some(Box::new(LineWriter::new(file)) as Box<dyn Write + Send>),
            Err(error) => {
                let why = format!(": {}\n", error_text(error.into()));
                let head = b"rsync: [client] failed to open log-file ";
                let mut text = Vec::new();
                if error == WayError::Untrusted {
                    text.extend(format!("{UNTRUSTED}\n").bytes());
                }
                escaping.show(&[head, &log.path[..], why.as_bytes()].concat(), &mut text);
                let _ = std::io::stderr().write_all(&text);
                let _ = output.write_all(b"Ignoring \"log file\" setting.\n");
                None
            }
        }
    });
    Streams { output, errors: Box::new(std::io::stderr()), log_file }
}

fn duplicate(descriptor: impl AsFd) -> std::io::Result<File> {
    descriptor.as_fd().try_clone_to_owned().map(File::from)
}

/// The last words of a run, and the status it ends with.
fn conclude(
    options: &Options,
    way: Way,
    reporter: &Reporter,
    outcome: Result<Done, Failure>,
    begun: Instant,
) -> u8 {
    // The process that a pull begins with becomes the one that decides.
    let (who, last) = if way == Way::Pull { ("Receiver", "generator") } else { ("sender", "sender") };
    let (code, text) = match outcome {
        Ok(done) if matches!(done.outcome, Outcome::Told) => (done.code, None),
        Ok(done) => {
            let statistics = done.statistics(begun.elapsed());
            tell_statistics(options, reporter, &statistics);
            let site = if way == Way::Pull { "main.c(1956)" } else { "main.c(1394)" };
            let is_empty = matches!(&done.outcome, Outcome::Received(finished) if finished.entries == 0);
            let last = if is_empty { who } else { last };
            let afterword =
                done.afterword.map(|text| [format!("rsync: [{who}] ").as_bytes(), &text, b"\n"].concat());
            let line = (done.code != 0).then(|| report::error_line(done.code, site, last).into_bytes());
            (done.code, line.map(|line| [line, afterword.unwrap_or_default()].concat()))
        }
        Err(failure) => {
            // Of the original's two processes the other is ended by a signal, and says so.
            let is_ended = way == Way::Local && failure.is_abrupt();
            let other =
                is_ended.then(|| report::error_line(Status::Signal1.code(), "main.c(1660)", "Receiver"));
            // Where there is a log it gets an end, whoever said why (observed: 3.5.0).
            let is_other = failure.text.is_none() || way == Way::Local && failure.speaker().is_some();
            let is_logged = options.output.log.is_some() && is_other && !is_ended;
            let end = is_logged.then(|| report::error_line(failure.code(), "io.c(1892)", who));
            let parts = [failure.lines(who), other.map(String::into_bytes), end.map(String::into_bytes)];
            (failure.code(), Some(parts.into_iter().flatten().collect::<Vec<_>>().concat()))
        }
    };
    for line in text.iter().flat_map(|text| text.split_inclusive(|&byte| byte == b'\n')) {
        reporter.line(Kind::Error, line);
    }
    reporter.finish();
    code
}

fn tell_statistics(options: &Options, reporter: &Reporter, statistics: &Statistics) {
    let output = &options.output;
    reporter.finish_progress();
    if output.lists_only && !output.info.has(Info::Stats, 1) {
        return;
    }
    if output.info.has(Info::Stats, 2) {
        for line in statistics.block(output.human) {
            reporter.tell(format!("{line}\n").as_bytes(), true);
        }
    }
    if output.info.has(Info::Stats, 1) {
        for line in statistics.last(output.human, options.is_dry_run) {
            reporter.tell(format!("{line}\n").as_bytes(), true);
        }
    } else {
        reporter.write_down_line(statistics.logged().as_bytes());
    }
}

fn report_failure(failure: &Failure) -> u8 {
    // A closed standard error loses the text; the status remains.
    let _ = std::io::stderr().write_all(&failure.lines("server").unwrap_or_default());
    failure.code()
}
