//! What a BMC says it offers, allows to be switched, and has switched on
//! (IPMI 2.0 sections 21.2 to 21.10).

use super::Scope;
use crate::ipmitool::{Failed, Level, Outcome, Reply, Session};
use crate::log;

pub(super) const LUNS: usize = 4;
/// Pairs of request and response network functions.
pub(super) const PAIRS: usize = 32;
pub(super) const COMMANDS: usize = 256;
pub(super) const SUBFUNCTIONS: usize = 32;

/// A bit for each command of a network function.
pub(super) type Mask = [u8; COMMANDS / 8];
/// A bit for each sub-function of a command.
pub(super) type SubMask = [u8; SUBFUNCTIONS / 8];

/// Which are supported (inverted: 0 is yes), configurable, enabled.
pub(super) type Three<M> = [M; 3];

const NETFN_SUPPORT: u8 = 0x09;
/// The requests that fill [`Pair::masks`], in order.
const MASKS: [(u8, &str); 3] =
    [(0x0A, "Get Command Support"), (0x0C, "Get Configurable Command"), (0x61, "Get Command Enables")];
/// Those for sub-functions.
const SUB_MASKS: [(u8, &str); 3] = [
    (0x0B, "Get Command Sub-function Support"),
    (0x0D, "Get Configurable Command Sub-function"),
    (0x63, "Get Command Sub-function Enables"),
];
const SET_ENABLES: u8 = 0x60;
const SET_SUB_ENABLES: u8 = 0x62;

/// A LUN and a network function.
#[derive(Default, Clone)]
pub(super) struct Pair {
    pub supported: bool,
    pub masks: Three<Mask>,
    /// The commands that a response said are supported (1 is yes).
    available: Mask,
}

impl Pair {
    /// Whether a command is available, configurable, enabled.
    pub(super) fn command(&self, command: u8) -> [bool; 3] {
        [&self.available, &self.masks[1], &self.masks[2]].map(|mask| bit(mask, command))
    }
}

pub(super) fn bit(mask: &[u8], number: u8) -> bool {
    mask[usize::from(number / 8)] & 1 << (number % 8) != 0
}

pub(super) fn set_bit(mask: &mut [u8], number: u8, value: bool) {
    let byte = &mut mask[usize::from(number / 8)];
    *byte = *byte & !(1 << (number % 8)) | u8::from(value) << (number % 8);
}

/// All that is known of a BMC; what was not asked for is zero.
pub(super) struct Support {
    pub luns: [bool; LUNS],
    pairs: Vec<Pair>,
    /// Of the one command the scope names.
    pub subfunctions: Three<SubMask>,
}

impl Support {
    pub(super) fn pair(&self, lun: u8, netfn: u8) -> &Pair {
        &self.pairs[index(lun, netfn)]
    }

    /// Whether a LUN and the network function on it are supported.
    pub(super) fn has(&self, lun: u8, netfn: u8) -> bool {
        self.luns[usize::from(lun)] && self.pair(lun, netfn).supported
    }

    /// Asks for all that is in scope. Refusals are logged and leave gaps.
    pub(super) fn gather(session: &mut Session<'_>, scope: &Scope) -> Self {
        let mut support = Self {
            luns: [false; LUNS],
            pairs: vec![Pair::default(); LUNS * PAIRS],
            subfunctions: Default::default(),
        };
        support.gather_pairs(session, scope);
        match (scope.lun, scope.netfn) {
            (Some(lun), Some(netfn)) if !support.has(lun, netfn) => {
                log!(session, ERR, "LUN or LUN/NetFn pair {lun},{netfn} not supported");
            }
            (Some(lun), Some(netfn)) => support.gather_one(session, scope, lun, netfn),
            _ => support.gather_commands(session, scope),
        }
        support
    }

    fn gather_pairs(&mut self, session: &mut Session<'_>, scope: &Scope) {
        const FAILED: &str = "Get NetFn Support command failed";
        let Ok(reply) = session.ask((APP, NETFN_SUPPORT), &[scope.channel], FAILED, FAILED) else { return };
        for lun in (0..LUNS).filter(|lun| scope.lun.is_none_or(|wanted| usize::from(wanted) == *lun)) {
            self.luns[lun] = reply.at(0) >> (2 * lun) & 3 != 0;
            for (netfn, pair) in self.pairs[lun * PAIRS..][..PAIRS].iter_mut().enumerate() {
                let offset = lun * PAIRS + netfn;
                pair.supported = self.luns[lun] && reply.at(1 + offset / 8) & 1 << (offset % 8) != 0;
            }
        }
    }

    fn gather_one(&mut self, session: &mut Session<'_>, scope: &Scope, lun: u8, netfn: u8) {
        let pair = &mut self.pairs[index(lun, netfn)];
        let complete = gather_masks(session, scope.channel, (lun, netfn), pair);
        let Some(command) = scope.command.filter(|_| complete) else { return };
        let place = [scope.channel, netfn, lun, command];
        for ((request, name), mask) in SUB_MASKS.iter().zip(&mut self.subfunctions) {
            if let Ok(reply) = ask_subfunction(session, (*request, name), place, &[]) {
                *mask = std::array::from_fn(|index| reply.at(index));
            }
        }
    }

