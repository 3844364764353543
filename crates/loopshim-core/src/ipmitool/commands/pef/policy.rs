//! `pef policy`: the table of alert policies (IPMI 2.0 table 17-4).

use super::words::{MEDIA, POLICIES};
use super::{GET, Table, destination, fields, parameter, require_entry, table_size, write_entry};
use crate::ipmitool::commands::channel::request;
use crate::ipmitool::{Failed, Outcome, Session, help};
use crate::{log, out};

pub(super) const TABLE: Table =
    Table { help: help::pef::POLICY, name: "Policy", entry: "Policy", last: 127, list, enable };

const ENABLED: u8 = 0x08;
/// Length of the answer about a policy.
const LENGTH: usize = 5;

fn list(session: &mut Session<'_>) -> Outcome {
    let size = table_size(session, parameter::POLICIES).map_err(|refusal| session.report(refusal))?;
    if size == 0 {
        log!(session, ERR, "PEF Alert Policy isn't supported.");
        return Err(Failed);
    }
    for number in 1..=size {
        fields::start(session);
        // One that cannot be read is passed over.
        let _ = print(session, number);
    }
    Ok(())
}

fn print(session: &mut Session<'_>, number: u8) -> Outcome {
    let reply = session
        .attempt(GET, &[parameter::POLICY, number, 0], Some(LENGTH))
        .map_err(|refusal| session.report(refusal))?;
    let [entry, policy, place, string] = std::array::from_fn(|index| reply.at(1 + index));
    fields::number(session, "Alert policy table entry", entry & 0x7F);
    fields::number(session, "Policy set", policy >> 4);
    fields::text(session, "State", if policy & ENABLED != 0 { "enabled" } else { "disabled" });
    fields::text(session, "Policy entry rule", fields::listed(policy & 7, POLICIES));
    if string & 0x80 != 0 {
        fields::text(session, "Event-specific", "true");
    }
    let channel = request::info(session, place >> 4).map_err(|refusal| session.report(refusal))?;
    let [channel, medium] = [channel.at(0) & 0x0F, channel.at(1) & 0x7F];
    fields::number(session, "Channel number", channel);
    fields::text(session, "Channel medium", fields::listed(medium, MEDIA));
    destination::print(session, channel, medium, place & 0x0F);
    out!(session, "\n");
    Ok(())
}

fn enable(session: &mut Session<'_>, number: u8, enables: bool) -> Outcome {
    require_entry(session, parameter::POLICIES, number, "Policy")?;
    let reply = session
        .attempt(GET, &[parameter::POLICY, number, 0], Some(LENGTH))
        .map_err(|refusal| session.report(refusal))?;
    let policy = if enables { reply.at(2) | ENABLED } else { reply.at(2) & !ENABLED };
    let data = [parameter::POLICY, number, policy, reply.at(3), reply.at(4)];
    write_entry(session, &data, "Policy", enables)
}
