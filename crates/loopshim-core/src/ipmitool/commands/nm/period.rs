//! `nm suspend`: times of the week in which a policy does not hold.

use super::words::{DOMAINS, POLICY_PLACE, SUSPEND_ACTIONS, show};
use super::{Place, ask, is_old};
use crate::ipmitool::commands::dcmi::words::{code_of, word_of};
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Most periods of a policy.
const PERIODS: usize = 5;
const GET: u8 = 2;

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let unknown = is_old(session).then_some(0);
    let action = words.first().filter(|_| words.len() >= 3);
    let action = action.and_then(|word| code_of(word, &SUSPEND_ACTIONS).or(unknown));
    let Some(action) = action else { return Err(show(session, "Suspend commands", &SUSPEND_ACTIONS)) };
    let mut place = Place::default();
    let mut rest = &words[1..];
    while let Some(word) = rest.first() {
        if let Some(option) = code_of(word, &POLICY_PLACE) {
            place.take(session, option, rest.get(1))?;
            rest = rest.get(2..).unwrap_or_default();
        } else {
            check_periods(session, rest)?;
            break;
        }
    }
    // 1.8.18 takes the last policy where none is named.
    let policy = if is_old(session) { place.policy_or_last() } else { place.policy(session)? };
    if action == GET {
        return print(session, place.domain, policy);
    }
    // The original reads the periods and sends none.
    ask(session, 0xC5, &[place.domain, policy, 0]).map(|_| ())
}

fn check_periods(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    for (index, period) in words.chunks(3).take(PERIODS).enumerate() {
        if period.len() < 3 {
            log!(session, ERR, "Error: suspend period requires a start, stop, and repeat values.\n");
            return Err(Failed);
        }
        let wrong = period.iter().position(|word| number::to_u8(word).is_err());
        match wrong {
            Some(0) => log!(session, ERR, "suspend start value {index} must be 0-239.\n"),
            Some(1) => log!(session, ERR, "suspend stop value {index}  must be 0-239.\n"),
            Some(_) => log!(session, ERR, "suspend repeat value {index} unable to convert.\n"),
            None => continue,
        }
        return Err(Failed);
    }
    Ok(())
}

fn print(session: &mut Session<'_>, domain: u8, policy: u8) -> Outcome {
    const DAYS: Words = words!["M", "Tu", "W", "Th", "F", "Sa", "Su"];
    let reply = ask(session, 0xC6, &[domain, policy])?;
    let count = usize::from(reply.at(3));
    out!(session, "    Suspend Policy domain:                    {}\n", word_of(domain.into(), &DOMAINS));
    out!(session, "    Suspend Policy Policy ID:                 {policy}\n");
    if count == 0 {
        out!(session, "    No suspend Periods.\n");
    }
    for index in 0..count.min(PERIODS) {
        // The original takes the number of periods for one of bytes.
        let byte = |offset: usize| if index * 3 < count { reply.at(4 + index * 3 + offset) } else { 0 };
        let [start, stop, days] = [0, 1, 2].map(byte);
        // In steps of six minutes.
        let clock = |steps: u8| format!("{:02}:{:02}", u16::from(steps) * 6 / 60, u16::from(steps) * 6 % 60);
        let (start, stop) = (clock(start), clock(stop));
        out!(session, "    Suspend Period {index}:                         {start} to {stop}");
        out!(session, "{}", if days != 0 { ", " } else { "" });
        (0..7).filter(|day| days >> day & 1 != 0).for_each(|day| out!(session, "{}", DAYS.at(day as usize)));
        out!(session, "\n");
    }
    Ok(())
}