    /// Every pair in scope; one that does not answer to all counts as not
    /// supported.
    fn gather_commands(&mut self, session: &mut Session<'_>, scope: &Scope) {
        for (number, pair) in self.pairs.iter_mut().enumerate().filter(|(_, pair)| pair.supported) {
            let (lun, netfn) = ((number / PAIRS) as u8, (number % PAIRS * 2) as u8);
            pair.supported = gather_masks(session, scope.channel, (lun, netfn), pair);
        }
    }
}

const APP: u8 = 0x06;

fn index(lun: u8, netfn: u8) -> usize {
    usize::from(lun) * PAIRS + usize::from(netfn / 2)
}

/// Whether all three masks came.
fn gather_masks(session: &mut Session<'_>, channel: u8, (lun, netfn): (u8, u8), pair: &mut Pair) -> bool {
    let mut complete = true;
    for (number, request) in MASKS.into_iter().enumerate() {
        // The halves: the second is not asked for without the first.
        for half in 0..2 {
            let Ok(reply) = ask_half(session, request, [channel, netfn, lun], half, &[]) else {
                complete = false;
                break;
            };
            for (index, byte) in pair.masks[number].iter_mut().enumerate().skip(16 * half).take(16) {
                *byte = reply.at(index % 16);
                if number == 0 {
                    pair.available[index] = !*byte;
                }
            }
        }
    }
    complete
}

/// One of the requests about 128 commands of a network function.
fn ask_half(
    session: &mut Session<'_>,
    (request, name): (u8, &str),
    [channel, netfn, lun]: [u8; 3],
    half: usize,
    mask: &[u8],
) -> Result<Reply, Failed> {
    let failed = format!("{name} (LUN={lun}, NetFn={netfn}, op={half}) command failed");
    let data = [&[channel, netfn | (half as u8) << 6, lun], mask].concat();
    session.ask((APP, request), &data, &failed, &failed)
}

/// One of the requests about the sub-functions of a command.
fn ask_subfunction(
    session: &mut Session<'_>,
    (request, name): (u8, &str),
    place: [u8; 4],
    mask: &[u8],
) -> Result<Reply, Failed> {
    let [_, netfn, lun, command] = place;
    let failed = format!("{name} (LUN={lun}, NetFn={netfn}, command={command}) command failed");
    session.ask((APP, request), &[&place, mask].concat(), &failed, &failed)
}

/// Enables the commands whose bits are set, and no others; what is not
/// configurable keeps its state.
pub(super) fn set_enables(
    session: &mut Session<'_>,
    place: [u8; 3],
    pair: &Pair,
    wanted: &Mask,
    force: bool,
) -> Outcome {
    show_before(session, &pair.masks, wanted);
    let mut enables = allowed(&pair.masks, wanted);
    if !force {
        // Meant to keep Set Command Enables from disabling itself; the original
        // takes the number of its bit for the bit, which makes it zero.
        let byte = usize::from(SET_ENABLES / 8);
        enables[byte] = !pair.masks[1][byte] & pair.masks[2][byte];
    }
    show(session, "enable mask after: ", &enables);
    for half in 0..2 {
        let request = (SET_ENABLES, "Set Command Enables");
        ask_half(session, request, place, half, &enables[16 * half..][..16])?;
    }
    Ok(())
}

/// The same for the sub-functions of a command.
pub(super) fn set_sub_enables(
    session: &mut Session<'_>,
    place: [u8; 4],
    masks: &Three<SubMask>,
    wanted: &SubMask,
) -> Outcome {
    show_before(session, masks, wanted);
    let enables = allowed(masks, wanted);
    show(session, "enable mask after: ", &enables);
    let request = (SET_SUB_ENABLES, "Set Command Sub-function Enables");
    ask_subfunction(session, request, place, &enables).map(drop)
}

fn allowed<const N: usize>([_, configurable, enabled]: &Three<[u8; N]>, wanted: &[u8; N]) -> [u8; N] {
    std::array::from_fn(|at| configurable[at] & wanted[at] | !configurable[at] & enabled[at])
}

fn show_before<const N: usize>(session: &mut Session<'_>, masks: &Three<[u8; N]>, wanted: &[u8; N]) {
    show(session, "support:            ", &masks[0].map(|byte| !byte));
    show(session, "configurable:       ", &masks[1]);
    show(session, "enabled:            ", &masks[2]);
    show(session, "enable mask before: ", wanted);
}

/// A byte a line with `-v`, though a row was meant.
fn show(session: &mut Session<'_>, title: &str, mask: &[u8]) {
    log!(session, INFO, "{title}");
    for (index, byte) in mask.iter().enumerate() {
        log!(session, INFO, "{byte:02x}");
        if index % 4 == 3 {
            session.console.log_bytes(Level::INFO, b" ");
        }
    }
    session.console.log_bytes(Level::INFO, b"\n");
}
