//! `lan alert`: where a channel's alerts go (IPMI 2.0 table 23-4, parameters
//! 17–19).

use super::parameter::{self, Parameter};
use super::{address, channel_number, require_lan};
use crate::ipmitool::commands::channel::request::first_lan;
use crate::ipmitool::help::lan as help;
use crate::ipmitool::text::{colons, dotted};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Bytes of the two parameters of a destination.
const TYPE: usize = 4;
const ADDRESS: usize = 13;
/// Most bytes of a value that fit into the original's request.
const LONGEST: usize = 30;

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let personality = session.personality;
    let Some((verb, rest)) = words.split_first() else {
        session.help(help::ALERT_PRINT);
        return session.misused(help::ALERT_SET);
    };
    let is = |word: &str| personality.is_word_in_any_case(verb, word);
    if is("help") {
        session.help(help::ALERT_PRINT);
        session.explain(help::ALERT_SET)
    } else if is("print") {
        print(session, rest)
    } else if is("set") {
        let [channel, alert, option, value, ..] = rest else { return session.misused(help::ALERT_SET) };
        if personality.is_word_in_any_case(channel, "help") {
            return session.explain(help::ALERT_SET);
        }
        let channel = channel_number(session, channel)?;
        require_lan(session, channel, "")?;
        let alert = destination(session, channel, alert)?;
        if [option, value].into_iter().any(|word| personality.is_verb(word, "help")) {
            return session.explain(help::ALERT_SET);
        }
        Destination { channel, alert }.set(session, option, value)
    } else {
        Ok(())
    }
}

fn print(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let channel = match words.first() {
        None => first_lan(session),
        Some(word) if session.personality.is_word_in_any_case(word, "help") => {
            return session.explain(help::ALERT_PRINT);
        }
        Some(word) => channel_number(session, word)?,
    };
    require_lan(session, channel, "")?;
    if let Some(word) = words.get(1) {
        let alert = destination(session, channel, word)?;
        return Destination { channel, alert }.print(session);
    }
    let last = parameter::need(session, channel, parameter::DESTINATIONS)?.at(0) & 0x0F;
    for alert in 0..=last {
        // One that cannot be read is left out.
        let _ = Destination { channel, alert }.print(session);
    }
    Ok(())
}

/// The destination that `word` names.
fn destination(session: &mut Session<'_>, channel: u8, word: &[u8]) -> Result<u8, Failed> {
    let alert = number::to_u8(word).map_err(|_| session.complain("Invalid alert: ", word, ""))?;
    let last = parameter::need(session, channel, parameter::DESTINATIONS).map(|value| value.at(0) & 0x0F);
    if !last.is_ok_and(|last| alert <= last) {
        log!(session, ERR, "Alert {alert} is not a valid destination");
        return Err(Failed);
    }
    Ok(alert)
}

/// A destination of a channel's alerts.
#[derive(Debug, Clone, Copy)]
struct Destination {
    channel: u8,
    alert: u8,
}

impl Destination {
    fn read<const N: usize>(
        self,
        session: &mut Session<'_>,
        parameter: Parameter,
    ) -> Result<[u8; N], Failed> {
        let value = parameter::get_set(session, self.channel, parameter, self.alert)?;
        value.and_then(|value| value.data().first_chunk().copied()).ok_or(Failed)
    }

    fn print(self, session: &mut Session<'_>) -> Outcome {
        let [selector, kind, time, retries]: [u8; TYPE] = self.read(session, parameter::DESTINATION_TYPE)?;
        let place: [u8; ADDRESS] = self.read(session, parameter::DESTINATION_ADDRESS)?;
        let acknowledged = kind & 0x80 != 0;
        let pick = |yes, no| if acknowledged { yes } else { no };
        let kind = match kind & 7 {
            0 => "PET Trap",
            6 => "OEM 1",
            7 => "OEM 2",
            _ => "Unknown",
        };
        let time_name = pick("Acknowledge Timeout", "Retry Interval");
        out!(session, "{:<24}: {selector}\n", "Alert Destination");
        out!(session, "{:<24}: {}\n", "Alert Acknowledge", pick("Acknowledged", "Unacknowledged"));
        out!(session, "{:<24}: {kind}\n", "Destination Type");
        out!(session, "{time_name:<24}: {time}\n");
        out!(session, "{:<24}: {}\n", "Number of Retries", retries & 7);
        // Other address formats are not known.
        if place[1] & 0xF0 == 0 {
            let gateway = if place[2] & 1 != 0 { "Backup" } else { "Default" };
            out!(session, "{:<24}: {gateway}\n", "Alert Gateway");
            out!(session, "{:<24}: {}\n", "Alert IP Address", dotted(&place[3..7]));
            out!(session, "{:<24}: {}\n", "Alert MAC Address", colons(&place[7..]));
        }
        out!(session, "\n");
        Ok(())
    }

