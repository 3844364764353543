//! `delloem powermonitor getpowerbudget`, `setpowerbudget`, `enablepowercap`
//! and `disablepowercap`: the limit on power (System Info parameter EAh).

use super::power::{Unit, btu_per_hour};
use super::{APP, Complaint, Controller, OEM, field, first, short_field, system_info};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

const POWER_CAP: u8 = 0xEA;

pub(super) fn print(session: &mut Session<'_>, controller: Controller, unit: Unit) -> Outcome {
    let cap =
        ask(session, controller, "Error getting power cap: Command not supported on this system.", true)?;
    dump(session, &cap, 10);
    for (name, at) in [("Maximum power", 4), ("Minimum power", 6), ("Power cap    ", 1)] {
        let watts = short_field(&cap, at);
        match unit {
            Unit::Watts => out!(session, "{name}: {watts} Watt\n"),
            Unit::BtuPerHour => out!(session, "{name}: {}  BTU/hr\n", btu_per_hour(watts.into())),
        }
    }
    Ok(())
}

fn ask(
    session: &mut Session<'_>,
    controller: Controller,
    unsupported: &str,
    also_absent: bool,
) -> Result<Reply, Failed> {
    let reply = system_info(session, POWER_CAP, 0);
    let complaint = Complaint {
        silence: "Error getting power cap.",
        refusal: "Error getting power cap",
        unsupported,
        also_absent,
    };
    complaint.check(session, reply, controller.is_licensed())
}

/// With `-vv`, the bytes of the limit from the second on.
fn dump(session: &mut Session<'_>, cap: &Reply, count: usize) {
    if session.verbose > 1 {
        out!(session, "power cap  Data               :");
        (1..=count).for_each(|at| out!(session, "{:x} ", field(cap, at)));
    }
}

/// Whether a limit can be set, and whether it is in force.
fn state(session: &mut Session<'_>, controller: Controller) -> Result<[bool; 2], Failed> {
    let reply = session.send(OEM, 0xBA, &[1, 0xFF]);
    let complaint = Complaint {
        silence: "Error getting powercap status",
        refusal: "Error getting powercap statusr",
        unsupported: "",
        also_absent: false,
    };
    let flags = complaint.check(session, reply, controller.is_licensed())?.at(0);
    Ok([flags & 2 != 0, flags & 1 != 0])
}

/// Turns the limit on or off; the original counts any outcome as success.
pub(super) fn enable(session: &mut Session<'_>, controller: Controller, value: u8) -> Outcome {
    let Ok([can_be_set, _]) = state(session, controller) else { return Ok(()) };
    if !can_be_set {
        log!(session, ERR, "Can not set powercap on this system");
        return Ok(());
    }
    let reply = session.send(OEM, 0xBA, &[0, value]);
    let complaint = Complaint {
        silence: "Error setting powercap status",
        refusal: "Error setting powercap statusr",
        unsupported: "",
        also_absent: false,
    };
    let _ = complaint.check(session, reply, controller.is_licensed());
    Ok(())
}

/// Units of a limit to be set, by their codes.
const WATT: u8 = 0;
const BTU: u8 = 1;
const PERCENT: u8 = 3;

pub(super) fn set(session: &mut Session<'_>, controller: Controller, words: &[Arg]) -> Outcome {
    let Some((word, rest)) = words.split_first() else { return session.misused(help::POWER) };
    if word.contains(&b'.') {
        log!(session, ERR, "Cap value in Watts, Btu/hr or percent should be whole number");
        return Err(Failed);
    }
    let value = number::to_i32(word)
        .map_err(|_| session.complain("Given capacity value '", word, "' is invalid."))?;
    match first(rest) {
        None => {
            session.help(help::POWER);
            Ok(())
        }
        Some(b"watt") => send(session, controller, WATT, value),
        Some(b"btuphr") => send(session, controller, BTU, value),
        Some(b"percent") => send(session, controller, PERCENT, value),
        Some(_) => session.misused(help::POWER),
    }
}

fn send(session: &mut Session<'_>, controller: Controller, unit: u8, value: i32) -> Outcome {
    let [can_be_set, is_enabled] = state(session, controller)?;
    if !can_be_set || !is_enabled {
        let why = if can_be_set {
            "Power cap set feature is not enabled"
        } else {
            "Can not set powercap on this system"
        };
        log!(session, ERR, "{why}");
        return Err(Failed);
    }
    let cap =
        ask(session, controller, "Error getting power cap, command not supported on this system.", false)?;
    dump(session, &cap, 11);
    let (max, min) = (i32::from(short_field(&cap, 4)), i32::from(short_field(&cap, 6)));
    let [low, high, ..] = value.to_le_bytes();
    let mut data = vec![POWER_CAP, low, high, unit];
    // Greatest and least power, power supplies, available power, throttling.
    data.extend([4, 5, 6, 7, 8, 10, 11, 12].map(|at| field(&cap, at)));
    data.push(0);
    let watts = match unit {
        WATT => value,
        BTU => (i64::from(value) as u64 as f64 / 3.413) as u32 as i32,
        _ => {
            if !(0..=100).contains(&value) {
                log!(session, ERR, "{} 0  - 100", session.personality.cap_out_of_bounds());
                return Err(Failed);
            }
            let watts = value * (max - min) / 100 + min;
            log!(session, ERR, "Cap value in percentage is  {watts} ");
            let [low, high, ..] = watts.to_le_bytes();
            data[1..4].copy_from_slice(&[low, high, WATT]);
            watts
        }
    };
    if unit != PERCENT && !(min..=max).contains(&watts) {
        let text = session.personality.cap_out_of_bounds();
        if unit == WATT {
            log!(session, ERR, "{text} {min}  - {max}");
        } else {
            log!(session, ERR, "{text} {}", btu_per_hour(min.cast_unsigned()));
            log!(session, ERR, " -{}", btu_per_hour(max.cast_unsigned()));
        }
        return Err(Failed);
    }
    let reply = session.send(APP, 0x58, &data);
    let complaint = Complaint {
        silence: "Error setting power cap",
        refusal: "Error setting power cap",
        unsupported: "",
        also_absent: false,
    };
    complaint.check(session, reply, controller.is_licensed())?;
    if session.verbose > 1 {
        out!(session, "CC for setpowercap :0 ");
    }
    Ok(())
}
