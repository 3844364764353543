//! `dcmi get_conf_param`, `dcmi set_conf_param`: how the controller finds
//! its management station by DHCP (DCMI 1.5 section 6.4.7).

use super::words::{List, code_of, list};
use super::{ask, invalid};
use crate::ipmitool::text::described;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

const PARAMETERS: List = List {
    column: 0,
    words: described![
        (1, "activate_dhcp", "\tActivate DHCP"),
        (2, "dhcp_config", "\tDHCP Configuration"),
        (3, "init", "\t\tInitial timeout interval"),
        (4, "timeout", "\t\tServer contact timeout interval"),
        (5, "retry", "\t\tServer contact retry interval"),
    ],
};
/// What the original sends for a parameter it does not know.
const UNKNOWN: u8 = 0xFF;
/// Parameters above have two bytes.
const LAST_OF_ONE_BYTE: u8 = 3;

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    for parameter in 2..=5 {
        if print_parameter(session, parameter).is_err() {
            log!(session, ERR, "Error Get DCMI Configuration Parameters!");
            return Err(Failed);
        }
    }
    Ok(())
}

fn print_parameter(session: &mut Session<'_>, parameter: u8) -> Outcome {
    let reply = ask(session, 0x13, &[parameter, 0])?;
    let (low, both) = (reply.at(4), u16::from_le_bytes([reply.at(4), reply.at(5)]));
    let enabled = |bit: u8| if low & bit != 0 { "enabled" } else { "disabled" };
    match parameter {
        2 => out!(
            session,
            "\n\tDHCP Discovery method\t: \n\t\tManagement Controller ID String is {}\
             \n\t\tVendor class identifier DCMI IANA and Vendor class-specific Informationa are {}",
            enabled(1),
            enabled(2)
        ),
        3 => out!(session, "\n\tInitial timeout interval\t: {low} seconds"),
        4 => out!(session, "\n\tServer contact timeout interval\t: {both} seconds"),
        _ => out!(session, "\n\tServer contact retry interval\t: {both} seconds"),
    }
    Ok(())
}

/// A request the BMC refuses is logged and no failure.
pub(super) fn set(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let personality = session.personality;
    let activates = |name: &[u8]| personality.is_verb(name, "activate_dhcp");
    let (parameter, value) = match args {
        [name] if activates(name) => (1, 1),
        [name, _] if personality.is_verb(name, "help") => return Err(usage(session)),
        [name, _] if activates(name) => (1, 1),
        [name, value] => {
            let number = number::to_u16(value).map_err(|_| invalid(session, name, value))?;
            (code_of(name, &PARAMETERS).unwrap_or(UNKNOWN), number)
        }
        _ => return Err(usage(session)),
    };
    let [low, high] = value.to_le_bytes();
    let data = [parameter, 0, low, high];
    let length = if parameter > LAST_OF_ONE_BYTE { 4 } else { 3 };
    if ask(session, 0x12, &data[..length]).is_err() {
        log!(session, ERR, "Error Set DCMI Configuration Parameters!");
    }
    Ok(())
}

fn usage(session: &mut Session<'_>) -> Failed {
    list(session, "DCMI Configuration Parameters", &PARAMETERS);
    Failed
}
