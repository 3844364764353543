//! `sensor reading`.

use super::{is_sensor, log_about};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Width of the name column.
const NAME: usize = 16;

/// `sensor reading NAME…`: the values alone. Sensors without a value are
/// passed over, some of them with a word; only an unknown name is a failure.
pub(super) fn run(session: &mut Session<'_>, names: &[Arg]) -> Outcome {
    if names.first().is_none_or(|name| session.personality.is_verb(name, "help")) {
        log!(session, NOTICE, "sensor reading <id> ... [id]");
        log!(session, NOTICE, "   id        : name of desired sensor");
        return Err(Failed);
    }
    let mut outcome = Ok(());
    for name in names {
        match session.find_sdr_by_name(name) {
            Some(number) => print_value(session, number, name),
            None => {
                log_about(session, b"Sensor \"", name, b"\" not found!");
                outcome = Err(Failed);
            }
        }
    }
    outcome
}

fn print_value(session: &mut Session<'_>, number: usize, name: &[u8]) {
    let Some(mut record) = session.sdr.records().get(number).cloned() else {
        return;
    };
    if !is_sensor(&record) {
        return;
    }
    let reading = session.read_sensor(&mut record, 3);
    let is_full = record.is_full();
    session.sdr.replace(number, record);
    if !is_full || !reading.valid {
        return;
    }
    let Some(analog) = reading.analog else {
        return log_about(session, b"Sensor \"", name, b"\" is a discrete sensor!");
    };
    if session.csv {
        session.console.put(name);
        out!(session, ",{}\n", analog.text);
    } else {
        session.console.put_padded(name, NAME);
        out!(session, " | {}\n", analog.text);
    }
}
