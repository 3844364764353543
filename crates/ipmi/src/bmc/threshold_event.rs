//! Events of threshold sensors: a state that begins or ends because of a
//! request is logged, as a controller that scans its sensors logs it at once
//! (IPMI 2.0 sections 29.7 and 36).

use super::{Bmc, Sel, Sensor, SensorKey};

/// System event record, by the BMC as generator, event message revision 04h.
const SYSTEM_EVENT: u8 = 0x02;
const BMC: u8 = 0x20;
const REVISION: u8 = 0x04;
/// Byte 2 holds the reading, byte 3 the threshold.
const READING_AND_THRESHOLD: u8 = 0x50;
const DEASSERTION: u8 = 0x80;

/// Logs the states of `sensor` that are not those it was in, `old`. Those it
/// counts as being in: one within the hysteresis has not ended.
pub(crate) fn log(sel: &mut Sel, key: SensorKey, old: u16, sensor: &Sensor, now: u64) -> u16 {
    if sensor.events_disabled || sensor.scanning_disabled || sensor.unavailable || sensor.event_only {
        return old;
    }
    let new = sensor.current_states();
    let mut counted = old;
    for bit in 0..6 {
        let (was, is) = (old >> bit & 1 != 0, new >> bit & 1 != 0);
        // Going low of a lower, going high of an upper threshold (table 42-2).
        let offset = 2 * bit + u8::from(bit > 2);
        let (enabled, direction) = match (was, is) {
            (false, true) => (sensor.assertions, 0),
            (true, false) if sensor.is_clear_of(bit) => (sensor.deassertions, DEASSERTION),
            _ => continue,
        };
        counted ^= 1 << bit;
        if enabled >> offset & 1 != 0 {
            let threshold = sensor.thresholds.map_or(0, |set| set.values[usize::from(bit)]);
            let mut entry = [0; 16];
            entry[2] = SYSTEM_EVENT;
            entry[7] = BMC;
            entry[9] = REVISION;
            entry[10] = sensor.sensor_type;
            entry[11] = key.number;
            entry[12] = direction | sensor.event_type;
            entry[13..].copy_from_slice(&[READING_AND_THRESHOLD | offset, sensor.raw, threshold]);
            // A full log says so itself.
            let _ = sel.add(entry, now);
        }
    }
    counted
}

impl Bmc {
    /// Puts a sensor that moves by itself at a raw reading; `None`: there is none.
    pub fn move_sensor(&mut self, key: SensorKey, raw: Option<u8>) {
        if let Some(sensor) = self.sensors.get_mut(&key) {
            sensor.unavailable = raw.is_none();
            sensor.raw = raw.unwrap_or(sensor.raw);
        }
    }

    /// Logs what sensors that move by themselves have crossed since this was
    /// last done. Whether there was anything.
    pub fn log_crossings(&mut self, now: u64) -> bool {
        let mut any = false;
        for (key, sensor) in &mut self.sensors {
            let Some(crossed) = sensor.crossed else { continue };
            let counted = log(&mut self.sel, *key, crossed.into(), sensor, now) as u8;
            any |= counted != crossed;
            sensor.crossed = Some(counted);
        }
        any
    }
}

impl Sensor {
    /// Whether the reading is back from a threshold by more than the hysteresis.
    fn is_clear_of(&self, bit: u8) -> bool {
        let Some(set) = self.thresholds else { return true };
        let value = |raw: u8| if self.signed { i16::from(raw as i8) } else { i16::from(raw) };
        let [positive, negative] = self.hysteresis.unwrap_or_default().map(i16::from);
        let (reading, threshold) = (value(self.raw), value(set.values[usize::from(bit)]));
        if bit < 3 { reading > threshold + positive } else { reading < threshold - negative }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    use crate::bmc::ThresholdSet;
    use crate::{Bmc, Request};

    fn bmc(sensor: Sensor) -> Bmc {
        let mut bmc = Bmc::default();
        bmc.sensors.insert(SensorKey { lun: Some(0), number: 0x31 }, sensor);
        bmc
    }

    fn warm() -> Sensor {
        Sensor {
            sensor_type: 1,
            event_type: 1,
            raw: 45,
            thresholds: Some(ThresholdSet { readable: 0x3F, settable: 0x3F, values: [5, 3, 1, 80, 90, 95] }),
            hysteresis: Some([2, 2]),
            assertions: 0x0A80,
            deassertions: 0x0280,
            ..Sensor::default()
        }
    }

    fn set(bmc: &mut Bmc, mask: u8, values: [u8; 6]) -> Vec<[u8; 7]> {
        let seen = bmc.sel.entries.len();
        let data = [&[0x31, mask][..], &values].concat();
        assert!(bmc.answer(&Request::new(0x04, 0x26, data), 1000).completion.is_ok());
        bmc.sel.entries[seen..].iter().map(|entry| core::array::from_fn(|at| entry[9 + at])).collect()
    }

    #[test]
    fn a_threshold_crossed_is_logged_once_and_its_end_beyond_the_hysteresis() {
        let mut bmc = bmc(warm());
        let asserted = [4, 1, 0x31, 0x01, 0x57, 45, 40];
        assert_eq!(set(&mut bmc, 0x08, [0, 0, 0, 40, 0, 0]), [asserted]);
        assert_eq!(set(&mut bmc, 0x08, [0, 0, 0, 41, 0, 0]), [[0; 7]; 0], "still beyond it");
        assert_eq!(set(&mut bmc, 0x08, [0, 0, 0, 80, 0, 0]), [[4, 1, 0x31, 0x81, 0x57, 45, 80]]);
        // Two at once: non-critical and critical.
        assert_eq!(set(&mut bmc, 0x18, [0, 0, 0, 40, 44, 0]).len(), 2);
        // Within the hysteresis it does not end.
        assert_eq!(set(&mut bmc, 0x10, [0, 0, 0, 0, 46, 0]), [[0; 7]; 0]);
        assert_eq!(bmc.sel.entries[0][..9], [1, 0, 2, 0xE8, 3, 0, 0, 0x20, 0]);
    }

    /// Whoever looks first whether there is anything puts the state back.
    #[test]
    fn what_was_logged_of_crossings_is_undone_with_the_state() {
        let mut bmc = bmc(Sensor { crossed: Some(0), raw: 96, ..warm() });
        let (before, state) = (bmc.clone(), bmc.state());
        for _ in 0..2 {
            assert!(bmc.log_crossings(1000));
            assert_eq!(bmc.sel.entries.len(), 3);
            bmc.apply(&state);
            assert_eq!(bmc, before);
        }
    }

    #[test]
    fn what_is_not_enabled_is_not_logged() {
        let mut bmc = bmc(warm());
        assert_eq!(set(&mut bmc, 0x01, [50, 0, 0, 0, 0, 0]), [[0; 7]; 0]);
        let sensor = Sensor { events_disabled: true, ..warm() };
        assert_eq!(set(&mut self::bmc(sensor), 0x08, [0, 0, 0, 40, 0, 0]), [[0; 7]; 0]);
    }
}
