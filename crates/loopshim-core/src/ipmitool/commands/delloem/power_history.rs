//! `delloem powermonitor powerconsumptionhistory`: consumption of the last
//! minute, hour, day and week (System Info parameters EBh, ECh and EDh).

use super::power::{Unit, btu_per_hour, print_time};
use super::{Complaint, Controller, field, short_field, system_info};
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::out;

pub(super) fn print(session: &mut Session<'_>, controller: Controller, unit: Unit) -> Outcome {
    let average = ask(session, controller, 0xEB, "average power", ".")?;
    dump(session, &average, "Average power consumption history data       :", &[8]);
    let peak = ask(session, controller, 0xEC, "peak power", ".")?;
    let title = "Peak power consmhistory  Data               : ";
    dump(session, &peak, title, &[10, 14]);
    // The original's words for the least are those for the greatest.
    let least = ask(session, controller, 0xED, "peak power", " .")?;
    dump(session, &least, title, &[10, 13]);
    out!(session, "Power Consumption History\n\n");
    out!(session, "Statistic                   Last Minute     Last Hour     Last Day     Last Week\n\n");
    print_row(session, "Average Power Consumption  ", &average, unit, "");
    print_row(session, "Max Power Consumption      ", &peak, unit, "");
    print_row(session, "Min Power Consumption      ", &least, unit, "\n");
    print_times(session, "Max", &peak);
    print_times(session, "Min", &least);
    Ok(())
}

fn ask(
    session: &mut Session<'_>,
    controller: Controller,
    parameter: u8,
    what: &str,
    end: &str,
) -> Result<Reply, Failed> {
    let reply = system_info(session, parameter, 0);
    let refusal = format!("Error getting {what} consumption history data");
    // Where nothing is answered a second blank has crept into the peak's words.
    let silence = match parameter {
        0xEB => format!("{refusal}{end}"),
        _ => format!("Error getting  {what} consumption history data{end}"),
    };
    let unsupported = format!("{refusal}: Command not supported on this system.");
    let complaint =
        Complaint { silence: &silence, refusal: &refusal, unsupported: &unsupported, also_absent: true };
    complaint.check(session, reply, controller.is_licensed())
}

/// With `-vv`, the bytes of an answer in lines of the given lengths.
fn dump(session: &mut Session<'_>, reply: &Reply, title: &str, lengths: &[usize]) {
    if session.verbose < 2 {
        return;
    }
    let mut start = 0;
    out!(session, "{title}");
    for (line, length) in lengths.iter().enumerate() {
        out!(session, "{}", if line > 0 { "\n   " } else { "" });
        for at in start..start + length {
            out!(session, "{}{:x}", if at > start { " " } else { "" }, field(reply, at));
        }
        start += length;
    }
    out!(session, "\n\n");
}

fn print_row(session: &mut Session<'_>, name: &str, reply: &Reply, unit: Unit, end: &str) {
    out!(session, "{name}");
    let gaps = match unit {
        Unit::Watts => [" W          ", " W        ", " W       ", " W   \n"],
        Unit::BtuPerHour => [" BTU/hr     ", " BTU/hr   ", " BTU/hr  ", " BTU/hr\n"],
    };
    for (index, gap) in gaps.iter().enumerate() {
        let watts = u32::from(short_field(reply, 1 + 2 * index));
        let value = if unit == Unit::Watts { watts.into() } else { btu_per_hour(watts) };
        out!(session, "{value:4}{gap}");
    }
    out!(session, "{end}");
}

fn print_times(session: &mut Session<'_>, which: &str, reply: &Reply) {
    out!(session, "{which} Power Time\n");
    let names = ["Last Minute     : ", "Last Hour       : ", "Last Day        : ", "Last Week       : "];
    for (index, name) in names.iter().enumerate() {
        let at = 9 + 4 * index;
        let stamp = u32::from(short_field(reply, at)) | u32::from(short_field(reply, at + 2)) << 16;
        print_time(session, name, stamp);
    }
}
