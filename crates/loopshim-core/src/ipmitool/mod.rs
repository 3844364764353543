//! `ipmitool`: argument grammar, transports and printing.
//!
//! The stand-in is a client of a BMC exactly as the original is: a command
//! becomes IPMI requests, the responses become text. Which version's text is
//! chosen by [`Personality`].

pub mod arguments;
pub mod attempt;
pub mod commands;
pub mod console;
pub mod discovery;
pub mod fallback;
pub mod files;
pub mod getopt;
pub mod help;
pub mod interface;
pub mod locale;
pub mod number;
pub mod oem;
pub mod options;
pub mod password;
pub mod personality;
pub mod printf;
#[cfg(test)]
mod properties;
mod record_ids;
pub mod sdr_repository;
pub mod secrets;
pub mod sensors;
pub mod session;
#[cfg(test)]
mod testing;
pub mod text;
pub mod time;
pub mod transport;
pub mod usage;

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::model::{Model, OnDemand, Unmodelled};
use crate::{Config, Ending, FindOriginal, Tool, Variables, World, ledger, log, redact, refuse};

pub use console::{Console, Level};
pub use personality::Personality;
pub use session::{Arg, Failed, Outcome, Reply, Session};

use interface::{Kind, Place};
use options::{Options, Surroundings};
use text::manufacturers::{Manufacturers, RegistryError};
use time::Times;
use transport::model::Controller;

/// Runs one `ipmitool` invocation.
pub fn run(world: &mut World, config: &Config, find: FindOriginal) -> Ending {
    let args = arguments(world);
    let glance = fallback::glance(&args, world.var("POSIXLY_CORRECT").is_some());
    if glance.prefers_original(world, config.ipmitool.device, true)
        && let Some(original) = find(world, Tool::Ipmitool)
    {
        return Ending::Original(original);
    }
    let (bmc, Model { personality, unmodelled, .. }) = match OnDemand::load(world) {
        Ok(loaded) => loaded,
        Err(error) => {
            refuse(Tool::Ipmitool, world, &error);
            return Ending::Status(1);
        }
    };
    let personality = wanted_personality(world).or(personality).unwrap_or_default();
    if let Some(succeeds) = answer(world, personality, Box::new(bmc)) {
        return Ending::Status(u8::from(!succeeds));
    }
    ledger::note(world, Tool::Ipmitool, &redact::arguments(Tool::Ipmitool, world).args[1..]);
    if glance.prefers_original(world, config.ipmitool.device, false)
        && let Some(original) = find(world, Tool::Ipmitool)
    {
        return Ending::Original(original);
    }
    if unmodelled == Unmodelled::Succeed {
        return Ending::Status(0);
    }
    let mut console = Console::new(&mut *world.stdout, world.stdout_is_terminal, &mut *world.stderr);
    fallback::refuse(&mut console);
    console.flush();
    Ending::Status(1)
}

/// Answers the invocation from a BMC in this process; whether the original
/// would succeed. `None` where the command is not modelled: then nothing has
/// been asked or printed.
pub fn answer(world: &mut World, personality: Personality, bmc: Box<dyn Controller>) -> Option<bool> {
    let args: Vec<Arg> = arguments(world);
    let World {
        program,
        vars,
        stdin,
        stdin_is_terminal,
        stdout,
        stdout_is_terminal,
        stderr,
        clock,
        root,
        proc,
        ..
    } = world;
    let mut console = Console::new(&mut **stdout, *stdout_is_terminal, &mut **stderr);
    let terminal = root.join("dev/tty");
    let mut surroundings =
        Surroundings { program: program.as_bytes(), vars, terminal: &terminal, stdin: &mut **stdin };
    let options = match options::parse(&args, personality, &mut surroundings, &mut console) {
        Ok(options) => options,
        Err(exit) => {
            exit.show(&mut console);
            console.flush();
            return Some(exit.succeeds);
        }
    };
    let has_model = vars.get("LOOPSHIM_TRANSPORT").is_none_or(|transport| transport != "open");
    let place = Place {
        root,
        home: vars.get("HOME").map(PathBuf::from),
        dummy_socket: vars.get("IPMI_DUMMY_SOCK").map(PathBuf::from),
        bmc: has_model.then_some(bmc),
        clock: *clock,
    };
    let Some(mut session) = prepare(console, personality, &options, place, vars) else {
        return Some(options.refusal_succeeds);
    };
    session.stdin = Some(&mut **stdin);
    session.stdin_is_terminal = *stdin_is_terminal;
    session.terminal_program = stdout_is_terminal.then(|| proc.join("self/exe"));
    session.clock = *clock;
    session.terminal = terminal;
    session.times = Times::new(personality, locale::Environment::new(root.clone(), vars.clone()));
    session.times.utc = options.utc;
    let outcome = converse(&mut session, &options);
    session.console.flush();
    let met_unmodelled = session.met_unmodelled;
    // The process is about to end: giving back piece by piece what the kernel
    // takes back whole would be a fifth of its work. A fuzzer goes on.
    if !cfg!(fuzzing) {
        std::mem::forget(session);
    }
    (!met_unmodelled).then(|| outcome.unwrap_or(options.refusal_succeeds))
}

