//! `picmg`: the management controllers of AdvancedTCA boards (PICMG 3.0) and
//! of AdvancedMC modules (AMC.0).

mod clock;
mod fru;
mod led;
mod port;
mod words;

pub use fru::print_place;
pub use led::print_capabilities;

use super::after;
use crate::ipmitool::discovery::{GROUP_EXTENSION, PICMG, PROPERTIES};
use crate::ipmitool::help::Help;
use crate::ipmitool::help::picmg as help;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session};
use crate::{log, out};

/// The controller, as its properties have it.
struct Controller {
    card: Card,
    /// How asking for the properties ended: the outcome of whatever has none
    /// of its own.
    answered: Outcome,
}

/// What a controller sits on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Card {
    /// An AdvancedTCA board, which carries others.
    Board,
    /// An AdvancedMC module.
    Module,
    /// Something else, or nobody knows.
    Other,
}

/// What a list is to show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// One state, asked for by name: a refusal is an error.
    One,
    All,
    Enabled,
    Disabled,
}

impl Filter {
    /// Whether a state byte, 0 or 1 as a rule, is to be shown.
    fn takes(self, state: u8) -> bool {
        match self {
            Self::One | Self::All => true,
            Self::Enabled => state == 1,
            Self::Disabled => state == 0,
        }
    }
}

type Run = fn(&mut Session<'_>, &Controller, &[Arg]) -> Outcome;

/// A sub-command.
struct Verb {
    /// Its one or two words. Those of one word among verbs of two stand for
    /// what is left over.
    words: &'static str,
    /// How many more it needs.
    needs: usize,
    /// What is said if they are fewer.
    usage: Usage,
    run: Run,
}

/// Help that is logged and whether it fails or leaves the outcome open.
#[derive(Clone, Copy)]
enum Usage {
    Fails(Help),
    Stands(Help),
    /// Logged as an error, failing.
    Wrong(Help),
    /// None, which leaves the outcome open.
    Missing,
}
use Usage::{Fails, Missing, Stands, Wrong};

const fn verb(words: &'static str, needs: usize, usage: Usage, run: Run) -> Verb {
    Verb { words, needs, usage, run }
}

/// More words than there can be: only the usage is there.
const NEVER: usize = usize::MAX;

/// The first that fits is run.
const VERBS: &[Verb] = &[
    verb("properties", 0, Missing, stand),
    verb("addrinfo", 0, Missing, fru::print_address),
    verb("busres summary", 0, Missing, fru::print_bused_resources),
    verb("busres", 1, Stands(help::BUSED_RESOURCES), stand),
    verb("frucontrol", 2, Fails(help::FRU_CONTROL), fru::control),
    verb("activate", 1, Wrong(help::ACTIVATE), |s, _, words| fru::set_activation(s, words, 1)),
    verb("deactivate", 1, Wrong(help::DEACTIVATE), |s, _, words| fru::set_activation(s, words, 0)),
    verb("policy get", 1, Stands(help::POLICY_GET), fru::print_policy),
    verb("policy set", 3, Stands(help::POLICY_SET), fru::set_policy),
    verb("policy", 1, Wrong(help::POLICY), |session, _, _| {
        log!(session, ERR, "Specify FRU.");
        Err(Failed)
    }),
    verb("portstate getall", 0, Missing, |s, _, _| port::print_all(s, Filter::All)),
    verb("portstate getgranted", 0, Missing, |s, _, _| port::print_all(s, Filter::Enabled)),
    verb("portstate getdenied", 0, Missing, |s, _, _| port::print_all(s, Filter::Disabled)),
    verb("portstate get", 2, Stands(help::PORT_GET), port::print_one),
    verb("portstate set", 7, Fails(help::PORT_SET), port::set),
    verb("portstate", 1, Fails(help::PORT), stand),
    verb("amcportstate getall", 0, Missing, |s, c, _| port::print_all_amc(s, c, Filter::All)),
    verb("amcportstate getgranted", 0, Missing, |s, c, _| port::print_all_amc(s, c, Filter::Enabled)),
    verb("amcportstate getdenied", 0, Missing, |s, c, _| port::print_all_amc(s, c, Filter::Disabled)),
    verb("amcportstate get", 1, Stands(help::AMC_PORT_GET), port::print_one_amc),
    verb("amcportstate set", 6, Fails(help::AMC_PORT_SET), port::set_amc),
    verb("amcportstate", 1, Fails(help::STATES), stand),
    verb("led prop", 1, Stands(help::LED_PROPERTIES), led::print_properties),
    verb("led cap", 2, Stands(help::LED_COLORS), led::print_colors),
    verb("led get", 2, Stands(help::LED_GET), led::print_state),
    verb("led set", 5, Stands(help::LED_SET), led::set),
    verb("led", 1, Missing, |session, controller, _| {
        session.help(help::LED);
        controller.answered
    }),
    verb("power get", 2, Fails(help::POWER_GET), fru::print_power),
    verb("power set", 3, Fails(help::POWER_SET), fru::set_power),
    verb("power", NEVER, Fails(help::POWER), stand),
    // As many bytes as the longest that 1.8.18 compares.
    verb("clk getall", 0, Missing, |s, c, _| clock::print_all(s, c, Filter::All)),
    verb("clk getden", 0, Missing, |s, c, _| clock::print_all(s, c, Filter::Disabled)),
    verb("clk getgra", 0, Missing, |s, c, _| clock::print_all(s, c, Filter::Enabled)),
    verb("clk get", 1, Fails(help::CLOCK_GET), clock::print_one),
    verb("clk set", 6, Fails(help::CLOCK_SET), clock::set),
    verb("clk", NEVER, Fails(help::STATES), stand),
];

/// Leaves the outcome to the properties, which are asked for with every verb.
fn stand(_: &mut Session<'_>, controller: &Controller, _: &[Arg]) -> Outcome {
    controller.answered
}

/// Runs `ipmitool picmg …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let is = |word: &str| args.first().is_some_and(|arg| session.personality.is_verb(arg, word));
    if args.is_empty() || is("help") {
        session.help(help::PICMG);
        return Ok(());
    }
    let shows = is("properties");
    let controller = ask_properties(session, shows);
    let Some(verb) = find(session, args) else {
        session.help(help::PICMG);
        return Err(Failed);
    };
    trace(session, verb.words, args);
    let words = after(session, args, verb.words).unwrap_or_default();
    if words.len() >= verb.needs {
        (verb.run)(session, &controller, words)
    } else {
        verb.usage.show(session, &controller)
    }
}

