//! What clients will ask: our own client's commands are run over the BMC, so
//! that every further request a command makes, vendors' ones included, is among
//! the answers that are captured.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use ipmi::{Bmc, Request, Response};
use loopshim_core::ipmitool::transport::model::Controller;
use loopshim_core::ipmitool::{self, Personality};
use loopshim_core::{Variables, World};

use super::source::Source;

/// Commands that only read.
const COMMANDS: &[&str] = &[
    "mc info",
    "mc guid",
    "mc getenables",
    "mc selftest",
    "chassis status",
    "chassis poh",
    "chassis restart_cause",
    "fru print",
    "sdr elist all",
    "sensor",
    "sel info",
    "sel elist",
    "lan print",
    "dcmi discover",
    "dcmi power reading",
    "dcmi power get_limit",
    "dcmi sensors",
    "dcmi asset_tag",
    "dcmi get_mc_id_string",
    "dcmi get_temp_reading",
    "dcmi get_conf_param",
    "pef info",
    "pef status",
    "pef list",
];

/// The same for each channel with a LAN.
const LAN_COMMANDS: &[&str] = &[
    "lan print",
    "lan6 print",
    "lan alert print",
    "lan stats get",
    "user list",
    "user summary",
    "channel info",
    "channel getaccess",
    "channel getciphers ipmi",
    "channel getciphers sol",
    "channel authcap",
    "sol info",
];

const PERSONALITIES: [&str; 2] = ["1.8.18-el8", "1.8.19-deb12"];

/// Runs the commands. What is stored comes from `model`, the rest from `source`.
pub(super) fn rehearse(source: &Rc<RefCell<Source>>, model: &Bmc, lans: &[u8]) {
    let mut lines: Vec<String> = COMMANDS.iter().map(|line| (*line).to_owned()).collect();
    for channel in lans {
        lines.extend(LAN_COMMANDS.iter().map(|line| match *line {
            "channel authcap" => format!("{line} {channel} 4"),
            line => format!("{line} {channel}"),
        }));
    }
    for personality in PERSONALITIES.iter().filter_map(|name| Personality::from_name(name)) {
        for line in &lines {
            source.borrow().progress(line);
            let mut bmc = model.clone();
            bmc.keep_reservation();
            let stage = Stage { model: bmc, source: Rc::clone(source) };
            let mut world = quiet(line);
            // Its output is of no interest, nor whether the BMC knows the command.
            let _ = ipmitool::answer(&mut world, personality, Box::new(stage));
        }
    }
}

/// This process's world, without its environment and streams, for one command.
fn quiet(line: &str) -> World {
    let mut world = World::of_this_process();
    world.program = "ipmitool".into();
    world.args = line.split_whitespace().map(Into::into).collect();
    world.vars = Variables::default();
    world.stdin = Box::new(io::empty());
    world.stdin_is_terminal = || false;
    world.stdout = Box::new(io::sink());
    world.stdout_is_terminal = false;
    world.stderr = Box::new(io::sink());
    world
}

/// The BMC as a client meets it during the rehearsal.
struct Stage {
    model: Bmc,
    source: Rc<RefCell<Source>>,
}

impl Controller for Stage {
    fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        let modelled = self.model.answer_by(request, clock);
        if request.lun != 0 || !may_be_asked(request) {
            return modelled;
        }
        self.source.borrow_mut().ask(request.netfn, request.cmd, &request.data).unwrap_or(modelled)
    }
}

/// Whether a request changes nothing, gives no secret away, and is not about
/// stored records, which have been read already.
fn may_be_asked(request: &Request) -> bool {
    const COMMUNITY: u8 = 16;
    const NO_CHANGE: u8 = 3;
    const DCMI: u8 = 0xDC;
    let first = request.data.first().copied();
    match (request.netfn, request.cmd) {
        (0x00, 0x06) => first == Some(NO_CHANGE),
        (0x00, cmd) => matches!(cmd, 0x00 | 0x01 | 0x07 | 0x09 | 0x0F),
        (0x04, cmd) => {
            matches!(cmd, 0x01 | 0x10 | 0x13 | 0x15 | 0x20 | 0x23 | 0x25 | 0x27 | 0x29 | 0x2B | 0x2D | 0x2F)
        }
        (0x06, cmd) => matches!(
            cmd,
            0x01 | 0x04 | 0x08 | 0x2F | 0x37 | 0x38 | 0x41 | 0x42 | 0x44 | 0x46 | 0x4E | 0x54 | 0x59
        ),
        (0x0A, cmd) => matches!(cmd, 0x10 | 0x20 | 0x21 | 0x40 | 0x41 | 0x5C),
        (0x0C, 0x02) => request.data.get(1) != Some(&COMMUNITY),
        (0x0C, cmd) => matches!(cmd, 0x04 | 0x22),
        (0x2C, cmd) if first == Some(DCMI) => {
            matches!(cmd, 0x01 | 0x02 | 0x03 | 0x06 | 0x07 | 0x09 | 0x0C | 0x10 | 0x13)
        }
        // Whether there is a PICMG or a VITA extension.
        (0x2C, cmd) => cmd == 0x00,
        // The commands above ask makers' controllers only for what they know them
        // to have.
        (netfn, _) => netfn >= 0x2E,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_writes_or_gives_secrets_away_is_asked() {
        let asked = |netfn, cmd, data: &[u8]| may_be_asked(&Request::new(netfn, cmd, data));
        // Power, identify, policies, boot, SEL clear, passwords, keys, LAN, community.
        let writes: [(u8, u8, &[u8]); 12] = [
            (0x00, 0x02, &[0]),
            (0x00, 0x04, &[]),
            (0x00, 0x06, &[1]),
            (0x00, 0x08, &[5]),
            (0x0A, 0x47, &[]),
            (0x06, 0x47, &[2, 2]),
            (0x06, 0x56, &[1, 0]),
            (0x06, 0x02, &[]),
            (0x0C, 0x01, &[1, 3]),
            (0x0C, 0x02, &[1, 16, 0, 0]),
            (0x2C, 0x04, &[0xDC]),
            (0x2C, 0x08, &[0xDC]),
        ];
        assert!(writes.iter().all(|(netfn, cmd, data)| !asked(*netfn, *cmd, data)));
        assert!(asked(0x06, 0x01, &[]) && asked(0x2C, 0x02, &[0xDC, 1]) && asked(0x00, 0x06, &[3]));
    }
}
