//! `sol info`: Get SOL Configuration Parameters (IPMI 2.0 section 26.3).

use super::{BIT_RATES, PARAMETERS, TRANSPORT};
use crate::ipmitool::text::channels::PRIVILEGES;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::{Failed, Outcome, Reply, Session};
use crate::{log, out};

const PROGRESS: Names = names![(0, "set-complete"), (1, "set-in-progress"), (2, "commit-write")];
/// Parameter selectors.
const CHANNEL: u8 = 7;
const PORT: u8 = 8;
/// Length of each parameter's answer, with the revision before it.
const LENGTHS: [usize; 9] = [2, 2, 2, 3, 3, 2, 2, 2, 3];

/// The parameters of a channel, as the BMC sends them; zero where it has none.
#[derive(Default)]
pub(super) struct Settings {
    /// Data of each parameter, by selector.
    values: [[u8; 2]; 9],
}

impl Settings {
    /// The data of a parameter.
    pub(super) fn value(&self, selector: u8) -> [u8; 2] {
        self.values[usize::from(selector)]
    }
}

/// Reads every parameter.
pub(super) fn read(session: &mut Session<'_>, channel: u8) -> Result<Settings, Failed> {
    let mut settings = Settings::default();
    for (selector, name) in (0..).zip(PARAMETERS) {
        let Some(reply) = session.send(TRANSPORT, 0x22, &[channel, selector, 0, 0]) else {
            log!(session, ERR, "Error: No response requesting SOL parameter '{name}'");
            return Err(Failed);
        };
        let at = usize::from(selector);
        match reply.completion {
            0 => keep(session, &reply, LENGTHS[at], name, &mut settings.values[at]),
            0x80 => {
                let note = absent(&mut settings, channel, selector);
                log!(session, ERR, "Info: SOL parameter '{name}' not supported{note}");
                if selector == PORT {
                    return Err(Failed);
                }
            }
            code => {
                let words = completion_name(code);
                log!(session, ERR, "Error requesting SOL parameter '{name}': {words}");
                return Err(Failed);
            }
        }
    }
    Ok(settings)
}

fn keep(session: &mut Session<'_>, reply: &Reply, length: usize, name: &str, value: &mut [u8; 2]) {
    if reply.len() == length {
        *value = [reply.at(1), if length > 2 { reply.at(2) } else { 0 }];
    } else {
        let got = reply.len();
        log!(session, ERR, "Error: Unexpected data length ({got}) received for SOL parameter '{name}'");
    }
}

/// What takes the place of a parameter the BMC does not have.
fn absent(settings: &mut Settings, channel: u8, selector: u8) -> String {
    match selector {
        CHANNEL => {
            settings.values[usize::from(selector)] = [channel, 0];
            format!(" - defaulting to 0x{channel:02x}")
        }
        PORT => " - can't determine which payload port to use on NULL session".to_owned(),
        _ => String::new(),
    }
}

/// Prints what [`read`] brings.
pub(super) fn print(session: &mut Session<'_>, channel: u8) -> Outcome {
    let settings = read(session, channel)?;
    let [progress, enabled, access, ..] = settings.values.map(|value| value[0]);
    let truth = |value: bool| if value { "true" } else { "false" };
    let encrypts = access & 0x80 != 0;
    // The original prints encryption twice to programs.
    let authenticates = if session.csv { encrypts } else { access & 0x40 != 0 };
    let rate = |selector: u8| name_of(u16::from(settings.value(selector)[0] & 0x0F), BIT_RATES);
    let [interval, threshold] = settings.value(3).map(u32::from);
    let [count, pause] = settings.value(4).map(u32::from);
    let payload_channel = settings.value(CHANNEL)[0];
    let lines = [
        ("Set in progress", name_of(u16::from(progress & 3), PROGRESS).into_owned()),
        ("Enabled", truth(enabled != 0).to_owned()),
        ("Force Encryption", truth(encrypts).to_owned()),
        ("Force Authentication", truth(authenticates).to_owned()),
        ("Privilege Level", name_of(u16::from(access & 0x0F), PRIVILEGES).into_owned()),
        ("Character Accumulate Level (ms)", (interval * 5).to_string()),
        ("Character Send Threshold", threshold.to_string()),
        ("Retry Count", count.to_string()),
        ("Retry Interval (ms)", (pause * 10).to_string()),
        ("Volatile Bit Rate (kbps)", rate(6).into_owned()),
        ("Non-Volatile Bit Rate (kbps)", rate(5).into_owned()),
        ("Payload Channel", channel_text(payload_channel, session.csv)),
        ("Payload Port", u16::from_le_bytes(settings.value(PORT)).to_string()),
    ];
    if session.csv {
        let values: Vec<_> = lines.into_iter().map(|(_, value)| value).collect();
        out!(session, "{}\n", values.join(","));
    } else {
        for (title, value) in lines {
            out!(session, "{title:<31} : {value}\n");
        }
    }
    Ok(())
}

fn channel_text(channel: u8, csv: bool) -> String {
    if csv { channel.to_string() } else { format!("{channel} (0x{channel:02x})") }
}