    fn set(self, session: &mut Session<'_>, option: &[u8], value: &[u8]) -> Outcome {
        let personality = session.personality;
        let is = |word: &str| personality.is_word_in_any_case(option, word);
        // An address that is none goes on to the help, which knows no such
        // option.
        if is("ipaddr")
            && let Ok(address) = address::ipv4(session, value)
        {
            let text = format!("IP Address to {}", dotted(&address));
            self.change(session, parameter::DESTINATION_ADDRESS, &text, |data| {
                data[3..7].copy_from_slice(&address);
            })
        } else if is("macaddr")
            && let Ok(station) = address::mac(session, value)
        {
            let text = format!("MAC Address to {}", colons(&station));
            self.change(session, parameter::DESTINATION_ADDRESS, &text, |data| {
                data[7..13].copy_from_slice(&station);
            })
        } else if is("gateway") {
            self.choose(session, parameter::DESTINATION_ADDRESS, value, GATEWAYS)
        } else if is("ack") {
            self.choose(session, parameter::DESTINATION_TYPE, value, ACKNOWLEDGEMENTS)
        } else if is("type") {
            self.choose(session, parameter::DESTINATION_TYPE, value, TYPES)
        } else if is("time") {
            self.number(session, value, "Invalid time: ", |time| Count {
                text: format!("timeout/retry to {time} seconds"),
                at: 2,
                byte: time,
            })
        } else if is("retry") {
            self.number(session, value, "Invalid retry: ", |retries| Count {
                text: format!("number of retries to {}", retries & 7),
                at: 3,
                byte: retries & 7,
            })
        } else {
            session.misused(help::ALERT_SET)
        }
    }

    /// Reads a parameter, says what is set, changes it and writes it back.
    fn change(
        self,
        session: &mut Session<'_>,
        parameter: Parameter,
        text: &str,
        change: impl FnOnce(&mut [u8; LONGEST]),
    ) -> Outcome {
        let (mut data, length) = self.fetch(session, parameter)?;
        change(&mut data);
        self.store(session, parameter, text, &data[..length])
    }

    /// The parameter's bytes, in zeros, and their number. One that the BMC
    /// lacks has none.
    fn fetch(
        self,
        session: &mut Session<'_>,
        parameter: Parameter,
    ) -> Result<([u8; LONGEST], usize), Failed> {
        let value = parameter::get_set(session, self.channel, parameter, self.alert)?;
        let mut data = [0; LONGEST];
        let length = value.map_or(0, |value| {
            data.iter_mut().zip(value.data()).for_each(|(byte, new)| *byte = *new);
            value.data().len().min(LONGEST)
        });
        Ok((data, length))
    }

    fn store(self, session: &mut Session<'_>, parameter: Parameter, text: &str, data: &[u8]) -> Outcome {
        out!(session, "Setting LAN Alert {} {text}\n", self.alert);
        parameter::set_unchecked(session, self.channel, parameter, data)
    }

    fn choose(
        self,
        session: &mut Session<'_>,
        parameter: Parameter,
        value: &[u8],
        choices: &[Choice],
    ) -> Outcome {
        let (mut data, length) = self.fetch(session, parameter)?;
        let personality = session.personality;
        let meant =
            |choice: &&Choice| choice.words.iter().any(|word| personality.is_word_in_any_case(value, word));
        let Some(choice) = choices.iter().find(meant) else { return session.misused(help::ALERT_SET) };
        data[choice.at] = data[choice.at] & choice.keep | choice.bits;
        self.store(session, parameter, choice.text, &data[..length])
    }

    fn number(
        self,
        session: &mut Session<'_>,
        value: &[u8],
        complaint: &str,
        count: impl FnOnce(u8) -> Count,
    ) -> Outcome {
        let (mut data, length) = self.fetch(session, parameter::DESTINATION_TYPE)?;
        let number = number::to_u8(value).map_err(|_| session.complain(complaint, value, ""))?;
        let Count { text, at, byte } = count(number);
        data[at] = byte;
        self.store(session, parameter::DESTINATION_TYPE, &text, &data[..length])
    }
}

/// A number to be put into a parameter, and what is said about it.
struct Count {
    text: String,
    at: usize,
    byte: u8,
}

/// A value that is a word: the byte it is in, the bits of that byte it leaves
/// alone and the ones it sets.
struct Choice {
    words: &'static [&'static str],
    text: &'static str,
    at: usize,
    keep: u8,
    bits: u8,
}

const fn choice(words: &'static [&'static str], text: &'static str, at: usize, keep: u8, bits: u8) -> Choice {
    Choice { words, text, at, keep, bits }
}

const GATEWAYS: &[Choice] = &[
    choice(&["def", "default"], "to use Default Gateway", 2, 0, 0),
    choice(&["bak", "backup"], "to use Backup Gateway", 2, 0, 1),
];

const ACKNOWLEDGEMENTS: &[Choice] = &[
    choice(&["on", "yes"], "to Acknowledged", 1, 0xFF, 0x80),
    choice(&["off", "no"], "to Unacknowledged", 1, 0x7F, 0),
];

const TYPES: &[Choice] = &[
    choice(&["pet"], "destination to PET Trap", 1, 0xF8, 0),
    choice(&["oem1"], "destination to OEM 1", 1, 0xF8, 6),
    choice(&["oem2"], "destination to OEM 2", 1, 0xF8, 7),
];