fn arguments(world: &World) -> Vec<Arg> {
    world.args.iter().map(|arg| arg.as_bytes().to_vec()).collect()
}

/// The version that the environment asks for.
fn wanted_personality(world: &World) -> Option<Personality> {
    world.var("LOOPSHIM_IPMITOOL_VERSION").and_then(|name| Personality::from_name(name.to_str()?))
}

/// Loads the interface and the OEM type; `None` after logging what is missing.
fn prepare<'w>(
    mut console: Console<'w>,
    personality: Personality,
    options: &Options,
    place: Place<'_>,
    vars: &Variables,
) -> Option<Session<'w>> {
    let name = options.interface.as_deref();
    let found = interface::select(personality, name, place.dummy_socket.is_some());
    let Some(kind) = found.filter(|kind| interface::set_up(*kind, name, &mut console)) else {
        let line = [b"Error loading interface ", name.unwrap_or_default()].concat();
        console.log_bytes(Level::ERR, &line);
        return None;
    };
    console.open_log(options.verbose);
    let manufacturers = manufacturers(&mut console, personality, &place)?;
    let oem = set_up_oem(&mut console, personality, options, vars)?;
    let mut session = Session::new(console, personality, interface::transport(kind, options, place));
    session.interface = kind;
    session.verbose = options.verbose;
    session.csv = options.csv;
    session.oem = oem;
    session.manufacturers = manufacturers;
    Some(session)
}

/// Finds the source of manufacturer names; `None` after logging why there is
/// none and cannot be none.
fn manufacturers(
    console: &mut Console<'_>,
    personality: Personality,
    place: &Place<'_>,
) -> Option<Manufacturers> {
    if !personality.reads_manufacturer_registry() {
        return Some(Manufacturers::BuiltIn);
    }
    console.log(Level::INFO, format_args!("Loading IANA PEN Registry..."));
    match Manufacturers::from_registry(&place.registries()) {
        Ok(names) => {
            show_manufacturers(console, &names);
            Some(names)
        }
        Err(RegistryError::Open(error)) => {
            let why = transport::dummy::errno_text(&error);
            console.log(Level::ERR, format_args!("IANA PEN registry open failed: {why}"));
            Some(Manufacturers::NoRegistry)
        }
        Err(RegistryError::Empty) => {
            console.log(Level::ERR, format_args!("Failed to initialize the OEM info dictionary"));
            None
        }
    }
}

/// With six `-v`, 1.8.19 shows its table of manufacturers as it fills it: from
/// the end, and one place more for an end mark.
fn show_manufacturers(console: &mut Console<'_>, names: &Manufacturers) {
    const LEVEL: Level = Level(11);
    if console.log_level() < LEVEL {
        return;
    }
    let table = names.table();
    console.log(LEVEL, format_args!("  Allocating {:6} entries", table.len() + 1));
    for (index, (number, name)) in table.iter().enumerate().rev() {
        let place = format!("  [{index:6}] {:8} | ", number.cast_signed());
        console.log_bytes(LEVEL, &[place.as_bytes(), name].concat());
    }
}

/// Selects the OEM type, if one is asked for; `None` after logging why that
/// fails.
fn set_up_oem(
    console: &mut Console<'_>,
    personality: Personality,
    options: &Options,
    vars: &Variables,
) -> Option<Option<&'static str>> {
    let Some(name) = &options.oem else { return Some(None) };
    let found = interface::oem_type(personality, name);
    if let Some((1, _, summary)) = found {
        console.log(Level::DEBUG, format_args!("Running OEM setup for \"{summary}\""));
    }
    let lacks_data = found.is_some_and(|oem| oem.1 == "ibm") && vars.get(IBM_EVENTS).is_none();
    if lacks_data {
        console.log(Level::ERR, format_args!("Unable to read {IBM_EVENTS} from environment"));
    }
    if found.is_none() || lacks_data {
        console.log_bytes(Level::ERR, &[b"OEM setup for \"", &name[..], b"\" failed"].concat());
        return None;
    }
    Some(found.map(|oem| oem.1))
}

/// Names IBM's file of event descriptions.
const IBM_EVENTS: &str = "IPMI_OEM_IBM_DATAFILE";

