//! `hpm`: firmware of PICMG controllers (PICMG HPM.1 section 3). Files of
//! firmware are not modelled.

mod query;

use std::time::{Duration, SystemTime};

use crate::ipmitool::help::hpm as help;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session, number};
use crate::log;

/// Network function of group extensions; PICMG's identifier goes first.
const GROUP: u8 = 0x2C;
const PICMG: u8 = 0x00;
/// Completion code of a command that takes long.
const IN_PROGRESS: u8 = 0x80;
/// Seconds the original waits for an answer or an end.
const PATIENCE: u64 = 60;

/// Runs `ipmitool hpm …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    log!(session, DEBUG, "ipmi_hpmfwupg_main()");
    let verb = args.first().map(Vec::as_slice);
    if matches!(verb, Some(b"check" | b"upgrade" | b"compare")) {
        return use_file(session, verb != Some(b"check"), args);
    }
    banner(session);
    let ask: fn(&mut Session<'_>) -> Outcome = match args {
        [] => {
            log!(session, ERR, "Not enough parameters given.");
            session.help(help::HPM);
            return Err(Failed);
        }
        [verb, ..] if verb == b"help" => {
            session.help(help::HPM);
            return Ok(());
        }
        [verb, rest @ ..] if verb == b"activate" => {
            return query::activate(session, matches!(rest, [word] if word == b"norollback"));
        }
        [verb, component, selector] if verb == b"compprop" => {
            let component = below(session, component, 8, ["Component ID", "Compoment ID", "<0..7>"])?;
            let names = ["Properties selector", "Properties selector", "<0..4>"];
            let selector = below(session, selector, 5, names)?;
            session.verbose += 1;
            return query::property(session, component, selector);
        }
        [verb] => match verb.as_slice() {
            b"targetcap" => |session| query::capabilities(session).map(|_| ()),
            b"abort" => query::abort,
            b"upgstatus" => |session| query::upgrade_status(session, false).map(|_| ()),
            b"rollback" => query::roll_back,
            b"rollbackstatus" => |session| query::rollback_status(session, PATIENCE),
            b"selftestresult" => query::selftest,
            _ => return Err(invalid(session, verb)),
        },
        [verb, ..] => return Err(invalid(session, verb)),
    };
    // It stays so, which a file of commands notices.
    session.verbose += 1;
    ask(session)
}

fn banner(session: &mut Session<'_>) {
    log!(session, NOTICE, "\nPICMG HPM.1 Upgrade Agent 1.0.9: \n");
}

fn invalid(session: &mut Session<'_>, verb: &[u8]) -> Failed {
    session.complain("Invalid HPM command: ", verb, "");
    session.help(help::HPM);
    Failed
}

/// A number below `end`; `names` are what it is called when it is not, and the
/// range.
fn below(session: &mut Session<'_>, word: &[u8], end: u8, names: [&str; 3]) -> Result<u8, Failed> {
    if let Some(number) = number::to_u8(word).ok().filter(|number| *number < end) {
        return Ok(number);
    }
    let line = [b"Given ", names[0].as_bytes(), b" '", word, b"' is invalid."].concat();
    session.console.log_bytes(Level::ERR, &line);
    log!(session, ERR, "Valid {} is: {}", names[1], names[2]);
    Err(Failed)
}

/// `check`, `upgrade` and `compare`: as far as a target that does not know
/// HPM.1 lets them come.
fn use_file(session: &mut Session<'_>, has_components: bool, args: &[Arg]) -> Outcome {
    // The banner comes late so that nothing is said yet where a target knows
    // HPM.1; but with `-v` traces would stand before it.
    let is_early = session.verbose > 0 || has_components && misses_component(args);
    if is_early {
        banner(session);
    }
    if has_components {
        check_components(session, args)?;
    }
    let id = send(session, 0x06, 0x01, &[]);
    let target = match &id {
        Some(id) if id.is_ok() => send(session, GROUP, 0x2E, &[PICMG]),
        _ => None,
    };
    if target.as_ref().is_some_and(Reply::is_ok) {
        return session.unmodelled();
    }
    if !is_early {
        banner(session);
    }
    if !id.as_ref().is_some_and(Reply::is_ok) {
        log!(session, ERR, "Error getting device ID.");
        if let Some(reply) = id {
            log_code(session, Level::ERR, reply.completion);
        }
        log!(session, NOTICE, "Verify whether the Target board is present \n");
        return Err(Failed);
    }
    let _ = query::check_capabilities(session, target);
    log!(session, NOTICE, "Board might not be supporting the HPM.1 Standards\n");
    Err(Failed)
}

/// What follows each `component`.
fn components(args: &[Arg]) -> impl Iterator<Item = Option<&Arg>> {
    let named = args.iter().enumerate().skip(1).filter(|(_, word)| *word == b"component");
    named.map(|(index, _)| args.get(index + 1))
}

fn component(word: &[u8]) -> Option<i32> {
    number::to_i32(word).ok().filter(|id| (0..=8).contains(id))
}

fn misses_component(args: &[Arg]) -> bool {
    components(args).any(|word| word.is_none_or(|word| component(word).is_none()))
}

fn check_components(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    for word in components(args) {
        let Some(word) = word else {
            log!(session, NOTICE, "No component Id provided\n");
            return Err(Failed);
        };
        let Some(id) = component(word) else {
            return below(session, word, 0, ["Component ID", "Compoment ID", "<0..7>"]).map(|_| ());
        };
        if session.verbose > 0 {
            log!(session, NOTICE, "Component Id {id} provided");
        }
    }
    Ok(())
}

fn log_code(session: &mut Session<'_>, level: Level, code: u8) {
    session.console.log(level, format_args!("compcode=0x{code:x}: {}", completion_name(code)));
}

fn seconds_since(session: &Session<'_>, start: SystemTime) -> u64 {
    (session.clock)().duration_since(start).map_or(0, |time| time.as_secs())
}

/// Sends a request until something is answered but "busy" and "timeout", or
/// patience ends.
fn send(session: &mut Session<'_>, netfn: u8, cmd: u8, data: &[u8]) -> Option<Reply> {
    let start = (session.clock)();
    loop {
        let reply = session.send(netfn, cmd, data);
        let is_final =
            reply.as_ref().is_some_and(|reply| !matches!(reply.completion, 0xC0 | 0xC3 | 0xD3 | 0xFF));
        if is_final || seconds_since(session, start) >= PATIENCE {
            return reply;
        }
        (session.pause)(Duration::from_millis(100));
    }
}

/// Sends one of PICMG's requests.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8]) -> Option<Reply> {
    send(session, GROUP, cmd, &[&[PICMG], data].concat())
}
