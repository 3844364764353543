//! What only sensors with thresholds have: their details, in words and as CSV.

use super::{Style, sensor};
use crate::ipmitool::Session;
use crate::ipmitool::printf::Figures;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::sensors::{Reading, StatusWords};
use crate::ipmitool::text::entities::ENTITY_IDS;
use crate::ipmitool::text::{Names, name_of, names};
use crate::out;

/// A threshold: its bit in the masks, its offset in a full record, its name.
struct Threshold {
    bit: u8,
    offset: usize,
    name: &'static str,
}

/// In the order printed.
const THRESHOLDS: [Threshold; 6] = [
    Threshold { bit: 0x20, offset: 31, name: "Upper non-recoverable" },
    Threshold { bit: 0x10, offset: 32, name: "Upper critical" },
    Threshold { bit: 0x08, offset: 33, name: "Upper non-critical" },
    Threshold { bit: 0x04, offset: 34, name: "Lower non-recoverable" },
    Threshold { bit: 0x02, offset: 35, name: "Lower critical" },
    Threshold { bit: 0x01, offset: 36, name: "Lower non-critical" },
];

/// Usual readings: bit of the analog flags, offset, name.
const USUAL: [(u8, usize, &str); 3] =
    [(0x01, 26, "Nominal Reading"), (0x04, 28, "Normal Minimum"), (0x02, 27, "Normal Maximum")];

const ANALOG_FLAGS: usize = 25;
const SENSOR_MAX: usize = 29;
const SENSOR_MIN: usize = 30;

/// Value, unit and status.
pub(super) fn print_csv_reading(session: &mut Session<'_>, record: &Record, reading: &Reading, style: Style) {
    if !reading.valid {
        return out!(session, ",,ns");
    }
    let Some(analog) = &reading.analog else {
        return sensor::print_states_csv(session, record, reading);
    };
    let words = match style {
        Style { verbose: true, .. } => StatusWords::Full,
        Style { extended: true, .. } => StatusWords::Side,
        _ => StatusWords::Severity,
    };
    let status = reading.threshold_status(words, "ns");
    let value = session.figures().fixed_or_whole(analog.value, 3);
    out!(session, "{value},{},{status}", analog.unit);
}

/// Entity, type, usual readings, thresholds and range.
pub(super) fn print_csv_details(session: &mut Session<'_>, record: &Record) {
    let (entity, instance) = record.entity().unwrap_or_default();
    let type_name = session.sensor_type_name(record.at(7));
    out!(session, ",{entity}.{instance},{},{type_name},", name_of(entity.into(), ENTITY_IDS));
    if !record.is_full() {
        return out!(session, ",,,,,,,,,,");
    }
    let figures = session.figures();
    let (readable, _) = record.threshold_masks();
    let usual = USUAL.iter().map(|(bit, offset, _)| (record.at(ANALOG_FLAGS) & bit, *offset));
    let thresholds = THRESHOLDS.iter().map(|threshold| (readable & threshold.bit, threshold.offset));
    for (given, offset) in usual.chain(thresholds) {
        if given != 0 {
            out!(session, "{}", raw_or_value(record, record.at(offset), figures));
        }
        out!(session, ",");
    }
    let [min, max] = [SENSOR_MIN, SENSOR_MAX].map(|offset| raw_or_value(record, record.at(offset), figures));
    out!(session, "{min},{max}");
}

/// The lines after the entity.
pub(super) fn print_verbose(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let sensor_type = record.at(7);
    let type_name = session.sensor_type_name(sensor_type);
    out!(session, " Sensor Type (Threshold)  : {type_name} (0x{sensor_type:02x})\n");
    print_reading(session, record, reading);
    let status = reading.threshold_status(StatusWords::Full, "Not Available");
    out!(session, " Status                : {status}\n");
    if record.is_full() {
        print_usual_and_thresholds(session, record);
    }
    print_hysteresis(session, record);
    if record.is_full() {
        print_range(session, record);
    }
    sensor::print_event_control(session, record);
    print_threshold_access(session, record);
    session.print_sensor_events(record, false);
}

fn print_reading(session: &mut Session<'_>, record: &Record, reading: &Reading) {
    let unit = reading.unit();
    let text = if !reading.valid {
        if reading.scanning_disabled { "Disabled" } else { "No Reading" }.to_owned()
    } else if !record.is_full() {
        format!("0x{:02X} {unit}", reading.raw)
    } else if record.is_discrete() {
        format!("0x{:02X} (+/- 0x{:02X}) {unit}", reading.raw, record.tolerance())
    } else {
        let tolerance = record.conversion().tolerance(record.tolerance());
        let figures = session.figures();
        let value = figures.fixed_or_whole(reading.value(), 3);
        format!("{value} (+/- {}) {unit}", figures.fixed_or_whole(tolerance, 3))
    };
    out!(session, " Sensor Reading        : {text}\n");
}

