//! `dcmi power`: power readings and limits (DCMI 1.5 section 6.6).

use super::words::{List, code_of, list, list_across, word_of};
use super::{ask, check, invalid, send};
use crate::ipmitool::text::described;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, number};
use crate::{log, out};

const COMMANDS: List = List {
    column: 10,
    words: described![
        (0, "reading", "Get power related readings from the system"),
        (1, "get_limit", "Get the configured power limits"),
        (2, "set_limit", "Set a power limit option"),
        (3, "activate", "Activate the set power limit"),
        (4, "deactivate", "Deactivate the set power limit"),
    ],
};

const LIMIT_OPTIONS: List = List {
    column: 10,
    words: described![
        (0, "action", "<no_action | sel_logging | power_off>"),
        (1, "limit", "<number in Watts>"),
        (2, "correction", "<number in milliseconds>"),
        (3, "sample", "<number in seconds>"),
    ],
};

/// Averaging periods (DCMI 1.5 table 6-17: unit and number).
const PERIODS: List = List {
    column: 0,
    words: described![
        (0x05, "5_sec", ""),
        (0x0F, "15_sec", ""),
        (0x1E, "30_sec", ""),
        (0x41, "1_min", ""),
        (0x43, "3_min", ""),
        (0x47, "7_min", ""),
        (0x4F, "15_min", ""),
        (0x5E, "30_min", ""),
        (0x81, "1_hour", ""),
    ],
};

pub(super) fn usage(session: &mut Session<'_>) -> Failed {
    list(session, "power <command>", &COMMANDS);
    Failed
}

fn limit_usage(session: &mut Session<'_>) -> Failed {
    list(session, "set_limit <parameter> <value>", &LIMIT_OPTIONS);
    Failed
}

pub(super) fn run(session: &mut Session<'_>, verb: &[u8], rest: &[Arg]) -> Outcome {
    match code_of(verb, &COMMANDS) {
        Some(0) => print_reading(session, rest.first()),
        Some(1) => print_limit(session),
        Some(2) if rest.len() < 2 => Err(limit_usage(session)),
        Some(2) => {
            set_limit(session, rest)?;
            print_limit(session)
        }
        Some(3) => activate(session, true),
        Some(4) => activate(session, false),
        _ => {
            usage(session);
            Ok(())
        }
    }
}

fn print_reading(session: &mut Session<'_>, period: Option<&Arg>) -> Outcome {
    let period = period.map(|word| code_of(word, &PERIODS));
    let request = match period {
        None => [1, 0, 0],
        Some(Some(code)) => [2, code, 0],
        Some(None) => {
            list_across(session, "Invalid sample time. Valid times are: ", &PERIODS);
            out!(session, "\n");
            return Err(Failed);
        }
    };
    let reply = ask(session, 0x02, &request)?;
    let watts = |at: usize| u16::from_le_bytes([reply.at(at), reply.at(at + 1)]);
    out!(session, "\n    Instantaneous power reading:              {:8} Watts\n", watts(1));
    out!(session, "    Minimum during sampling period:           {:8} Watts\n", watts(3));
    out!(session, "    Maximum during sampling period:           {:8} Watts\n", watts(5));
    out!(session, "    Average power reading over sample period: {:8} Watts\n", watts(7));
    out!(session, "    IPMI timestamp:                           ");
    let time = session.times.words_or_figures(long(&reply, 9));
    session.console.put(&time);
    // In 1.8.19 the next line follows at once.
    session.console.put(if session.personality.dcmi_time_ends_line() { b"\n" } else { b"" });
    out!(session, "    Sampling period:                          ");
    let sample = long(&reply, 13);
    match period {
        // The original looks at two bytes of the period.
        Some(_) => out!(session, "{} \n", word_of(sample & 0xFFFF, &PERIODS)),
        None => out!(session, "{:08} Seconds.\n", sample / 1000),
    }
    let state = if reply.at(17) & 0x40 != 0 { "activated" } else { "deactivated" };
    out!(session, "    Power reading state is:                   {state}\n\n");
    Ok(())
}

fn long(reply: &Reply, at: usize) -> u32 {
    u32::from_le_bytes([reply.at(at), reply.at(at + 1), reply.at(at + 2), reply.at(at + 3)])
}

fn activate(session: &mut Session<'_>, activates: bool) -> Outcome {
    ask(session, 0x05, &[u8::from(activates), 0, 0])?;
    out!(session, "\n    Power limit successfully {}activated\n", if activates { "" } else { "de" });
    Ok(())
}

/// A power limit; times are in milliseconds (correction) and seconds (sample).
#[derive(Default)]
struct Limit {
    action: u8,
    watts: u16,
    correction: u32,
    sample: u16,
}

impl Limit {
    fn of(reply: &Reply) -> Self {
        Self {
            action: reply.at(3),
            watts: u16::from_le_bytes([reply.at(4), reply.at(5)]),
            correction: long(reply, 6),
            sample: u16::from_le_bytes([reply.at(12), reply.at(13)]),
        }
    }

