//! `delloem powermonitor`: consumption now, and since it was last cleared.

use super::{Complaint, Controller, OEM, first, power_cap, power_history, unlicensed};
use crate::ipmitool::help::delloem as help;
use crate::ipmitool::{Arg, Failed, Outcome, Personality, Reply, Session};
use crate::{log, out};

/// How power is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Watts,
    BtuPerHour,
}

/// Watts as BTU per hour, as the original converts.
pub(super) fn btu_per_hour(watts: u32) -> u64 {
    (3.413 * f64::from(watts)) as u64
}

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if first(words) == Some(b"help") {
        return session.explain(help::POWER);
    }
    let controller = Controller::ask(session);
    let Some((verb, rest)) = words.split_first() else { return print(session, controller) };
    let is_history = match session.personality {
        Personality::V1_8_18El8 => verb.starts_with(b"powerconsumptionhistory"),
        Personality::V1_8_19Deb12 => verb == b"powerconsumptionhistory",
    };
    match verb.as_slice() {
        b"status" => print(session, controller),
        b"clear" => match first(rest) {
            Some(b"peakpower") => clear(session, controller, 2),
            Some(b"cumulativepower") => clear(session, controller, 1),
            _ => session.misused(help::POWER),
        },
        b"powerconsumption" => with_unit(session, controller, rest, print_consumption),
        _ if is_history => with_unit(session, controller, rest, power_history::print),
        b"getpowerbudget" => with_unit(session, controller, rest, power_cap::print),
        b"setpowerbudget" => power_cap::set(session, controller, rest),
        b"enablepowercap" => power_cap::enable(session, controller, 1),
        b"disablepowercap" => power_cap::enable(session, controller, 0),
        _ => session.misused(help::POWER),
    }
}

