//! `ipmitool`: argument grammar, transports and printing.
//!
//! The stand-in is a client of a BMC exactly as the original is: a command
//! becomes IPMI requests, the responses become text. Which version's text is
//! chosen by [`Personality`].

pub mod commands;
pub mod console;
pub mod files;
pub mod number;
pub mod oem;
pub mod personality;
pub mod sdr_repository;
pub mod session;
pub mod text;
pub mod transport;

use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use crate::World;

pub use console::{Console, Level};
pub use personality::Personality;
pub use session::{Arg, Failed, Outcome, Reply, Session};

/// Runs one `ipmitool` invocation.
pub fn run(world: &mut World) -> ExitCode {
    let personality = world
        .var("LOOPSHIM_IPMITOOL_VERSION")
        .and_then(|name| Personality::from_name(name.to_str()?))
        .unwrap_or_default();
    let Some(socket) = world.var("IPMI_DUMMY_SOCK").map(std::path::PathBuf::from) else {
        return ExitCode::FAILURE;
    };
    let tz = world.var("TZ").map(|tz| tz.as_bytes().to_vec());
    let lc_time = ["LC_ALL", "LC_TIME", "LANG"]
        .iter()
        .find_map(|name| world.var(name).filter(|value| !value.is_empty()))
        .map(|value| value.as_bytes().to_vec());
    let console = Console::new(&mut *world.stdout, world.stdout_is_terminal, &mut *world.stderr);
    let mut session = Session::new(console, personality, Box::new(transport::dummy::Dummy::new(socket)));
    session.clock = world.clock;
    session.locale = session::LocaleVars { tz, lc_time };
    let mut words: Vec<Arg> = Vec::new();
    let mut args = world.args.iter();
    while let Some(arg) = args.next() {
        match arg.as_bytes() {
            b"-I" => drop(args.next()),
            b"-v" => session.verbose += 1,
            b"-vv" => session.verbose += 2,
            b"-c" => session.csv = true,
            word => words.push(word.to_vec()),
        }
    }
    session.console.open_log(session.verbose);
    if session.link.open(&mut session.console).is_err() {
        return ExitCode::FAILURE;
    }
    let outcome = match words.split_first() {
        Some((name, rest)) => commands::TABLE
            .iter()
            .find(|command| command.name.as_bytes() == name)
            .map_or(Err(Failed), |command| (command.run)(&mut session, rest)),
        None => Err(Failed),
    };
    session.link.close(&mut session.console);
    session.console.flush();
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
