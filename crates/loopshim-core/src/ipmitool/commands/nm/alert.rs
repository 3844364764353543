//! `nm alert` and `nm threshold`: who is told when a limit does not hold, and
//! from which values on.

use super::words::{ALERT_ACTIONS, ALERT_OPTIONS, DOMAINS, POLICY_PLACE, THRESHOLD_ACTIONS, show};
use super::{Options, Place, ask, byte, is_old, word_at};
use crate::ipmitool::commands::dcmi::words::{code_of, word_of};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

const GET: u8 = 2;
const CLEAR: u8 = 3;

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    // 1.8.18's tables lack their ends: what they do not hold has code 0, which
    // sets, or does nothing.
    let unknown = is_old(session).then_some(0);
    let action = words.first().and_then(|word| code_of(word, &ALERT_ACTIONS).or(unknown));
    let Some(action) = action else { return Err(show(session, "Alert commands", &ALERT_ACTIONS)) };
    if action == GET {
        return print(session);
    }
    let options = Options { list: &ALERT_OPTIONS, title: "Set alert Parameters:", overruns: true };
    // Channel, destination, string selector.
    let mut alert = [0xFF; 3];
    let known: Vec<Arg>;
    let words = match unknown {
        Some(_) => {
            let pairs = words[1..].chunks(2).filter(|pair| code_of(&pair[0], &ALERT_OPTIONS).is_some());
            known = pairs.flatten().cloned().collect();
            &known
        }
        None => &words[1..],
    };
    options.read(session, words, &mut |session, option, value| {
        let index = usize::from(option - 1);
        let Some(number) = byte(value) else {
            let what = ["Lan chan", "Destination", "String #"][index];
            log!(session, ERR, "Alert {what} must be a positive integer.\n");
            return Err(Failed);
        };
        let flag = if option == 1 && action == CLEAR || option == 3 { 0x80 } else { 0 };
        alert[index] = number | flag;
        Ok(())
    })?;
    if alert[..2].contains(&0xFF) {
        return Err(show(session, "Must set alert chan and dest params.", &ALERT_OPTIONS));
    }
    if alert[2] == 0xFF {
        alert[2] = 0;
    }
    ask(session, 0xCE, &alert).map(|_| ())
}

fn print(session: &mut Session<'_>) -> Outcome {
    let reply = ask(session, 0xCF, &[])?;
    let [channel, destination, string] = [3, 4, 5].map(|index| reply.at(index));
    let receiver = if channel >> 7 != 0 { "not registered" } else { "registered" };
    let uses_string = if string >> 7 != 0 { "yes" } else { "no" };
    let (channel, string) = (channel & 0x0F, string & 0x7F);
    if session.csv {
        out!(session, "{channel},{receiver},0x{destination:x},{uses_string},0x{string:x}\n");
        return Ok(());
    }
    out!(session, "    Alert Chan:                                  {channel}\n");
    out!(session, "    Alert Receiver:                              {receiver}\n");
    out!(session, "    Alert Lan Destination:                       0x{destination:x}\n");
    out!(session, "    Use Alert String:                            {uses_string}\n");
    out!(session, "    Alert String Selector:                       0x{string:x}\n");
    Ok(())
}

pub(super) fn thresholds(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let unknown = is_old(session).then_some(0);
    let action = words.first().filter(|_| words.len() >= 3);
    let action = action.and_then(|word| code_of(word, &THRESHOLD_ACTIONS).or(unknown));
    let Some(action) = action else { return Err(show(session, "Threshold commands", &THRESHOLD_ACTIONS)) };
    let (mut place, mut values) = (Place::default(), Vec::new());
    let mut rest = &words[1..];
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        match code_of(word, &POLICY_PLACE) {
            Some(option) => {
                place.take(session, option, rest.first())?;
                if rest.is_empty() {
                    // The original goes on into the environment.
                    take_threshold(session, b"?", &mut values)?;
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            None => take_threshold(session, word, &mut values)?,
        }
    }
    let policy = place.policy(session)?;
    if action == GET {
        return print_thresholds(session, place.domain, policy);
    }
    let mut data = vec![place.domain, policy, values.len() as u8];
    values.iter().for_each(|value| data.extend(value.to_le_bytes()));
    ask(session, 0xC3, &data).map(|_| ())
}

fn take_threshold(session: &mut Session<'_>, word: &[u8], values: &mut Vec<u16>) -> Outcome {
    if values.len() > 2 {
        log!(session, ERR, "Set Threshold requires 1, 2, or 3 threshold integer values.\n");
        return Err(Failed);
    }
    let Ok(value) = number::to_u16(word) else {
        let count = values.len() + 1;
        log!(session, ERR, "threshold value {count} count must be a positive integer.\n");
        return Err(Failed);
    };
    values.push(value);
    Ok(())
}

fn print_thresholds(session: &mut Session<'_>, domain: u8, policy: u8) -> Outcome {
    let reply = ask(session, 0xC4, &[domain, policy])?;
    let count = reply.at(3);
    out!(session, "    Alert Threshold domain:                   {}\n", word_of(domain.into(), &DOMAINS));
    out!(session, "    Alert Threshold Policy ID:                {policy}\n");
    for index in 0..3_u8 {
        let value = if index < count { word_at(&reply, 4 + 2 * usize::from(index)) } else { 0 };
        out!(session, "    Alert Threshold {}:                        {value}\n", index + 1);
    }
    Ok(())
}