fn find(session: &Session<'_>, args: &[Arg]) -> Option<&'static Verb> {
    let version = session.personality;
    let reached = |verb: &Verb| match verb.words.split_once(' ') {
        Some((_, word)) if word != "get" && word.starts_with("get") => version.lists_picmg_states(),
        _ => true,
    };
    VERBS.iter().find(|verb| after(session, args, verb.words).is_some() && reached(verb))
}

/// Some verbs say with `-vv` how far they have come.
fn trace(session: &mut Session<'_>, words: &str, args: &[Arg]) {
    if let Some(name) = words.split(' ').next().filter(|name| name.ends_with("portstate")) {
        log!(session, DEBUG, "PICMG: {name} API");
        if args.get(1).is_some_and(|arg| session.personality.is_verb(arg, "get")) {
            log!(session, DEBUG, "PICMG: get");
        }
    }
}

impl Usage {
    fn show(self, session: &mut Session<'_>, controller: &Controller) -> Outcome {
        match self {
            Fails(help) => session.misused(help),
            Stands(help) => {
                session.help(help);
                controller.answered
            }
            Wrong(help) => {
                session.help_at(Level::ERR, help);
                Err(Failed)
            }
            Missing => controller.answered,
        }
    }
}

fn ask_properties(session: &mut Session<'_>, shows: bool) -> Controller {
    let reply = session.send(GROUP_EXTENSION, PROPERTIES, &[PICMG]).filter(Reply::is_ok);
    let Some(reply) = reply else {
        log!(session, ERR, "Error getting address information.");
        return Controller { card: Card::Other, answered: Err(Failed) };
    };
    let (version, [group, most, own]) = (reply.at(1), [0, 2, 3].map(|index| reply.at(index)));
    if shows {
        out!(session, "PICMG identifier\t: 0x{group:02x}\n");
        out!(session, "PICMG Ext. Version : {}.{}\n", version & 0xF, version >> 4);
        out!(session, "Max FRU Device ID\t: 0x{most:02x}\nFRU Device ID\t\t: 0x{own:02x}\n");
    }
    let card = match version & 0xF {
        2 => Card::Board,
        4 => Card::Module,
        _ => Card::Other,
    };
    Controller { card, answered: Ok(()) }
}

/// Sends one of PICMG's requests, `data` without the group's identifier. `Err`
/// after logging what is wrong: `refusal` comes before the completion code.
fn ask(session: &mut Session<'_>, cmd: u8, data: &[u8], refusal: &str) -> Result<Reply, Failed> {
    let Some(reply) = send(session, cmd, data) else { return Err(silence(session)) };
    if reply.is_ok() { Ok(reply) } else { Err(refuse(session, refusal, &reply)) }
}

fn send(session: &mut Session<'_>, cmd: u8, data: &[u8]) -> Option<Reply> {
    session.send(GROUP_EXTENSION, cmd, &[&[PICMG], data].concat())
}

fn silence(session: &mut Session<'_>) -> Failed {
    log!(session, ERR, "No valid response received.");
    Failed
}

fn refuse(session: &mut Session<'_>, refusal: &str, reply: &Reply) -> Failed {
    log!(session, ERR, "{refusal} failed with CC code 0x{:02x}", reply.completion);
    Failed
}