fn with_unit(
    session: &mut Session<'_>,
    controller: Controller,
    words: &[Arg],
    print: fn(&mut Session<'_>, Controller, Unit) -> Outcome,
) -> Outcome {
    match first(words) {
        None | Some(b"watt") => print(session, controller, Unit::Watts),
        Some(b"btuphr") => print(session, controller, Unit::BtuPerHour),
        _ => session.misused(help::POWER),
    }
}

/// A number of the answer, of four bytes.
fn long(reply: &Reply, at: usize) -> u32 {
    u32::from(short(reply, at)) | u32::from(short(reply, at + 2)) << 16
}

fn short(reply: &Reply, at: usize) -> u16 {
    u16::from_le_bytes([reply.at(at), reply.at(at + 1)])
}

/// A time after its name; 1.8.19 does not end the line.
pub(super) fn print_time(session: &mut Session<'_>, name: &str, stamp: u32) {
    let time = session.times.words_or_figures(stamp);
    let end: &[u8] = if session.personality == Personality::V1_8_18El8 { b"\n" } else { b"" };
    session.console.put(&[name.as_bytes(), &time, end].concat());
}

fn print(session: &mut Session<'_>, controller: Controller) -> Outcome {
    let now = match session.send(0x0A, 0x48, &[]) {
        Some(reply) if reply.is_ok() => long(&reply, 0),
        Some(reply) => return Err(refuse(session, reply.completion)),
        None => {
            log!(session, ERR, "Error getting BMC time info.");
            return Err(Failed);
        }
    };
    let reply = match session.send(OEM, 0x9C, &[7, 1]) {
        Some(reply) if reply.is_ok() => reply,
        Some(reply) => {
            match reply.completion {
                0x6F if controller.is_licensed() => unlicensed(session),
                0xC1 | 0xCB => log!(
                    session,
                    ERR,
                    "Error getting power management information: Command not supported on this system."
                ),
                code => drop(refuse(session, code)),
            }
            return Err(Failed);
        }
        None => {
            log!(session, ERR, "Error getting power management information.");
            return Err(Failed);
        }
    };
    let (energy, amperes) = (long(&reply, 4), short(&reply, 16));
    let (kilowatt_hours, tenths) = ((energy / 1000).cast_signed(), (energy % 1000 + 50) / 100);
    out!(session, "Power Tracking Statistics\nStatistic      : Cumulative Energy Consumption\n");
    print_time(session, "Start Time     : ", long(&reply, 0));
    print_time(session, "Finish Time    : ", now);
    out!(session, "Reading        : {kilowatt_hours}.{tenths} kWh\n\n");
    out!(session, "Statistic      : System Peak Power\n");
    print_time(session, "Start Time     : ", long(&reply, 8));
    print_time(session, "Peak Time      : ", long(&reply, 18));
    out!(session, "Peak Reading   : {} W\n\n", short(&reply, 22));
    out!(session, "Statistic      : System Peak Amperage\n");
    print_time(session, "Start Time     : ", long(&reply, 8));
    print_time(session, "Peak Time      : ", long(&reply, 12));
    out!(session, "Peak Reading   : {}.{} A\n", amperes / 10, amperes % 10);
    Ok(())
}

fn refuse(session: &mut Session<'_>, code: u8) -> Failed {
    log!(session, ERR, "Error getting power management information, return code {code:x}");
    Failed
}

fn clear(session: &mut Session<'_>, controller: Controller, what: u8) -> Outcome {
    let reply = session.send(OEM, 0x9D, &[7, 1, what]);
    let complaint = Complaint {
        silence: "Error clearing power values.",
        refusal: "Error clearing power values",
        unsupported: "Error clearing power values, command not supported on this system.",
        also_absent: false,
    };
    complaint.check(session, reply, controller.is_licensed()).map(|_| ())
}

fn print_consumption(session: &mut Session<'_>, controller: Controller, unit: Unit) -> Outcome {
    out!(session, "\nPower consumption information\n");
    print_sensor(session, unit)?;
    let reply = session.send(OEM, 0xB3, &[0x0A, 0]);
    let complaint = Complaint {
        silence: "Error getting instantaneous power consumption data .",
        refusal: "Error getting instantaneous power consumption data",
        unsupported: "Error getting instantaneous power consumption data: \
                      Command not supported on this system.",
        also_absent: true,
    };
    let amperes = short(&complaint.check(session, reply, controller.is_licensed())?, 2);
    out!(session, "\nAmperage value: {}.{} A \n", amperes / 10, amperes % 10);
    print_headroom(session, controller, unit)
}

/// The sensor "System Level": its reading and upper thresholds.
fn print_sensor(session: &mut Session<'_>, unit: Unit) -> Outcome {
    let found = session.find_sdr_by_name(b"System Level");
    let sensor = found.and_then(|number| session.sdr.records().get(number)).cloned();
    let read = sensor.and_then(|sensor| {
        // A reading that fails counts as zero.
        let reading = session.send(0x04, 0x2D, &[sensor.number()]).filter(Reply::is_ok);
        let reading = reading.map_or(0, |reply| reply.at(0));
        let thresholds = session.request_thresholds(&sensor).filter(Reply::is_ok)?;
        let conversion = sensor.conversion();
        Some([reading, thresholds.at(4), thresholds.at(5)].map(|raw| conversion.reading(raw) as i32))
    });
    let Some(values) = read else {
        log!(session, ERR, "Error : Can not access the System Level sensor data");
        return Err(Failed);
    };
    out!(session, "System Board System Level\n");
    let names = ["Reading                        ", "Warning threshold      ", "Failure threshold      "];
    for (name, watts) in names.iter().zip(values) {
        match unit {
            Unit::Watts => out!(session, "{name}: {watts} W \n"),
            Unit::BtuPerHour => {
                out!(session, "{name}: {} BTU/hr\n", btu_per_hour(watts.cast_unsigned()) as i32);
            }
        }
    }
    Ok(())
}

fn print_headroom(session: &mut Session<'_>, controller: Controller, unit: Unit) -> Outcome {
    let reply = session.send(OEM, 0xBB, &[]);
    let complaint = Complaint {
        silence: "Error getting power headroom status",
        refusal: "Error getting power headroom status",
        unsupported: "Error getting power headroom status: Command not supported on this system ",
        also_absent: true,
    };
    let reply = complaint.check(session, reply, controller.is_licensed())?;
    if session.verbose > 1 {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| reply.at(at));
        out!(session, "power headroom  Data               : {first:x} {second:x} {third:x} {fourth:x} ");
    }
    out!(session, "Headroom\nStatistic                     Reading\n");
    for (name, at) in [("System Instantaneous Headroom", 0), ("System Peak Headroom         ", 2)] {
        let watts = short(&reply, at);
        match unit {
            Unit::Watts => out!(session, "{name} : {watts} W\n"),
            Unit::BtuPerHour => out!(session, "{name} : {} BTU/hr\n", btu_per_hour(watts.into())),
        }
    }
    Ok(())
}
