//! `sensor thresh`.

use super::log_about;
use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::{log, out};

/// A threshold that can be set; the order is that of the bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Threshold {
    LowerNonCritical,
    LowerCritical,
    LowerNonRecoverable,
    UpperNonCritical,
    UpperCritical,
    UpperNonRecoverable,
}

use Threshold::{
    LowerCritical, LowerNonCritical, LowerNonRecoverable, UpperCritical, UpperNonCritical,
    UpperNonRecoverable,
};

const WORDS: [(&str, Threshold); 6] = [
    ("unr", UpperNonRecoverable),
    ("ucr", UpperCritical),
    ("unc", UpperNonCritical),
    ("lnc", LowerNonCritical),
    ("lcr", LowerCritical),
    ("lnr", LowerNonRecoverable),
];

impl Threshold {
    fn bit(self) -> u8 {
        1 << self as u8
    }

    fn name(self) -> &'static str {
        match self {
            LowerNonCritical => "Lower Non-Critical",
            LowerCritical => "Lower Critical",
            LowerNonRecoverable => "Lower Non-Recoverable",
            UpperNonCritical => "Upper Non-Critical",
            UpperCritical => "Upper Critical",
            UpperNonRecoverable => "Upper Non-Recoverable",
        }
    }

    /// The thresholds that must lie below and above this one, as far as the
    /// original looks.
    fn neighbours(self) -> (&'static [Self], &'static [Self]) {
        match self {
            UpperNonRecoverable => (&[UpperCritical, UpperNonCritical], &[]),
            UpperCritical => (&[UpperNonCritical], &[UpperNonRecoverable]),
            UpperNonCritical => (&[LowerNonCritical], &[UpperNonRecoverable, UpperCritical]),
            LowerNonCritical => (&[LowerCritical, LowerNonRecoverable], &[UpperNonCritical]),
            LowerCritical => (&[LowerNonRecoverable], &[LowerNonCritical]),
            LowerNonRecoverable => (&[], &[LowerNonCritical, LowerCritical]),
        }
    }
}

/// `sensor thresh NAME WHICH VALUE…`.
pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let [name, which, values @ ..] = words else {
        usage(session);
        return Ok(());
    };
    if values.is_empty() || session.personality.is_verb(name, "help") {
        usage(session);
        return Ok(());
    }
    let settings = settings(session, name, which, values)?;
    session.console.put(&[b"Locating sensor record '", name.as_slice(), b"'...\n"].concat());
    let record = find(session, name)?;
    if let [(threshold, value)] = *settings {
        check_order(session, &record, threshold, value)?;
    }
    let mut outcome = Ok(());
    for (threshold, value) in settings {
        outcome = set(session, &record, threshold, value);
    }
    outcome
}

/// What is to be set: one threshold, or the three of a side.
fn settings(
    session: &mut Session<'_>,
    name: &[u8],
    which: &[u8],
    values: &[Arg],
) -> Result<Vec<(Threshold, f64)>, Failed> {
    let is = |word| session.personality.is_verb(which, word);
    if is("upper") {
        let side = [("unc", UpperNonCritical), ("ucr", UpperCritical), ("unr", UpperNonRecoverable)];
        return side_settings(session, side, values, "upper <unc> <ucr> <unr>");
    }
    if is("lower") {
        // The original names the values the wrong way round when one is bad.
        let side = [("lnc", LowerNonRecoverable), ("lcr", LowerCritical), ("lnr", LowerNonCritical)];
        return side_settings(session, side, values, "lower <lnr> <lcr> <lnc>");
    }
    let Some((_, threshold)) = WORDS.iter().find(|(word, _)| is(*word)) else {
        let which = [b"Valid threshold '", which, b"' for sensor '"].concat();
        log_about(session, &which, name, b"' not specified!");
        return Err(Failed);
    };
    let Some(value) = session.figures().read(&values[0]) else {
        let given = [b"Given ", which, b" threshold value '"].concat();
        log_about(session, &given, &values[0], b"' is invalid.");
        return Err(Failed);
    };
    Ok(vec![(*threshold, value)])
}

fn side_settings(
    session: &mut Session<'_>,
    side: [(&str, Threshold); 3],
    values: &[Arg],
    usage: &str,
) -> Result<Vec<(Threshold, f64)>, Failed> {
    if values.len() < 3 {
        log!(session, ERR, "usage: sensor thresh <id> {usage}");
        return Err(Failed);
    }
    let mut settings = Vec::new();
    for ((word, threshold), text) in side.into_iter().zip(values) {
        let Some(value) = session.figures().read(text) else {
            log_about(session, format!("Given {word} '").as_bytes(), text, b"' is invalid.");
            return Err(Failed);
        };
        settings.push((threshold, value));
    }
    Ok(settings)
}

fn find(session: &mut Session<'_>, name: &[u8]) -> Result<Record, Failed> {
    let found = session.find_sdr_by_name(name);
    let Some(record) = found.and_then(|number| session.sdr.records().get(number).cloned()) else {
        log!(session, ERR, "Sensor data record not found!");
        return Err(Failed);
    };
    if record.kind != kind::FULL_SENSOR {
        log!(session, ERR, "Invalid sensor type {:02x}", record.kind);
        return Err(Failed);
    }
    if !record.is_threshold() {
        log!(session, ERR, "Invalid sensor event type {:02x}", record.event_type());
        return Err(Failed);
    }
    Ok(record)
}

/// Refuses a value on the wrong side of another threshold in force. Negative
/// ones count as zero there.
fn check_order(session: &mut Session<'_>, record: &Record, threshold: Threshold, value: f64) -> Outcome {
    // The original reads the sensor first and forgets what it read.
    let _ = session.request_reading(record);
    let Some(reply) = session.request_thresholds(record).filter(|reply| reply.is_ok()) else {
        log!(session, ERR, "Sensor data record not found!");
        return Err(Failed);
    };
    let in_force = |other: Threshold| {
        let current = record.conversion().reading(reply.at(1 + other as usize));
        (reply.at(0) & other.bit() != 0).then_some(if current < 0.0 { 0.0 } else { current })
    };
    let (below, above) = threshold.neighbours();
    let too_low = below.iter().filter_map(|&other| in_force(other)).any(|current| value <= current);
    let too_high = above.iter().filter_map(|&other| in_force(other)).any(|current| value >= current);
    if in_force(threshold).is_some() && (too_low || too_high) {
        log!(session, ERR, "Invalid Threshold data values. Cannot Set Threshold Data.");
        return Err(Failed);
    }
    Ok(())
}

fn set(session: &mut Session<'_>, record: &Record, threshold: Threshold, value: f64) -> Outcome {
    out!(session, "Setting sensor \"");
    session.console.put(record.raw_name());
    let shown = session.figures().fixed(value, 3);
    out!(session, "\" {} threshold to {shown}\n", threshold.name());
    let mut values = [0; 6];
    values[threshold as usize] = raw_setting(record, value);
    let Some(reply) = session.set_threshold(record, threshold.bit(), values) else {
        log!(session, ERR, "Error setting threshold");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "Error setting threshold: {}", completion_name(reply.completion));
        return Err(Failed);
    }
    Ok(())
}

/// The raw byte for `value`; a sensor without values takes the number itself.
fn raw_setting(record: &Record, value: f64) -> u8 {
    if record.is_discrete() { value as u8 } else { record.conversion().raw_as_ipmitool(value) }
}

fn usage(session: &mut Session<'_>) {
    session.help(help::sensor::THRESHOLD);
}
