//! The multirecord area (FRU Information Storage Definition 1.0 section 16),
//! shown with `-v`.

use super::device::Device;
use super::picmg;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Personality, Session};
use crate::{log, out};

/// Bytes of a record's header.
pub(super) const HEADER: usize = 5;

/// IANA number of PICMG, whose OEM records are decoded.
const PICMG: u32 = 12634;

/// Header and longest data of a record. Every record is read into the same
/// bytes, and one that is shorter than its type asks for is completed by what
/// its predecessors left, as in the original; beyond are zeros.
pub(super) struct Record([u8; HEADER + 255]);

impl Record {
    /// The record whose header and data these bytes are.
    #[cfg(test)]
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut record = Self([0; HEADER + 255]);
        record.0[..bytes.len()].copy_from_slice(bytes);
        record
    }

    /// The byte at `at`, counted from the header.
    pub(super) fn u8(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// The little-endian number of two bytes at `at`.
    pub(super) fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.u8(at), self.u8(at + 1)])
    }

    /// The little-endian number of three bytes at `at`.
    pub(super) fn u24(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u8(at + 2)) << 16
    }

    /// The little-endian number of four bytes at `at`.
    pub(super) fn u32(&self, at: usize) -> u32 {
        self.u24(at) | u32::from(self.u8(at + 3)) << 24
    }

    /// Number of data bytes after the header.
    pub(super) fn len(&self) -> usize {
        usize::from(self.0[2])
    }

    fn is_last(&self) -> bool {
        self.0[1] & 0x80 != 0
    }

    /// The field at `at`, counted from the end of the header.
    fn field(&self, at: usize) -> u16 {
        self.u16(HEADER + at)
    }

    /// A hundredth of the signed field at `at`.
    fn hundredths(&self, at: usize) -> f64 {
        f64::from(self.field(at) as i16) / 100.0
    }

    /// A thousandth of the field at `at`.
    fn thousandths(&self, at: usize) -> f64 {
        f64::from(self.field(at)) / 1000.0
    }
}

/// Reads and prints the records from `offset` on, to the last, or to the end
/// of the device.
pub(super) fn print(session: &mut Session<'_>, device: &mut Device, offset: u32) {
    let mut record = Record([0; HEADER + 255]);
    let mut end = offset;
    while device.read(session, end, &mut record.0[..HEADER]).is_ok() {
        let len = record.len();
        let data = &mut record.0[HEADER..HEADER + len];
        if len > 0 && device.read(session, end + HEADER as u32, data).is_err() {
            break;
        }
        end += (HEADER + len) as u32;
        print_record(session, &record);
        if record.is_last() {
            break;
        }
    }
    log!(session, DEBUG, "Multi-Record area ends at: {end} ({end:x}h)");
}

fn print_record(session: &mut Session<'_>, record: &Record) {
    match record.u8(0) {
        0x00 => print_power_supply(session, record),
        0x01 => print_dc_output(session, record),
        0x02 => print_dc_load(session, record),
        0xC0 => print_oem(session, record),
        _ => {}
    }
}

fn print_power_supply(session: &mut Session<'_>, record: &Record) {
    let byte = |at| record.u8(HEADER + at);
    let volts = |at| record.field(at) / 100;
    out!(session, " Power Supply Record\n");
    out!(session, "  Capacity                   : {} W\n", record.field(0) & 0xFFF);
    out!(session, "  Peak VA                    : {} VA\n", record.field(2));
    out!(session, "  Inrush Current             : {} A\n", byte(4));
    out!(session, "  Inrush Interval            : {} ms\n", byte(5));
    out!(session, "  Input Voltage Range 1      : {}-{} V\n", volts(6), volts(8));
    out!(session, "  Input Voltage Range 2      : {}-{} V\n", volts(10), volts(12));
    out!(session, "  Input Frequency Range      : {}-{} Hz\n", byte(14), byte(15));
    out!(session, "  A/C Dropout Tolerance      : {} ms\n", byte(16));
    out!(session, "  Flags                      : {}\n", power_supply_flags(byte(17), byte(23)));
    out!(session, "  Peak capacity              : {} W\n", record.field(18) & 0xFFF);
    out!(session, "  Peak capacity holdup       : {} s\n", record.field(18) >> 12);
    print_combined_capacity(session, record.field(21), byte(20));
    if byte(17) & PREDICTIVE_FAIL != 0 {
        out!(session, "  Fan lower threshold        : {} RPS\n", byte(23));
    }
}

