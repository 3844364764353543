//! Text fields of FRU areas: type/length bytes (FRU Information Storage
//! Definition 1.0 section 13) as the original renders them.

use crate::ipmitool::Personality;

/// Type/length byte that ends an area's fields.
pub(super) const END_OF_FIELDS: u8 = 0xC1;

/// A FRU area with a reading position.
pub(super) struct Fields<'a> {
    area: &'a [u8],
    position: usize,
    personality: Personality,
}

impl<'a> Fields<'a> {
    /// The fields of `area` from `position` on.
    pub(super) fn new(area: &'a [u8], position: usize, personality: Personality) -> Self {
        Self { area, position, personality }
    }

    /// Where the next field starts.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next field as the bytes `printf("%s")` would show: up to the first
    /// NUL. The original reads past the area's end into its heap; here there
    /// are zeros.
    pub(super) fn next_text(&mut self) -> Vec<u8> {
        let type_length = byte(self.area, self.position);
        let start = self.position + 1;
        let len = usize::from(type_length & 0x3F);
        self.position = start + len;
        let data = (start..start + len).map(|at| byte(self.area, at));
        let mut text = match type_length >> 6 {
            0 => hexadecimal(data),
            1 if self.personality.bcd_plus_keeps_both_nibbles() => bcd_plus(data),
            1 => data.map(|byte| BCD_PLUS[usize::from(byte & 0xF)]).collect(),
            2 => six_bit(data),
            _ => data.collect(),
        };
        let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
        text.truncate(end);
        text
    }

    /// The next of the fields a manufacturer may add, until the end mark or
    /// the end of the area.
    pub(super) fn next_extra(&mut self) -> Option<Vec<u8>> {
        let mark = self.area.get(self.position)?;
        (*mark != END_OF_FIELDS).then(|| self.next_text())
    }
}

fn byte(area: &[u8], at: usize) -> u8 {
    area.get(at).copied().unwrap_or(0)
}

const BCD_PLUS: &[u8; 16] = b"0123456789 -.:,_";

fn hexadecimal(data: impl Iterator<Item = u8>) -> Vec<u8> {
    data.flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn bcd_plus(data: impl Iterator<Item = u8>) -> Vec<u8> {
    data.flat_map(|byte| [byte >> 4, byte & 0xF]).map(|digit| BCD_PLUS[usize::from(digit)]).collect()
}

/// Three bytes hold four characters, lowest bits first; the original fills an
/// incomplete group with zeros and prints those as blanks.
fn six_bit(data: impl Iterator<Item = u8>) -> Vec<u8> {
    let data: Vec<u8> = data.collect();
    let mut text = Vec::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let bits = group.iter().rev().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        text.extend((0..4).map(|index| (bits >> (6 * index) & 0x3F) as u8 + b' '));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(area: &[u8], personality: Personality) -> String {
        String::from_utf8_lossy(&Fields::new(area, 0, personality).next_text()).into_owned()
    }

    #[test]
    fn decodes_each_type() {
        let new = Personality::V1_8_19Deb12;
        assert_eq!(text(&[0x03, 0xDE, 0xAD, 0x01], new), "dead01");
        assert_eq!(text(&[0x44, 0x12, 0xC3, 0x4B, 0x56], new), "12.34-56");
        assert_eq!(text(&[0x83, 0x29, 0xDC, 0xA6], new), "IPMI");
        assert_eq!(text(&[0xC3, b'a', 0xE9, b'c'], new), "a\u{FFFD}c");
    }

    #[test]
    fn el8_keeps_the_low_digit_of_each_bcd_byte() {
        assert_eq!(text(&[0x44, 0x12, 0xC3, 0x4B, 0x56], Personality::V1_8_18El8), "23-6");
    }

    #[test]
    fn pads_an_incomplete_six_bit_group_with_blanks() {
        assert_eq!(text(&[0x81, 0x21], Personality::default()), "A   ");
        assert_eq!(text(&[0x84, 0x29, 0xDC, 0xA6, 0x21], Personality::default()), "IPMIA   ");
    }

    #[test]
    fn stops_at_nul_and_survives_the_end_of_the_area() {
        assert_eq!(text(b"\xC4ab\0c", Personality::default()), "ab");
        assert_eq!(text(b"\xFFab", Personality::default()), "ab");
        assert_eq!(text(b"", Personality::default()), "");
    }

    #[test]
    fn extra_fields_end_at_the_mark_or_with_the_area() {
        let area = b"\xC1x\0\xC1y";
        let mut fields = Fields::new(area, 5, Personality::default());
        assert_eq!(fields.next_extra(), None);
        let mut fields = Fields::new(b"\xC2xy\xC2zz", 0, Personality::default());
        assert_eq!(fields.next_extra(), Some(b"xy".to_vec()));
        assert_eq!(fields.next_extra(), Some(b"zz".to_vec()));
        assert_eq!(fields.next_extra(), None);
        assert_eq!(Fields::new(b"\xC1", 0, Personality::default()).next_extra(), None);
    }
}