    fn send(&self, session: &mut Session<'_>) -> Outcome {
        let mut data = vec![0, 0, 0, self.action];
        data.extend(self.watts.to_le_bytes());
        data.extend(self.correction.to_le_bytes());
        data.extend([0, 0]);
        data.extend(self.sample.to_le_bytes());
        ask(session, 0x04, &data).map(|_| ())
    }

    fn trace(&self, session: &mut Session<'_>, direction: &str) {
        let Self { action, watts, correction, sample } = self;
        let correction = correction.cast_signed();
        log!(
            session,
            INFO,
            "DCMI {direction} Limit={watts} Correction={correction} Action={action} Sample={sample}\n"
        );
    }
}

/// Reads the limit and whether it is in force: 80h comes with one that is not.
fn read_limit(session: &mut Session<'_>) -> Result<(Limit, bool), Failed> {
    let mut reply = send(session, 0x03, &[0, 0]);
    let is_active = reply.as_ref().is_some_and(Reply::is_ok);
    if let Some(inactive) = reply.as_mut().filter(|reply| reply.completion == 0x80) {
        inactive.completion = 0;
    }
    check(session, reply).map(|reply| (Limit::of(&reply), is_active))
}

fn print_limit(session: &mut Session<'_>) -> Outcome {
    let (limit, is_active) = read_limit(session)?;
    let state = if is_active { "Power Limit Active" } else { "No Active Power Limit" };
    let action = match limit.action {
        0x00 => "No Action".to_owned(),
        0x01 => "Hard Power Off & Log Event to SEL".to_owned(),
        code @ 0x02..=0x10 => format!("OEM reserved ({code:02x}h)"),
        0x11 => "Log Event to SEL".to_owned(),
        code => format!("Unknown (0x{code:x})"),
    };
    out!(session, "\n    Current Limit State: {state}\n");
    out!(session, "    Exception actions:   {action}\n");
    out!(session, "    Power Limit:         {} Watts\n", limit.watts);
    out!(session, "    Correction time:     {} milliseconds\n", limit.correction.cast_signed());
    out!(session, "    Sampling period:     {} seconds\n\n", limit.sample);
    Ok(())
}

/// All four options at once in their fixed places, or some one by one, of
/// which the last decides the outcome.
fn set_limit(session: &mut Session<'_>, options: &[Arg]) -> Outcome {
    if let [_, action, _, watts, _, correction, _, sample] = options {
        return set_whole_limit(session, action, watts, correction, sample);
    }
    let mut outcome = Ok(());
    for pair in options.chunks_exact(2) {
        outcome = set_option(session, &pair[0], &pair[1]);
    }
    outcome
}

fn set_whole_limit(
    session: &mut Session<'_>,
    action: &Arg,
    watts: &Arg,
    correction: &Arg,
    sample: &Arg,
) -> Outcome {
    let code = action_code(action).ok_or_else(|| invalid(session, b"Action", action))?;
    let limit = Limit {
        // Here the OEM actions are taken and forgotten.
        action: if matches!(code, 0x02..=0x10) { 0 } else { code },
        watts: number::to_u16(watts).map_err(|_| invalid(session, b"Limit", watts))?,
        correction: number::to_u32(correction).map_err(|_| invalid(session, b"Correction", correction))?,
        sample: number::to_u16(sample).map_err(|_| invalid(session, b"Sample", sample))?,
    };
    limit.send(session)
}

fn set_option(session: &mut Session<'_>, option: &Arg, value: &Arg) -> Outcome {
    let (mut limit, _) = read_limit(session)?;
    limit.trace(session, "IN ");
    let code = code_of(option, &LIMIT_OPTIONS).ok_or(Failed)?;
    let given = if code == 0 { action_code(value).map(u32::from) } else { number::to_u32(value).ok() };
    let given = given.ok_or_else(|| invalid(session, option, value))?;
    // Watts and seconds lose what is above sixteen bits.
    match code {
        0 => limit.action = given as u8,
        1 => limit.watts = given as u16,
        2 => limit.correction = given,
        _ => limit.sample = given as u16,
    }
    limit.trace(session, "OUT");
    limit.send(session)
}

/// The code of an action's word: three have names, those between are OEM's.
fn action_code(word: &[u8]) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    match word.as_slice() {
        b"no_action" => Some(0x00),
        b"power_off" => Some(0x01),
        b"sel_logging" => Some(0x11),
        _ => (0x02..=0x10).find(|code| format!("oem_{code:02x}").as_bytes() == word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_words_in_any_case() {
        assert_eq!(action_code(b"SEL_logging"), Some(0x11));
        assert_eq!(action_code(b"OEM_0A"), Some(0x0A));
        assert_eq!(action_code(b"oem_11"), None);
        assert_eq!(action_code(b"oem_2"), None);
    }
}