/// Opens the interface, finds out whom it reaches, and runs the command.
/// `None` after logging why it came to none.
fn converse(session: &mut Session<'_>, options: &Options) -> Option<bool> {
    session.link.my_addr = if options.my_addr == 0 { BMC_ADDRESS } else { options.my_addr };
    // The original's `open` starts with no target, the others with the BMC.
    session.link.target_addr = if session.interface == Kind::Open { 0 } else { BMC_ADDRESS };
    session.link.open(&mut session.console).ok()?;
    if session.interface == Kind::Open {
        session.carrier.manufacturer = session.manufacturer();
    }
    address(session, options)?;
    load_files(session, options);
    set_packet_size(session, options.long_packet_size);
    let outcome = run_command(session, &options.words);
    session.link.close(&mut session.console);
    Some(outcome.is_ok())
}

/// IPMB address of a BMC (IPMI 2.0 section 6.13, "BMC Slave Address").
const BMC_ADDRESS: u8 = 0x20;

/// Discovers the interface's own address and applies `-m`, `-t`, `-b`, `-T`,
/// `-B` and `-l`. `None` after logging a contradiction among them.
fn address(session: &mut Session<'_>, options: &Options) -> Option<()> {
    let discovers = session.oem != Some("i82571spt");
    if discovers {
        session.discover_carrier();
    }
    let mut own = options.my_addr;
    if own == 0 && discovers {
        log!(session, DEBUG, "Acquire IPMB address");
        own = session.ipmb_address();
        log!(session, INFO, "Discovered IPMB address 0x{own:x}");
    }
    if own != 0 {
        session.link.my_addr = own;
    }
    session.link.target_addr = session.link.my_addr;
    if options.transit_addr > 0 || options.target_addr > 0 {
        bridge(session, options)?;
    }
    session.link.target_lun = options.target_lun;
    log_address(session);
    Some(())
}

fn bridge(session: &mut Session<'_>, options: &Options) -> Option<()> {
    let hex = |value: u8| text::SharpHex(value.into());
    if options.target_addr == 0 {
        let (addr, channel) = (hex(options.transit_addr), hex(options.transit_channel));
        log!(
            session,
            ERR,
            "Transit address/channel {addr}/{channel} ignored. Target address must be specified!"
        );
        return None;
    }
    session.link.target_addr = options.target_addr;
    session.link.target_channel = options.target_channel;
    session.link.transit_addr = options.transit_addr;
    session.link.transit_channel = options.transit_channel;
    session.link.target_ipmb_addr = session.ipmb_address();
    let (target, channel) = (hex(options.target_addr), hex(options.target_channel));
    let (transit, transit_channel) = (hex(options.transit_addr), hex(options.transit_channel));
    log!(
        session,
        DEBUG,
        "Specified addressing     Target  {target}:{channel} Transit {transit}:{transit_channel}"
    );
    let found = session.link.target_ipmb_addr;
    if found != 0 {
        log!(session, INFO, "Discovered Target IPMB-0 address {found:#x}");
    }
    Some(())
}

fn log_address(session: &mut Session<'_>) {
    let link = &session.link;
    let [my, transit, transit_channel, target, target_channel, ipmb] = [
        link.my_addr,
        link.transit_addr,
        link.transit_channel,
        link.target_addr,
        link.target_channel,
        link.target_ipmb_addr,
    ]
    .map(|value| text::SharpHex(value.into()));
    log!(
        session,
        DEBUG,
        "Interface address: my_addr {my} transit {transit}:{transit_channel} \
         target {target}:{target_channel} ipmb_target {ipmb}\n"
    );
}

/// `-S` and `-O`; the original goes on when they fail.
fn load_files(session: &mut Session<'_>, options: &Options) {
    if let Some(path) = &options.sdr_cache {
        let _ = sdr_repository::load(session, path);
    }
    if let Some(path) = &options.sel_oem {
        commands::sel::load_oem_messages(session, path);
    }
}

/// `-z`.
fn set_packet_size(session: &mut Session<'_>, size: u16) {
    if size == 0 || session.oem == Some("kontron") {
        return;
    }
    crate::out!(session, "Setting large buffer to {size}\n");
    if size < LEAST_PACKET_SIZE {
        log!(session, ERR, "Request size is too small ({size}), leave default size");
    } else {
        session.link.long_packet_size = Some(size);
    }
}

/// What IPMB carries: requests can always be as large.
const LEAST_PACKET_SIZE: u16 = 25;

fn run_command(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let Some((name, rest)) = words.split_first() else {
        session.console.log_bytes(Level::ERR, b"No command provided!");
        return list_commands(session);
    };
    let Some(run) = commands::find(name) else {
        session.console.log_bytes(Level::ERR, &[b"Invalid command: ", &name[..]].concat());
        return list_commands(session);
    };
    run(session, rest)
}

fn list_commands(session: &mut Session<'_>) -> Outcome {
    usage::commands().iter().for_each(|line| session.console.log_bytes(Level::NOTICE, line));
    Err(Failed)
}
