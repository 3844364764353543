//! `channel setkg`: Set Channel Security Keys (IPMI 2.0 section 22.25), as Red
//! Hat adds it to 1.8.18.

use super::{PRESENT, usage};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::log;

const SET: (u8, u8) = (0x06, 0x56);

/// Operation and key of the request.
const SET_KEY: u8 = 1;
const BMC_KEY: u8 = 1;
/// Bytes of a key.
const LENGTH: usize = 20;

/// Completion codes of the command, from 80h on.
const COMPLETIONS: [&str; 4] = [
    "Key is locked",
    "Insufficient key bytes",
    "Too many key bytes",
    "Key value does not meet criteria for K_g key",
];

pub(super) fn set(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let (form, key, channel) = match words {
        [form, key] => (form, key, PRESENT),
        [form, key, channel] => (form, key, session.channel_argument(channel)?),
        _ => {
            // The number of words is no failure.
            let _ = usage(session);
            return Ok(());
        }
    };
    let key = match &form[..] {
        b"hex" => from_hex(session, key)?,
        b"plain" if key.len() <= LENGTH => padded(key),
        b"plain" => return too_long(session),
        _ => return usage(session),
    };
    let request = [&[channel, SET_KEY, BMC_KEY][..], &key].concat();
    let Some(reply) = session.send(SET.0, SET.1, &request) else {
        log!(session, ERR, "Set Channel Security Keys command failed");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let code = reply.completion;
        let own = code.checked_sub(0x80).and_then(|index| COMPLETIONS.get(usize::from(index)));
        let words = own.map_or_else(|| completion_name(code), |words| (*words).into());
        log!(session, ERR, "Error setting security key: {code:X} ({words})");
        return Err(Failed);
    }
    log!(session, NOTICE, "Set Channel Security Keys command succeeded");
    Ok(())
}

fn too_long(session: &mut Session<'_>) -> Outcome {
    log!(session, ERR, "Provided key is too long, max. length is 20 bytes");
    usage(session)
}

fn padded(bytes: &[u8]) -> [u8; LENGTH] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
}

/// The bytes that pairs of digits stand for.
fn from_hex(session: &mut Session<'_>, text: &[u8]) -> Result<[u8; LENGTH], Failed> {
    if text.len() > 2 * LENGTH {
        too_long(session)?;
    }
    match number::hex_bytes(text) {
        Ok(bytes) => Ok(padded(&bytes)),
        Err(fault) => {
            log!(session, ERR, "{fault}");
            Err(Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use ipmi::Bmc;
    use ipmi::bmc::{Channel, Parameters, SecurityKey};

    use super::*;
    use crate::ipmitool::transport::model::Model;
    use crate::ipmitool::{Console, Personality};

    /// What is logged, and whether the command succeeds, on a LAN with `key`.
    fn run(key: SecurityKey, line: &str) -> (String, bool) {
        let mut bmc = Bmc::default();
        bmc.channels.insert(1, Channel { lan: Some(Parameters::new()), key, ..Channel::default() });
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let console = Console::new(&mut stdout, false, &mut stderr);
        let transport = Box::new(Model::new(Box::new(bmc), SystemTime::now));
        let mut session = Session::new(console, Personality::V1_8_18El8, transport);
        let args: Vec<_> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        let outcome = super::super::run(&mut session, &args);
        drop(session);
        let first = String::from_utf8_lossy(&stderr).lines().next().unwrap_or_default().to_owned();
        (first, outcome.is_ok())
    }

    #[test]
    fn a_key_is_set_or_refused_with_the_reason() {
        let line = |key, line: &str, logged: &str, succeeds: bool| {
            assert_eq!(run(key, line), (logged.to_owned(), succeeds), "{line}");
        };
        let key = SecurityKey::default();
        let done = "Set Channel Security Keys command succeeded";
        let help = "Channel Commands: authcap   <channel number> <max privilege>";
        line(key, "setkg plain opensesame", done, true);
        line(key, "setkg hex 50415353574f5244 1", done, true);
        line(
            key,
            "setkg plain 123456789012345678901",
            "Provided key is too long, max. length is 20 bytes",
            false,
        );
        line(key, "setkg hex 123", "Number of Kg key characters is not even", false);
        line(key, "setkg hex 0x", "Kg key is not hexadecimal number", false);
        line(key, "setkg other 12", help, false);
        line(key, "setkg plain", help, true);
        line(
            key,
            "setkg plain key 2",
            "Error setting security key: CC (Invalid data field in request)",
            false,
        );
        let locked = SecurityKey { locked: true, ..key };
        line(locked, "setkg plain key", "Error setting security key: 80 (Key is locked)", false);
    }
}