fn print_usual_and_thresholds(session: &mut Session<'_>, record: &Record) {
    let figures = session.figures();
    for (bit, offset, name) in USUAL {
        if record.at(ANALOG_FLAGS) & bit != 0 {
            out!(session, " {name:<21} : {}\n", raw_or_value(record, record.at(offset), figures));
        }
    }
    // Only thresholds set when the sensor starts are the record's.
    let initialised = record.at(5) & 0x10 != 0;
    let (readable, _) = record.threshold_masks();
    for threshold in THRESHOLDS.iter().filter(|threshold| initialised && readable & threshold.bit != 0) {
        let value = raw_or_value(record, record.at(threshold.offset), figures);
        out!(session, " {:<21} : {value}\n", threshold.name);
    }
}

/// Positive and negative hysteresis, for `sdr` and `sensor`.
pub fn print_hysteresis(session: &mut Session<'_>, record: &Record) {
    let figures = session.figures();
    let (positive, negative) = record.hysteresis();
    for (raw, name) in [(positive, "Positive"), (negative, "Negative")] {
        let text = hysteresis_text(record, raw, figures).unwrap_or_else(|| "Unspecified".to_owned());
        out!(session, " {name} Hysteresis   : {text}\n");
    }
}

fn hysteresis_text(record: &Record, raw: u8, figures: Figures) -> Option<String> {
    let specified = raw != 0 && raw != 0xFF;
    if !record.is_full() || record.is_discrete() {
        return specified.then(|| format!("0x{raw:02X}"));
    }
    let value = record.conversion().hysteresis(raw);
    (specified && value != 0.0).then(|| figures.fixed(value, 3))
}

/// Smallest and largest reading; the ends of the raw format, and zero, count
/// as not given.
fn print_range(session: &mut Session<'_>, record: &Record) {
    let figures = session.figures();
    let ends = match record.at(15) >> 6 {
        0 => Some((0x00, 0xFF)),
        1 => Some((0xFF, 0x00)),
        2 => Some((0x80, 0x7F)),
        _ => None,
    };
    let (lowest, highest) = ends.unzip();
    for (name, offset, end) in [("Minimum", SENSOR_MIN, lowest), ("Maximum", SENSOR_MAX, highest)] {
        let raw = record.at(offset);
        let is_zero = !record.is_discrete() && record.conversion().reading(raw) == 0.0;
        let text = if end == Some(raw) || is_zero {
            "Unspecified".to_owned()
        } else {
            raw_or_value(record, raw, figures)
        };
        out!(session, " {name} sensor range  : {text}\n");
    }
}

/// Which thresholds can be read, set, and are compared with.
fn print_threshold_access(session: &mut Session<'_>, record: &Record) {
    let (readable, settable) = record.threshold_masks();
    let access = record.at(6) >> 2 & 3;
    for (title, mask) in [("Readable Thresholds", readable), ("Settable Thresholds", settable)] {
        let text = match access {
            0 => "No Thresholds".to_owned(),
            3 => "Thresholds Fixed".to_owned(),
            _ => threshold_names(mask),
        };
        out!(session, " {title:<21} : {text}\n");
    }
    let compared = record.at(10) >> 4 & 7 | (record.at(12) >> 4 & 7) << 3;
    if compared != 0 {
        out!(session, " Threshold Read Mask   : {}\n", threshold_names(compared));
    }
}

/// The names of the thresholds in `mask`, from the lowest, a blank after each.
fn threshold_names(mask: u8) -> String {
    const NAMES: Names = names![
        (0x04, "lnr "),
        (0x02, "lcr "),
        (0x01, "lnc "),
        (0x08, "unc "),
        (0x10, "ucr "),
        (0x20, "unr ")
    ];
    NAMES.iter().filter(|(bit, _)| u16::from(mask) & bit != 0).map(|(_, name)| name).collect()
}

/// A raw byte of a full record as its value, or in hex when it has none.
fn raw_or_value(record: &Record, raw: u8, figures: Figures) -> String {
    if record.is_discrete() {
        format!("0x{raw:02X}")
    } else {
        figures.fixed(record.conversion().reading(raw), 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipmitool::sdr_repository::kind;

    const C: Figures = Figures { point: '.' };

    fn full(format: u8) -> Record {
        let mut body = vec![0; 43];
        body[15] = format << 6;
        body[19] = 2;
        Record { id: 1, version: 0x51, kind: kind::FULL_SENSOR, body }
    }

    #[test]
    fn hysteresis_leaves_the_ends_out() {
        assert_eq!(hysteresis_text(&full(0), 0, C), None);
        assert_eq!(hysteresis_text(&full(0), 0xFF, C), None);
        assert_eq!(hysteresis_text(&full(0), 3, C).as_deref(), Some("6.000"));
        assert_eq!(hysteresis_text(&full(3), 3, C).as_deref(), Some("0x03"));
    }

    #[test]
    fn thresholds_are_named_from_the_lowest() {
        assert_eq!(threshold_names(0x3F), "lnr lcr lnc unc ucr unr ");
        assert_eq!(threshold_names(0xC0), "");
    }

    #[test]
    fn raw_values_by_format() {
        assert_eq!(raw_or_value(&full(2), 0xFF, C), "-2.000");
        assert_eq!(raw_or_value(&full(3), 0xFF, C), "0xFF");
    }
}
