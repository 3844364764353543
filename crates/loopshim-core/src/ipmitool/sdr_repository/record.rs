//! A record and the fields that several commands look at (IPMI 2.0 section 43).

use super::kind;

/// A sensor data record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Record id.
    pub id: u16,
    /// SDR version: 51h, BCD with the digits swapped.
    pub version: u8,
    /// Record type, see [`kind`].
    pub kind: u8,
    /// The bytes after the five-byte header.
    pub body: Vec<u8>,
}

/// Longest name of a record, in bytes.
const NAME_MAX: usize = 16;

impl Record {
    /// The body's byte at `offset` (the specification's offset less six);
    /// beyond the end zero, as in the original's cleared buffer.
    pub fn at(&self, offset: usize) -> u8 {
        self.body.get(offset).copied().unwrap_or(0)
    }

    /// The sensor type of a record that describes a sensor.
    pub fn sensor_type(&self) -> Option<u8> {
        match self.kind {
            kind::FULL_SENSOR | kind::COMPACT_SENSOR => Some(self.at(7)),
            kind::EVENT_ONLY => Some(self.at(5)),
            _ => None,
        }
    }

    /// Entity id and instance (7 bits) of what the record is about.
    pub fn entity(&self) -> Option<(u8, u8)> {
        let offset = match self.kind {
            kind::FULL_SENSOR | kind::COMPACT_SENSOR | kind::EVENT_ONLY => 3,
            kind::GENERIC_LOCATOR | kind::FRU_LOCATOR | kind::MC_LOCATOR => 7,
            kind::ENTITY_ASSOCIATION => 0,
            _ => return None,
        };
        Some((self.at(offset), self.at(offset + 1) & 0x7F))
    }

    /// Type/length code of the name; `None` for types without one.
    pub fn name_code(&self) -> Option<u8> {
        Some(self.at(self.name_code_offset()?))
    }

    /// The name as far as its length code and its first NUL allow, at most 16
    /// bytes: what is printed for sensors.
    pub fn sensor_name(&self) -> &[u8] {
        self.name_up_to(usize::from(self.name_code().unwrap_or(0) & 0x1F))
    }

    /// The name as printed for locators and event-only records: with the byte
    /// after it, by a slip in the original's guard against long names; empty
    /// when their code is zero.
    pub fn locator_name(&self) -> &[u8] {
        match self.name_code() {
            None | Some(0) => &[],
            Some(_) => self.queued_name(),
        }
    }

    /// The name as [`Record::locator_name`], even when its code is zero.
    pub(super) fn queued_name(&self) -> &[u8] {
        self.name_up_to(usize::from(self.name_code().unwrap_or(0) & 0x1F) + 1)
    }

    /// The name up to its first NUL or the end of the record, whatever its
    /// length code: what verbose output of locators shows.
    pub fn raw_name(&self) -> &[u8] {
        self.name_up_to(usize::MAX)
    }

    /// Whether `name` is this record's: equal over the longer of its length
    /// code and `name`, either ending at its first NUL.
    pub fn is_named(&self, name: &[u8]) -> bool {
        let Some(offset) = self.name_code_offset() else {
            return false;
        };
        let longest = usize::from(self.at(offset) & 0x1F).max(name.len());
        for index in 0..longest {
            let ours = self.at(offset + 1 + index);
            let theirs = name.get(index).copied().unwrap_or(0);
            if ours != theirs {
                return false;
            }
            if ours == 0 {
                break;
            }
        }
        true
    }

    fn name_up_to(&self, length: usize) -> &[u8] {
        let name = self.name_code_offset().and_then(|offset| self.body.get(offset + 1..)).unwrap_or(&[]);
        let name = if length == usize::MAX { name } else { &name[..length.min(NAME_MAX).min(name.len())] };
        let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
        &name[..end]
    }

    fn name_code_offset(&self) -> Option<usize> {
        match self.kind {
            kind::FULL_SENSOR => Some(42),
            kind::COMPACT_SENSOR => Some(26),
            kind::EVENT_ONLY => Some(11),
            kind::GENERIC_LOCATOR | kind::FRU_LOCATOR | kind::MC_LOCATOR => Some(10),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locator(code: u8, name: &[u8]) -> Record {
        let mut body = vec![0; 10];
        body.push(code);
        body.extend(name);
        Record { id: 1, version: 0x51, kind: kind::MC_LOCATOR, body }
    }

    #[test]
    fn names_are_cut_by_code_and_nul() {
        let record = locator(0xC3, b"BMC1\0x");
        assert_eq!(record.sensor_name(), b"BMC");
        assert_eq!(record.locator_name(), b"BMC1");
        assert_eq!(record.raw_name(), b"BMC1");
        assert_eq!(locator(0, b"BMC").locator_name(), b"");
    }

    #[test]
    fn a_name_matches_over_the_longer_length() {
        assert!(locator(0xC3, b"BMC").is_named(b"BMC"));
        assert!(!locator(0xC3, b"BMC").is_named(b"BM"));
        assert!(!locator(0xC3, b"BMC").is_named(b"BMCX"));
        assert!(!locator(0xC3, b"BMC1").is_named(b"BMC1X"));
        assert!(locator(0xC2, b"BMC").is_named(b"BMC"));
        assert!(locator(0xC0, b"").is_named(b""));
    }

    #[test]
    fn a_truncated_record_reads_as_zeros() {
        let record = Record { id: 1, version: 0x51, kind: kind::FULL_SENSOR, body: vec![0x20] };
        assert_eq!(record.sensor_name(), b"");
        assert_eq!(record.entity(), Some((0, 0)));
        assert!(record.is_named(b""));
    }
}
