//! `delloem`: Dell's servers and their iDRAC controllers.

mod flash;
mod lan;
mod lcd;
mod led;
mod mac;
mod power;
mod power_cap;
mod power_history;

use crate::ipmitool::help::delloem as help;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session};
use crate::{log, out};

/// Network functions: application and Dell's own.
const APP: u8 = 0x06;
const OEM: u8 = 0x30;

/// Runs `ipmitool delloem …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (verb, rest) = args.split_first().map_or((&b"help"[..], args), |(verb, rest)| (&verb[..], rest));
    match verb {
        b"help" => session.explain(help::DELLOEM),
        b"lcd" => lcd::run(session, rest),
        b"mac" => mac::run(session, rest),
        b"lan" => lan::run(session, rest),
        b"setled" => led::run(session, rest),
        b"powermonitor" => power::run(session, rest),
        b"vFlash" => flash::run(session, rest),
        _ => session.misused(help::DELLOEM),
    }
}

/// The first word, if any, as bytes that can be matched.
fn first(words: &[Arg]) -> Option<&[u8]> {
    words.first().map(Vec::as_slice)
}

/// Which controller Dell put in (System Info parameter DDh, byte 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Controller(u8);

/// Generations of iDRAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Generation {
    Tenth,
    Eleventh,
    Twelfth,
    Thirteenth,
    /// A controller without iDRAC, of the eleventh generation's time.
    Plain,
    Unknown,
}

impl Controller {
    const IDRAC_10G: Self = Self(0x08);
    const IDRAC_11G_MODULAR: Self = Self(0x0B);
    const IDRAC_12G_MODULAR: Self = Self(0x11);
    const IDRAC_13G_MODULAR: Self = Self(0x21);
    const IDRAC_13G_DCS: Self = Self(0x22);

    /// Asks which it is; where that fails it counts as of the tenth generation.
    fn ask(session: &mut Session<'_>) -> Self {
        match system_info(session, 0xDD, 2) {
            Some(reply) if reply.is_ok() => Self(field(&reply, 10)),
            _ => Self::IDRAC_10G,
        }
    }

    fn generation(self) -> Generation {
        match self.0 {
            0x08 => Generation::Tenth,
            0x0A | 0x0B => Generation::Eleventh,
            0x0D | 0x0E => Generation::Plain,
            0x10 | 0x11 => Generation::Twelfth,
            0x20..=0x22 => Generation::Thirteenth,
            _ => Generation::Unknown,
        }
    }

    /// An iDRAC of the twelfth generation or later, with licenses.
    fn is_licensed(self) -> bool {
        matches!(self.generation(), Generation::Twelfth | Generation::Thirteenth)
    }

    /// One that takes the commands of the eleventh generation.
    fn is_recent(self) -> bool {
        !matches!(self.generation(), Generation::Tenth | Generation::Unknown)
    }

    /// A controller of a blade.
    fn is_modular(self) -> bool {
        matches!(self, Self::IDRAC_12G_MODULAR | Self::IDRAC_13G_MODULAR)
    }
}

/// Reads a block of a System Info parameter (IPMI 2.0 section 22.14b).
fn system_info(session: &mut Session<'_>, parameter: u8, block: u8) -> Option<Reply> {
    if session.verbose > 1 {
        out!(session, "getsysinfo: {parameter:02x}/{block:02x}/00\n");
    }
    session.send(APP, 0x59, &[0, parameter, block, 0])
}

/// A byte of a block; the original reads what did not arrive as zero.
fn field(reply: &Reply, at: usize) -> u8 {
    reply.data().get(at).copied().unwrap_or(0)
}

/// A word of a block.
fn short_field(reply: &Reply, at: usize) -> u16 {
    u16::from_le_bytes([field(reply, at), field(reply, at + 1)])
}

/// What is said of a request that failed.
struct Complaint<'t> {
    /// Logged when nothing is answered.
    silence: &'t str,
    /// Stands before the completion code's name.
    refusal: &'t str,
    /// Logged for an unknown command (C1h), and for CBh (not present) where
    /// that is told apart; empty where neither is.
    unsupported: &'t str,
    /// Whether CBh is the same.
    also_absent: bool,
}

impl Complaint<'_> {
    /// Passes an answer that is right; `licensed` says that 6Fh means a missing
    /// license.
    fn check(
        &self,
        session: &mut Session<'_>,
        reply: Option<Reply>,
        licensed: bool,
    ) -> Result<Reply, Failed> {
        let Some(reply) = reply else {
            log!(session, ERR, "{}", self.silence);
            return Err(Failed);
        };
        match reply.completion {
            0 => return Ok(reply),
            0x6F if licensed => unlicensed(session),
            code if self.is_unsupported(code) => log!(session, ERR, "{}", self.unsupported),
            code => log!(session, ERR, "{}: {}", self.refusal, completion_name(code)),
        }
        Err(Failed)
    }

    fn is_unsupported(&self, code: u8) -> bool {
        !self.unsupported.is_empty() && (code == 0xC1 || code == 0xCB && self.also_absent)
    }
}

/// A failure with the code's name in brackets.
fn check_bracketed(session: &mut Session<'_>, reply: Option<Reply>, what: &str) -> Result<Reply, Failed> {
    match reply {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => log!(session, ERR, "{what} ({})", completion_name(reply.completion)),
        None => log!(session, ERR, "{what}"),
    }
    Err(Failed)
}

fn unlicensed(session: &mut Session<'_>) {
    log!(session, ERR, "FM001 : A required license is missing or expired");
}
