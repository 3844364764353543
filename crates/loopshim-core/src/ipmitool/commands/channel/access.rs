//! `channel getaccess` and `setaccess`: what users may do on a channel.

use super::{help, incomplete};
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::commands::user::request::{self, Access};
use crate::ipmitool::text::channels::{PRIVILEGES, USER_STATES};
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

pub(super) fn run(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let (channel, user) = match rest {
        [channel] => (session.channel_argument(channel)?, None),
        [channel, user] => (session.channel_argument(channel)?, Some(session.user_argument(user)?)),
        _ => return incomplete(session),
    };
    let highest = print(session, channel, user.unwrap_or(1), true)?;
    if user.is_some() {
        return Ok(());
    }
    for user in 2..=highest {
        print(session, channel, user, false)?;
    }
    Ok(())
}

/// Prints one user's access; the highest user id.
fn print(session: &mut Session<'_>, channel: u8, user: u8, first: bool) -> Result<u8, Failed> {
    let access = fetch(session, channel, user)?;
    let name = match request::name_or_none(session, user) {
        Ok(name) => name,
        Err(refusal) => {
            let failed = session.report(refusal);
            log!(session, ERR, "Unable to Get User Name (id {user})");
            return Err(failed);
        }
    };
    if first {
        out!(session, "Maximum User IDs     : {}\n", access.max);
        out!(session, "Enabled User IDs     : {}\n", access.enabled);
    }
    let flag = |bit: u8| access.flags & bit != 0;
    let able = |bit| if flag(bit) { "enabled" } else { "disabled" };
    out!(session, "\nUser ID              : {user}\nUser Name            : ");
    session.console.put(&name);
    out!(session, "\nFixed Name           : {}\n", if user <= access.fixed { "Yes" } else { "No" });
    let available = if flag(Access::CALLBACK_ONLY) { "callback" } else { "call-in / callback" };
    out!(session, "Access Available     : {available}\n");
    out!(session, "Link Authentication  : {}\n", able(Access::LINK));
    out!(session, "IPMI Messaging       : {}\n", able(Access::MESSAGING));
    out!(session, "Privilege Level      : {}\n", name_of(access.privilege.into(), PRIVILEGES));
    out!(session, "Enable Status        : {}\n", name_of(access.status.into(), USER_STATES));
    Ok(access.max)
}

fn fetch(session: &mut Session<'_>, channel: u8, user: u8) -> Result<Access, Failed> {
    request::access(session, channel, user).map_err(|refusal| unable(session, refusal, "Get", channel, user))
}

fn unable(session: &mut Session<'_>, refusal: Refusal, verb: &str, channel: u8, user: u8) -> Failed {
    let failed = session.report(refusal);
    log!(session, ERR, "Unable to {verb} User Access (channel {channel} id {user})");
    failed
}

pub(super) fn change(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    if rest.first().is_some_and(|word| session.personality.is_verb(word, "help")) {
        help(session);
        return Ok(());
    }
    let [channel, user, options @ ..] = rest else { return incomplete(session) };
    if options.is_empty() {
        return incomplete(session);
    }
    let channel = session.channel_argument(channel)?;
    let user = session.user_argument(user)?;
    let mut access = fetch(session, channel, user)?;
    for option in options {
        apply(session, option, &mut access)?;
    }
    request::set_access(session, channel, user, access.flags, access.privilege, true)
        .map_err(|refusal| unable(session, refusal, "Set", channel, user))?;
    out!(session, "Set User Access (channel {channel} id {user}) successful.\n");
    Ok(())
}

/// The options that are on or off: their bit, and its value for on.
const SWITCHES: [(&str, u8, bool); 3] = [
    ("callin=", Access::CALLBACK_ONLY, false),
    ("link=", Access::LINK, true),
    ("ipmi=", Access::MESSAGING, true),
];

fn apply(session: &mut Session<'_>, option: &[u8], access: &mut Access) -> Outcome {
    let personality = session.personality;
    for (name, bit, on) in SWITCHES {
        let Some(value) = option.strip_prefix(name.as_bytes()) else { continue };
        let set = on != (personality.user_switches_can_be_off() && value.starts_with(b"off"));
        access.flags = if set { access.flags | bit } else { access.flags & !bit };
        return log_option(session, name, u8::from(set));
    }
    const PRIVILEGE: &str = "privilege=";
    let Some(value) = option.strip_prefix(PRIVILEGE.as_bytes()) else {
        return Err(session.complain("Invalid option: ", option, "\n"));
    };
    let named = PRIVILEGES.code_of(value).filter(|_| personality.names_user_options());
    access.privilege = match named.map(u8::try_from) {
        Some(Ok(code)) => code,
        _ => match number::to_u8(value) {
            Ok(privilege) => privilege,
            Err(_) => {
                let expected = personality.privilege_value_wanted();
                return Err(session.complain(expected, value, "' given."));
            }
        },
    };
    log_option(session, PRIVILEGE, access.privilege)
}

fn log_option(session: &mut Session<'_>, name: &str, value: u8) -> Outcome {
    if session.personality.names_user_options() {
        log!(session, DEBUG, "Option {name}={value}");
    }
    Ok(())
}
