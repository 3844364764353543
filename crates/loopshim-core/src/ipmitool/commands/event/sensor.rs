//! Events of a sensor that has a record.

use super::{Message, send as send_message};
use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::events::states;
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Sends the event that the sensor named `name` has entered or left `state`;
/// without a state, lists those it has.
pub(super) fn send(
    session: &mut Session<'_>,
    name: &[u8],
    state: Option<&Arg>,
    direction: Option<&Arg>,
) -> Outcome {
    let deasserted = is_deassertion(session, direction)?;
    session.console.put(&[b"Finding sensor ", name, b"... "].concat());
    let Some(number) = session.find_sdr_by_name(name) else {
        out!(session, "not found!\n");
        return Err(Failed);
    };
    out!(session, "ok\n");
    let is_sensor = |record: &&Record| matches!(record.kind, kind::FULL_SENSOR | kind::COMPACT_SENSOR);
    let Some(sensor) = session.sdr.records().get(number).filter(is_sensor).cloned() else {
        return Err(session.complain("Unknown sensor type for id '", name, "'"));
    };
    let Some(data) = event_data(session, &sensor, state, deasserted)? else { return Ok(()) };
    let event_type = sensor.event_type() & 0x7F | u8::from(deasserted) << 7;
    let message: Message = [4, sensor.at(7), sensor.number(), event_type, data[0], data[1], data[2]];
    send_message(session, message)
}

fn is_deassertion(session: &mut Session<'_>, direction: Option<&Arg>) -> Result<bool, Failed> {
    let Some(word) = direction else { return Ok(false) };
    let is = |known| session.personality.is_loose_verb(word, known);
    if is("assert") {
        Ok(false)
    } else if is("deassert") {
        Ok(true)
    } else {
        Err(session.complain("Invalid event direction ", word, ".  Must be 'assert' or 'deassert'"))
    }
}

/// The event's data; `None` after listing the states instead.
fn event_data(
    session: &mut Session<'_>,
    sensor: &Record,
    state: Option<&Arg>,
    deasserted: bool,
) -> Result<Option<[u8; 3]>, Failed> {
    let state = match sensor.event_type() {
        1 => return threshold_data(session, sensor, state, deasserted).map(Some),
        2..=12 | 0x6F => match state {
            Some(state) if !session.personality.is_word_in_any_case(state, "list") => state,
            _ => {
                list_states(session, sensor);
                return Ok(None);
            }
        },
        _ => return Err(Failed),
    };
    let shortcut = if is_digital(sensor) { shortcut(session, state) } else { None };
    let offset = match shortcut {
        Some(offset) => offset,
        None => offset_of(session, sensor, state)?,
    };
    Ok(Some([offset, 0xFF, 0xFF]))
}

/// Whether the generic states come in pairs.
fn is_digital(sensor: &Record) -> bool {
    matches!(sensor.event_type(), 3..=6 | 8 | 9)
}

fn list_states(session: &mut Session<'_>, sensor: &Record) {
    let names: Vec<&str> = session.states_of(sensor).iter().map(|state| state.text).collect();
    out!(session, "Sensor States: \n  {}\n", names.join("\n  "));
    if is_digital(sensor) {
        out!(session, "Sensor State Shortcuts:\n");
        for (on, off) in SHORTCUTS {
            out!(session, "  {on:<9}  {off:<9}\n");
        }
    }
}

const SHORTCUTS: &[(&str, &str)] = &[
    ("present", "absent"),
    ("assert", "deassert"),
    ("limit", "nolimit"),
    ("fail", "nofail"),
    ("yes", "no"),
    ("on", "off"),
    ("up", "down"),
];

fn shortcut(session: &Session<'_>, state: &[u8]) -> Option<u8> {
    let is = |word| session.personality.is_word_in_any_case(state, word);
    SHORTCUTS.iter().find_map(|(on, off)| if is(on) { Some(1) } else { is(off).then_some(0) })
}

/// The number of the state called `name`.
fn offset_of(session: &mut Session<'_>, sensor: &Record, name: &[u8]) -> Result<u8, Failed> {
    let (sensor_type, event_type) = (sensor.at(7), sensor.event_type());
    if sensor_type == 0 {
        return Ok(0);
    }
    let dialect = session.event_dialect(sensor_type, event_type);
    let found = states(session.personality, dialect, sensor_type, event_type)
        .find(|state| state.text.as_bytes().eq_ignore_ascii_case(name));
    if let Some(state) = found {
        return Ok(state.offset);
    }
    let line = [b"Unable to find matching event offset for '", name, b"'"].concat();
    session.console.log_bytes(crate::ipmitool::Level::WARN, &line);
    Err(Failed)
}

/// Threshold events: the word, and the offset going low.
const THRESHOLDS: &[(&str, u8)] = &[("lnc", 0), ("lcr", 2), ("lnr", 4), ("unc", 6), ("ucr", 8), ("unr", 10)];

fn threshold_data(
    session: &mut Session<'_>,
    sensor: &Record,
    state: Option<&Arg>,
    deasserted: bool,
) -> Result<[u8; 3], Failed> {
    let personality = session.personality;
    let state = match state {
        Some(state) if !personality.is_loose_verb(state, "list") => state,
        _ => {
            out!(session, "{THRESHOLD_STATES}");
            return Err(Failed);
        }
    };
    if !THRESHOLDS.iter().any(|(word, _)| personality.is_loose_verb(state, word)) {
        return Err(session.complain("Invalid threshold identifier ", state, ""));
    }
    let going_high = state.starts_with(b"u") != deasserted;
    let known = THRESHOLDS.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(state));
    // A longer word passes for its start, then is not found: the first offset.
    let offset = known.map_or(0, |(_, low)| low + u8::from(going_high));
    let threshold = threshold(session, sensor, offset)?;
    let distance = hysteresis(session, sensor, going_high);
    let reading =
        if going_high { threshold.saturating_add(distance) } else { threshold.saturating_sub(distance) };
    Ok([offset | 0x50, reading, threshold])
}

fn threshold(session: &mut Session<'_>, sensor: &Record, offset: u8) -> Result<u8, Failed> {
    let Some(reply) = session.request_thresholds(sensor) else {
        log!(session, ERR, "Command Get Sensor Thresholds failed: invalid response.");
        return Err(Failed);
    };
    if !reply.is_ok() {
        let why = completion_name(reply.completion);
        log!(session, ERR, "Command Get Sensor Thresholds failed: {why}");
        return Err(Failed);
    }
    Ok(reply.at(usize::from(offset / 2) + 1))
}

/// How far beyond the threshold the reading is put.
fn hysteresis(session: &mut Session<'_>, sensor: &Record, going_high: bool) -> u8 {
    let reply = session.request_hysteresis(sensor).filter(crate::ipmitool::Reply::is_ok);
    reply.map_or(1, |reply| reply.at(usize::from(!going_high))).max(1)
}

const THRESHOLD_STATES: &str = "\
Sensor States:
  lnr : Lower Non-Recoverable 
  lcr : Lower Critical
  lnc : Lower Non-Critical
  unc : Upper Non-Critical
  ucr : Upper Critical
  unr : Upper Non-Recoverable
";
