//! `sdr info`: the repository itself.

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

/// Bytes of the answer to Get SDR Repository Info.
const LENGTH: usize = 14;

/// Prints the answer to Get SDR Repository Info (IPMI 2.0 section 33.9).
pub(super) fn run(session: &mut Session<'_>) -> Outcome {
    let Some(reply) = session.send(0x0A, 0x20, &[]) else {
        log!(session, ERR, "Get SDR Repository Info command failed");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "Get SDR Repository Info command failed: {}", completion_name(reply.completion));
        return Err(Failed);
    }
    let info = padded(&reply);
    out!(session, "SDR Version                         : 0x{:x}\n", info[0]);
    out!(session, "Record Count                        : {}\n", u16::from_le_bytes([info[1], info[2]]));
    let free = u16::from_le_bytes([info[3], info[4]]);
    out!(session, "Free Space                          : {}\n", free_text(free));
    let [added, erased] =
        [5, 9].map(|at| u32::from_le_bytes([info[at], info[at + 1], info[at + 2], info[at + 3]]));
    let support = info[13];
    print_time(session, "Most recent Addition", added, support & 0x04 != 0);
    print_time(session, "Most recent Erase", erased, support & 0x08 != 0);
    print_support(session, support);
    Ok(())
}

fn print_time(session: &mut Session<'_>, title: &str, stamp: u32, supported: bool) {
    let time = if session.personality.sdr_times_need_support() {
        if supported { session.times.numeric(stamp, OldClock::Utc) } else { b"NA".to_vec() }
    } else if stamp == 0 {
        Vec::new()
    } else {
        session.times.numeric(stamp, OldClock::Utc)
    };
    out!(session, "{title:<35} : ");
    session.console.put(&time);
    out!(session, "\n");
}

/// The answer; where it is shorter the original shows what its stack held, and
/// this zeros.
fn padded(reply: &Reply) -> [u8; LENGTH] {
    std::array::from_fn(|index| reply.data().get(index).copied().unwrap_or(0))
}

fn free_text(bytes: u16) -> String {
    match bytes {
        0 => "none (full)".to_owned(),
        0xFFFF => "unspecified".to_owned(),
        0xFFFE => "> 64Kb - 2 bytes".to_owned(),
        _ => format!("{bytes} bytes"),
    }
}

fn print_support(session: &mut Session<'_>, support: u8) {
    let yes_no = |bit: u8| if support & bit != 0 { "yes" } else { "no" };
    let update = ["unspecified", "non-modal", "modal", "modal and non-modal"][usize::from(support >> 5 & 3)];
    out!(session, "SDR overflow                        : {}\n", yes_no(0x80));
    out!(session, "SDR Repository Update Support       : {update}\n");
    out!(session, "Delete SDR supported                : {}\n", yes_no(0x08));
    out!(session, "Partial Add SDR supported           : {}\n", yes_no(0x04));
    out!(session, "Reserve SDR repository supported    : {}\n", yes_no(0x02));
    out!(session, "SDR Repository Alloc info supported : {}\n", yes_no(0x01));
}
