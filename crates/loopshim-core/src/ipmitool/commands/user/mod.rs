//! `user`: the BMC's users (IPMI 2.0 sections 22.26–22.30).

mod list;
mod password;
pub mod request;

use crate::ipmitool::commands::channel::PRESENT;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, help};
use crate::{log, out};

const SET_NAME: (u8, u8) = (0x06, 0x45);

/// Longest name.
const NAME: usize = 16;

/// Runs `ipmitool user …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, rest)) = args.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        return usage(session);
    };
    let personality = session.personality;
    let is = |word: &str| personality.is_verb(verb, word);
    if is("help") {
        help(session);
        Ok(())
    } else if is("summary") {
        let channel = channel(session, rest)?;
        list::summary(session, channel)
    } else if is("list") {
        let channel = channel(session, rest)?;
        list::print(session, channel)
    } else if is("test") {
        password::test(session, rest)
    } else if is("set") {
        match rest {
            [what, user, more @ ..] if personality.is_verb(what, "password") => {
                password::set(session, user, more)
            }
            [what, more @ ..] if personality.is_verb(what, "name") => set_name(session, more),
            _ => usage(session),
        }
    } else if is("priv") {
        set_privilege(session, rest)
    } else if is("disable") {
        password::enable(session, rest, request::Operation::Disable)
    } else if is("enable") {
        password::enable(session, rest, request::Operation::Enable)
    } else {
        session.complain("Invalid user command: '", verb, "'\n");
        usage(session)
    }
}

/// The channel that a list is for: the one in use unless one is given.
fn channel(session: &mut Session<'_>, rest: &[Arg]) -> Result<u8, Failed> {
    match rest {
        [] => Ok(PRESENT),
        [channel] => session.channel_argument(channel),
        _ => {
            help(session);
            Err(Failed)
        }
    }
}

fn set_name(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let [user, name] = words else { return usage(session) };
    let user = session.user_argument(user)?;
    if name.len() > NAME {
        log!(session, ERR, "Username is too long (> 16 bytes)");
        return Err(Failed);
    }
    let mut data = [&[user], &name[..]].concat();
    data.resize(1 + NAME, 0);
    let why = match session.send(SET_NAME.0, SET_NAME.1, &data) {
        Some(reply) if reply.is_ok() => return Ok(()),
        Some(reply) => format!(": {}", completion_name(reply.completion)),
        None => String::new(),
    };
    let before = format!("Set User Name command failed (user {user}, name ");
    let line = [before.as_bytes(), name, b")", why.as_bytes()].concat();
    session.console.log_bytes(Level::ERR, &line);
    Err(Failed)
}

fn set_privilege(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let (user, privilege, channel) = match words {
        [user, privilege] => (user, privilege, PRESENT),
        [user, privilege, channel] => (user, privilege, session.channel_argument(channel)?),
        _ => return usage(session),
    };
    let privilege = session.privilege_argument(privilege)?;
    let user = session.user_argument(user)?;
    if let Err(refusal) = request::set_access(session, channel, user, 0, privilege, false) {
        let failed = session.report(refusal);
        log!(session, ERR, "Set Privilege Level command failed (user {user})");
        return Err(failed);
    }
    out!(session, "Set Privilege Level command successful (user {user})\n");
    Ok(())
}

fn usage(session: &mut Session<'_>) -> Outcome {
    help(session);
    Err(Failed)
}

fn help(session: &mut Session<'_>) {
    session.help(help::user::USER);
    log!(session, NOTICE, "{}", session.personality.user_password_help());
    session.help(help::user::USER_AFTER_PASSWORD);
}