fn print_combined_capacity(session: &mut Session<'_>, watts: u16, voltages: u8) {
    if watts == 0 {
        out!(session, "  Combined capacity          : not specified\n");
        return;
    }
    let personality = session.personality;
    let [first, second] = [voltages >> 4, voltages & 0xF].map(|code| combined_voltage(personality, code));
    out!(session, "  Combined capacity          : {watts} W ({first} and {second})\n");
}

/// A voltage of a combined capacity. Only four codes are defined; beyond, the
/// original prints what its program has next in memory, or dies.
fn combined_voltage(personality: Personality, code: u8) -> &'static str {
    let mut names = COMBINED_VOLTAGES.iter().chain(personality.texts_after_combined_voltages());
    names.nth(code.into()).unwrap_or_default()
}

const COMBINED_VOLTAGES: Words = words!["12 V", "-12 V", "5 V", "3.3 V"];

const PREDICTIVE_FAIL: u8 = 0x01;

/// The set flags, each followed by a blank except the last, which tells what
/// the tachometer pin means.
fn power_supply_flags(flags: u8, rps_threshold: u8) -> String {
    let set = |bit: u8| flags & 1 << bit != 0;
    let mut text = String::new();
    let names = ["'Predictive fail' ", "'Power factor correction' ", "'Autoswitch voltage' ", "'Hot swap' "];
    for (bit, name) in (0..).zip(names) {
        if set(bit) {
            text.push_str(name);
        }
    }
    text.push_str(match (set(0), rps_threshold != 0, set(4)) {
        (false, ..) => "",
        (true, true, true) => "'Two pulses per rotation'",
        (true, true, false) => "'One pulse per rotation'",
        (true, false, true) => "'Failure on pin de-assertion'",
        (true, false, false) => "'Failure on pin assertion'",
    });
    text
}

fn print_dc_output(session: &mut Session<'_>, record: &Record) {
    let output = record.u8(HEADER);
    let standby = if output & 0x80 != 0 { "Yes" } else { "No" };
    out!(session, " DC Output Record\n");
    out!(session, "  Output Number              : {}\n", output & 0xF);
    out!(session, "  Standby power              : {standby}\n");
    out!(session, "  Nominal voltage            : {:.2} V\n", record.hundredths(1));
    out!(session, "  Max negative deviation     : {:.2} V\n", record.hundredths(3));
    out!(session, "  Max positive deviation     : {:.2} V\n", record.hundredths(5));
    out!(session, "  Ripple and noise pk-pk     : {} mV\n", record.field(7));
    out!(session, "  Minimum current draw       : {:.3} A\n", record.thousandths(9));
    out!(session, "  Maximum current draw       : {:.3} A\n", record.thousandths(11));
}

fn print_dc_load(session: &mut Session<'_>, record: &Record) {
    out!(session, " DC Load Record\n");
    out!(session, "  Output Number              : {}\n", record.u8(HEADER) & 0xF);
    out!(session, "  Nominal voltage            : {:.2} V\n", record.hundredths(1));
    out!(session, "  Min voltage allowed        : {:.2} V\n", record.hundredths(3));
    out!(session, "  Max voltage allowed        : {:.2} V\n", record.hundredths(5));
    out!(session, "  Ripple and noise pk-pk     : {} mV\n", record.field(7));
    out!(session, "  Minimum current load       : {:.3} A\n", record.thousandths(9));
    out!(session, "  Maximum current load       : {:.3} A\n", record.thousandths(11));
}

fn print_oem(session: &mut Session<'_>, record: &Record) {
    let manufacturer = record.u24(HEADER);
    if manufacturer == PICMG {
        out!(session, "  PICMG Extension Record\n");
        picmg::print(session, record);
    } else {
        out!(session, "  OEM (");
        let name = session.manufacturers.name(manufacturer);
        session.console.put(&name);
        out!(session, ") Record\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_supply_flags_name_the_tachometer_only_when_it_predicts() {
        assert_eq!(power_supply_flags(0b1_0000, 9), "");
        assert_eq!(power_supply_flags(0b1_1001, 9), "'Predictive fail' 'Hot swap' 'Two pulses per rotation'");
        assert_eq!(power_supply_flags(0b0_0001, 0), "'Predictive fail' 'Failure on pin assertion'");
    }

    #[test]
    fn numbers_are_little_endian_and_zero_beyond_the_record() {
        let record = Record::from_bytes(&[1, 2, 3, 4, 5, 0x9C, 0xFF]);
        assert_eq!(record.u16(0), 0x0201);
        assert_eq!(record.u32(1), 0x0504_0302);
        assert_eq!(record.u32(258), 0);
        assert_eq!(record.u8(1000), 0);
        assert_eq!(format!("{:.2}", record.hundredths(0)), "-1.00");
    }
}
