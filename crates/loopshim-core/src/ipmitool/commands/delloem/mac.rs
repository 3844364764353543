//! `delloem mac`: addresses of the network ports on the board and of the
//! controller's own.

use super::{APP, Controller, Generation, OEM, check_bracketed, first};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::text::colons;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// The number that stands for the controller's own port.
const IDRAC: i32 = 8;
const FAILURE: &str = "Error in getting MAC Address";

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if first(words) == Some(b"help") {
        return session.explain(help::MAC);
    }
    let controller = Controller::ask(session);
    match first(words) {
        None | Some(b"list") => print(session, controller, None),
        Some(b"get") => {
            let Some(word) = words.get(1) else { return session.misused(help::MAC) };
            match number::to_i32(word) {
                Ok(port @ 0..=IDRAC) => print(session, controller, Some(port)),
                _ => {
                    log!(session, ERR, "Invalid NIC number. The NIC number should be between 0-8");
                    Err(Failed)
                }
            }
        }
        _ => session.explain(help::MAC),
    }
}

/// Prints all addresses, or one port's.
fn print(session: &mut Session<'_>, controller: Controller, port: Option<i32>) -> Outcome {
    match controller.generation() {
        _ if controller == Controller::IDRAC_13G_DCS => return refuse(session),
        Generation::Unknown => return refuse(session),
        Generation::Tenth => print_old_ports(session, port)?,
        _ => print_ports(session, port)?,
    }
    if port.is_none_or(|port| port == IDRAC) {
        // A failure here is none of the whole.
        let _ = print_own(session, controller);
    }
    Ok(())
}

fn refuse(session: &mut Session<'_>) -> Outcome {
    log!(session, ERR, "Error in getting MAC Address : Not supported platform");
    Err(Failed)
}

fn print_old_ports(session: &mut Session<'_>, port: Option<i32>) -> Outcome {
    let reply = session.send(APP, 0x59, &[0, 0xCB, 0, 0]);
    let reply = check_bracketed(session, reply, FAILURE)?;
    if port == Some(IDRAC) {
        return Ok(());
    }
    print_title(session, port, "");
    for index in 0..usize::from(reply.at(1)) {
        if port.is_none_or(|port| port as usize == index) {
            let address: Vec<u8> = (0..6).map(|byte| reply.at(2 + 6 * index + byte)).collect();
            out!(session, "\n{index}\t\t{}", colons(&address));
        }
    }
    out!(session, "\n");
    Ok(())
}

fn print_ports(session: &mut Session<'_>, port: Option<i32>) -> Outcome {
    /// Size of a port's description.
    const LENGTH: u8 = 8;
    let reply = session.send(APP, 0x59, &[0, 0xDA, 0, 0, 0, 0]);
    let reply = check_bracketed(session, reply, FAILURE)?;
    if port == Some(IDRAC) {
        return Ok(());
    }
    print_title(session, port, "\t\tStatus");
    for index in 0..reply.at(1) / LENGTH {
        let reply = session.send(APP, 0x59, &[0, 0xDA, 0, 0, index * LENGTH, LENGTH]);
        let reply = check_bracketed(session, reply, FAILURE)?;
        let (kind, status) = (reply.at(1) >> 4 & 3, reply.at(1) >> 6);
        let number = reply.at(2) & 0x1F;
        // Of kind 0, Ethernet.
        if kind == 0 && port.is_none_or(|port| port == i32::from(number)) {
            let word = if status == 0 { "Enabled" } else { "Disabled" };
            out!(session, "\n{number}\t\t{}\t{word}", colons(&reply.buffer()[3..9]));
        }
    }
    out!(session, "\n");
    Ok(())
}

fn print_title(session: &mut Session<'_>, port: Option<i32>, status: &str) {
    out!(session, "{}", if port.is_none() { "\nSystem LOMs" } else { "" });
    out!(session, "\nNIC Number\tMAC Address{status}\n");
}

/// The controller's own address: one assigned to it, or the one it has.
fn print_own(session: &mut Session<'_>, controller: Controller) -> Outcome {
    let name = match controller.generation() {
        Generation::Tenth => "\nDRAC",
        Generation::Twelfth => "\niDRAC7",
        Generation::Thirteenth => "\niDRAC8",
        Generation::Plain => "\n\rBMC",
        _ => "\niDRAC6",
    };
    if let Some(address) = assigned_address(session, controller) {
        out!(session, "\n{} MAC Address {}\n", name.trim_start(), colons(&address));
        return Ok(());
    }
    let reply = session.send(0x0C, 0x02, &[1, 5, 0, 0]);
    let reply = check_bracketed(session, reply, FAILURE)?;
    out!(session, "{name} MAC Address {}\n", colons(&reply.buffer()[1..7]));
    Ok(())
}

/// The address assigned by the chassis or, on later controllers, the server.
fn assigned_address(session: &mut Session<'_>, controller: Controller) -> Option<Vec<u8>> {
    let reply = session.send(OEM, 0xC9, &[1]).filter(crate::ipmitool::Reply::is_ok)?;
    let places: &[usize] = if controller.is_licensed() { &[1, 7] } else { &[1] };
    let mut addresses = places.iter().map(|&start| reply.buffer()[start..start + 6].to_vec());
    addresses.find(|address| address.iter().any(|&byte| byte != 0))
}
