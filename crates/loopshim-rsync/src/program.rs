//! The program: from its arguments to its exit status.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::Arc;

use loopshim_core::World;
use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::Zone;

use crate::connection::{Algorithms, Side};
use crate::fs::Temporaries;
use crate::log::{Kind, Log};
use crate::options::{Bytes, Ending, Invocation, Options, Quoting, Surroundings, parse};
use crate::roles::{Client, Quiet, Route, serve};
use crate::{Failure, Status};

/// Runs with the world's arguments; the exit status.
pub(crate) fn run(world: &mut World) -> u8 {
    let arguments: Vec<Bytes> = world.args.iter().map(|argument| argument.as_bytes().to_vec()).collect();
    match understood(world, &arguments) {
        Ok(invocation) if is_told_more(&invocation.options) => match told_arguments() {
            Ok(told) => match understood(world, &[arguments, told].concat()) {
                Ok(invocation) => start(world, invocation),
                Err(ending) => end(world, &ending),
            },
            Err(failure) => report(&failure),
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
    let Ending::Refused(refusal) = ending else {
        return Status::Syntax.code();
    };
    let code = refusal.status.code();
    let last = format!("\nrsync error: {} (code {code}) at {}\n", refusal.status.meaning(), refusal.site);
    // A closed standard error loses the text; the status remains.
    let _ = world.stderr.write_all(&[&refusal.text, last.as_bytes()].concat());
    code
}

fn start(world: &World, Invocation { options, operands }: Invocation) -> u8 {
    let side = if options.role.is_server() { Side::Server } else { Side::Client };
    let list = |name| world.var(name).map(OsString::into_vec);
    let (checksums, compressions) = (list("RSYNC_CHECKSUM_LIST"), list("RSYNC_COMPRESS_LIST"));
    let algorithms = Algorithms::of(checksums.as_deref(), compressions.as_deref(), side);
    let temporaries = Temporaries::default();
    if side == Side::Server {
        return serve(options, &operands, &algorithms, temporaries).code();
    }
    let client = Client {
        options: Arc::new(options),
        algorithms,
        temporaries,
        log: Arc::new(Console),
        sent: Arc::new(Quiet),
        received: Arc::new(Quiet),
    };
    match Route::new(&operands).and_then(|route| client.run(route)) {
        Ok(done) => done.code,
        Err(failure) => report(&failure),
    }
}

fn report(failure: &Failure) -> u8 {
    if let Some(text) = &failure.text {
        Console.line(Kind::Error, format!("rsync: {text}\n").as_bytes());
        let code = failure.code();
        let last = format!("rsync error: {} (code {code})\n", failure.status.meaning());
        Console.line(Kind::Error, last.as_bytes());
    }
    failure.code()
}

/// Prints lines.
struct Console;

impl Log for Console {
    fn line(&self, kind: Kind, text: &[u8]) {
        // Nobody may be listening.
        let _ = match kind {
            Kind::Info => std::io::stdout().write_all(text),
            _ => std::io::stderr().write_all(text),
        };
    }
}
