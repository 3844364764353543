//! `sel info`: what the log holds and can do (IPMI 2.0 sections 31.2 and 31.3).

use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

/// Bytes of the answer to Get SEL Info.
const INFO: usize = 14;

/// Prints the log's state.
pub(super) fn run(session: &mut Session<'_>) -> Outcome {
    let reply = request(session)?;
    if reply.len() != INFO {
        log!(session, ERR, "Get SEL Info command failed: Invalid data length {}", reply.len());
        return Err(Failed);
    }
    dump(session, &reply);
    print_contents(session, &reply);
    print_times(session, &reply);
    let operations = reply.at(13);
    out!(session, "Overflow         : {}\n", operations & 0x80 != 0);
    print_commands(session, operations);
    if operations & 1 != 0 {
        print_allocation(session)?;
    }
    Ok(())
}

/// Sends Get SEL Info. `Err` after logging why there is no good answer.
pub(super) fn request(session: &mut Session<'_>) -> Result<Reply, Failed> {
    super::ask(session, 0x40, &[], "Get SEL Info command failed")
}

/// Shows the answer at `-vvv`.
pub(super) fn dump(session: &mut Session<'_>, reply: &Reply) {
    if session.verbose > 2 {
        session.dump("sel_info", reply.data());
    }
}

fn print_contents(session: &mut Session<'_>, reply: &Reply) {
    let version = reply.at(0);
    let known = if matches!(version, 0x51 | 0x02) { "v1.5, v2 compliant" } else { "Unknown" };
    let entries = u16::from_le_bytes([reply.at(1), reply.at(2)]);
    let free = u32::from(u16::from_le_bytes([reply.at(3), reply.at(4)]));
    out!(session, "SEL Information\n");
    out!(session, "Version          : {}.{} ({known})\n", version & 0x0F, version >> 4);
    out!(session, "Entries          : {entries}\n");
    let more = if free == 0xFFFF { "or more" } else { "" };
    out!(session, "Free Space       : {free} bytes {more}\n");
    // Sixteen bytes an entry, counted in sixteen bits.
    let used = u32::from(entries.wrapping_mul(16));
    let total = free + used;
    if total >= 0xFFFF {
        out!(session, "Percent Used     : unknown\n");
    } else {
        let percent = if entries == 0 { 0.0 } else { 100.0 * (f64::from(used) / f64::from(total)) };
        out!(session, "Percent Used     : {}%\n", percent as i32);
    }
}

fn print_times(session: &mut Session<'_>, reply: &Reply) {
    for (label, offset) in [("Last Add Time    : ", 5), ("Last Del Time    : ", 9)] {
        let stamp = u32::from_le_bytes(std::array::from_fn(|index| reply.at(offset + index)));
        out!(session, "{label}");
        match stamp {
            0 | 0xFFFF_FFFF => session.console.put(b"Not Available"),
            _ => {
                let text = session.times.numeric(stamp, OldClock::Utc);
                session.console.put(&text);
            }
        }
        out!(session, "\n");
    }
}

fn print_commands(session: &mut Session<'_>, operations: u8) {
    out!(session, "Supported Cmds   : ");
    if operations & 0x0F == 0 {
        out!(session, "None");
    }
    let commands = [(8, "Delete"), (4, "Partial Add"), (2, "Reserve"), (1, "Get Alloc Info")];
    for (_, name) in commands.iter().filter(|(bit, _)| operations & bit != 0) {
        out!(session, "'{name}' ");
    }
    out!(session, "\n");
}

fn print_allocation(session: &mut Session<'_>) -> Outcome {
    let reply = super::ask(session, 0x41, &[], "Get SEL Allocation Info command failed")?;
    let word = |offset| u16::from_le_bytes([reply.at(offset), reply.at(offset + 1)]);
    out!(session, "# of Alloc Units : {}\n", word(0));
    out!(session, "Alloc Unit Size  : {}\n", word(2));
    out!(session, "# Free Units     : {}\n", word(4));
    out!(session, "Largest Free Blk : {}\n", word(6));
    out!(session, "Max Record Size  : {}\n", reply.at(8));
    Ok(())
}
