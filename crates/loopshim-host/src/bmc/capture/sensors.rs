//! Reading the state of the sensors that the records name.

use ipmi::bmc::{Sensor, ThresholdSet};
use serde_json::{Value, json};

use super::source::{Source, Target};
use super::storage::describe;
use crate::bmc::hex;

const SENSOR_EVENT: u8 = 0x04;
const BMC: u8 = 0x20;
/// Event/reading type code of threshold sensors.
const THRESHOLD: u8 = 0x01;
/// Linearizations from here on have factors of their own for each reading.
const NON_LINEAR: u8 = 0x70;

/// A sensor as its record has it.
struct Named<'r> {
    record: &'r [u8],
    target: Target,
    number: u8,
    sensor_type: u8,
    event_type: u8,
    event_only: bool,
}

impl<'r> Named<'r> {
    fn of(record: &'r [u8]) -> Option<Self> {
        let event_only = match record.get(3)? {
            0x01 | 0x02 => false,
            0x03 => true,
            _ => return None,
        };
        let (owner, lun) = (*record.get(5)?, *record.get(6)?);
        let is_bmc = owner == BMC;
        let types = if event_only { 10 } else { 12 };
        Some(Self {
            record,
            target: Target { satellite: (!is_bmc).then_some((lun >> 4, owner)), lun: lun & 3 },
            number: *record.get(7)?,
            sensor_type: *record.get(types)?,
            event_type: record.get(types + 1)? & 0x7F,
            event_only,
        })
    }

    fn is_full(&self) -> bool {
        self.record.get(3) == Some(&0x01)
    }

    /// A byte of a full record.
    fn full(&self, at: usize) -> Option<u8> {
        self.record.get(at).copied().filter(|_| self.is_full())
    }

    fn is_signed(&self) -> bool {
        self.full(20).is_some_and(|units| units & 0xC0 != 0)
    }

    /// Thresholds that can be set, where they can be set at all.
    fn settable(&self) -> u8 {
        const SETTABLE: u8 = 0x02;
        let access = self.full(11).map_or(0, |capabilities| capabilities >> 2 & 3);
        if access == SETTABLE { self.full(19).unwrap_or(0) & 0x3F } else { 0 }
    }
}

/// The sensors of these records, as `bmc.json` has them.
pub(super) fn sensors(source: &mut Source, records: &[Vec<u8>]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for sensor in records.iter().filter_map(|record| Named::of(record)) {
        let comment = describe(sensor.record).unwrap_or_default();
        source.progress(&comment);
        let json = state(source, &sensor, &comment);
        let is_taken = |other: &Value| other["number"] == json["number"] && other["lun"] == json["lun"];
        match found.iter().find(|other| is_taken(other)) {
            // A record may repeat another's sensor; one state is enough.
            Some(other) if other["raw"] == json["raw"] && other["states"] == json["states"] => {}
            Some(_) => source.note(&format!("{comment}: the model has another sensor of that number")),
            None => found.push(json),
        }
    }
    found
}

fn state(source: &mut Source, sensor: &Named<'_>, comment: &str) -> Value {
    let Named { target, number, event_type, .. } = *sensor;
    let mut json = json!({
        "number": number, "type": sensor.sensor_type, "event_type": event_type, "comment": comment,
    });
    if target.lun != 0 {
        json["lun"] = json!(target.lun);
    }
    if sensor.event_only {
        json["event_only"] = json!(true);
        return json;
    }
    let mut get = |cmd: u8, data: &[u8], least: usize| source.get_at(target, SENSOR_EVENT, cmd, data, least);
    let reading = get(0x2D, &[number], 2);
    let thresholds = if event_type == THRESHOLD { get(0x27, &[number], 7) } else { None };
    let hysteresis = if event_type == THRESHOLD { get(0x25, &[number, 0xFF], 2) } else { None };
    let enables = get(0x29, &[number], 1);
    get(0x2B, &[number], 1);
    get(0x2F, &[number], 2);
    if sensor.is_signed() {
        json["signed"] = json!(true);
    }
    if let Some(thresholds) = &thresholds {
        json["raw_thresholds"] = json!({
            "readable": thresholds[0] & 0x3F, "settable": sensor.settable(), "values": hex(&thresholds[1..7]),
        });
    }
    if let Some(hysteresis) = hysteresis {
        json["hysteresis"] = json!(hex(&hysteresis[..2]));
    }
    if let Some(enables) = enables.filter(|enables| enables.len() >= 5) {
        json["assertions"] = json!(u16::from_le_bytes([enables[1], enables[2]]));
        json["deassertions"] = json!(u16::from_le_bytes([enables[3], enables[4]]));
    }
    if let Some(reading) = &reading {
        reading_of(&mut json, sensor, reading, thresholds.as_deref());
        if sensor.full(23).is_some_and(|linearization| linearization & 0x7F >= NON_LINEAR)
            && let Some(factors) = source.get_at(target, SENSOR_EVENT, 0x23, &[number, reading[0]], 7)
        {
            json["reading_factors"] = json!(hex(&factors[1..7]));
        }
    }
    json
}

/// Takes apart the response to Get Sensor Reading.
fn reading_of(json: &mut Value, sensor: &Named<'_>, reading: &[u8], thresholds: Option<&[u8]>) {
    json["raw"] = json!(reading[0]);
    json["events"] = json!(reading[1] & 0x80 != 0);
    json["scanning"] = json!(reading[1] & 0x40 != 0);
    json["available"] = json!(reading[1] & 0x20 == 0);
    let byte = |at: usize| reading.get(at).copied().unwrap_or(0);
    if sensor.event_type != THRESHOLD {
        json["states"] = json!(u16::from_le_bytes([byte(2), byte(3) & 0x7F]));
        return;
    }
    let states = u16::from(byte(2) & 0x3F);
    // States that follow from the thresholds are left to follow them.
    if compared(sensor, reading[0], thresholds) != states {
        json["states"] = json!(states);
    }
}

fn compared(sensor: &Named<'_>, raw: u8, thresholds: Option<&[u8]>) -> u16 {
    let Some([readable, a, b, c, d, e, f, ..]) = thresholds else { return 0 };
    let values = [*a, *b, *c, *d, *e, *f];
    let set = ThresholdSet { readable: readable & 0x3F, settable: 0, values };
    let signed = sensor.is_signed();
    Sensor { raw, signed, thresholds: Some(set), event_type: THRESHOLD, ..Sensor::default() }.current_states()
}
