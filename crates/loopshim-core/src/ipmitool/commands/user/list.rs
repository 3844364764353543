//! `user list` and `user summary`.

use super::request::{self, Access};
use crate::ipmitool::text::channels::PRIVILEGES;
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Outcome, Session};
use crate::out;

/// Highest user id there can be.
const LAST_USER: u8 = 63;

pub(super) fn print(session: &mut Session<'_>, channel: u8) -> Outcome {
    let mut user = 1;
    loop {
        let access = request::access(session, channel, user).map_err(|refusal| session.report(refusal))?;
        let name = request::name_or_none(session, user).map_err(|refusal| session.report(refusal))?;
        if session.csv {
            row_of_values(session, user, &name, &access);
        } else {
            row(session, user, &name, &access);
        }
        user += 1;
        if user > access.max.min(LAST_USER) {
            return Ok(());
        }
    }
}

fn row(session: &mut Session<'_>, user: u8, name: &[u8], access: &Access) {
    if !session.users_titled {
        out!(session, "ID  Name\t     Callin  Link Auth\tIPMI Msg   Channel Priv Limit\n");
        session.users_titled = true;
    }
    out!(session, "{user:<4}");
    session.console.put_padded(name, 17);
    let [callin, link, messaging] = switches(access);
    let privilege = name_of(access.privilege.into(), PRIVILEGES);
    out!(session, "{callin:<8}{link:<11}{messaging:<11}{privilege}\n");
}

fn row_of_values(session: &mut Session<'_>, user: u8, name: &[u8], access: &Access) {
    out!(session, "{user},");
    session.console.put(name);
    let [callin, link, messaging] = switches(access);
    let privilege = name_of(access.privilege.into(), PRIVILEGES);
    out!(session, ",{callin},{link},{messaging},{privilege}\n");
}

/// Whether the user may call in, must authenticate the link, may send
/// messages.
fn switches(access: &Access) -> [bool; 3] {
    let set = |bit| access.flags & bit != 0;
    [!set(Access::CALLBACK_ONLY), set(Access::LINK), set(Access::MESSAGING)]
}

pub(super) fn summary(session: &mut Session<'_>, channel: u8) -> Outcome {
    let access = request::access(session, channel, 1).map_err(|refusal| session.report(refusal))?;
    let Access { max, enabled, fixed, .. } = access;
    if session.csv {
        out!(session, "{max},{enabled},{fixed}\n");
    } else {
        out!(
            session,
            "Maximum IDs\t    : {max}\nEnabled User Count  : {enabled}\nFixed Name Count    : {fixed}\n"
        );
    }
    Ok(())
}
