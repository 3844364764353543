//! Printing a FRU device, or every one there is: the BMC's own, those of
//! controllers with an inventory, and those the SDR repository locates.

use super::device::Device;
use super::header::{Header, Refusal};
use super::{areas, multirecord, spd};
use crate::ipmitool::sdr_repository::{Record, Walk, kind};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Outcome, Session};
use crate::{log, out};

/// Bit of "additional device support" in the device id and in controller
/// locators: has a FRU inventory.
const HAS_FRU_INVENTORY: u8 = 0x08;
/// Bit of a FRU device locator: the device is reached by FRU commands.
const LOGICAL: u8 = 0x80;

/// Prints FRU device `id` of the controller addressed.
pub(super) fn print(session: &mut Session<'_>, id: u8) -> Outcome {
    let mut device = Device::open(session, id)?;
    let header = match Header::read(session, &device) {
        Ok(header) => header,
        // A device that has a size but cannot be read is no failure.
        Err(Refusal::Absent) => return Ok(()),
        Err(Refusal::Version) => return Err(Failed),
    };
    let areas = [
        (areas::CHASSIS, header.chassis()),
        (areas::BOARD, header.board()),
        (areas::PRODUCT, header.product()),
    ];
    for (area, offset) in areas {
        if offset != 0 {
            area.print(session, &mut device, offset);
        }
    }
    if session.verbose > 0 && header.multirecord() != 0 {
        multirecord::print(session, &mut device, header.multirecord());
    }
    Ok(())
}

/// Prints the builtin device and all that the SDR repository locates. The
/// outcome is the last device's.
pub(super) fn print_all(session: &mut Session<'_>) -> Outcome {
    out!(session, "FRU Device Description : Builtin FRU Device (ID 0)\n");
    let mut outcome = Ok(());
    if supports_fru_inventory(session)? {
        outcome = print(session, 0);
        out!(session, "\n");
    }
    let mut walk = Walk::start(session, false).ok_or(Failed)?;
    while let Some(header) = walk.next_header(session) {
        if !matches!(header.kind, kind::MC_LOCATOR | kind::FRU_LOCATOR) {
            continue;
        }
        let Some(record) = walk.record(session, &header) else { continue };
        let printed = match record.kind {
            kind::MC_LOCATOR => print_controller(session, &record),
            _ if record.at(2) & LOGICAL == 0 => None,
            _ => Some(print_located(session, &record)),
        };
        outcome = printed.unwrap_or(outcome);
    }
    outcome
}

/// Get Device ID (IPMI 2.0 section 20.1): whether the BMC has a FRU inventory.
fn supports_fru_inventory(session: &mut Session<'_>) -> Result<bool, Failed> {
    match session.send(0x06, 0x01, &[]) {
        Some(reply) if reply.is_ok() => return Ok(reply.at(5) & HAS_FRU_INVENTORY != 0),
        Some(reply) => {
            log!(session, ERR, "Get Device ID command failed: {}", completion_name(reply.completion));
        }
        None => log!(session, ERR, "Get Device ID command failed"),
    }
    Err(Failed)
}

/// Prints device 0 of the controller that `locator` describes; `None` when it
/// has no inventory, or is the one addressed already.
fn print_controller(session: &mut Session<'_>, locator: &Record) -> Option<Outcome> {
    let address = locator.at(0);
    if locator.at(3) & HAS_FRU_INVENTORY == 0 || session.link.target_addr == address {
        return None;
    }
    let saved = std::mem::replace(&mut session.link.target_addr, address);
    out!(session, "FRU Device Description : ");
    session.console.put_padded(locator.raw_name(), 16);
    out!(session, "\n");
    let outcome = print(session, 0);
    out!(session, "\n");
    session.link.target_addr = saved;
    Some(outcome)
}

/// A FRU device locator record (IPMI 2.0 section 43.8).
struct Locator {
    address: u8,
    device: u8,
    channel: u8,
    kind: u8,
    modifier: u8,
}

/// Prints what `record` locates, a logical FRU device or not. A device of a kind
/// that is not printed counts as a failure.
pub fn print_located(session: &mut Session<'_>, record: &Record) -> Outcome {
    let locator = Locator {
        address: record.at(0),
        device: record.at(1),
        channel: record.at(3) >> 4,
        kind: record.at(5),
        modifier: record.at(6),
    };
    let is_eeprom = matches!(locator.kind, 0x08..=0x0F) && locator.modifier == 0x02;
    if locator.kind != 0x10 && !is_eeprom {
        return Err(Failed);
    }
    if locator.address == 0x20 && locator.device == 0 {
        // The builtin device, printed before.
        return Ok(());
    }
    out!(session, "FRU Device Description : ");
    session.console.put(description(record));
    out!(session, " (ID {})\n", locator.device);
    let outcome = print_device(session, &locator);
    out!(session, "\n");
    outcome
}

fn print_device(session: &mut Session<'_>, locator: &Locator) -> Outcome {
    let &Locator { device, kind, modifier, .. } = locator;
    match modifier {
        0x00 | 0x02 => return print_at(session, locator),
        0x01 => return spd::print(session, device),
        _ if session.verbose > 0 => out!(
            session,
            " Unsupported device 0x{device:02x} type 0x{kind:02x} with modifier 0x{modifier:02x}\n"
        ),
        _ => out!(session, " Unsupported device\n"),
    }
    Ok(())
}

/// Prints a device of the controller at its locator's address and channel.
fn print_at(session: &mut Session<'_>, locator: &Locator) -> Outcome {
    let link = &mut session.link;
    let saved = (link.target_addr, link.target_channel);
    let own = locator.channel == 0 && link.target_ipmb_addr != 0 && link.target_ipmb_addr == locator.address;
    if !own {
        (link.target_addr, link.target_channel) = (locator.address, locator.channel);
    }
    let outcome = print(session, locator.device);
    (session.link.target_addr, session.link.target_channel) = saved;
    outcome
}

/// The locator's name. The original's buffer ends after 17 bytes; a longer
/// length code makes it print what follows on its stack.
fn description(record: &Record) -> &[u8] {
    let name = record.raw_name();
    &name[..name.len().min(usize::from(record.at(10) & 0x1F)).min(17)]
}
